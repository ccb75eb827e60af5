"""What is not the same in train and test."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportions_ztest

from equipoise.checks.drift import (
    compare_two_proportions,
    find_missing_drift,
    find_prevalence_drift,
)
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]


def part(rows: int, **counts: int) -> pd.DataFrame:
    """Return rows with so many of each class, the rest of class `other`; no value is missing."""
    labels = [label for label, count in counts.items() for _ in range(count)]
    target = labels + ["other"] * (rows - len(labels))
    return pd.DataFrame({"x": np.arange(rows), "target": target})


def with_gaps(rows: int, missing: int) -> pd.DataFrame:
    """Return rows so many of which have no `x`."""
    x = pd.Series(np.arange(rows, dtype="float64")).mask(np.arange(rows) < missing)
    return pd.DataFrame({"x": x, "z": 1.0, "target": np.arange(rows) % 2})


def test_a_prevalence_that_has_changed_is_found(make_params: MakeParams) -> None:
    """Both shares are said."""
    findings = find_prevalence_drift(
        part(2000, rare=100), part(1000, rare=100), make_params().uncertainty
    )
    (finding,) = findings
    assert (finding.level, finding.subject) == ("warning", "data.target")
    assert "5.00% of train and 10.00% of test" in finding.message


@pytest.mark.parametrize(
    ("train", "test"),
    [((2000, 100), (1000, 50)), ((40, 2), (20, 2)), ((200_000, 20_000), (200_000, 21_000))],
    ids=["same", "by chance", "small"],
)
def test_a_prevalence_that_has_not_changed_much_or_surely_is_fine(
    make_params: MakeParams, train: tuple[int, int], test: tuple[int, int]
) -> None:
    """Neither what chance explains nor what does not matter is drift."""
    parts = [part(rows, rare=rare) for rows, rare in (train, test)]
    assert find_prevalence_drift(parts[0], parts[1], make_params().uncertainty) == []


def test_of_several_classes_those_that_changed_are_found(make_params: MakeParams) -> None:
    """Each class is held against the same class, at a level for all of them together."""
    train, test = part(2000, a=1000, b=100, c=200), part(1000, a=500, b=150, c=100)
    findings = find_prevalence_drift(train, test, make_params().uncertainty)
    assert ["'b'" in findings[0].message, "'other'" in findings[1].message] == [True, True]
    assert len(findings) == 2


def test_each_of_several_classes_has_its_share_of_false_alarms(make_params: MakeParams) -> None:
    """A p that is small for one test is not for the smallest of four."""
    train, test = part(1000, a=300, b=300, c=40), part(500, a=150, b=150, c=33)
    p = compare_two_proportions((0.04, 0.066), (1000, 500))
    assert 0.05 / 4 < p < 0.05
    assert find_prevalence_drift(train, test, make_params().uncertainty) == []


def test_the_confidence_is_the_users(make_params: MakeParams) -> None:
    """What is credible at 90 % need not be at 99.9 %."""
    parts = part(1000, rare=100), part(400, rare=56)
    found = [
        find_prevalence_drift(
            *parts, make_params(uncertainty={"confidence": level, "resamples": 9999}).uncertainty
        )
        for level in (0.9, 0.999)
    ]
    assert [len(findings) for findings in found] == [1, 0]


def test_values_that_are_missing_more_often_are_found(make_params: MakeParams) -> None:
    """The column is named with both shares; a column without gaps is not."""
    (finding,) = find_missing_drift(
        with_gaps(1000, 20), with_gaps(500, 150), make_params().uncertainty
    )
    assert (finding.level, finding.subject) == ("warning", "x")
    assert "2.0% of train and 30.0% of test" in finding.message


@pytest.mark.parametrize(
    ("train", "test"),
    [((1000, 100), (500, 50)), ((20, 1), (20, 3)), ((50_000, 500), (50_000, 1000))],
    ids=["same", "by chance", "small"],
)
def test_values_that_are_missing_about_as_often_are_fine(
    make_params: MakeParams, train: tuple[int, int], test: tuple[int, int]
) -> None:
    """Neither what chance explains nor what does not matter is drift."""
    assert find_missing_drift(with_gaps(*train), with_gaps(*test), make_params().uncertainty) == []


def test_a_part_without_rows_cannot_differ() -> None:
    """There is nothing to test."""
    assert compare_two_proportions((0.5, float("nan")), (10, 0)) == 1


@settings(max_examples=50, deadline=None)
@given(
    counts=st.tuples(st.integers(0, 50), st.integers(0, 50)),
    rows=st.tuples(st.integers(50, 500), st.integers(50, 500)),
)
def test_p_is_that_of_statsmodels(counts: tuple[int, int], rows: tuple[int, int]) -> None:
    """Two parts without any, or with nothing else, do not differ."""
    shares = counts[0] / rows[0], counts[1] / rows[1]
    if shares in ((0, 0), (1, 1)):
        assert compare_two_proportions(shares, rows) == 1
    else:
        assert compare_two_proportions(shares, rows) == pytest.approx(
            proportions_ztest(counts, rows)[1]
        )
