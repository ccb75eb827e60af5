"""Words for a gap among numbers or dates: the "." of SAS, the "#DIV/0!" of Excel, and the like."""

from collections.abc import Collection

import pandas as pd
from pandas.api.types import is_numeric_dtype

from equipoise.checks.finding import Finding
from equipoise.core.table_schema import Label
from equipoise.core.tables import format_count, format_label, set_columns
from equipoise.data.column_kinds import holds_numbers_or_dates
from equipoise.data.target import GAP_WORDS
from equipoise.params.data_params import FileData

# In small letters. In a column of words any of them, "-" for one, may be a value.
KNOWN_WORDS = frozenset(
    {".", "-", "--", "?", "na", "n.a.", "n/a", "#n/a", "\\n", "nan", "none", "null", "missing"}
    | {"unknown", "k.a.", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"}
)

# In a column of words, as skrub reads them, beside words of nothing but spaces.
GAPS_AMONG_WORDS = frozenset({*GAP_WORDS, "?", "...", "none"})

OF_WORDS = ("category", "text")


def clear_gap_words(
    features: pd.DataFrame, data: FileData, decimal: str | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return features with gaps for words that stand for one, and a note for each such column.

    Known words stand for a gap where every other value is a number, or every other one a date, and
    the column is not pinned to be of words; those in `data.read.gaps` do everywhere.
    """
    cleared: dict[str, pd.Series] = {}
    findings = []
    for name in map(str, features):
        column = features[name]
        if data.read.gaps:
            column = cleared[name] = column.mask(mark_asked_gaps(column, data.read.gaps))
        known = mark_known_words(column)
        if data.columns.get(name) in OF_WORDS or not known.any():
            continue
        rest = column.mask(known)
        if holds_numbers_or_dates(rest, decimal):
            cleared[name] = rest
            findings.append(_note_gap_words(column[known]))
    return set_columns(features, cleared), tuple(findings)


def mark_asked_gaps(column: pd.Series, asked: Collection[Label]) -> pd.Series:
    """Return which values are among those that params call gaps, as words or as numbers."""
    if is_numeric_dtype(column):
        return column.isin([value for value in asked if not isinstance(value, str)])
    words = {*map(str, asked)}
    return column.astype(object).map(lambda value: str(value).strip() in words).astype(bool)


def mark_known_words(column: pd.Series) -> pd.Series:
    """Return which values are words that are known to stand for a gap."""
    if column.dtype != object and not isinstance(column.dtype, pd.StringDtype):
        return pd.Series(data=False, index=column.index)
    return column.map(lambda v: isinstance(v, str) and v.strip().casefold() in KNOWN_WORDS).astype(
        bool
    )


def mark_gaps_among_words(words: pd.Series) -> pd.Series:
    """Return which words are gaps in a column of words."""
    return words.isin(GAPS_AMONG_WORDS) | ~words.str.contains(r"\S", na=True)


def _note_gap_words(words: pd.Series) -> Finding:
    counts = words.str.strip().value_counts()
    said = ", ".join(f"{word!r} in {format_count(n, 'row')}" for word, n in counts.items())
    message = (
        f"column {format_label(str(words.name))}: read as gaps: {said}; if they are values, pin it"
        " in data.columns as a category"
    )
    return Finding("note", str(words.name), message)
