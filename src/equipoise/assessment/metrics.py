"""The numbers by which an arm is judged.

Decision metrics are formulas over the counts of a confusion matrix, so that the same lines
serve one matrix and thousands of bootstrap replicates. A new one is one function and one
line in `DECISION_METRICS`. Undefined ratios (0/0) are 0, as scikit-learn has them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
CALIBRATION_BINS = 10
# The section whose metrics go by their own name; those of others have it before theirs.
PLAIN = "test"
LOWER_IS_BETTER = frozenset({"brier_score", "log_loss", "calibration_error", "cost"})


@dataclass(frozen=True)
class Confusion:
    """Counts, or arrays of counts, of a two-class confusion matrix."""

    tn: Floats
    fp: Floats
    fn: Floats
    tp: Floats


def confusion(y_true: ArrayLike, y_pred: ArrayLike) -> Confusion:
    """Return the counts of negatives and positives by what was predicted."""
    true, predicted = np.asarray(y_true) == 1, np.asarray(y_pred) == 1
    return Confusion(
        tn=np.asarray(np.sum(~true & ~predicted), dtype=np.float64),
        fp=np.asarray(np.sum(~true & predicted), dtype=np.float64),
        fn=np.asarray(np.sum(true & ~predicted), dtype=np.float64),
        tp=np.asarray(np.sum(true & predicted), dtype=np.float64),
    )


def accuracy(c: Confusion) -> Floats:
    """Return the share of right decisions."""
    return _ratio(c.tp + c.tn, c.tp + c.tn + c.fp + c.fn)


def precision(c: Confusion) -> Floats:
    """Return the share of alerts that are right."""
    return _ratio(c.tp, c.tp + c.fp)


def recall(c: Confusion) -> Floats:
    """Return the share of positives found."""
    return _ratio(c.tp, c.tp + c.fn)


def specificity(c: Confusion) -> Floats:
    """Return the share of negatives left alone."""
    return _ratio(c.tn, c.tn + c.fp)


def f1(c: Confusion) -> Floats:
    """Return the harmonic mean of precision and recall (van Rijsbergen, 1979)."""
    return _ratio(2 * c.tp, 2 * c.tp + c.fp + c.fn)


def fbeta(c: Confusion, beta: float) -> Floats:
    """Return F-beta: recall weighs beta^2 as much as precision (van Rijsbergen, 1979)."""
    of_missed = beta / (beta + 1 / beta)
    return _ratio(c.tp, c.tp + of_missed * c.fn + (1 - of_missed) * c.fp)


def balanced_accuracy(c: Confusion) -> Floats:
    """Return the mean of recall and specificity (Brodersen et al., 2010)."""
    return (recall(c) + specificity(c)) / 2


def g_mean(c: Confusion) -> Floats:
    """Return the geometric mean of recall and specificity (Kubat and Matwin, 1997)."""
    return np.sqrt(recall(c) * specificity(c))


def mcc(c: Confusion) -> Floats:
    """Return the Matthews correlation coefficient (Matthews, 1975)."""
    spread = np.sqrt((c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) * (c.tn + c.fn))
    return _ratio(c.tp * c.tn - c.fp * c.fn, spread)


DECISION_METRICS: dict[str, Callable[[Confusion], Floats]] = {
    "accuracy": accuracy,
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "balanced_accuracy": balanced_accuracy,
    "mcc": mcc,
    "g_mean": g_mean,
}


def decision_metrics(c: Confusion) -> dict[str, Floats]:
    """Return every decision metric of a confusion matrix, or of many."""
    return {name: metric(c) for name, metric in DECISION_METRICS.items()}


def column(section: str, metric: str) -> str:
    """Return the name of a section's metric where names have no sections."""
    return metric if section == PLAIN else f"{section}_{metric}"


def log_losses(y_true: ArrayLike, y_score: ArrayLike) -> Floats:
    """Return each row's log-loss (Good, 1952), in nats.

    Scores are kept one rounding error away from 0 and 1.
    """
    score = np.asarray(y_score, dtype=np.float64)
    tiny = np.finfo(np.float64).eps
    bounded = np.clip(score, tiny, 1 - tiny)
    return -np.where(np.asarray(y_true) == 1, np.log(bounded), np.log1p(-bounded))


def reliability_curve(
    y_true: ArrayLike, y_score: ArrayLike, bins: int = CALIBRATION_BINS
) -> tuple[Floats, Floats, Floats]:
    """Return mean score, observed share of positives and row count of bins of equal count.

    These are the points of a reliability diagram (DeGroot and Fienberg, 1983).
    """
    score, true = np.asarray(y_score, dtype=np.float64), np.asarray(y_true)
    bin_of = calibration_bins(score, bins)
    count = np.bincount(bin_of, minlength=bins).astype(np.float64)
    filled = count > 0
    mean_score = np.bincount(bin_of, score, bins)[filled] / count[filled]
    share = np.bincount(bin_of, true, bins)[filled] / count[filled]
    return mean_score, share, count[filled]


def calibration_bins(y_score: ArrayLike, bins: int = CALIBRATION_BINS) -> Labels:
    """Return each row's bin, 0 to `bins` - 1, by score: bins of equal count, if scores differ.

    Equal scores stay in one bin, so that the order of rows changes nothing.
    """
    score = np.asarray(y_score, dtype=np.float64)
    edges = np.unique(np.quantile(score, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.searchsorted(edges, score, side="left")


def calibration_error(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Return the expected calibration error over bins of equal count (Nguyen, O'Connor, 2015)."""
    mean_score, share, count = reliability_curve(y_true, y_score)
    return float(np.average(np.abs(mean_score - share), weights=count))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    shape = np.broadcast(numerator, denominator).shape
    return np.divide(
        numerator, denominator, out=np.zeros(shape), where=np.asarray(denominator) != 0
    )
