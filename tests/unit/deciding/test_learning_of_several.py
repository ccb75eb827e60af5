"""Scores of several classes made to mean what they say, by out-of-fold rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from tests.decided import calibrate, calibrate_two
from tests.honest import distorted, honest

from equipoise.deciding.learning import FEWEST_FOR_ISOTONIC
from equipoise.metrics.names import Floats
from equipoise.metrics.probabilities import brier_losses, calibration_errors

K = 3
LEARNED = ("isotonic", "sigmoid", "auto")
# Enough rows for isotonic steps in every class, and too few in the rarest.
MANY, FEW = 20 * FEWEST_FOR_ISOTONIC, 5 * FEWEST_FOR_ISOTONIC


def learned(y_true: ArrayLike, scores: ArrayLike, new: ArrayLike, method: str = "auto") -> Floats:
    """New scores, recalibrated by what those of labelled rows turned out to mean."""
    return calibrate(method, (y_true, scores), new)


@pytest.mark.parametrize("method", LEARNED)
@pytest.mark.parametrize("rows", [FEW, MANY])
@given(seed=st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_recalibrated_rows_sum_to_one_and_exclude_nothing(
    method: str, rows: int, seed: int
) -> None:
    """They are probabilities, none of them 0, so that log-loss stays finite."""
    y_true, scores = honest(rows, seed)
    new = np.concatenate([distorted(honest(100, seed + 1)[1]), np.eye(K)])
    probabilities = learned(y_true, distorted(scores), new, method)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(new)))
    assert probabilities.min() > 0


@pytest.mark.parametrize("method", LEARNED)
def test_a_higher_score_of_a_class_never_becomes_a_lower_share_beside_the_same_others(
    method: str,
) -> None:
    """The odds against a class whose score stays do not fall as the other's rises."""
    y_true, scores = honest(MANY)
    rising = np.linspace(0, 1, 101)
    new = np.column_stack([rising, np.full(101, 0.2), np.full(101, 0.1)])
    probabilities = learned(y_true, distorted(scores), new, method)
    assert (np.diff(probabilities[:, 0] / probabilities[:, 1]) >= -1e-12).all()


@pytest.mark.parametrize("method", LEARNED)
def test_distorted_probabilities_come_back_to_what_they_mean(method: str) -> None:
    """Overconfident, tilted scores lose less after recalibration, nearly as little as honest ones.

    Class shares come back as well, which the tilt had multiplied by eight for the rarest.
    """
    y_true, scores = honest(MANY)
    true, meant = honest(4000, seed=1)
    probabilities = learned(y_true, distorted(scores), distorted(meant), method)
    losses = [
        brier_losses(true, part, range(K)).mean()
        for part in (meant, probabilities, distorted(meant))
    ]
    assert losses == sorted(losses)
    assert losses[1] - losses[0] < 0.3 * (losses[2] - losses[0])
    seen = np.bincount(true) / len(true)
    assert probabilities.mean(axis=0) == pytest.approx(seen, abs=0.03)


@pytest.mark.parametrize("method", LEARNED)
def test_constant_scores_become_the_shares_of_the_classes(method: str) -> None:
    """A model that has learned nothing says how frequent classes are."""
    y_true, _ = honest(MANY)
    constant = np.full((MANY, K), 1 / K)
    expected = np.bincount(y_true) / MANY
    assert learned(y_true, constant, constant[:1], method) == pytest.approx(
        expected[np.newaxis], abs=1e-3
    )


def test_a_row_that_no_class_claims_becomes_the_constant_guess() -> None:
    """Where every class was never seen with so low a score, the shares are all that is known."""
    y_true, _ = honest(MANY)
    scores = 0.1 + 0.7 * np.eye(K)[y_true]
    probabilities = learned(y_true, scores, [[0.1, 0.1, 0.1], [0.1, 0.8, 0.1]], "isotonic")
    assert probabilities[0] == pytest.approx(np.bincount(y_true) / MANY)
    assert probabilities[1, 1] > 1 - 3 / MANY


@pytest.mark.parametrize("method", LEARNED)
def test_a_row_that_is_there_four_times_is_one_row(method: str) -> None:
    """Its class is not less rare, and no claim about it surer."""
    y_true, scores = honest(FEW)
    assert np.bincount(y_true)[2] < FEWEST_FOR_ISOTONIC < 4 * np.bincount(y_true)[2]
    new = honest(50, seed=1)[1]
    four_times = np.tile(y_true, 4), np.tile(scores, (4, 1))
    repeated = calibrate(method, four_times, new, repeats=4)
    assert repeated == pytest.approx(learned(y_true, scores, new, method), abs=1e-5)


def test_auto_is_isotonic_for_classes_with_rows_and_sigmoid_for_rarer_ones() -> None:
    """Each class against the rest has the method that its own rows can bear."""
    y_true, scores = honest(FEW)
    assert np.bincount(y_true)[2] < FEWEST_FOR_ISOTONIC <= np.bincount(y_true)[1]
    new = honest(50, seed=1)[1]
    auto, isotonic, sigmoid = (
        learned(y_true, scores, new, method) for method in ("auto", "isotonic", "sigmoid")
    )
    assert auto[:, 0] / auto[:, 1] == pytest.approx(isotonic[:, 0] / isotonic[:, 1])
    mixed = calibrate_two("sigmoid", (y_true == 2, scores[:, 2]), new[:, 2])
    first = calibrate_two("isotonic", (y_true == 0, scores[:, 0]), new[:, 0])
    assert auto[:, 2] / auto[:, 0] == pytest.approx(mixed / first)
    assert auto[:, 0] / auto[:, 1] != pytest.approx(sigmoid[:, 0] / sigmoid[:, 1])


@pytest.mark.parametrize("method", LEARNED)
def test_recalibration_does_not_depend_on_row_order(method: str) -> None:
    """Shuffled out-of-fold rows give the same probabilities."""
    y_true, scores = honest(MANY)
    order = np.random.default_rng(1).permutation(MANY)
    new = honest(50, seed=1)[1]
    expected = learned(y_true, scores, new, method)
    assert learned(y_true[order], scores[order], new, method) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("method", LEARNED)
def test_recalibration_does_not_depend_on_the_order_of_the_classes(method: str) -> None:
    """Other codes for the same classes move columns, nothing else."""
    y_true, scores = honest(MANY)
    new, order = honest(50, seed=1)[1], np.array([2, 0, 1])
    expected = learned(y_true, scores, new, method)[:, order]
    renamed = learned(np.argsort(order)[y_true], scores[:, order], new[:, order], method)
    assert renamed == pytest.approx(expected)


def test_recalibration_lowers_the_error_of_every_class() -> None:
    """What it is for."""
    y_true, scores = honest(MANY)
    true, meant = honest(4000, seed=1)
    before = calibration_errors(true, distorted(meant), range(K))
    probabilities = learned(y_true, distorted(scores), distorted(meant))
    assert (calibration_errors(true, probabilities, range(K)) < before / 2).all()
