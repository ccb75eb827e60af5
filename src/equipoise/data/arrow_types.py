"""Columns of Arrow's types, which pandas has too: they become those that it has by itself.

What these columns answer is not what others do, such as an empty map or an unknown truth. A Parquet
file has them where pandas has written it, and so has a frame after `convert_dtypes`. Bytes are
another: some writers of Parquet do not say that what they write is text.
"""

from contextlib import suppress

import pandas as pd
import pyarrow as pa
from pandas.api.types import infer_dtype, is_float_dtype, is_object_dtype

from equipoise.core.tables import set_columns

WHOLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
}


def replace_arrow_types(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame none of whose columns has a type of Arrow's; names may be there twice.

    Bytes become text if they are UTF-8.

    >>> frame = pd.DataFrame({"x": pd.array(["a", None], dtype=pd.ArrowDtype(pa.string()))})
    >>> replace_arrow_types(frame)["x"].isna().tolist()
    [False, True]
    >>> replace_arrow_types(pd.DataFrame({"x": [b"north", None]}))["x"].tolist()
    ['north', nan]
    """
    plain = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        if isinstance(kind, pd.ArrowDtype):
            column = _convert(pa.chunked_array(pa.array(frame.iloc[:, place].array)))
            plain.isetitem(place, column.array)
        elif is_object_dtype(kind) and infer_dtype(frame.iloc[:, place]) == "bytes":
            with suppress(UnicodeDecodeError):
                plain.isetitem(place, frame.iloc[:, place].str.decode("utf-8").array)
    return plain


def list_made_floats(frame: pd.DataFrame, schema: pa.Schema) -> list[str]:
    """Return the whole numbers of a table that pandas makes floats, because of a gap."""
    return [
        field.name
        for field in schema
        if pa.types.is_integer(field.type)
        and field.name in frame
        and is_float_dtype(frame[field.name])
    ]


def keep_whole_numbers(frame: pd.DataFrame, table: pa.Table | pa.RecordBatch) -> pd.DataFrame:
    """Return a table as a frame in which whole numbers stay so: as floats, large ones are others.

    `frame` is what pandas makes of it.

    >>> table = pa.table({"code": [2**53 + 1, None]})
    >>> keep_whole_numbers(table.to_pandas(), table)["code"].tolist()
    [9007199254740993, <NA>]
    """
    whole = {
        name: _convert(table.column(name)).set_axis(frame.index)
        for name in list_made_floats(frame, table.schema)
    }
    return set_columns(frame, whole) if whole else frame


def _convert(column: pa.Array | pa.ChunkedArray) -> pd.Series:
    """Return a column of pandas' own type, whole numbers with a gap as whole numbers."""
    has_gap = pa.types.is_integer(column.type) and column.null_count
    converted: pd.Series = column.to_pandas(types_mapper=WHOLE.get if has_gap else None)
    return converted
