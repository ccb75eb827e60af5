"""How far scores are from probabilities that mean what they say.

True classes are codes 0 to K - 1, scores n x K. `judged` are the codes of the classes that
numbers are about: the positive one, or all.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from equipoise.metrics.names import Floats, Labels

CALIBRATION_BINS = 10


def measure_probabilities(
    y_true: Labels, scores: Floats, judged: Sequence[int], weights: Floats | None = None
) -> dict[str, float]:
    """Return the losses of scores as probabilities (Brier, 1950; Good, 1952), and how far off.

    `weights` say how many rows each row counts for.
    """
    errors = calibration_errors(y_true, scores, judged, weights)
    return {
        "brier_score": float(np.average(brier_losses(y_true, scores, judged), weights=weights)),
        "log_loss": float(np.average(log_losses(y_true, scores), weights=weights)),
        "calibration_error": float(np.mean(errors)),
    }


def brier_losses(y_true: ArrayLike, scores: ArrayLike, judged: Sequence[int]) -> Floats:
    """Return each row's squared errors summed over the judged classes (Brier, 1950).

    That is from 0 to 1 for the positive class, and from 0 to 2 for all classes.
    """
    known, codes = np.asarray(scores, dtype=np.float64), np.asarray(y_true)
    losses = np.zeros(len(known))
    for code in judged:
        losses += (known[:, code] - (codes == code)) ** 2
    return losses


def log_losses(y_true: ArrayLike, scores: ArrayLike) -> Floats:
    """Return each row's log-loss (Good, 1952), in nats.

    Scores are kept one rounding error away from 0 and 1.
    """
    known = np.asarray(scores, dtype=np.float64)
    said = known[np.arange(len(known)), np.asarray(y_true, np.int64)]
    tiny = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(said, tiny, 1 - tiny)))


def calibration_errors(
    y_true: ArrayLike, scores: ArrayLike, judged: Sequence[int], weights: Floats | None = None
) -> Floats:
    """Return the calibration error of each judged class against the rest (Kull et al., 2019)."""
    known, codes = np.asarray(scores, dtype=np.float64), np.asarray(y_true)
    return np.array([calibration_error(codes == code, known[:, code], weights) for code in judged])


def make_reliability_curve(
    is_class: ArrayLike,
    y_score: ArrayLike,
    bins: int = CALIBRATION_BINS,
    weights: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return mean score, observed share of the class and row count of bins of equal count.

    These are the points of a reliability diagram (DeGroot and Fienberg, 1983). `weights` say how
    many rows each row counts for; bins are those of rows that count once.
    """
    score, actual = np.asarray(y_score, dtype=np.float64), np.asarray(is_class)
    each = np.ones(len(score)) if weights is None else weights
    bin_of = make_calibration_bins(score, bins)
    count = np.bincount(bin_of, each, bins).astype(np.float64)
    filled = count > 0
    mean_score = np.bincount(bin_of, each * score, bins)[filled] / count[filled]
    share = np.bincount(bin_of, each * actual, bins)[filled] / count[filled]
    return mean_score, share, count[filled]


def make_calibration_bins(y_score: ArrayLike, bins: int = CALIBRATION_BINS) -> Labels:
    """Return each row's bin, 0 to `bins` - 1, by score: bins of equal count, if scores differ.

    Equal scores stay in one bin, so that the order of rows changes nothing.
    """
    score = np.asarray(y_score, dtype=np.float64)
    edges = np.unique(np.quantile(score, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.searchsorted(edges, score, side="left")


def calibration_error(
    is_class: ArrayLike, y_score: ArrayLike, weights: Floats | None = None
) -> float:
    """Return the expected calibration error over bins of equal count (Nguyen, O'Connor, 2015)."""
    mean_score, share, count = make_reliability_curve(is_class, y_score, weights=weights)
    return float(np.average(np.abs(mean_score - share), weights=count))
