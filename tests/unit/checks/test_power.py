"""The smallest difference that the test part can detect."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from equipoise.checks.power import (
    POWER,
    estimate_roc_auc_variance,
    find_detectable_differences,
    find_detectable_recall,
    find_detectable_roc_auc,
)
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]
TRIALS = 20_000


def power_of_mcnemar(positives: int, recalls: tuple[float, float], confidence: float) -> float:
    """Return how often the paired test sees two independent arms differ, by simulation."""
    first, second = recalls
    apart = first * (1 - second), second * (1 - first)
    counts = np.random.default_rng(1).multinomial(positives, [*apart, 1 - sum(apart)], TRIALS)
    only_first, only_second = counts[:, 0], counts[:, 1]
    z = np.abs(only_first - only_second) / np.sqrt(np.maximum(only_first + only_second, 1))
    return float(np.mean(z > norm.ppf((1 + confidence) / 2)))


@pytest.mark.parametrize("positives", [40, 157, 600])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_a_difference_in_recall_is_detected_as_often_as_promised(
    positives: int, confidence: float
) -> None:
    """Independent arms around a recall of 1/2 that differ by it are told apart in 80 % of tests."""
    difference = find_detectable_recall(positives, confidence)
    recalls = 0.5 + difference / 2, 0.5 - difference / 2
    assert power_of_mcnemar(positives, recalls, confidence) == pytest.approx(POWER, abs=0.035)


@pytest.mark.parametrize("middle", [0.25, 0.35, 0.65, 0.75])
def test_other_recalls_are_told_apart_more_easily(middle: float) -> None:
    """Recalls around 1/2 are the worst case."""
    difference = find_detectable_recall(157, 0.95)
    recalls = middle + difference / 2, middle - difference / 2
    assert power_of_mcnemar(157, recalls, 0.95) > POWER + 0.01


@settings(max_examples=50, deadline=None)
@given(positives=st.integers(5, 10_000), confidence=st.floats(0.5, 0.999))
def test_more_positives_and_less_confidence_show_smaller_differences(
    positives: int, confidence: float
) -> None:
    """Four times the positives halve the difference, or nearly so."""
    for detectable in (
        find_detectable_recall,
        lambda m, level: find_detectable_roc_auc(m, 10 * m, level),
    ):
        first, more = detectable(positives, confidence), detectable(4 * positives, confidence)
        assert more < first <= 1 or first == more == 1
        assert more <= 0.72 * first or first == 1
        assert detectable(positives, (1 + confidence) / 2) >= first


@pytest.mark.parametrize("positives", [1, 2, 3])
def test_with_hardly_any_positives_nothing_can_be_shown(positives: int) -> None:
    """Not even an arm that finds all against one that finds none."""
    assert find_detectable_recall(positives, 0.95) == 1


@pytest.mark.parametrize("area", [0.55, 0.7, 0.85, 0.95])
@pytest.mark.parametrize(("positives", "negatives"), [(15, 60), (40, 40)])
def test_the_variance_of_roc_auc_is_that_of_exponential_scores(
    area: float, positives: int, negatives: int
) -> None:
    """For these Hanley and McNeil's formula is exact; areas are counted pair by pair."""
    rng = np.random.default_rng(4)
    above = rng.exponential(area / (1 - area), (4000, positives, 1))
    areas = (above > rng.exponential(1, (4000, 1, negatives))).mean(axis=(1, 2))
    assert np.mean(areas) == pytest.approx(area, abs=0.01)
    formula = estimate_roc_auc_variance(np.array([area]), positives, negatives)[0]
    assert np.var(areas) == pytest.approx(formula, rel=0.1)


@settings(max_examples=50, deadline=None)
@given(
    positives=st.integers(30, 2000), negatives=st.integers(30, 20_000), area=st.floats(0.5, 0.999)
)
def test_no_roc_auc_needs_a_larger_difference_than_the_worst(
    positives: int, negatives: int, area: float
) -> None:
    """At any area, two independent arms are told apart by the stated difference."""
    difference = find_detectable_roc_auc(positives, negatives, 0.95)
    a, m, n = area, positives, negatives
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    variance = (a * (1 - a) + (m - 1) * (q1 - a * a) + (n - 1) * (q2 - a * a)) / (m * n)
    power = norm.cdf(difference / np.sqrt(2 * variance) - norm.ppf(0.975))
    assert power >= POWER - 1e-3


def test_the_note_speaks_of_the_positive_class(make_params: MakeParams) -> None:
    """Of two classes the positive one is meant, though the other may be rarer."""
    test = pd.DataFrame({"target": [0] * 20 + [1] * 157})
    (finding,) = find_detectable_differences(test, test, make_params().uncertainty)
    assert finding.level == "note"
    assert "157 test rows of the positive class" in finding.message
    assert f"of about {find_detectable_recall(157, 0.95):.2g} or more in recall" in finding.message
    assert f"or {find_detectable_roc_auc(157, 20, 0.95):.2g} in ROC-AUC" in finding.message


def test_the_note_speaks_of_the_rarest_of_several_classes(make_params: MakeParams) -> None:
    """Against all the others."""
    test = pd.DataFrame({"target": ["a"] * 150 + ["b"] * 60 + ["c"] * 90})
    (finding,) = find_detectable_differences(test, test, make_params().uncertainty)
    assert "60 test rows of class 'b'" in finding.message
    assert f"or {find_detectable_roc_auc(60, 240, 0.95):.2g} in ROC-AUC" in finding.message


def test_one_class_has_nothing_to_be_told_from(make_params: MakeParams) -> None:
    """Another check says what is wrong."""
    test = pd.DataFrame({"target": [1] * 20})
    assert find_detectable_differences(test, test, make_params().uncertainty) == []
