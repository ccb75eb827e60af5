"""A table read a batch of rows at a time, so that its size does not matter.

Text, Parquet and Arrow are read so, and folders of Parquet files; other formats, which are small,
at once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from equipoise.checks.contents import (
    TEXTS,
    check_frame,
    decoding,
    reading,
    refuse_unpacked,
    refuse_wide,
)
from equipoise.core.table_schema import Writing
from equipoise.data.arrow_types import keep_whole_numbers, replace_arrow_types
from equipoise.data.csv_quotes import refuse_hidden_lines
from equipoise.data.parquet_parts import (
    fill_whole_numbers,
    find_whole_numbers,
    list_columns,
    list_parquet,
    list_parts,
)
from equipoise.data.table_files import (
    check_ending,
    describe_csv,
    expecting_whole_lines,
    find_ending,
    list_encodings,
    read_file,
    restore_index,
)
from equipoise.params.data_params import FileData

BATCH = 50_000
LOOKED_AT = 2**20  # characters at a time
PIECE = 2**20  # bytes of a column


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a table: these columns, or all; `as_written`, text stays text.

    `usual` is how such texts are written, if that is known.
    """

    columns: list[str] | None = None
    as_written: bool = False
    usual: Writing | None = None


ALL = Wanted()


def read_batches(path: Path, data: FileData, wanted: Wanted = ALL) -> Iterator[pd.DataFrame]:
    """Give the rows of a file, in order; at least one batch, which may be empty.

    The index counts on from batch to batch. Whatever is wrong with the file is a `UserError`.
    """
    check_ending(path)
    read = _read_parquet if path.is_dir() else READERS.get(find_ending(path), _read_at_once)
    first = 0
    with reading(path, data.read.encoding):
        refuse_unpacked(path, in_batches=True)
        for batch in read(path, data, wanted):
            check_frame(path, batch, data.read.most_columns)
            rows = pd.RangeIndex(first, first + len(batch))
            yield replace_arrow_types(batch).set_axis(rows)
            first += len(batch)


def is_text(path: Path) -> bool:
    """Tell whether a file is text, whose cells are words until they are read as something else."""
    return not path.is_dir() and READERS.get(find_ending(path)) is _read_text


def count_rows(path: Path) -> int | None:
    """Return the rows of Parquet files, which say how many they have; of others it is not known."""
    if not (path.is_dir() or find_ending(path) == ".parquet"):
        return None
    with reading(path):
        rows: int = sum(parquet.read_metadata(file).num_rows for file in list_parquet(path))
    return rows


def _read_text(path: Path, data: FileData, wanted: Wanted) -> Iterator[pd.DataFrame]:
    encoding = find_encoding(path, data)
    dialect, how = describe_csv(path, data, encoding, wanted.usual)
    if wanted.as_written:
        how |= {"dtype": str, "na_values": []}
    else:
        refuse_hidden_lines(path, encoding, dialect.written.separator)
    with (
        expecting_whole_lines(path),
        pd.read_csv(path, chunksize=BATCH, usecols=wanted.columns, **how) as batches,
    ):
        yield from batches


def find_encoding(path: Path, data: FileData) -> str:
    """Return the first encoding that all of a text is in; one that is packed is taken for UTF-8."""
    *encodings, last = [data.read.encoding] if data.read.encoding else list_encodings(path)
    if path.suffix.lower() not in TEXTS:
        return [*encodings, last][0]
    for encoding in encodings:
        with suppress(UnicodeDecodeError), path.open(encoding=encoding) as text:
            while text.read(LOOKED_AT):
                pass
            return encoding
    return last


def _read_parquet(path: Path, data: FileData, wanted: Wanted) -> Iterator[pd.DataFrame]:
    parts = list_parts(path)
    for file, _ in parts:
        refuse_wide(path, parquet.read_metadata(file).num_columns, data.read.most_columns)
    # The first batch of each has no rows, but all its columns; those that it lacks are gaps.
    begins = [next(_read_part(*part)) for part in parts]
    chosen = wanted.columns or list_columns(begins)
    whole = {n: kind for n, kind in find_whole_numbers(begins).items() if n in {*chosen}}
    for part in parts:
        for frame in _read_part(*part, wanted.columns):
            yield fill_whole_numbers(frame, whole).reindex(columns=chosen)


def _read_part(
    file: Path, named: Mapping[str, Any], wanted: list[str] | None = None
) -> Iterator[pd.DataFrame]:
    """Give the rows of a Parquet file with what its folders name; more columns than are wanted.

    It is read piece by piece: of a whole group of rows, which may be a million, little is needed.
    """
    with decoding(), parquet.ParquetFile(file, pre_buffer=False, buffer_size=PIECE) as table:
        stored, counted, first = table.schema_arrow, _find_counting_index(table), 0
        columns = wanted if {*(wanted or ())} <= {*stored.names} else None
        for batch in chain([stored.empty_table()], table.iter_batches(BATCH, columns=columns)):
            frame = keep_whole_numbers(batch.to_pandas(), batch)
            if counted is not None:
                frame.index = counted[first : first + len(batch)]
            first += len(batch)
            yield replace_arrow_types(restore_index(frame).assign(**named))


def _find_counting_index(table: parquet.ParquetFile) -> pd.RangeIndex | None:
    """Return an index that only counts rows: the file has no column of it, but how it counts."""
    for noted in (table.schema_arrow.pandas_metadata or {}).get("index_columns", ()):
        if isinstance(noted, dict) and noted.get("kind") == "range":
            index = pd.RangeIndex(noted["start"], noted["stop"], noted["step"], name=noted["name"])
            # Of a file from which rows were taken it is not true, and pandas does not go by it.
            return index if len(index) == table.metadata.num_rows else None
    return None


def _read_arrow(path: Path, _data: FileData, wanted: Wanted) -> Iterator[pd.DataFrame]:
    with decoding(), pa.memory_map(str(path)) as source:
        try:
            table = pa.ipc.open_file(source)
            batches = map(table.get_batch, range(table.num_record_batches))
        except pa.ArrowInvalid:  # a stream, which has no end that says where all is
            table = pa.ipc.open_stream(source)
            batches = iter(table)
        for batch in chain([table.schema.empty_table()], batches):
            # All other columns, which a label needs none of, are not even converted.
            chosen = batch if wanted.columns is None else batch.select(wanted.columns)
            for start in range(0, max(1, batch.num_rows), BATCH):
                part = chosen.slice(start, BATCH)
                yield keep_whole_numbers(part.to_pandas(), part)


def _choose(frame: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    return frame if wanted.columns is None else frame[wanted.columns]


def _read_at_once(path: Path, data: FileData, wanted: Wanted) -> Iterator[pd.DataFrame]:
    yield _choose(read_file(path, data).frame, wanted)


READERS: Mapping[str, Callable[[Path, FileData, Wanted], Iterator[pd.DataFrame]]] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".parquet": _read_parquet,
    ".feather": _read_arrow,
    ".arrow": _read_arrow,
}
