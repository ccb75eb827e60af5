"""How far probabilities are off: of the positive of two classes, or of several."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from tests.honest import distorted, honest

from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.probabilities import (
    CALIBRATION_BINS,
    brier_losses,
    calibration_error,
    calibration_errors,
    log_losses,
    make_calibration_bins,
    make_reliability_curve,
)

K = 3
ALL = range(K)

thirds = st.tuples(st.integers(0, K - 1), st.integers(0, 10), st.integers(0, 10))

scored_rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda score: score / 20)),
    min_size=1,
    max_size=60,
)


def tenths(rows: list[tuple[int, int, int]]) -> tuple[Labels, Floats]:
    """Codes, and ten tenths parted in two places: certain scores are among them."""
    cuts = np.sort([row[1:] for row in rows], axis=1)
    return np.array([row[0] for row in rows]), np.diff(cuts, axis=1, prepend=0, append=10) / 10


labelled = st.lists(thirds, min_size=1, max_size=40).map(tenths)


@given(labelled)
@settings(max_examples=25, deadline=None)
def test_the_mean_brier_loss_is_scikit_learns(parts: tuple[Labels, Floats]) -> None:
    """Squared errors are summed over the classes, from 0 to 2."""
    expected = sk.brier_score_loss(*parts, labels=range(K))
    assert expected == pytest.approx(float(brier_losses(*parts, ALL).mean()))


@given(labelled)
@settings(max_examples=25, deadline=None)
def test_the_brier_loss_of_one_class_is_half_of_that_of_two(parts: tuple[Labels, Floats]) -> None:
    """Of a positive class and the rest, scikit-learn's number is that of the positive one."""
    y_true, scores = (parts[0] == 1).astype(int), parts[1][:, 1]
    two = np.column_stack([1 - scores, scores])
    expected = sk.brier_score_loss(y_true, scores, pos_label=1)
    assert expected == pytest.approx(float(brier_losses(y_true, two, [1]).mean()))
    assert brier_losses(y_true, two, [1]) * 2 == pytest.approx(brier_losses(y_true, two, [0, 1]))


@given(labelled)
@settings(max_examples=25, deadline=None)
def test_the_mean_log_loss_is_scikit_learns(parts: tuple[Labels, Floats]) -> None:
    """Rows' log-losses average to the log-loss, scores of exactly 0 and 1 included."""
    expected = sk.log_loss(*parts, labels=range(K))
    assert expected == pytest.approx(float(log_losses(*parts).mean()), abs=1e-12)


def test_losses_are_of_each_row() -> None:
    """A row that is certain and right loses nothing, one that is certain and wrong the most."""
    scores = np.eye(K)[[0, 1, 1]]
    assert brier_losses([0, 1, 2], scores, ALL).tolist() == [0, 0, 2]
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
    assert calibration_errors(y_true, said, ALL) == pytest.approx(expected)


def test_the_constant_shares_are_calibrated_in_every_class() -> None:
    """Guessing the shares for every row claims nothing false."""
    y_true = np.array([0, 0, 1, 0, 2, 1])
    guess = np.tile(np.bincount(y_true) / len(y_true), (len(y_true), 1))
    assert calibration_errors(y_true, guess, ALL) == pytest.approx(np.zeros(K))


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_reliability_bins_hold_every_row_once(rows: list[tuple[int, float]]) -> None:
    """Bins add up to the table: its size, its mean score and its share of positives."""
    true, score = (np.array(column) for column in zip(*rows, strict=True))
    mean_score, share, count = make_reliability_curve(true, score)
    expected = (len(rows), score.sum(), true.sum())
    assert expected == pytest.approx((count.sum(), mean_score @ count, share @ count))


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_equal_scores_share_a_reliability_bin(rows: list[tuple[int, float]]) -> None:
    """A bin ends where a run of equal scores ends, never inside it."""
    true, score = (np.array(column) for column in zip(*rows, strict=True))
    _, _, count = make_reliability_curve(true, score)
    ends_of_ties = np.cumsum(np.unique(score, return_counts=True)[1])
    assert set() == set(np.cumsum(count)) - set(ends_of_ties)


