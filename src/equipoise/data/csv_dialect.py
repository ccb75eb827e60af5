"""How a CSV file is written: separator, decimal sign, encoding; as params say, or as it looks."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.params.data_params import ReadOptions

# The first is what a file is taken for that looks like none of them.
SEPARATORS = (",", ";", "\t", "|")
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# What is not UTF-8 is mostly this: Excel in the West writes it, and nearly every byte is a letter.
ENCODINGS = ("utf-8", "cp1252")
LOOKED_AT = 500
COMMA_NUMBER = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?|[-+]?\d+,\d+")
POINT_NUMBER = re.compile(r"[-+]?\d+\.\d+")
IN_THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+,\d+")
# A byte that text has none of: as separator, it leaves whole lines.
UNIT = "\x1f"


@dataclass(frozen=True)
class Dialect:
    """What pandas has to know of a file."""

    separator: str = ","
    decimal: str = "."
    thousands: str | None = None
    encoding: str = "utf-8"

    def describe(self) -> tuple[Finding, ...]:
        """Return a note that says how a file was read that is not plain CSV."""
        if self == Dialect():
            return ()
        parts = [
            f"fields apart by {NAMES.get(self.separator, repr(self.separator))}",
            f"'{self.decimal}' before decimals",
            *([f"'{self.thousands}' between thousands"] if self.thousands else []),
            f"encoding {self.encoding}",
        ]
        said = f"data.path: read with {', '.join(parts)}; if that is wrong, set data.read"
        return (Finding("note", "data.read", said),)


def find_dialect(path: Path, asked: ReadOptions, encoding: str) -> Dialect:
    """Return what is asked for and, where nothing is, what the first lines of a file show.

    A separator is one that parts every line into as many fields. Decimal commas are looked for only
    where fields are not parted by commas.
    """
    lines = _read_lines(path, encoding)
    separator = asked.separator or _find_separator(lines)
    fields = Counter(
        kind
        for row in csv.reader(lines[1:], delimiter=separator)
        for field in row
        for kind in _classify(field.strip())
    )
    by_comma = separator != "," and fields["comma"] > 0 and fields["point"] == 0
    decimal = asked.decimal or ("," if by_comma else ".")
    dotted = decimal == "," and fields["thousands"] > 0
    return Dialect(separator, decimal, asked.thousands or ("." if dotted else None), encoding)


def _read_lines(path: Path, encoding: str) -> list[str]:
    """Return the first lines of a file, also of a compressed one."""
    lines = pd.read_csv(
        path,
        sep=UNIT,
        header=None,
        quoting=csv.QUOTE_NONE,
        dtype=str,
        encoding=encoding,
        nrows=LOOKED_AT,
        keep_default_na=False,
    )
    return [str(line) for line in lines[0]]


def _find_separator(lines: Sequence[str]) -> str:
    widths = {}
    for separator in SEPARATORS:
        counts = {len(row) for row in csv.reader(lines, delimiter=separator) if row}
        widths[separator] = counts.pop() if len(counts) == 1 else 1
    return max(SEPARATORS, key=lambda separator: widths[separator])


def _classify(field: str) -> Iterator[str]:
    """Give what a field shows of how numbers are written."""
    if COMMA_NUMBER.fullmatch(field) and "," in field:
        yield "comma"
    if IN_THOUSANDS.fullmatch(field):
        yield "thousands"
    if POINT_NUMBER.fullmatch(field):
        yield "point"
