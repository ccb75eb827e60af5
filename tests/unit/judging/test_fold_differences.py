"""A difference over folds: its variance from rows and from trainings, and what is said of it."""

from math import sqrt

import numpy as np
import pytest
from numpy.random import default_rng
from scipy import stats

from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.judging.fold_differences import (
    ROWS_WEIGHT,
    TRAININGS_WEIGHT,
    estimate_fold_difference,
)
from equipoise.metrics.names import Floats

REPEAT = np.repeat([0, 1], 5)
MANY = 10**9


def unchanged(differences: Floats, draws: int = 50) -> Floats:
    """Replicates of folds whose rows move nothing: folds x draws."""
    return np.repeat(differences[:, None], draws, axis=1)


def class_counts(folds: int, draws: int = 50) -> Floats:
    """How many rows of two classes each replicate has of a fold."""
    positives = default_rng(9).poisson(20, (folds, draws)).astype(np.float64)
    return np.stack([200 - positives, positives], axis=2)


def estimate(differences: Floats, replicates: Floats, n_rare: int = MANY) -> EstimatedDifference:
    repeat = REPEAT[: len(differences)]
    drawn = class_counts(len(differences), replicates.shape[1])
    return estimate_fold_difference(differences, repeat, replicates, drawn, n_rare)


def test_what_only_trainings_move_is_the_variance_between_folds_of_a_repeat() -> None:
    """That of repeats is left out; the test is Student's, with a degree less for each repeat."""
    rng = default_rng(1)
    differences = rng.normal(0.02, 0.03, 10) + np.repeat([0.0, 5.0], 5)
    within = (differences[:5].var(ddof=1) + differences[5:].var(ddof=1)) / 2
    found = estimate(differences, unchanged(differences))
    assert found.standard_error == pytest.approx(sqrt(TRAININGS_WEIGHT * within))
    assert found.degrees == pytest.approx(8)
    known = stats.t(8, found.effect, found.standard_error)
    assert found.effect == pytest.approx(differences.mean())
    assert found.p == pytest.approx(2 * min(known.cdf(0), known.sf(0)))
    assert found.find_interval(0.9) == pytest.approx(known.interval(0.9))


def test_what_only_rows_move_is_the_variance_of_the_mean_of_replicates() -> None:
    """Rows move all folds alike here, so folds differ by no more than their rows explain."""
    rng = default_rng(2)
    differences, moved = np.full(10, 0.05), rng.normal(0, 0.01, 50)
    found = estimate(differences, differences[:, None] + moved, n_rare=21)
    assert found.standard_error == pytest.approx(sqrt(ROWS_WEIGHT) * moved.std(ddof=1))
    assert found.degrees == pytest.approx(20)


def test_degrees_of_freedom_are_welchs() -> None:
    """Two variances that are added: scipy's test of two samples has the same degrees."""
    rng = default_rng(3)
    rows, trainings = rng.normal(0, 1, 31), rng.normal(0, 2, 9)
    parts = rows.var(ddof=1) / 31, trainings.var(ddof=1) / 9
    expected = stats.ttest_ind(rows, trainings, equal_var=False).df
    between = np.array([-1, 1, -1, 1, 0]) * sqrt(parts[1] / TRAININGS_WEIGHT)
    differences = 0.3 + np.tile(between, 2)
    moved = rng.normal(size=60)
    moved *= sqrt(parts[0] / ROWS_WEIGHT) / moved.std(ddof=1)
    # Half of the folds move one way and half the other: no fold differs from another by rows.
    found = estimate_fold_difference(
        differences, REPEAT, differences[:, None] + moved, moved[None, :, None].repeat(10, 0), 31
    )
    assert found.standard_error**2 == pytest.approx(sum(parts))
    assert found.degrees == pytest.approx(expected, rel=1e-6)


def test_class_counts_of_replicates_explain_nothing_of_how_folds_differ() -> None:
    """Folds are stratified: what class counts move is no noise of a fold's own."""
    drawn = class_counts(10)
    differences = default_rng(4).normal(0.02, 0.03, 10)
    replicates = differences[:, None] + 0.01 * (drawn[:, :, 1] - 20)
    within = (differences[:5].var(ddof=1) + differences[5:].var(ddof=1)) / 2
    rows = replicates.mean(axis=0).var(ddof=1)
    found = estimate_fold_difference(differences, REPEAT, replicates, drawn, MANY)
    expected = ROWS_WEIGHT * rows + TRAININGS_WEIGHT * within
    assert found.standard_error**2 == pytest.approx(expected)


def test_replicates_without_a_value_are_passed_over() -> None:
    """A fold of five positives may be drawn with none."""
    differences = default_rng(5).normal(0.02, 0.03, 10)
    replicates = differences[:, None] + default_rng(6).normal(0, 0.01, (10, 400))
    some = replicates.copy()
    some[3, ::40] = np.nan
    whole, passed = estimate(differences, replicates), estimate(differences, some)
    assert passed.standard_error == pytest.approx(whole.standard_error, rel=0.03)


def test_an_arm_that_never_differs_is_the_baseline() -> None:
    """p is 1, the interval a point, and equivalence certain."""
    found = estimate(np.zeros(10), np.zeros((10, 50)))
    assert (found.effect, found.p, found.find_interval(0.95)) == (0, 1, (0, 0))
    posterior = found.find_posterior(0)
    assert (posterior.worse, posterior.equivalent, posterior.better) == (0, 1, 0)


@pytest.mark.parametrize("folds", [2, 5, 10])
def test_a_difference_that_nothing_moves_is_not_certain(folds: int) -> None:
    """It is the less sure, the fewer folds have shown it: never p = 0."""
    differences = np.full(folds, 0.1)
    drawn = class_counts(folds)
    found = estimate_fold_difference(
        differences, np.zeros(folds, np.int64), unchanged(differences), drawn, MANY
    )
    assert found.standard_error == pytest.approx(0.1 / sqrt(folds + 1))
    assert found.p > 0