def test_two_scores_make_two_reliability_bins() -> None:
    """A model that knows two scores has two points, at those scores."""
    true, score = [0, 0, 0, 1, 0, 1, 1, 1], [0.2] * 4 + [0.7] * 4
    mean_score, share, count = make_reliability_curve(true, score)
    assert (share.tolist(), count.tolist()) == ([0.25, 0.75], [4, 4])
    assert pytest.approx(mean_score.tolist()) == [0.2, 0.7]


def test_distinct_scores_make_ten_equal_reliability_bins() -> None:
    """Bins hold the same number of rows, so that rare high scores are not one bin of noise."""
    score = np.random.default_rng(0).beta(1, 20, size=1000)
    _, _, count = make_reliability_curve(np.zeros(1000), score)
    assert count.tolist() == [100] * 10


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_reliability_bins_are_the_bins_of_their_rows(rows: list[tuple[int, float]]) -> None:
    """Bins are numbered by score, hold equal scores together, and are what the curve is of."""
    true, score = (np.array(part) for part in zip(*rows, strict=True))
    bin_of = make_calibration_bins(score)
    order = np.argsort(score, kind="stable")
    assert 0 <= bin_of.min() <= bin_of.max() < CALIBRATION_BINS
    assert (np.diff(bin_of[order])[np.diff(score[order]) == 0] == 0).all()
    assert (np.diff(bin_of[order]) >= 0).all()
    filled = np.unique(bin_of)
    mean_score, share, count = make_reliability_curve(true, score)
    expected = [(score[bin_of == b].mean(), true[bin_of == b].mean()) for b in filled]
    assert np.column_stack([mean_score, share]).ravel() == pytest.approx(np.ravel(expected))
    assert count.tolist() == [(bin_of == b).sum() for b in filled]


@pytest.mark.parametrize("bins", [1, 4, 10])
def test_there_are_as_many_bins_of_distinct_scores_as_asked_for(bins: int) -> None:
    """Each has the same number of rows."""
    bin_of = make_calibration_bins(np.random.default_rng(0).permutation(200) / 200, bins)
    assert np.bincount(bin_of).tolist() == [200 // bins] * bins


def test_the_bins_of_the_next_table_do_not_depend_on_its_labels() -> None:
    """The calibration error adds up bins of scores: those of one bin, and of no row twice."""
    score = np.random.default_rng(0).uniform(size=100)
    true = (np.random.default_rng(1).uniform(size=100) < score).astype(np.int64)
    bin_of = make_calibration_bins(score)
    expected = sum(abs((score - true)[bin_of == b].sum()) for b in range(CALIBRATION_BINS)) / 100
    assert calibration_error(true, score) == pytest.approx(expected)


@given(rows=scored_rows, seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_the_calibration_error_ignores_row_order(rows: list[tuple[int, float]], seed: int) -> None:
    """Shuffling a table leaves its calibration error where it was, ties included."""
    true, score = (np.array(column) for column in zip(*rows, strict=True))
    order = np.random.default_rng(seed).permutation(len(rows))
    expected = calibration_error(true, score)
    assert expected == pytest.approx(calibration_error(true[order], score[order]), abs=1e-12)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=60))
@settings(max_examples=25, deadline=None)
def test_the_constant_prevalence_is_calibrated(labels: list[int]) -> None:
    """Guessing the prevalence for every row claims nothing false."""
    score = np.full(len(labels), np.mean(labels))
    assert calibration_error(labels, score) == pytest.approx(0, abs=1e-12)


def test_the_calibration_error_of_a_constant_is_its_distance_from_the_prevalence() -> None:
    """Said 70 %, seen 25 %: off by 45 points."""
    assert calibration_error([0, 0, 0, 1], [0.7] * 4) == pytest.approx(0.45)


def test_the_calibration_error_grows_with_overconfidence() -> None:
    """Scores pushed towards 0 and 1 are told from those that mean what they say."""
    generator = np.random.default_rng(1)
    honest = generator.uniform(size=5000)
    true = (generator.uniform(size=5000) < honest).astype(np.int64)
    overconfident = honest**3 / (honest**3 + (1 - honest) ** 3)
    assert calibration_error(true, honest) < 0.05 < calibration_error(true, overconfident)
