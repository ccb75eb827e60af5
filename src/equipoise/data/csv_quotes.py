"""Lines of CSV that are no rows: hidden by a stray quotation mark, or without an end."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from equipoise.checks.contents import UNPACKERS
from equipoise.terminal.errors import UserError

MARK = '"'
PIECE = 2**20  # characters or bytes
LONGEST_LINE = 10_000_000  # bytes
LONGEST_FIELD = 2**31 - 1


def refuse_hidden_lines(path: Path, encoding: str, separator: str) -> None:
    """Raise a `UserError` if a quoted value takes in whole lines and its end is not one.

    A value may have line breaks, and then its end is before a separator or at the end of a line.
    """
    with _opening(path, encoding) as text:
        if not any(MARK in piece for piece in iter(partial(text.read, PIECE), "")):
            return
    with _opening(path, encoding) as text:
        if not any(line.count(MARK) % 2 for line in text):
            return
    with _opening(path, encoding) as text:
        lines = _find_hidden_lines(text, separator)
    if lines is not None:
        first, last = lines
        raise UserError(
            f"data.path: '{path}' has a quotation mark that would make one row of lines {first} to"
            f" {last}; write a mark within a value twice, and not with a backslash"
        )


def refuse_long_lines(path: Path) -> None:
    """Raise a `UserError` if a file that is not packed has a line longer than any row.

    A full disk or a power failure may leave gigabytes of zeros at the end of a file, and pandas
    takes seventy times as much memory for them.
    """
    if path.suffix.lower() in UNPACKERS:
        return
    begun = read = 0  # where the line begins, and how much is read before a piece
    with path.open("rb") as file:
        for piece in iter(partial(file.read, PIECE), b""):
            first, last = _find_breaks(piece)
            longest = read + (len(piece) if first < 0 else first) - begun
            if longest > LONGEST_LINE:
                raise UserError(
                    f"data.path: '{path}' has more than {LONGEST_LINE:,} bytes in a line, from byte"
                    f" {begun:,} on, so it is damaged there, or no table; export it again"
                )
            begun = begun if last < 0 else read + last + 1
            read += len(piece)


def _find_breaks(piece: bytes) -> tuple[int, int]:
    """Return where the first and the last end of a line is; below 0 if there is none."""
    end = b"\n" if b"\n" in piece else b"\r"
    return piece.find(end), piece.rfind(end)


@contextmanager
def splitting_long_fields() -> Iterator[None]:
    """Let Python's reader of CSV take fields of any length; its limit is that of the process."""
    limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


@contextmanager
def _opening(path: Path, encoding: str) -> Iterator[TextIO]:
    unpack = UNPACKERS.get(path.suffix.lower())
    opened = path.open("rb") if unpack is None else unpack(path)
    with opened as file, TextIOWrapper(file, encoding) as text:
        yield text


def _find_hidden_lines(text: TextIO, separator: str) -> tuple[int, int] | None:
    """Return the first and the last line of the first row of several that breaks the rules."""
    rows = csv.reader(text, delimiter=separator, strict=True)
    with splitting_long_fields():
        while True:
            first = rows.line_num + 1
            try:
                if next(rows, None) is None:
                    return None
            except csv.Error:
                if rows.line_num > first:
                    return first, rows.line_num
