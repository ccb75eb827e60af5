"""Words for a gap among numbers or dates: the "." of SAS, the "#DIV/0!" of Excel, and the like."""

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.core.tables import format_count, format_label, set_columns
from equipoise.data.column_kinds import holds_numbers_or_dates
from equipoise.data.known_gaps import mark_asked_gaps, mark_known_words
from equipoise.params.data_params import FileData

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


def _note_gap_words(words: pd.Series) -> Finding:
    counts = words.str.strip().value_counts()
    said = ", ".join(f"{word!r} in {format_count(n, 'row')}" for word, n in counts.items())
    message = (
        f"column {format_label(str(words.name))}: read as gaps: {said}; if they are values, pin it"
        " in data.columns as a category"
    )
    return Finding("note", str(words.name), message)
