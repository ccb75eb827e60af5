"""A rule gives each row one of the classes, whatever its scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.deciding.rules import ClassWeights, LeastExpectedCost, Threshold


def scores_of(positive: list[float]) -> np.ndarray:
    return np.column_stack([1 - np.array(positive), positive])


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_adds_positives(
    positive: list[float], one: float, other: float
) -> None:
    """And a row on the threshold alerts."""
    lower, higher = (Threshold(bound).decide(scores_of(positive)) for bound in sorted([one, other]))
    assert (lower >= higher).all()
    assert Threshold(positive[0]).decide(scores_of(positive))[0] == 1


@given(st.lists(st.floats(0.01, 0.99), min_size=1), st.floats(0.01, 0.99))
def test_of_two_classes_weights_are_a_threshold(positive: list[float], threshold: float) -> None:
    """Weights in the ratio of the threshold's odds decide as it does, but for ties."""
    scores = scores_of(positive)
    apart = np.abs(scores[:, 1] - threshold) > 1e-9
    weighted = ClassWeights((threshold, 1 - threshold)).decide(scores)
    assert (weighted == Threshold(threshold).decide(scores))[apart].all()


@pytest.mark.parametrize("miss", [1.0, 5.0, 50.0])
def test_of_two_classes_the_least_expected_cost_is_elkans_threshold(miss: float) -> None:
    """C_FP / (C_FP + C_FN), with a false alert at 1 (Elkan, 2001)."""
    scores = scores_of(
        [p for p in np.linspace(0, 1, 1001).tolist() if abs(p - 1 / (1 + miss)) > 1e-9]
    )
    rule = LeastExpectedCost(((0.0, 1.0), (miss, 0.0)))
    np.testing.assert_array_equal(rule.decide(scores), Threshold(1 / (1 + miss)).decide(scores))


K = 3
COSTS = ((0.0, 1.5, 4.0), (2.0, 0.25, 3.0), (30.0, 7.0, 0.0))
tied = st.tuples(*[st.integers(0, 5).map(float)] * K)
free = st.tuples(*[st.one_of(st.just(0.0), st.floats(1e-12, 1))] * K)
score_rows = st.one_of([st.lists(each, min_size=1, max_size=25) for each in (tied, free)])


@given(rows=score_rows)
def test_no_decision_has_a_lower_expected_cost(rows: list[tuple[float, ...]]) -> None:
    """Row by row, by brute force; of classes that cost alike, the first is decided."""
    for row, code in zip(rows, LeastExpectedCost(COSTS).decide(rows), strict=True):
        expected = [sum(row[i] * COSTS[i][j] for i in range(K)) for j in range(K)]
        assert expected[code] == pytest.approx(min(expected))
        assert all(cost > min(expected) for cost in expected[:code])


@given(rows=score_rows)
def test_where_mistakes_cost_alike_the_most_probable_class_is_decided(
    rows: list[tuple[float, ...]],
) -> None:
    """The classical special case, in rows that are not tied."""
    shares = np.array([row for row in rows if sum(row) > 0] + [(0.6, 0.3, 0.1)])
    shares /= shares.sum(axis=1, keepdims=True)
    top = np.sort(shares, axis=1)
    clear = shares[top[:, -1] > top[:, -2] + 1e-9]
    alike = LeastExpectedCost(((0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)))
    assert alike.decide(clear).tolist() == clear.argmax(axis=1).tolist()


def test_expected_costs_that_differ_by_rounding_are_equal() -> None:
    """Three times 0.1 is 0.3, whatever floating point makes of it: the first class is decided."""
    probabilities = [[0.1, 0.1, 0.1, 0.7]]
    costs = ((1, 0, 9, 9), (1, 0, 9, 9), (1, 0, 9, 9), (0, 3 / 7, 9, 9))
    expected = np.array(probabilities) @ np.array(costs)
    assert expected[0, 1] < expected[0, 0] == pytest.approx(expected[0, 1])
    assert LeastExpectedCost(costs).decide(probabilities).tolist() == [0]


def test_the_first_of_equal_classes_is_decided() -> None:
    """As numpy.argmax has it, weights included."""
    scores = [[0.2, 0.4, 0.4], [0.0, 0.0, 0.0], [0.1, 0.45, 0.45]]
    assert ClassWeights((2, 1, 1)).decide(scores).tolist() == [0, 0, 1]
