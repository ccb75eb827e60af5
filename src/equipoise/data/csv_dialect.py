"""How a CSV file is written: separator, decimal sign, encoding; as params say, or as it looks."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from equipoise.checks.contents import refuse_wide
from equipoise.checks.finding import Finding
from equipoise.core.table_schema import Writing
from equipoise.data.csv_quotes import refuse_long_lines, splitting_long_fields
from equipoise.data.number_words import ADDRESS, CODE
from equipoise.params.data_params import ReadOptions

# The first is what a file is taken for that looks like none of them.
SEPARATORS = (",", ";", "\t", "|", " ")
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
NAMES |= {".": "points", "'": "apostrophes"}
# What is not UTF-8 is mostly this: Excel in the West writes it, and nearly every byte is a letter.
ENCODINGS = ("utf-8", "cp1252")
LOOKED_AT = 500
# Of all these lines: of one with a million fields, twice that would be too many to split.
MOST_CHARACTERS = 2**24
# 1.234,5 and 3,14; what may be 1,234 in thousands shows nothing.
IN_THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")
BOTH = re.compile(r"[-+]?\d{1,3}(\.\d{3})+,\d+")
COMMA_NUMBER = re.compile(r"(?![-+]?\d{1,3}(,\d{3})+$)[-+]?\d+,\d+")
# 3.14, and not what may be 3.140 in thousands.
POINT_NUMBER = re.compile(r"(?![-+]?\d{1,3}\.\d{3}$)[-+]?\d+\.\d+")
# Dates, versions and addresses, whose points separate no thousands.
DOTTED = re.compile(rf"{ADDRESS.pattern}|(?![-+]?\d{{1,3}}(\.\d{{3}})+$)[-+]?\d+(\.\d+)+")
# Nothing but the digits of a code, which as a number would lose the zero in front.
CODE_DIGITS = re.compile(rf"{CODE.pattern}\d*")
ROW_NAMES = (
    "data.path: rows have one value more than the header has names: the first value, a row name in"
    " files that R writes, is left out; if that is wrong, complete the header"
)
# A byte that text has none of: as separator, it leaves whole lines.
UNIT = "\x1f"


@dataclass(frozen=True)
class Dialect:
    """What pandas has to know of a file; `codes` and `dotted` have the places of such columns."""

    written: Writing
    encoding: str = "utf-8"
    mixed: bool = False
    rows_above: int = 0
    codes: frozenset[int] = frozenset()
    dotted: frozenset[int] = frozenset()

    def describe_reading(self) -> tuple[Finding, ...]:
        """Return notes that say how a file was read that is not plain CSV."""
        notes = note_rows_above(self.rows_above)
        written = self.written
        if written.row_names:
            notes += (Finding("note", "data.path", ROW_NAMES),)
        fields = [] if written.separator == "," else [_name_sign(written.separator)]
        parts = [
            *(f"{sign} between fields" for sign in fields),
            *(["decimal commas"] if written.decimal == "," else []),
            *(["decimal commas in some columns and points in others"] if self.mixed else []),
            *([f"{_name_sign(written.thousands)} between thousands"] if written.thousands else []),
            *([f"encoding {self.encoding}"] if self.encoding != "utf-8" else []),
        ]
        if not parts:
            return notes
        said = f"data.path: read with {', '.join(parts)}; if that is wrong, set data.read"
        return (*notes, Finding("warning" if self.mixed else "note", "data.read", said))


def find_dialect(
    path: Path, asked: ReadOptions, encoding: str, usual: Writing | None = None
) -> Dialect:
    """Return what is asked for and, where nothing is, what the first lines of a file show.

    A separator is one that parts every line into as many fields; a space only if no other does.
    Decimal commas are looked for only where fields are not parted by commas. `usual` is how such
    files are written: what nothing shows is so in a file with the same separator, where 1.234 may
    be a thousand; and its rows have names only if those of `usual` have.
    """
    refuse_long_lines(path)
    rows_by = _split_lines(_read_lines(path, encoding), asked.separator)
    above_by = {separator: count_rows_above(rows, asked) for separator, rows in rows_by.items()}
    tables = {
        separator: [row for row in rows[above_by[separator] :] if row]
        for separator, rows in rows_by.items()
    }
    separator = asked.separator or _find_separator(tables, above_by)
    rows = tables[separator]
    refuse_wide(path, max(map(len, rows), default=0), asked.most_columns)
    places: dict[str, set[int]] = defaultdict(set)
    for row in rows[1:]:
        for place, field in enumerate(row):
            for kind in _classify_number(field.strip()):
                places[kind].add(place)
    commas = places["comma"] | places["both"] if separator != "," else set()
    decimal = asked.decimal or _choose_decimal(asked, commas, places["point"])
    alike = usual if usual is not None and usual.separator == separator else None
    if alike and not (asked.decimal or asked.thousands or commas or places["point"]):
        decimal = alike.decimal
    in_thousands = places["thousands"] or (alike and alike.thousands == ".")
    grouped = decimal == "," and in_thousands
    thousands = asked.thousands or ("." if grouped else None)
    apart = commas.isdisjoint(places["point"])  # where both are in one column, a check says so
    mixed = asked.decimal is None and bool(commas and places["point"]) and apart
    row_names = _have_row_names(rows) and (usual is None or usual.row_names)
    written = Writing(separator, decimal, thousands, row_names)
    words = [frozenset(place - row_names for place in places[kind]) for kind in ("code", "dotted")]
    return Dialect(written, encoding, mixed, above_by[separator], *words)


def count_rows_above(rows: Iterable[Sequence[object]], asked: ReadOptions) -> int:
    """Return how many rows are above the header: blank, or with a title and nothing else.

    Where every row is so, the header is the first.
    """
    if asked.header is not None:
        return asked.header - 1
    for place, row in enumerate(rows):
        if sum(bool(str(field).strip()) for field in row) > 1:
            return place
    return 0


def note_rows_above(rows_above: int) -> tuple[Finding, ...]:
    """Return a note that says where the header is, if it is not in the first row."""
    if rows_above == 0:
        return ()
    message = (
        f"data.path: the header is in row {rows_above + 1}; rows above it are left out; if that is"
        " wrong, set data.read.header"
    )
    return (Finding("note", "data.read.header", message),)


def _name_sign(sign: str) -> str:
    return NAMES.get(sign, repr(sign))


def _choose_decimal(asked: ReadOptions, commas: AbstractSet[int], points: AbstractSet[int]) -> str:
    if asked.thousands in {".", ","}:
        return "," if asked.thousands == "." else "."
    return "," if commas and not points else "."


def _read_lines(path: Path, encoding: str) -> list[str]:
    """Return the first lines of a file, also of a compressed one."""
    lines = pd.read_csv(
        path,
        sep=UNIT,
        header=None,
        names=["line"],
        quoting=csv.QUOTE_NONE,
        dtype=str,
        encoding=encoding,
        nrows=LOOKED_AT,
        skip_blank_lines=False,
        keep_default_na=False,
    )
    long = lines["line"].str.len().cumsum() > MOST_CHARACTERS
    return [str(line) for line in lines["line"][~long | (lines.index == 0)]]


def _split_lines(lines: Sequence[str], asked: str | None) -> dict[str, list[list[str]]]:
    """Return the rows that each separator makes of lines; the last may be cut short."""
    whole = slice(None) if len(lines) < LOOKED_AT else slice(-1)
    with splitting_long_fields():
        return {
            separator: [*csv.reader(lines, delimiter=separator)][whole]
            for separator in ((asked,) if asked else SEPARATORS)
        }


def _find_separator(
    rows_by: Mapping[str, Sequence[Sequence[str]]], above_by: Mapping[str, int]
) -> str:
    """Return what parts all rows from the header on into as many fields.

    Of several, it is the one that parts the header too, and whose header is first, as decimal
    commas may part all rows but it. One that parts only lines at the end is that of a remark.
    """
    widths = {separator: _count_fields(rows) for separator, rows in rows_by.items()}
    unnamed = {separator: _have_row_names(rows) for separator, rows in rows_by.items()}

    def judge(by: str) -> tuple[bool | int, ...]:
        parts = widths[by] > 1
        has_most = parts and above_by[by] <= len(rows_by[by])
        has_some = parts and by != " " and len(rows_by[by]) > 1
        return has_most, has_some, by != " ", not unnamed[by], -above_by[by], widths[by]

    return max(SEPARATORS, key=judge)


def _count_fields(rows: Sequence[Sequence[str]]) -> int:
    """Return how many fields every row has; 1 if some have more than others."""
    counts = {len(row) for row in rows[_have_row_names(rows) :]}
    return counts.pop() if len(counts) == 1 else 1


def _have_row_names(rows: Sequence[Sequence[str]]) -> bool:
    """Tell rows with a different word in front that the header has no name for, as R writes them.

    A separator at the end of each row makes them one field longer too, an empty one.
    """
    header, *others = rows or [[]]
    if len(header) <= 1 or {len(row) for row in others} != {len(header) + 1}:
        return False
    return len({row[0] for row in others}) == len(others) and any(row[-1] for row in others)


def _classify_number(field: str) -> Iterator[str]:
    """Give what a field shows of how numbers are written."""
    kinds = {
        "comma": COMMA_NUMBER,
        "thousands": IN_THOUSANDS,
        "both": BOTH,
        "point": POINT_NUMBER,
        "dotted": DOTTED,
        "code": CODE_DIGITS,
    }
    yield from (kind for kind, form in kinds.items() if form.fullmatch(field))
