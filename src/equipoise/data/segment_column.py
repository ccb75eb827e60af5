"""The segment that each row of a table belongs to, by the column that `data.segment` names."""

import pandas as pd

from equipoise.data.known_gaps import mark_gaps_among_words
from equipoise.data.written_values import make_word
from equipoise.terminal.errors import UserError

MOST_SEGMENTS = 20
NO_VALUE = "(no value)"


def read_segments(column: pd.Series) -> pd.Series:
    """Return values as words; rows without a value are a segment of their own.

    A `UserError` says so if there is one segment only, or more than `MOST_SEGMENTS`.
    """
    if column.dtype == object:  # to Python, True and 1 are one value
        column = column.map(make_word)
    codes, values = pd.factorize(column)
    words = pd.Series([make_word(value) for value in values], dtype="str").str.strip()
    if (words == NO_VALUE).any():
        raise UserError(
            f"data.segment: '{column.name}' has the value '{NO_VALUE}', as rows without a value are"
            " called; write it in another way in the file"
        )
    words = words.mask(mark_gaps_among_words(words), NO_VALUE)
    segments = words.reindex(codes).fillna(NO_VALUE).set_axis(column.index)
    count = segments.nunique()
    if count > MOST_SEGMENTS:
        raise UserError(
            f"data.segment: '{column.name}' has {count:,} distinct values, and there may be at most"
            f" {MOST_SEGMENTS} segments; name a column with fewer, such as one with ranges of these"
            " values"
        )
    if count == 1:
        raise UserError(
            f"data.segment: '{column.name}' has the same value in every row; name a column that"
            " tells rows apart"
        )
    return segments
