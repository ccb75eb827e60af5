"""Every number that an arm is judged by, against scikit-learn's."""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as sk

from equipoise.assessment.metrics import (
    CALIBRATION_BINS,
    DECISION_METRICS,
    LOWER_IS_BETTER,
    PLAIN,
    Confusion,
    Labels,
    calibration_bins,
    calibration_error,
    column,
    confusion,
    decision_metrics,
    log_losses,
    reliability_curve,
)

Oracle = Callable[[Labels, Labels], float]

# Defined for any labels, also when a class is absent.
ORACLES: dict[str, Oracle] = {
    "accuracy": sk.accuracy_score,
    "precision": lambda true, predicted: sk.precision_score(true, predicted, zero_division=0),
    "recall": lambda true, predicted: sk.recall_score(true, predicted, zero_division=0),
    "f1": lambda true, predicted: sk.f1_score(true, predicted, zero_division=0),
    "mcc": sk.matthews_corrcoef,
}
# scikit-learn and imbalanced-learn leave an absent class out, so both must be there.
TWO_CLASS_ORACLES: dict[str, Oracle] = ORACLES | {
    "balanced_accuracy": sk.balanced_accuracy_score,
    "g_mean": geometric_mean_score,
}
# What stays as it is when the two classes change names.
SYMMETRIC = ("accuracy", "balanced_accuracy", "mcc", "g_mean")

decisions = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40)
scored_rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda score: score / 20)),
    min_size=1,
    max_size=60,
)


def columns(rows: list[tuple[int, int]]) -> tuple[Labels, Labels]:
    true, predicted = zip(*rows, strict=True)
    return np.array(true), np.array(predicted)


def counts(tn: int, fp: int, fn: int, tp: int) -> Confusion:
    return Confusion(*(np.asarray(count, dtype=np.float64) for count in (tn, fp, fn, tp)))


@given(decisions)
@settings(max_examples=25, deadline=None)
def test_the_confusion_counts_are_those_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    """A matrix read from the metrics file is laid out as scikit-learn's."""
    true, predicted = columns(rows)
    counted = confusion(true, predicted)
    actual = [counted.tn, counted.fp, counted.fn, counted.tp]
    assert sk.confusion_matrix(true, predicted, labels=[0, 1]).ravel().tolist() == actual


@pytest.mark.parametrize("name", TWO_CLASS_ORACLES)
@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_a_decision_metric_is_the_one_of_that_name(name: str, rows: list[tuple[int, int]]) -> None:
    """With both classes there, each metric equals the library that its name comes from."""
    true, predicted = columns([*rows, (0, 0), (1, 1)])
    expected = TWO_CLASS_ORACLES[name](true, predicted)
    assert expected == pytest.approx(float(DECISION_METRICS[name](confusion(true, predicted))))


