"""Quotation marks in CSV that hide lines: what follows a stray one is read as part of one value."""

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
PIECE = 2**20  # characters
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
