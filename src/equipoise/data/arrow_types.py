"""Columns of Arrow's types, which pandas has too: they become those that it has by itself.

What these columns answer is not what others do, such as an empty map or an unknown truth. A Parquet
file has them where pandas has written it, and so has a frame after `convert_dtypes`.
"""

import pandas as pd
import pyarrow as pa


def replace_arrow_types(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame none of whose columns has a type of Arrow's; names may be there twice.

    >>> frame = pd.DataFrame({"x": pd.array(["a", None], dtype=pd.ArrowDtype(pa.string()))})
    >>> replace_arrow_types(frame)["x"].isna().tolist()
    [False, True]
    """
    plain = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        if isinstance(kind, pd.ArrowDtype):
            column = pa.chunked_array(pa.array(frame.iloc[:, place].array)).to_pandas()
            plain.isetitem(place, column.set_axis(frame.index))
    return plain
