"""Probabilities of several classes that mean what they say, and how far off they are.

Classes are codes 0 to K - 1, scores and probabilities n x K.
"""

import numpy as np
from numpy.typing import ArrayLike

from equipoise.assessment import calibration
from equipoise.assessment.metrics import Floats, calibration_error


def correct_priors(scores: ArrayLike, ratios: ArrayLike) -> Floats:
    """Return scores with each class's divided by its ratio, rows summing to 1.

    `ratios` say by how much a strategy multiplied the share of each class in what is learned;
    a common factor changes nothing (Elkan, 2001; Saerens et al., 2002). Exact where the model
    is. A row without any score becomes equal ones.
    """
    divided = np.asarray(scores, np.float64) / np.asarray(ratios, np.float64)
    divided[~divided.any(axis=1)] = 1
    return _shares(divided)


def recalibrate(
    method: str,
    out_of_fold: tuple[ArrayLike, ArrayLike],
    new_scores: ArrayLike,
    ratios: ArrayLike | None,
    repeats: int = 1,
) -> Floats:
    """Return `new_scores` as probabilities that sum to 1, by the param `calibration`.

    Each class is calibrated against the rest, as by `calibration.recalibrate`, on the codes and
    scores of train rows in `out_of_fold`, each `repeats` times; then rows are made to sum to 1
    (Zadrozny and Elkan, 2002). A row in which no class is claimed at all becomes the shares of the
    classes. `none` leaves scores as they are.
    """
    new = np.asarray(new_scores, dtype=np.float64)
    if method == "none":
        return new
    if method == "prior":
        if ratios is None:
            raise ValueError("ratios: None, and 'prior' needs what the arm made of the shares")
        return correct_priors(new, ratios)
    actual, known = _one_hot(out_of_fold[0], new.shape[1]), np.asarray(out_of_fold[1], np.float64)
    columns = zip(actual.T, known.T, new.T, strict=True)
    claimed = np.column_stack(
        [
            calibration.recalibrate(method, (true, old), score, None, repeats)
            for true, old, score in columns
        ]
    )
    # The least that recalibration says of a class, by the rule of succession, is no claim.
    nothing = claimed.max(axis=1) <= 1 / (len(actual) / repeats + 2)
    claimed[nothing] = actual.mean(axis=0)
    return _shares(claimed)


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


def _shares(rows: Floats) -> Floats:
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))
