"""Columns of any type, as checks look at them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.checks import values
from equipoise.checks.values import convert_to_numbers, has_few_values, make_readable, quote_value


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([3.0, None, 1.0]),
        pd.Series([3, None, 1], dtype="Int64"),
        pd.Series([True, None, False], dtype="boolean"),
        pd.to_datetime(pd.Series(["2024-03-01", None, "2020-01-01"])),
        pd.to_datetime(pd.Series(["2024-03-01", None, "2020-01-01"])).dt.tz_localize("UTC"),
        pd.to_timedelta(pd.Series([9, None, -4]), unit="D"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_numbers_keep_order_and_gaps(column: pd.Series) -> None:
    """The first value is the largest, the second is missing."""
    found = convert_to_numbers(column)
    assert found is not None
    assert found.dtype == np.float64
    assert np.isnan(found).tolist() == [False, True, False]
    assert found[0] > found[2]


@pytest.mark.parametrize("type_", ["str", "category", "object"])
def test_words_are_no_numbers(type_: str) -> None:
    """Nor are categories that look like numbers."""
    assert convert_to_numbers(pd.Series(["1", "2"], dtype=type_)) is None


def test_what_is_of_no_one_type_is_read_as_text() -> None:
    """Lists, which cannot be compared, numbers and words; gaps stay gaps, and labels labels."""
    odd: list[Any] = [[1, 2], {"a": 1}, 3, None]
    target = pd.Series([0, 1, 0, 1], dtype=object)
    read = make_readable(pd.DataFrame({"x": pd.Series(odd, dtype=object), "target": target}))
    assert read["x"].dropna().tolist() == ["[1, 2]", "{'a': 1}", "3"]
    assert read["x"].isna().tolist() == [False, False, False, True]
    assert read["target"].dtype == object


@settings(max_examples=50, deadline=None)
@given(
    column=st.lists(st.none() | st.integers(0, 9), max_size=40),
    most=st.integers(1, 10),
    first=st.integers(1, 10),
)
def test_few_values_are_counted_with_the_missing_one(
    column: list[int | None], most: int, first: int
) -> None:
    """However many rows are looked at first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "FIRST_ROWS", first)
        assert has_few_values(pd.Series(column, dtype="Int64"), most) is (len({*column}) <= most)


@given(st.text())
def test_a_value_is_shown_briefly_on_one_line(text: str) -> None:
    """Long ones are cut, and whatever ends a line is escaped; short ones are whole."""
    shown = quote_value(text)
    assert len(shown.splitlines()) == 1
    assert shown == repr(text) or shown.endswith(("...'", '..."'))
