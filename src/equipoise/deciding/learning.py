"""Calibrators learned from out-of-fold scores, by the param `calibration`."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from equipoise.core.tables import TWO_CLASSES
from equipoise.deciding.calibrators import (
    ClassCurves,
    Curve,
    Floats,
    Isotonic,
    Learned,
    PositiveCurve,
    PriorShift,
    Sigmoid,
    Uncalibrated,
    log_odds,
)

# Isotonic steps need rows to rest on; with fewer of the rarer class they follow noise
# (Niculescu-Mizil and Caruana, 2005, find sigmoid better on small calibration sets).
FEWEST_FOR_ISOTONIC = 100


def learn_calibrator(
    method: str,
    codes: ArrayLike,
    scores: ArrayLike,
    ratios: ArrayLike | None = None,
    repeats: int = 1,
) -> Learned:
    """Return the calibrator that a method learns from scores of rows that models did not see.

    `codes` are the true classes and `scores` n x K; each row is there `repeats` times. `ratios`
    say by how much the arm multiplied the share of each class, which `prior` needs and no
    other. `auto` is isotonic where a class and the rest have rows enough, else a sigmoid.
    """
    if method == "none":
        return Uncalibrated()
    if method == "prior":
        if ratios is None:
            raise ValueError("ratios: None, and 'prior' needs what the arm did to each class")
        return PriorShift(tuple(np.asarray(ratios, np.float64).tolist()))
    known, score = np.asarray(codes), np.asarray(scores, np.float64)
    n_classes = score.shape[1]
    if n_classes == TWO_CLASSES:
        return PositiveCurve(learn_curve(method, known == 1, score[:, 1], repeats))
    actual = [known == code for code in range(n_classes)]
    curves = (
        learn_curve(method, own, column, repeats)
        for own, column in zip(actual, score.T, strict=True)
    )
    shares = tuple(float(own.mean()) for own in actual)
    return ClassCurves(tuple(curves), shares, find_least_claim(len(known), repeats))


def learn_curve(method: str, is_class: NDArray[np.bool_], score: Floats, repeats: int = 1) -> Curve:
    """Return the curve from one class's score to its probability."""
    rarer = min(is_class.sum(), len(is_class) - is_class.sum()) / repeats
    if method == "auto":
        method = "isotonic" if rarer >= FEWEST_FOR_ISOTONIC else "sigmoid"
    return CURVES[method](is_class.astype(np.float64), score, find_least_claim(len(score), repeats))


def find_least_claim(rows: int, repeats: int = 1) -> float:
    """Return the least probability that so many rows can claim: the rule of succession."""
    return 1 / (rows / repeats + 2)


def _learn_isotonic(is_class: Floats, score: Floats, least: float) -> Isotonic:
    """Pool adjacent violators (Zadrozny and Elkan, 2002); equal scores are one point."""
    scores, place, rows = np.unique(score, return_inverse=True, return_counts=True)
    shares = np.bincount(place, is_class) / rows
    fitted = isotonic_regression(shares, weights=rows.astype(np.float64)).x
    ends = np.ones(len(fitted), dtype=bool)  # between the ends of a step all is said
    ends[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    return Isotonic(tuple(scores[ends].tolist()), tuple(fitted[ends].tolist()), least)


def _learn_sigmoid(is_class: Floats, score: Floats, least: float) -> Sigmoid:
    """Fit a line to the log-odds (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - 1.3 s others can do without

    line = LogisticRegression(C=np.inf).fit(log_odds(score).reshape(-1, 1), is_class)
    return Sigmoid(float(line.coef_[0, 0]), float(line.intercept_[0]), least)


CURVES: Mapping[str, Callable[[Floats, Floats, float], Curve]] = {
    "isotonic": _learn_isotonic,
    "sigmoid": _learn_sigmoid,
}
