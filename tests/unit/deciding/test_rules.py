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
