"""Columns from which little can be learned, or which are not what they seem."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from equipoise.checks.columns import (
    find_codes,
    find_constant_columns,
    find_dates_among_words,
    find_empty_columns,
    find_id_columns,
    find_mostly_missing_columns,
    find_numbers_among_text,
)
from equipoise.checks.finding import Finding
from equipoise.checks.values import make_readable
from equipoise.params.data_params import Data
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]
Check = Callable[[pd.DataFrame, Data], list[Finding]]
N = 200
RNG = np.random.default_rng(3)
MEASURED = RNG.normal(size=N)


def table(column: Any) -> pd.DataFrame:
    """Return 200 rows with this column, `x`, after a good one."""
    target = np.arange(N) % 2
    return make_readable(pd.DataFrame({"good": MEASURED, "x": column, "target": target}))


def found_in_x(check: Check, column: Any, params: Params) -> Finding | None:
    """Return what the check says of `x`; of the good column it says nothing."""
    findings = check(table(column), params.data)
    assert {finding.subject for finding in findings} <= {"x"}
    return findings[0] if findings else None


@pytest.mark.parametrize("nothing", [np.nan, None, pd.NaT, pd.Categorical([None] * N)])
def test_a_column_without_values_is_found(make_params: MakeParams, nothing: Any) -> None:
    """Whatever type it has; a constant or scarce column it is not."""
    finding = found_in_x(find_empty_columns, nothing, make_params())
    assert finding is not None
    assert finding.level == "warning"
    for check in (
        find_constant_columns,
        find_mostly_missing_columns,
        find_id_columns,
        find_numbers_among_text,
    ):
        assert found_in_x(check, nothing, make_params()) is None


@pytest.mark.parametrize("value", [3.5, 2, "same", True, pd.Timestamp("2024-05-01")])
def test_a_constant_column_is_found_with_its_value(make_params: MakeParams, value: Any) -> None:
    """Whatever type it has."""
    finding = found_in_x(find_constant_columns, value, make_params())
    assert finding is not None
    assert str(value) in finding.message


@pytest.mark.parametrize("other", [2.5, np.nan])
def test_one_other_value_is_enough_not_to_be_constant(
    make_params: MakeParams, other: float
) -> None:
    """A value that is missing says something too."""
    assert found_in_x(find_constant_columns, [other] + [1.0] * (N - 1), make_params()) is None


@pytest.mark.parametrize(("missing", "is_found"), [(N - 1, True), (190, True), (100, False)])
def test_a_mostly_missing_column_is_found(
    make_params: MakeParams, missing: int, *, is_found: bool
) -> None:
    """Nine in ten without a value are too many, every other one is not."""
    column = [np.nan] * missing + [1.0, 2.0] * ((N - missing) // 2) + [1.0] * ((N - missing) % 2)
    finding = found_in_x(find_mostly_missing_columns, column, make_params())
    assert (finding is not None) is is_found
    assert finding is None or f"{missing / N:.1%}" in finding.message


@pytest.mark.parametrize("type_", ["str", "category", "object"])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("forty", "are 'forty' in 1 row: correct them, or list them in data.read.gaps if they"),
        ("3,1", "look like numbers with decimal commas, '3,1' in 1 row: write them like the"),
    ],
)
def test_numbers_stored_as_text_for_a_few_words_are_found(
    make_params: MakeParams, word: str, said: str, type_: str
) -> None:
    """The words are shown with their rows, and how many values are numbers; gaps are neither."""
    column = pd.Series([word, None, None, *map(str, MEASURED[3:].round(3))], dtype=type_)
    finding = found_in_x(find_numbers_among_text, column, make_params())
    assert finding is not None
    assert finding.level == "warning"
    assert finding.message.startswith(
        f"column 'x': read as words though 197 of 198 values are numbers; the others {said}"
    )


@pytest.mark.parametrize("odd", ["2024-02-30", "0000-00-00", "0001-01-01", "soon"])
@pytest.mark.parametrize("type_", ["str", "category"])
def test_dates_stored_as_words_for_a_few_others_are_found(
    make_params: MakeParams, odd: str, type_: str
) -> None:
    days = pd.date_range("2024-01-01", periods=N).strftime("%Y-%m-%d")
    column = pd.Series([odd, None, *days[2:]], dtype=type_)
    finding = found_in_x(find_dates_among_words, column, make_params())
    assert finding is not None
    assert finding.message == (
        f"column 'x': read as words though {N - 2} of {N - 1} values are dates; the others are"
        f" {odd!r} in 1 row: correct them, or list them in data.read.gaps if they stand for a gap"
    )
    words = pd.Series(["2024", "A-1", "1-2-3", "x"] * (N // 4), dtype=type_)
    assert found_in_x(find_dates_among_words, words, make_params()) is None
    several = pd.Series([f"{days[0]} 12:30", *days[1:]], dtype=type_)
    finding = found_in_x(find_dates_among_words, several, make_params())
    assert finding is not None
    assert "all values are dates, as they are written in more than one way or" in finding.message


def test_the_commonest_of_many_words_are_shown(make_params: MakeParams) -> None:
    """And how many others there are; points among commas are named as well."""
    words = ["low", "low", "mid", "far", "off", "odd", *map(str, MEASURED[6:].round(3))]
    finding = found_in_x(find_numbers_among_text, words, make_params())
    assert finding is not None
    assert "'low' in 2 rows, 'mid' in 1 row, 'far' in 1 row and 2 other words:" in finding.message
    signs = ["3.14", *(f"{value:.2f}".replace(".", ",") for value in MEASURED[1:])]
    finding = found_in_x(find_numbers_among_text, signs, make_params())
    assert finding is not None
    assert "look like numbers with decimal points, '3.14' in 1 row" in finding.message


def test_numbers_and_words_of_their_own_types_are_found(make_params: MakeParams) -> None:
    """As a file that is not a CSV may hold them."""
    column = pd.Series(["n/a", *range(N - 1)], dtype=object)
    assert found_in_x(find_numbers_among_text, column, make_params()) is not None


def test_text_that_is_all_numbers_is_noted_only(make_params: MakeParams) -> None:
    """It may be codes on purpose; a category is so by its type."""
    codes = pd.Series([f"{i % 7:03}" for i in range(N)], dtype="str")
    finding = found_in_x(find_numbers_among_text, codes, make_params())
    assert finding is not None
    assert finding.level == "note"
    assert found_in_x(find_numbers_among_text, codes.astype("category"), make_params()) is None


@pytest.mark.parametrize(
    "column",
    [
        [f"A{i % 9}" if i % 3 else str(i) for i in range(N)],
        ["yes", "no"] * (N // 2),
        [True, False] * (N // 2),
        pd.date_range("2024-01-01", periods=N),
    ],
)
def test_words_are_not_numbers(make_params: MakeParams, column: Any) -> None:
    """Codes that are numbers now and then, words, yes/no and dates are what they are."""
    assert found_in_x(find_numbers_among_text, column, make_params()) is None


@pytest.mark.parametrize(
    "ids",
    [
        np.arange(N),
        np.arange(N)[::-1].astype("float64") * 17,
        pd.Series(np.arange(N), dtype="Int64").mask(np.arange(N) < 20),
        [f"customer-{i}" for i in range(N)],
        pd.Categorical([f"{i:08x}" for i in range(N)]),
    ],
)
def test_what_numbers_rows_is_found(make_params: MakeParams, ids: Any) -> None:
    """Whole numbers of any type, in any order, and text; rows without one are not counted."""
    finding = found_in_x(find_id_columns, ids, make_params())
    assert finding is not None
    assert finding.level == "warning"
    assert "put it in data.drop" in finding.message


@pytest.mark.parametrize(
    "column",
    [
        RNG.normal(size=N),
        RNG.integers(0, 1000, N),
        pd.date_range("2024-01-01", periods=N, freq="h"),
        [f"called on day {i} and asked for time" for i in range(N)],
        ["red", "green"] * (N // 2),
    ],
)
def test_what_differs_in_most_rows_is_not_always_an_id(
    make_params: MakeParams, column: Any
) -> None:
    """Measured numbers, dates and prose differ in every row and are none."""
    assert found_in_x(find_id_columns, column, make_params()) is None


def test_an_id_is_found_among_rows_that_are_there_again(make_params: MakeParams) -> None:
    """Rows repeated with their id leave it an id; ids that other rows share are none."""
    once = table(np.arange(N))
    again = pd.concat([once, once.head(N // 4)])
    assert [finding.subject for finding in find_id_columns(again, make_params().data)] == ["x"]
    shared = again.assign(good=np.arange(len(again)) / 7)
    assert find_id_columns(shared, make_params().data) == []


def test_a_few_rows_do_not_make_an_id(make_params: MakeParams) -> None:
    """Among twenty rows whole numbers differ by chance."""
    few = pd.DataFrame({"x": np.arange(20) * 7, "target": [0, 1] * 10})
    assert find_id_columns(few, make_params().data) == []


@pytest.mark.parametrize(
    ("first", "step", "found"), [(10_000, 7, True), (1_950, 1, False), (95, 1, False)]
)
def test_whole_numbers_of_one_length_may_be_codes(
    make_params: MakeParams, first: int, step: int, *, found: bool
) -> None:
    """Years, and numbers of several lengths, are not."""
    column = pd.Series([float(first + step * (n % 30)) for n in range(N)])
    finding = found_in_x(find_codes, column, make_params())
    assert (finding is not None) == found
    if finding is not None:
        assert "5 digits with 30 values" in finding.message
        table = {"source": "file", "path": "a.csv", "target": "y", "columns": {"x": "numeric"}}
        assert found_in_x(find_codes, column, make_params(data=table)) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *((name, True) for name in ("zip", "PLZ", "post_code", "Postcode", "zipCode", "code")),
        *((name, True) for name in ("billing.zip", "sic_code")),
        *((name, False) for name in ("amount", "decoded", "posts")),
    ],
)
def test_codes_of_a_small_file_are_known_by_their_name(
    make_params: MakeParams, name: str, *, found: bool
) -> None:
    """They hardly repeat there; what is measured in parts is no code, whatever it is called."""
    zips = table(RNG.integers(10_000, 99_999, N)).rename(columns={"x": name})
    assert [f.subject for f in find_codes(zips, make_params().data)] == [name] * found
    assert find_codes(zips.assign(**{name: MEASURED}), make_params().data) == []