@pytest.mark.parametrize("name", TWO_CLASS_ORACLES)
@pytest.mark.parametrize("label", [0, 1])
def test_a_decision_metric_of_a_constant_decision_is_scikit_learns(name: str, label: int) -> None:
    """Alerting never or always, the common failure on rare classes, divides by no zero."""
    true, predicted = np.array([0, 0, 0, 1]), np.full(4, label)
    expected = TWO_CLASS_ORACLES[name](true, predicted)
    assert expected == pytest.approx(float(DECISION_METRICS[name](confusion(true, predicted))))


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize(("label", "predicted"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_an_undefined_ratio_is_zero(name: str, label: int, predicted: int) -> None:
    """With one class only, 0/0 is 0, as scikit-learn's zero_division=0 has it."""
    true, decided = np.full(3, label), np.full(3, predicted)
    # Its warning that one label makes a matrix of one cell is about its own return value.
    expected = 0.0 if name == "mcc" else ORACLES[name](true, decided)
    assert expected == float(DECISION_METRICS[name](confusion(true, decided)))


def test_balanced_metrics_of_one_class_count_the_absent_one_as_missed() -> None:
    """An absent class has recall 0, so no balanced metric is flattered by it."""
    only_negatives = confusion([0, 0], [0, 0])
    actual = {name: float(value) for name, value in decision_metrics(only_negatives).items()}
    assert (actual["balanced_accuracy"], actual["g_mean"]) == (0.5, 0.0)


def test_mcc_of_a_large_table_does_not_overflow() -> None:
    """Counts of a table of forty million rows multiply to more than an int64 holds."""
    million = 1_000_000
    large = counts(30 * million, 5 * million, 2 * million, 3 * million)
    small = counts(30, 5, 2, 3)
    assert float(DECISION_METRICS["mcc"](small)) == pytest.approx(
        float(DECISION_METRICS["mcc"](large))
    )


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 4), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_metrics_of_many_matrices_are_those_of_each(
    matrices: list[tuple[int, int, int, int]],
) -> None:
    """A replicate's metric does not depend on the replicates computed beside it."""
    stacked = Confusion(*np.array(matrices, dtype=np.float64).T)
    for name, values in decision_metrics(stacked).items():
        assert [float(DECISION_METRICS[name](counts(*m))) for m in matrices] == values.tolist()


@given(rows=decisions, order=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_decision_metrics_ignore_row_order(rows: list[tuple[int, int]], order: Random) -> None:
    """Shuffling a table changes none of its numbers."""
    shuffled = rows.copy()
    order.shuffle(shuffled)
    expected, actual = (decision_metrics(confusion(*columns(part))) for part in (rows, shuffled))
    assert expected == actual


@pytest.mark.parametrize("name", SYMMETRIC)
@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_metrics_of_both_classes_do_not_depend_on_which_is_positive(
    name: str, rows: list[tuple[int, int]]
) -> None:
    """Accuracy, its balanced kin and MCC treat the two classes alike."""
    true, predicted = columns(rows)
    expected = float(DECISION_METRICS[name](confusion(true, predicted)))
    actual = float(DECISION_METRICS[name](confusion(1 - true, 1 - predicted)))
    assert expected == pytest.approx(actual)


def test_every_decision_metric_is_better_when_higher() -> None:
    """A verdict turns the sign of losses only, so no decision metric may be one."""
    assert set() == LOWER_IS_BETTER & set(DECISION_METRICS)
    perfect = decision_metrics(confusion([0, 1], [0, 1]))
    assert dict.fromkeys(DECISION_METRICS, 1.0) == {n: float(v) for n, v in perfect.items()}


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_the_mean_log_loss_is_scikit_learns(rows: list[tuple[int, float]]) -> None:
    """Rows' log-losses average to the log-loss, scores of exactly 0 and 1 included."""
    true, score = (np.array(column) for column in zip(*rows, strict=True))
    expected = sk.log_loss(true, score, labels=[0, 1])
    assert expected == pytest.approx(float(log_losses(true, score).mean()), abs=1e-12)


def test_log_losses_of_certain_and_wrong_scores_are_finite() -> None:
    """One certain mistake of a decision tree does not make a whole table infinite."""
    assert np.isfinite(log_losses([1, 0], [0.0, 1.0])).all()


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_reliability_bins_hold_every_row_once(rows: list[tuple[int, float]]) -> None:
    """Bins add up to the table: its size, its mean score and its share of positives."""
    true, score = (np.array(column) for column in zip(*rows, strict=True))
    mean_score, share, count = reliability_curve(true, score)
    expected = (len(rows), score.sum(), true.sum())
    assert expected == pytest.approx((count.sum(), mean_score @ count, share @ count))


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_equal_scores_share_a_reliability_bin(rows: list[tuple[int, float]]) -> None:
    """A bin ends where a run of equal scores ends, never inside it."""
    true, score = (np.array(column) for column in zip(*rows, strict=True))
    _, _, count = reliability_curve(true, score)
    ends_of_ties = np.cumsum(np.unique(score, return_counts=True)[1])
    assert set() == set(np.cumsum(count)) - set(ends_of_ties)


def test_two_scores_make_two_reliability_bins() -> None:
    """A model that knows two scores has two points, at those scores."""
    true, score = [0, 0, 0, 1, 0, 1, 1, 1], [0.2] * 4 + [0.7] * 4
    mean_score, share, count = reliability_curve(true, score)
    assert (share.tolist(), count.tolist()) == ([0.25, 0.75], [4, 4])
    assert pytest.approx(mean_score.tolist()) == [0.2, 0.7]


def test_distinct_scores_make_ten_equal_reliability_bins() -> None:
    """Bins hold the same number of rows, so that rare high scores are not one bin of noise."""
    score = np.random.default_rng(0).beta(1, 20, size=1000)
    _, _, count = reliability_curve(np.zeros(1000), score)
    assert count.tolist() == [100] * 10


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_reliability_bins_are_the_bins_of_their_rows(rows: list[tuple[int, float]]) -> None:
    """Bins are numbered by score, hold equal scores together, and are what the curve is of."""
    true, score = (np.array(part) for part in zip(*rows, strict=True))
    bin_of = calibration_bins(score)
    order = np.argsort(score, kind="stable")
    assert 0 <= bin_of.min() <= bin_of.max() < CALIBRATION_BINS
    assert (np.diff(bin_of[order])[np.diff(score[order]) == 0] == 0).all()
    assert (np.diff(bin_of[order]) >= 0).all()
    filled = np.unique(bin_of)
    mean_score, share, count = reliability_curve(true, score)
    expected = [(score[bin_of == b].mean(), true[bin_of == b].mean()) for b in filled]
    assert np.column_stack([mean_score, share]).ravel() == pytest.approx(np.ravel(expected))
    assert count.tolist() == [(bin_of == b).sum() for b in filled]


@pytest.mark.parametrize("bins", [1, 4, 10])
def test_there_are_as_many_bins_of_distinct_scores_as_asked_for(bins: int) -> None:
    """Each has the same number of rows."""
    bin_of = calibration_bins(np.random.default_rng(0).permutation(200) / 200, bins)
    assert np.bincount(bin_of).tolist() == [200 // bins] * bins


def test_the_bins_of_the_next_table_do_not_depend_on_its_labels() -> None:
    """The calibration error adds up bins of scores: those of one bin, and of no row twice."""
    score = np.random.default_rng(0).uniform(size=100)
    true = (np.random.default_rng(1).uniform(size=100) < score).astype(np.int64)
    bin_of = calibration_bins(score)
    expected = sum(abs((score - true)[bin_of == b].sum()) for b in range(CALIBRATION_BINS)) / 100
    assert calibration_error(true, score) == pytest.approx(expected)


def test_a_section_is_named_before_its_metrics_but_for_the_plain_one() -> None:
    """What the model's own scores give goes by its own name; no two names are the same."""
    assert column(PLAIN, "brier_score") == "brier_score"
    assert column("calibrated", "brier_score") == "calibrated_brier_score"


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
