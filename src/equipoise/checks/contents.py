"""A file that is not what its name says, or is broken: what it is, and what to do about it."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

import pandas as pd
import pyarrow as pa
from pandas.errors import EmptyDataError

from equipoise.terminal.available_memory import measure_available_memory
from equipoise.terminal.environment import require_regular
from equipoise.terminal.errors import UserError

# How files begin that are often saved under a name that ends in .csv.
BEGINNINGS = {
    b"PAR1": "Parquet",
    b"\x1f\x8b": "compressed by gzip",
    b"PK\x03\x04": "a zip archive or a workbook",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<?xml": "XML",
    b'{"': "JSON",
    b"[{": "a JSON array",
    b"[\n": "a JSON array",
    b"version https://git-lfs": "a pointer of Git LFS to the file",
}
# Endings of text, and what such a file may be beside lines of fields.
TEXTS: Mapping[str, frozenset[str]] = {
    ".csv": frozenset(),
    ".tsv": frozenset(),
    ".txt": frozenset(),
    ".json": frozenset({"JSON", "a JSON array"}),
    ".jsonl": frozenset({"JSON"}),
    ".ndjson": frozenset({"JSON"}),
}
# What such a file, or one that is cut short, may raise, compressed or not.
UNREADABLE = (
    pa.ArrowException,
    ValueError,
    OSError,
    EOFError,
    ImportError,
    zlib.error,
    BadZipFile,
    LZMAError,
)
PIECE = 2**20  # bytes
GIGA = 1e9
# Of a number while a table is made: scikit-learn and the frame copy it, 3.2 times were measured.
BYTES_OF_MADE = 26


@contextmanager
def _open_first(path: Path) -> Iterator[IO[bytes]]:
    """Open the first file of a zip archive; whether there is one more, or none, is told later."""
    with ZipFile(path) as archive:
        first = archive.namelist()[:1]
        try:
            file = archive.open(first[0]) if first else BytesIO()
        except RuntimeError as refused:  # it has a password, or is packed in a way Python has not
            raise ValueError(str(refused)) from refused
        yield file


# What a compressed file is opened with, as pandas does.
UNPACKERS: Mapping[str, Callable[[Path], AbstractContextManager[Any]]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": lambda path: pa.input_stream(str(path), compression="zstd"),
    ".zip": _open_first,
}


@contextmanager
def reading(path: Path, encoding: str | None = None) -> Iterator[None]:
    """Whatever is wrong with the file that is read here is a `UserError`.

    `encoding` is the one that a user asks for.
    """
    require_regular(path, "data.path: ")
    try:
        _refuse_other_contents(path)
        yield
    except UnicodeDecodeError as bad:
        found = f"byte {bad.object[bad.start]:#04x}"
        raise UserError(
            f"data.path: '{path}' is not text in {encoding or 'UTF-8'} ({found}); save it as CSV in"
            " UTF-8"
        ) from bad
    except EmptyDataError as nothing:
        raise UserError(f"data.path: '{path}' has no rows; put the table there") from nothing
    except PermissionError:  # nothing is wrong with the file
        raise
    except UNREADABLE as bad:
        reason = " ".join(str(bad).split()).removeprefix("Error tokenizing data. C error: ")
        header = ", or set data.read.header to the row that names the columns"
        remedy = f"fix the file{header if 'fields in line' in reason else ' or save it again'}"
        if isinstance(bad, ImportError):
            remedy = "install it, or unpack the file"
        raise UserError(
            f"data.path: '{path}' cannot be read: {reason.rstrip('.')}; {remedy}"
        ) from bad


@contextmanager
def decoding() -> Iterator[None]:
    """Turn what goes wrong with a file that says untrue things of itself into a `ValueError`."""
    try:
        yield
    except (TypeError, AttributeError, LookupError, RecursionError, UnicodeDecodeError) as wrong:
        raise ValueError(f"what it says of its columns is wrong: {wrong}") from wrong


def check_frame(path: Path, frame: pd.DataFrame, most_columns: int) -> None:
    """Raise if a frame that was read is too wide, or its text is not in UTF-8."""
    refuse_wide(path, len(frame.columns), most_columns)
    words: pd.DataFrame = frame.select_dtypes("str")
    for column in (words[name] for name in words):
        pa.array(column).validate(full=True)


def refuse_wide(path: Path, columns: int, most: int) -> None:
    """Raise if a file has more columns than params allow."""
    if columns > most:
        raise UserError(
            f"data.path: '{path}' has {columns:,} columns, and data.read.most_columns allows"
            f" {most:,}; leave some out of the file, or raise it"
        )


def refuse_rows(path: Path, values: int) -> None:
    """Raise if so many values, of a byte at least each, would not fit into memory."""
    available = measure_available_memory()
    if available is not None and values > available:
        raise UserError(
            f"data.path: '{path}' says that it has {values:,} values, and no more than"
            f" {available / GIGA:.1f} GB of memory is available; take fewer rows, or save it again"
        )


def refuse_made(rows: int, features: int) -> None:
    """Raise if to make so many numbers would take more memory than is available."""
    needed, available = rows * features * BYTES_OF_MADE, measure_available_memory()
    if available is not None and needed > available:
        raise UserError(
            f"data.n_samples: {rows:,} rows of {features:,} features take about"
            f" {needed / GIGA:.1f} GB to make, and no more than {available / GIGA:.1f} GB of memory"
            " is available; lower data.n_samples or data.n_features"
        )


def refuse_unpacked(path: Path, *, in_batches: bool = False) -> None:
    """Raise if a compressed file, or its first line if that is all, would not fit into memory.

    A few megabytes can unpack to any size, and what a file says of that may be wrong.
    """
    available = measure_available_memory()
    unpack = UNPACKERS.get(path.suffix.lower())
    if unpack is None or available is None:
        return
    unpacked = 0
    with unpack(path) as file:
        while piece := file.read(PIECE):
            unpacked += len(piece)
            if in_batches and b"\n" in piece:
                return
            if unpacked > available:
                raise UserError(
                    f"data.path: '{path}' would take more than {available / GIGA:.1f} GB unpacked,"
                    " and no more memory is available; take fewer rows, or set data.sample"
                )


def _refuse_other_contents(path: Path) -> None:
    """Raise if a file whose name says text begins as another kind of file does."""
    ending = path.suffix.lower()
    if ending not in TEXTS or path.is_dir():
        return
    with path.open("rb") as file:
        beginning = file.read(64).lstrip().lower()
    for sign, kind in BEGINNINGS.items():
        if kind not in TEXTS[ending] and beginning.startswith(sign.lower()):
            raise UserError(f"data.path: '{path}' is {kind}; save the table as CSV in UTF-8")
