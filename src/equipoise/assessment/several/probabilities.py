"""Probabilities of several classes that mean what they say, and how far off they are.

Classes are codes 0 to K - 1, scores and probabilities n x K.
"""

import numpy as np
from numpy.typing import ArrayLike

from equipoise.assessment.metrics import Floats, calibration_error


def brier_losses(y_true: ArrayLike, scores: ArrayLike) -> Floats:
    """Return each row's squared errors summed over the classes: from 0 to 2 (Brier, 1950)."""
    known = np.asarray(scores, dtype=np.float64)
    return np.asarray(((known - _one_hot(y_true, known.shape[1])) ** 2).sum(axis=1))


def log_losses(y_true: ArrayLike, scores: ArrayLike) -> Floats:
    """Return each row's log-loss (Good, 1952), in nats.

    Scores are kept one rounding error away from 0 and 1.
    """
    known = np.asarray(scores, dtype=np.float64)
    said = known[np.arange(len(known)), np.asarray(y_true, np.int64)]
    tiny = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(said, tiny, 1 - tiny)))


def classwise_calibration_errors(y_true: ArrayLike, scores: ArrayLike) -> Floats:
    """Return the calibration error of each class against the rest (Kull et al., 2019)."""
    known = np.asarray(scores, dtype=np.float64)
    actual = _one_hot(y_true, known.shape[1])
    return np.array([calibration_error(*column) for column in zip(actual.T, known.T, strict=True)])


def _one_hot(codes: ArrayLike, n_classes: int) -> Floats:
    return np.eye(n_classes)[np.asarray(codes, np.int64)]
