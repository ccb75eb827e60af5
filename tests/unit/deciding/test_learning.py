"""Scores of two classes made to mean what they say, by out-of-fold rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from sklearn.metrics import brier_score_loss
from tests.decided import calibrate_two

from equipoise.deciding.learning import FEWEST_FOR_ISOTONIC
from equipoise.metrics.names import Floats, Labels

GRID = np.linspace(0, 1, 201)
# Scores that a sample has plenty of on both sides.
WITHIN = np.linspace(0.2, 0.8, 121)
# Enough rows of the rarer class for isotonic steps, and too few.
MANY, FEW = 10 * FEWEST_FOR_ISOTONIC, FEWEST_FOR_ISOTONIC // 2


def learned(true: ArrayLike, score: ArrayLike, new: ArrayLike, method: str = "auto") -> Floats:
    """New scores, recalibrated by what those of labelled rows turned out to mean."""
    return calibrate_two(method, (true, score), new)


def sample(positives: int, seed: int = 0) -> tuple[Labels, Floats]:
    """Labels with a tenth of positives, and scores that tell them apart a little."""
    generator = np.random.default_rng(seed)
    true = np.repeat([1, 0], [positives, 9 * positives])
    return true, generator.beta(2 + 2 * true, 4)


def pulled_apart(true: Labels, score: Floats) -> Floats:
    """Scores of positives all above 0.5, and those of negatives below."""
    return np.where(true == 1, 0.5 + score / 2, score / 2)


def honest_sample(rows: int, positives: float) -> tuple[Labels, Floats]:
    """Scores that mean what they say, and labels drawn by them."""
    generator = np.random.default_rng(3)
    score = generator.beta(2, 2 / positives - 2, size=rows)
    return (generator.uniform(size=rows) < score).astype(np.int64), score


@pytest.mark.parametrize("positives", [FEW, MANY])
@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_higher_score_never_becomes_a_lower_probability(positives: int, seed: int) -> None:
    """Recalibration keeps the ranking: what it says rises with the score."""
    true, score = sample(positives, seed)
    assert (np.diff(learned(true, score, GRID)) >= 0).all()


@pytest.mark.parametrize("separated", [False, True])
def test_isotonic_steps_stay_within_the_rule_of_succession(*, separated: bool) -> None:
    """From n rows no probability is said that n + 2 could not show."""
    true, score = sample(MANY)
    probability = learned(true, pulled_apart(true, score) if separated else score, GRID)
    least = 1 / (len(true) + 2)
    assert least <= probability.min()
    assert probability.max() <= 1 - least


def test_a_sigmoid_of_separated_scores_is_not_certain() -> None:
    """Five hundred rows without a mistake do not back odds of a million to one."""
    true, score = sample(FEW)
    apart = pulled_apart(true, score)
    probability = learned(true, apart, apart)
    assert probability.min() > 1e-6
    assert probability.max() < 1 - 1e-6


@pytest.mark.parametrize("rows", [400, 20_000])
def test_scores_that_mean_what_they_say_stay_near(rows: int) -> None:
    """An honest model is left alone, up to the noise of its sample."""
    true, score = honest_sample(rows, positives=0.2)
    assert (true.sum() < FEWEST_FOR_ISOTONIC) == (rows == 400)
    distance = np.abs(learned(true, score, score) - score).mean()
    assert distance < 0.7 / np.sqrt(true.sum())


@pytest.mark.parametrize("positives", [FEW, MANY])
def test_scores_of_a_balanced_model_come_back_to_the_prevalence(positives: int) -> None:
    """Scores inflated by balancing are brought down to the share of positives."""
    true, score = sample(positives)
    calibrated = learned(true, score, score)
    assert true.mean() == pytest.approx(calibrated.mean(), abs=1e-3)
    assert brier_score_loss(true, calibrated) < true.mean() * (1 - true.mean())
    assert brier_score_loss(true, score) > brier_score_loss(true, calibrated)


@pytest.mark.parametrize("positives", [FEW, MANY])
def test_scores_of_exactly_zero_and_one_are_taken(positives: int) -> None:
    """A decision tree's hard scores become the shares of positives behind them."""
    true, score = sample(positives)
    hard = (score > 0.4).astype(np.float64)
    expected = [true[hard == value].mean() for value in (0, 1)]
    assert learned(true, hard, [0.0, 1.0]) == pytest.approx(expected, abs=0.01)


def test_the_rarer_class_decides_whichever_it_is() -> None:
    """A table whose negatives are the rare ones gets a smooth curve as well."""
    true, score = sample(FEW)
    assert len(WITHIN) == len(np.unique(learned(1 - true, 1 - score, WITHIN)))


@pytest.mark.parametrize(("method", "positives"), [("isotonic", FEW), ("sigmoid", MANY)])
def test_a_method_that_is_named_is_used_whatever_the_count(method: str, positives: int) -> None:
    """Steps on few rows and a curve on many are the user's to choose."""
    distinct = len(np.unique(learned(*sample(positives), WITHIN, method)))
    assert (distinct == len(WITHIN)) == (method == "sigmoid")
