"""Segments are the values of a column as words, few enough to tell of each."""

import numpy as np
import pandas as pd
import pytest

from equipoise.data.segment_column import MOST_SEGMENTS, NO_VALUE, read_segments
from equipoise.terminal.errors import UserError


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["b", " a", None, "?", "b"], ["b", "a", NO_VALUE, NO_VALUE, "b"]),
        ([1.0, np.nan, 2.5], ["1", NO_VALUE, "2.5"]),
        ([True, False, True], ["True", "False", "True"]),
    ],
    ids=["words", "numbers", "booleans"],
)
def test_values_are_words_and_gaps_a_segment(values: list[object], expected: list[str]) -> None:
    """Whatever the type of the column, in the order of the rows."""
    column = pd.Series(values, index=[7, 5, 3, 2, 1][: len(values)])
    assert read_segments(column).to_dict() == dict(zip(column.index, expected, strict=True))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            np.arange(MOST_SEGMENTS + 1) / 3,
            "'age' has 21 distinct values, and there may be at most 20",
        ),
        (["a", "a"], "'age' has the same value in every row"),
    ],
)
def test_too_many_segments_and_a_single_one_are_refused(values: list[object], said: str) -> None:
    """In one line that says what to do."""
    with pytest.raises(UserError, match=f"^data.segment: {said}.*; name a column [^\n]*$"):
        read_segments(pd.Series(values, name="age"))
