"""How a CSV file is written: separator, decimal sign, encoding; as params say, or as it looks."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.core.number_words import ADDRESS
from equipoise.params.data_params import ReadOptions

# The first is what a file is taken for that looks like none of them.
SEPARATORS = (",", ";", "\t", "|")
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# What is not UTF-8 is mostly this: Excel in the West writes it, and nearly every byte is a letter.
ENCODINGS = ("utf-8", "cp1252")
LOOKED_AT = 500
LONGEST_FIELD = 2**31 - 1
# 1.234,5 and 3,14; what may be 1,234 in thousands shows nothing.
IN_THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")
BOTH = re.compile(r"[-+]?\d{1,3}(\.\d{3})+,\d+")
COMMA_NUMBER = re.compile(r"(?![-+]?\d{1,3}(,\d{3})+$)[-+]?\d+,\d+")
# 3.14, and not what may be 3.140 in thousands.
POINT_NUMBER = re.compile(r"(?![-+]?\d{1,3}\.\d{3}$)[-+]?\d+\.\d+")
# Dates, versions and addresses, whose points separate no thousands.
DOTTED = re.compile(rf"{ADDRESS.pattern}|(?![-+]?\d{{1,3}}(\.\d{{3}})+$)[-+]?\d+(\.\d+)+")
# A byte that text has none of: as separator, it leaves whole lines.
UNIT = "\x1f"


@dataclass(frozen=True)
class Dialect:
    """What pandas has to know of a file."""

    separator: str = ","
    decimal: str = "."
    thousands: str | None = None
    encoding: str = "utf-8"
    mixed: bool = False

    def describe_reading(self) -> tuple[Finding, ...]:
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
        note = Finding("note", "data.read", said)
        if not self.mixed:
            return (note,)
        doubt = (
            "data.path: some numbers have a comma before decimals, and others a point; those with a"
            f" '{'.' if self.decimal == ',' else ','}' are taken for words: set data.read.decimal"
        )
        return (note, Finding("warning", "data.read.decimal", doubt))


def find_dialect(path: Path, asked: ReadOptions, encoding: str) -> Dialect:
    """Return what is asked for and, where nothing is, what the first lines of a file show.

    A separator is one that parts every line into as many fields. Decimal commas are looked for only
    where fields are not parted by commas.
    """
    rows_by = _split_lines(_read_lines(path, encoding))
    separator = asked.separator or _find_separator(rows_by)
    rows = rows_by.get(separator) or []
    fields = Counter(
        kind for row in rows[1:] for field in row for kind in _classify_number(field.strip())
    )
    commas = fields["comma"] + fields["both"] if separator != "," else 0
    decimal = asked.decimal or _choose_decimal(asked, commas, fields["point"])
    grouped = decimal == "," and fields["thousands"] > 0 and fields["dotted"] == 0
    thousands = asked.thousands or ("." if grouped else None)
    mixed = asked.decimal is None and commas > 0 and fields["point"] > 0
    return Dialect(separator, decimal, thousands, encoding, mixed)


def _choose_decimal(asked: ReadOptions, commas: int, points: int) -> str:
    if asked.thousands in {".", ","}:
        return "," if asked.thousands == "." else "."
    return "," if commas > 0 and points == 0 else "."


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


def _split_lines(lines: Sequence[str]) -> dict[str, list[list[str]]]:
    """Return the rows that each separator makes of lines; the last may be cut short."""
    whole = slice(None) if len(lines) < LOOKED_AT else slice(-1)
    limit = csv.field_size_limit(LONGEST_FIELD)  # of the whole process: it is put back
    try:
        return {
            separator: [row for row in csv.reader(lines, delimiter=separator) if row][whole]
            for separator in SEPARATORS
        }
    finally:
        csv.field_size_limit(limit)


def _find_separator(rows_by: Mapping[str, Sequence[Sequence[str]]]) -> str:
    widths = {}
    for separator, rows in rows_by.items():
        counts = {len(row) for row in rows}
        widths[separator] = counts.pop() if len(counts) == 1 else 1
    return max(SEPARATORS, key=lambda separator: widths[separator])


def _classify_number(field: str) -> Iterator[str]:
    """Give what a field shows of how numbers are written."""
    kinds = {
        "comma": COMMA_NUMBER,
        "thousands": IN_THOUSANDS,
        "both": BOTH,
        "point": POINT_NUMBER,
        "dotted": DOTTED,
    }
    yield from (kind for kind, form in kinds.items() if form.fullmatch(field))
