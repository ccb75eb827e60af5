"""Rows that are there more than once."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.checks.finding import Finding
from equipoise.checks.rows import find_contested_rows, find_repeated_rows, find_rows_in_both_parts
from equipoise.core.tables import GROUP, TIME
from equipoise.params.data_params import Data
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]
N = 200
RNG = np.random.default_rng(2)
TABLE = pd.DataFrame(
    {
        "x": np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(size=N)),
        "z": RNG.normal(size=N),
        "job": pd.Series(RNG.choice(["cook", "nurse"], N)).mask(RNG.random(N) < 0.2),
        "day": pd.date_range("2024-01-01", periods=N).where(RNG.random(N) < 0.9),
        "kind": pd.Categorical(RNG.choice(["a", "b"], N)),
        "target": np.repeat([0, 1], [N - 20, 20]),
    }
)


def again(*rows: int, **changes: Any) -> pd.DataFrame:
    """Return the table with some of its rows once more, changed."""
    extra = TABLE.iloc[list(rows)].assign(**changes)
    return pd.concat([TABLE, extra], ignore_index=True)


def only(findings: list[Finding]) -> Finding:
    """Return the one finding there is."""
    (finding,) = findings
    return finding


def test_rows_that_are_all_different_are_fine(make_params: MakeParams) -> None:
    """Nothing is said, though they share values and gaps."""
    params = make_params()
    assert find_repeated_rows(TABLE, params.data) == []
    assert find_contested_rows(TABLE, params.data) == []
    assert find_rows_in_both_parts(TABLE.iloc[:100], TABLE.iloc[100:], params.uncertainty) == []


def test_rows_that_repeat_others_are_counted(make_params: MakeParams) -> None:
    """Each repeat counts, the original does not; the class that suffers most is named."""
    finding = only(find_repeated_rows(again(0, 1, 190, 190), make_params().data))
    assert (finding.level, finding.subject) == ("warning", "rows")
    assert finding.message.startswith("rows: 4 of 204 repeat an earlier row")
    assert f"most often in the positive class ({2 / 22:.2%} of it)" in finding.message
    assert find_contested_rows(again(0, 1, 190), make_params().data) == []


def test_a_few_repeats_among_many_rows_are_noted_only(make_params: MakeParams) -> None:
    """One row in a hundred of a class is where a warning begins."""
    assert only(find_repeated_rows(again(0), make_params().data)).level == "note"
    assert only(find_repeated_rows(again(0, 1), make_params().data)).level == "warning"
    assert only(find_repeated_rows(again(199), make_params().data)).level == "warning"


def test_rows_with_the_same_features_and_another_label_are_contested(
    make_params: MakeParams,
) -> None:
    """Both sides count; they are no repeats."""
    table = again(0, 1, 2, target=1)
    finding = only(find_contested_rows(table, make_params().data))
    assert finding.message.startswith(
        "rows: 6 of 203 have the same features as a row with another label"
    )
    assert finding.level == "warning"
    assert find_repeated_rows(table, make_params().data) == []


def test_test_rows_that_were_learned_from_are_counted(make_params: MakeParams) -> None:
    """With the label or without: either way the features are known."""
    seen = pd.concat([TABLE.iloc[:3], TABLE.iloc[3:5].assign(target=1), TABLE.iloc[150:]])
    finding = only(find_rows_in_both_parts(TABLE.iloc[:100], seen, make_params().uncertainty))
    assert finding.level == "warning"
    assert finding.message.startswith(
        "rows: 5 of 55 test rows have the same features as a train row"
    )
    assert "3 the same label too" in finding.message


@pytest.mark.parametrize("known_by", [GROUP, TIME])
def test_the_same_values_of_another_case_are_no_repeat(
    make_params: MakeParams, known_by: str
) -> None:
    """Two customers, or two times, may have the same values; a model cannot tell them apart."""
    table = again(0, 190, 191)
    told_apart = table.assign(**{known_by: np.arange(len(table))})
    assert find_repeated_rows(told_apart, make_params().data) == []
    train, test = told_apart.iloc[:195], told_apart.iloc[195:]
    assert only(find_rows_in_both_parts(train, test, make_params().uncertainty)).message.startswith(
        "rows: 3 of 8"
    )


@pytest.mark.parametrize("check", [find_repeated_rows, find_contested_rows])
def test_in_coarse_columns_equal_rows_are_no_fault(
    make_params: MakeParams, check: Callable[[pd.DataFrame, Data], list[Finding]]
) -> None:
    """Two columns of a few values each must repeat in two hundred rows; that is noted."""
    coarse = TABLE[["job", "kind", "target"]]
    finding = only(check(coarse, make_params().data))
    assert finding.level == "note"
    assert "equal by chance" in finding.message


def test_one_coarse_column_is_coarse_too(make_params: MakeParams) -> None:
    """Five values in two hundred rows are the same a lot, and nobody's fault."""
    table = pd.DataFrame({"x": np.arange(N) % 5, "target": np.arange(N) // 2 % 2})
    assert only(find_repeated_rows(table, make_params().data)).level == "note"


def test_a_class_that_was_over_sampled_beforehand_is_no_coarse_column(
    make_params: MakeParams,
) -> None:
    """Copies of measured values are copies, be they as many as the rows of the other class."""
    copied = pd.concat([TABLE[["x", "kind", "target"]], *[TABLE.iloc[-20:]] * 8], join="inner")
    finding = only(find_repeated_rows(copied.dropna().reset_index(drop=True), make_params().data))
    assert finding.level == "warning"


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=2, max_size=30))
def test_counts_are_those_of_comparing_rows_one_by_one(
    make_params: MakeParams, values: list[tuple[int, int]]
) -> None:
    """Hashes find what a look at each pair of rows finds."""
    table = pd.DataFrame(values, columns=["x", "target"])
    repeats = sum(row in values[:position] for position, row in enumerate(values))
    contested = sum((x, 1 - label) in values for x, label in values)
    for check, count in ((find_repeated_rows, repeats), (find_contested_rows, contested)):
        said = [f"rows: {count} of {len(values)} "] if count else []
        found = [finding.message for finding in check(table, make_params().data)]
        assert [message[: len(said[0])] for message in found] == said if said else not found
