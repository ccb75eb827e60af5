"""What a strategy did to the shares of the classes, undone in the scores."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decided import of_two

from equipoise.deciding.calibrators import PriorShift
from equipoise.fitting.class_ratios import summarise_resampling
from equipoise.fitting.models import fit, score
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import resample
from equipoise.metrics.names import Floats
from equipoise.params.trial_params import Arm, Component, Preprocess, Strategy

K = 3
REMEDIES: dict[str, dict[str, Any]] = {
    "balanced": {"class_weight": "balanced"},
    "weighted": {"class_weight": {0: 0.5, 1: 6.0}},
    "over": {"sampler": {"class": "RandomOverSampler"}},
    "under": {"sampler": {"class": "RandomUnderSampler", "sampling_strategy": 0.5}},
    "both": {
        "sampler": {"class": "RandomOverSampler", "sampling_strategy": 0.4},
        "class_weight": {0: 1.0, 1: 3.0},
    },
}
weights = st.tuples(*[st.integers(1, 100)] * K)
score_rows = st.lists(weights, min_size=1, max_size=20).map(
    lambda rows: np.array(rows) / np.sum(rows, axis=1, keepdims=True)
)
ratios = st.tuples(*[st.floats(0.01, 100)] * K).map(np.array)


def shift(scores: Any, ratios: Any) -> Floats:
    return PriorShift(tuple(np.asarray(ratios, float).tolist())).apply(scores)


def shift_two(positive: Any, ratio: float) -> Floats:
    """Scores of the positive class with their odds divided by a ratio."""
    return shift(of_two(positive), (1, ratio))[:, 1]


@given(scores=score_rows, factor=st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_one_ratio_for_all_classes_changes_nothing(scores: Floats, factor: float) -> None:
    """What multiplies every class alike is no shift of priors."""
    assert shift(scores, [factor] * K) == pytest.approx(scores)


@given(likelihoods=score_rows, priors=weights, learned_from=weights)
@settings(max_examples=25, deadline=None)
def test_the_correction_is_bayes_rule(
    likelihoods: Floats, priors: tuple[int, ...], learned_from: tuple[int, ...]
) -> None:
    """Posteriors under the priors learned from become those under the true ones."""
    true, other = (np.array(part) / np.sum(part) for part in (priors, learned_from))
    expected, scores = (
        joint / joint.sum(axis=1, keepdims=True)
        for joint in (likelihoods * true, likelihoods * other)
    )
    assert shift(scores, other / true) == pytest.approx(expected)


@given(scores=score_rows, ratio=ratios)
@settings(max_examples=25, deadline=None)
def test_a_correction_sums_to_one_and_can_be_undone(scores: Floats, ratio: Floats) -> None:
    """The inverse ratios bring the scores back."""
    corrected = shift(scores, ratio)
    assert corrected.sum(axis=1) == pytest.approx(np.ones(len(scores)))
    assert shift(corrected, 1 / ratio) == pytest.approx(scores)


def test_a_row_without_any_score_is_corrected_to_equal_ones() -> None:
    """Nothing is known of it, and its neighbour is corrected as ever."""
    corrected = shift([[0.0, 0.0, 0.0], [0.5, 0.5, 0.0]], [1, 4, 1])
    assert corrected.tolist() == [pytest.approx([1 / 3] * 3), pytest.approx([0.8, 0.2, 0])]


def test_the_correction_divides_the_odds() -> None:
    """By hand: odds of 9 divided by 9 are odds of 1; certainty stays certain."""
    assert shift_two([0, 0.5, 0.9, 1], 9) == pytest.approx([0, 0.1, 0.5, 1])


@given(
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20),
    st.floats(0.01, 100),
    st.floats(0.01, 100),
)
@settings(max_examples=25, deadline=None)
def test_corrections_add_up_and_can_be_undone(
    scores: list[float], first: float, second: float
) -> None:
    """Two corrections are that of the product; the inverse ratio brings the scores back."""
    twice = shift_two(shift_two(scores, first), second)
    assert twice == pytest.approx(shift_two(scores, first * second), rel=1e-9)
    back = shift_two(shift_two(scores, first), 1 / first)
    assert back == pytest.approx(scores, rel=1e-9)


@given(st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_the_correction_keeps_the_ranking_and_stays_a_probability(ratio: float) -> None:
    """A higher score stays the higher one, and none leaves the unit interval."""
    corrected = shift_two(np.linspace(0, 1, 201), ratio)
    assert (np.diff(corrected) > 0).all()
    assert (corrected[0], corrected[-1]) == (0, 1)


def logistic_table(rows: int, seed: int) -> pd.DataFrame:
    """Rows whose labels follow a logistic model of two features, few of them positive."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(rows, 2))
    chance = 1 / (1 + np.exp(3.5 - X @ [1.0, -0.5]))
    target = (generator.uniform(size=rows) < chance).astype(np.int64)
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "target": target}).rename_axis("row")


def scores_of(strategy: Strategy, train: pd.DataFrame, test: pd.DataFrame) -> tuple[Floats, float]:
    """Scores of a logistic model under a strategy, and what this did to the odds."""
    model = Component.model_validate({"class": "LogisticRegression", "C": 1e6})
    arm = Arm(strategy, model, Preprocess(), 0)
    _, cleaned = clean(train, 0)
    difference = resample(cleaned, strategy, Preprocess(), 0)
    fitted = fit(arm, train, difference)
    ratios = summarise_resampling(train, difference, strategy).ratios
    assert ratios is not None
    return score(fitted, test)["y_score"].to_numpy(), ratios["1"] / ratios["0"]


@pytest.mark.parametrize("remedy", REMEDIES)
def test_the_correction_is_exact_for_a_logistic_model(remedy: str) -> None:
    """Weights and random sampling only move the intercept, by the log of the ratio.

    On a large sample the corrected scores average to the prevalence, and each is that of the
    model that was left alone.
    """
    train, test = logistic_table(40_000, seed=1), logistic_table(40_000, seed=2)
    plain, one = scores_of(Strategy(), train, test)
    raw, ratio = scores_of(Strategy(**REMEDIES[remedy]), train, test)
    corrected = shift_two(raw, ratio)
    prevalence = test["target"].mean()
    assert one == 1
    assert raw.mean() > 2 * prevalence
    assert corrected.mean() == pytest.approx(prevalence, abs=0.004)
    assert np.abs(corrected - plain).mean() < 0.004
