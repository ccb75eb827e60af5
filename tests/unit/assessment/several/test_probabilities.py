"""How far the probabilities of several classes are off."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from equipoise.assessment.metrics import Floats, Labels
from equipoise.assessment.several.probabilities import (
    brier_losses,
    classwise_calibration_errors,
    log_losses,
)

K = 3
SHARES = np.array([0.6, 0.3, 0.1])

thirds = st.tuples(st.integers(0, K - 1), st.integers(0, 10), st.integers(0, 10))


def tenths(rows: list[tuple[int, int, int]]) -> tuple[Labels, Floats]:
    """Codes, and ten tenths parted in two places: certain scores are among them."""
    cuts = np.sort([row[1:] for row in rows], axis=1)
    return np.array([row[0] for row in rows]), np.diff(cuts, axis=1, prepend=0, append=10) / 10


labelled = st.lists(thirds, min_size=1, max_size=40).map(tenths)


def honest(rows: int, seed: int = 0) -> tuple[Labels, Floats]:
    """Probabilities that mean what they say, and codes drawn by them."""
    generator = np.random.default_rng(seed)
    odds = SHARES * np.exp(generator.normal(size=(rows, K)) * 1.5)
    scores = odds / odds.sum(axis=1, keepdims=True)
    drawn = (scores.cumsum(axis=1) < generator.uniform(size=(rows, 1))).sum(axis=1)
    return np.asarray(drawn), scores


def distorted(scores: Floats) -> Floats:
    """Overconfident scores, tilted towards the last class."""
    odds = scores**2 * [1, 2, 8]
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


@given(labelled)
@settings(max_examples=25, deadline=None)
def test_the_mean_brier_loss_is_scikit_learns(parts: tuple[Labels, Floats]) -> None:
    """Squared errors are summed over the classes, from 0 to 2."""
    expected = sk.brier_score_loss(*parts, labels=range(K))
    assert expected == pytest.approx(float(brier_losses(*parts).mean()))


@given(labelled)
@settings(max_examples=25, deadline=None)
def test_the_mean_log_loss_is_scikit_learns(parts: tuple[Labels, Floats]) -> None:
    """Rows' log-losses average to the log-loss, scores of exactly 0 and 1 included."""
    expected = sk.log_loss(*parts, labels=range(K))
    assert expected == pytest.approx(float(log_losses(*parts).mean()), abs=1e-12)


def test_losses_are_of_each_row() -> None:
    """A row that is certain and right loses nothing, one that is certain and wrong the most."""
    scores = np.eye(K)[[0, 1, 1]]
    assert brier_losses([0, 1, 2], scores).tolist() == [0, 0, 2]
    losses = log_losses([0, 1, 2], scores)
    assert losses == pytest.approx([0, 0, -np.log(np.finfo(np.float64).eps)], abs=1e-12)


def test_calibration_errors_are_those_of_bins_of_equal_count() -> None:
    """By brute force: a tenth of the rows in each bin, in the order of the class's scores."""
    y_true, scores = honest(1000)
    said = distorted(scores)
    expected = []
    for k in range(K):
        bins = np.array_split(np.argsort(said[:, k]), 10)
        gaps = [abs(said[rows, k].mean() - (y_true[rows] == k).mean()) for rows in bins]
        expected.append(np.mean(gaps))
    assert classwise_calibration_errors(y_true, said) == pytest.approx(expected)


def test_the_constant_shares_are_calibrated_in_every_class() -> None:
    """Guessing the shares for every row claims nothing false."""
    y_true = np.array([0, 0, 1, 0, 2, 1])
    guess = np.tile(np.bincount(y_true) / len(y_true), (len(y_true), 1))
    assert classwise_calibration_errors(y_true, guess) == pytest.approx(np.zeros(K))
