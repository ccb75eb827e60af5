"""Scored rows written a batch at a time: whole at the end, or not at all."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Protocol

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from equipoise.terminal.environment import replacing
from equipoise.terminal.errors import UserError

STREAM = "-"


class Writer(Protocol):
    """What writes batches of one kind, one after another."""

    def write(self, batch: pd.DataFrame) -> None:
        """Write the rows of a batch behind those that were written."""

    def close(self) -> None:
        """Have all of them where they belong."""


class _Text:
    """CSV, its header first."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.header = True

    def write(self, batch: pd.DataFrame) -> None:
        batch.to_csv(self.file, index=False, header=self.header, lineterminator="\n")
        self.header = False

    def close(self) -> None:
        self.file.close()


class _Tables:
    """Arrow's tables, all with the columns of the first that has rows."""

    def __init__(self, open_writer: Callable[[pa.Schema], Any]) -> None:
        self.open_writer = open_writer
        self.writer: Any = None
        self.schema: Any = None
        self.empty: pd.DataFrame | None = None

    def write(self, batch: pd.DataFrame) -> None:
        if batch.empty:  # which tells no types
            self.empty = batch
        else:
            self._append(batch)

    def _append(self, batch: pd.DataFrame) -> None:
        categories = batch.select_dtypes("category")
        plain = batch.astype({name: categories[name].cat.categories.dtype for name in categories})
        try:
            table = pa.Table.from_pandas(plain, schema=self.schema, preserve_index=False)
        except pa.ArrowException as mixed:
            raise UserError(
                "--out: a column has values of several kinds, which only CSV takes; end the name in"
                " .csv"
            ) from mixed
        if self.writer is None:
            self.schema = self._name_types(table.schema)
            self.writer = self.open_writer(self.schema)
        self.writer.write_table(table.cast(self.schema))

    def _name_types(self, schema: Any) -> Any:
        """Return a schema in which columns of gaps have the type that the empty batch has."""
        if self.empty is None:
            return schema
        typed = pa.Schema.from_pandas(self.empty, preserve_index=False)
        gaps = [field.name for field in schema if pa.types.is_null(field.type)]
        for name in {*gaps} & {*typed.names}:
            schema = schema.set(schema.get_field_index(name), typed.field(name))
        return schema

    def close(self) -> None:
        if self.writer is None and self.empty is not None:
            self._append(self.empty)
        if self.writer is not None:
            self.writer.close()


WRITERS: Mapping[str, Callable[[Path], Writer]] = {
    ".csv": lambda path: _Text(path.open("w", encoding="utf-8", newline="")),
    ".parquet": lambda path: _Tables(lambda schema: parquet.ParquetWriter(path, schema)),
    ".arrow": lambda path: _Tables(lambda schema: pa.ipc.new_file(str(path), schema)),
}


def check_output(path: Path, table: Path) -> None:
    """Raise if the name of a file does not tell how to write it, or something else is there.

    That is a folder, or the table that is to be scored, which would be lost. Scores for standard
    output would be, if nobody takes it.
    """
    # What is written to a closed one goes to the null device, by its name.
    if str(path) == STREAM and getattr(sys.stdout, "name", None) == os.devnull:
        raise UserError("--out: standard output is closed; name a file")
    if str(path) != STREAM and path.suffix.lower() not in WRITERS:
        raise UserError(
            f"--out: '{path}' should end in {', '.join([*WRITERS][:-1])} or {[*WRITERS][-1]}, or"
            f" be {STREAM} for CSV on standard output"
        )
    if path.is_dir():
        raise UserError(f"--out: '{path}' is a folder; name a file in it")
    if ":/" in str(path):
        raise UserError(f"--out: '{path}' is an address; name a file on this machine")
    target, source = path.resolve(), table.resolve()
    if str(path) != STREAM and source in (target, *target.parents):
        raise UserError(f"--out: '{path}' is the table that is scored; name another file")


@contextmanager
def writing_batches(path: Path) -> Iterator[Writer]:
    """Give what writes batches; the file is there only once all of them are written."""
    if str(path) == STREAM:
        text = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            yield _Text(text)
        finally:
            text.detach()  # written out, and left open
        return
    with replacing(path) as part, closing(WRITERS[path.suffix.lower()](part)) as writer:
        yield writer
