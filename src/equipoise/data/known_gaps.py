"""Which values are known to stand for a gap: looked at one by one, whatever is beside them."""

from collections.abc import Collection

import pandas as pd
from pandas.api.types import is_numeric_dtype

from equipoise.core.table_schema import Label

# What pandas takes for a gap. In a feature it is one; in a target it may be the name of a class.
GAP_WORDS = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
# In small letters. In a column of words any of them, "-" for one, may be a value.
KNOWN_WORDS = frozenset(
    {".", "-", "--", "?", "na", "n.a.", "n/a", "#n/a", "\\n", "nan", "none", "null", "missing"}
    | {"unknown", "k.a.", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"}
)

# In a column of words, as skrub reads them, beside words of nothing but spaces.
GAPS_AMONG_WORDS = frozenset({*GAP_WORDS, "?", "...", "none"})


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
