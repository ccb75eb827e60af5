"""Shares by EM are the most likely ones, by other means; corrected, they are the labels' own."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import softmax
from tests.honest import distorted, honest

from equipoise.metrics.names import Floats
from equipoise.monitoring.class_shares import (
    Correction,
    LabelledRows,
    estimate_shares,
    measure_shares,
)

NAMES = ("a", "b", "c")


def make_two(rows: int, share: float, seed: int) -> LabelledRows:
    """Rows of two classes, with the posterior of a tenth of positives."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(rows) < share).astype(np.int64)
    odds = np.exp(rng.normal(size=rows) * 1.5 + 2.25 * y_true - 1.125) / 9
    positive = odds / (1 + odds)
    return LabelledRows(np.column_stack([1 - positive, positive]), y_true)


@pytest.mark.parametrize(("shares", "seed"), [((0.2, 0.5, 0.3), 1), ((0.05, 0.05, 0.9), 2)])
def test_em_finds_the_most_likely_shares(shares: tuple[float, ...], seed: int) -> None:
    """Those that an optimizer finds, which knows nothing of EM."""
    prior = np.array([0.6, 0.3, 0.1])
    _, own = honest(400, seed, shares)

    def unlikely(free: Floats) -> float:
        return float(-np.log(own @ (softmax([0, *free]) / prior)).sum())

    best = minimize(unlikely, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9})
    assert estimate_shares(own, prior) == pytest.approx(softmax([0, *best.x]), abs=1e-5)


def test_a_correction_is_the_most_likely_one() -> None:
    """Again by an optimizer; the temperature's prior is normal around 1."""
    y_true, scores = honest(500, 3)
    rows = LabelledRows(distorted(scores), y_true)

    def unlikely(at: Floats) -> float:
        corrected = softmax(at[0] * np.log(rows.probabilities) + [0, *at[1:]], axis=1)
        return float(-np.log(corrected[np.arange(500), y_true]).sum() + (at[0] - 1) ** 2 / 2)

    best = minimize(unlikely, [1, 0, 0])
    found = Correction.fit(rows)
    assert [found.temperature, *found.biases] == pytest.approx(
        [best.x[0], 0, *best.x[1:]], abs=1e-3
    )


def test_of_the_test_part_itself_the_share_is_that_of_its_labels() -> None:
    """However far off probabilities are; and nothing has changed."""
    y_true, scores = honest(600, 4)
    rows = LabelledRows(distorted(scores), y_true)
    found = measure_shares(rows, rows.probabilities, NAMES, 0.05, seed=1)
    assert [share.share for share in found] == pytest.approx(rows.shares, abs=1e-5)
    assert [share.on_test for share in found] == pytest.approx(rows.shares)
    assert not any(share.is_alarm(0.05) for share in found)


def test_a_share_that_has_changed_is_found_and_its_interval_holds_it() -> None:
    test = make_two(1_500, 0.1, seed=5)
    for share, seed in ((0.3, 6), (0.02, 7)):
        (found,) = measure_shares(
            test, make_two(1_000, share, seed).probabilities, ("no", "yes"), 0.01, 1
        )
        assert found.interval[0] < share < found.interval[1]
        assert found.interval[1] - found.interval[0] < 0.25
        assert found.is_alarm(0.01)


def test_a_share_that_is_expected_and_estimated_as_0_is_no_alarm() -> None:
    """Classes overlap, so batches with 4 % of positives look like batches without any."""
    test = replace(make_two(1_500, 0.1, seed=5), expected=np.array([0.96, 0.04]))
    batches = [make_two(500, 0.04, seed).probabilities for seed in range(100, 112)]
    found = [measure_shares(test, batch, ("no", "yes"), 0.01, 1)[0] for batch in batches]
    assert min(each.share for each in found) < 0.001
    assert not any(each.is_alarm(0.01) for each in found)


def test_probabilities_that_are_all_the_same_tell_nothing() -> None:
    test = make_two(500, 0.1, seed=8)
    (found,) = measure_shares(test, np.tile([0.9, 0.1], (100, 1)), ("no", "yes"), 0.05, 1)
    assert (found.interval, found.p) == ((0.0, 1.0), 1.0)


def test_many_rows_are_not_all_drawn_and_the_interval_is_as_short() -> None:
    """It shrinks with the rows of the batch, but not below what the test part leaves open."""
    test = make_two(2_000, 0.1, seed=9)
    widths = []
    for rows in (500, 19_000, 60_000):
        batch = make_two(rows, 0.1, 10).probabilities
        found = [measure_shares(test, batch, ("no", "yes"), 0.05, seed)[0] for seed in range(2)]
        widths.append(np.mean([high - low for low, high in (each.interval for each in found)]))
    assert widths[0] > 1.5 * widths[1]
    assert widths[2] == pytest.approx(widths[1], rel=0.3)
