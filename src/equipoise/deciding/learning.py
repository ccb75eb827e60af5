"""Calibrators learned from out-of-fold scores, by the param `calibration`."""

from collections.abc import Callable, Mapping
from math import ceil

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
from equipoise.deciding.venn_abers import fit_venn_abers

# Isotonic steps need rows to rest on; with fewer of the rarer class they follow noise
# (Niculescu-Mizil and Caruana, 2005, find sigmoid better on small calibration sets).
FEWEST_FOR_ISOTONIC = 100
# What `auto` takes with so many rows: `RESTATED` if odds are multiplied afterwards, and with them
# what is wrong with the ends of a curve. Venn-Abers has no extreme ones.
STEPS, RESTATED = "isotonic", "venn_abers"
# With more distinct scores, neighbours are one point: of a million rows, ten. It takes 0.3 s.
MOST_POINTS = 100_000
# Log-odds by Venn-Abers rise at almost every score; within so much, straight lines are kept.
FINEST_LOG_ODDS = 0.02


def learn_calibrator(  # noqa: PLR0913 - rows, and how to learn from them
    method: str,
    codes: ArrayLike,
    scores: ArrayLike,
    ratios: ArrayLike | None = None,
    repeats: int = 1,
    *,
    steps: str = STEPS,
) -> Learned:
    """Return the calibrator that a method learns from scores of rows that models did not see.

    `codes` are the true classes and `scores` n x K; each row is there `repeats` times. `ratios`
    say by how much the arm multiplied the share of each class, which `prior` needs and no
    other. `auto` is `steps` where a class and the rest have rows enough, else a sigmoid.
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
        return PositiveCurve(learn_curve(method, known == 1, score[:, 1], repeats, steps))
    actual = [known == code for code in range(n_classes)]
    curves = (
        learn_curve(method, own, column, repeats, steps)
        for own, column in zip(actual, score.T, strict=True)
    )
    shares = tuple(float(own.mean()) for own in actual)
    return ClassCurves(tuple(curves), shares, find_least_claim(len(known), repeats))


def learn_curve(
    method: str,
    is_class: NDArray[np.bool_],
    score: Floats,
    repeats: int = 1,
    steps: str = STEPS,
) -> Curve:
    """Return the curve from one class's score to its probability."""
    rarer = min(is_class.sum(), len(is_class) - is_class.sum()) / repeats
    if method == "auto":
        method = steps if rarer >= FEWEST_FOR_ISOTONIC else "sigmoid"
    return CURVES[method](is_class.astype(np.float64), score, repeats)


def find_least_claim(rows: int, repeats: int = 1) -> float:
    """Return the least probability that so many rows can claim: the rule of succession."""
    return 1 / (rows / repeats + 2)


def _learn_isotonic(is_class: Floats, score: Floats, repeats: int) -> Isotonic:
    """Pool adjacent violators (Zadrozny and Elkan, 2002); equal scores are one point."""
    scores, place, rows = np.unique(score, return_inverse=True, return_counts=True)
    shares = np.bincount(place, is_class) / rows
    fitted = isotonic_regression(shares, weights=rows.astype(np.float64)).x
    ends = _find_ends(fitted)  # between the ends of a step all is said
    least = find_least_claim(len(score), repeats)
    return Isotonic(tuple(scores[ends].tolist()), tuple(fitted[ends].tolist()), least)


def _learn_sigmoid(is_class: Floats, score: Floats, repeats: int) -> Sigmoid:
    """Fit a line to the log-odds (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - 1.3 s others can do without

    line = LogisticRegression(C=np.inf).fit(log_odds(score).reshape(-1, 1), is_class)
    least = find_least_claim(len(score), repeats)
    return Sigmoid(float(line.coef_[0, 0]), float(line.intercept_[0]), least)


def _learn_venn_abers(is_class: Floats, score: Floats, repeats: int) -> Isotonic:
    """Join by straight lines what Venn-Abers gives at the scores (Vovk et al., 2015)."""
    scores, place, rows = np.unique(score, return_inverse=True, return_counts=True)
    positives = np.bincount(place, is_class)
    if len(scores) > MOST_POINTS:
        first = np.arange(0, len(scores), ceil(len(scores) / MOST_POINTS))
        sums = (np.add.reduceat(each, first) for each in (scores * rows, rows, positives))
        scores, rows, positives = sums
        scores = scores / rows
    fitted = fit_venn_abers(rows, positives, repeats)
    ends = _find_ends(np.floor(log_odds(fitted) / FINEST_LOG_ODDS))
    least = find_least_claim(len(score), repeats)
    return Isotonic(tuple(scores[ends].tolist()), tuple(fitted[ends].tolist()), least)


def _find_ends(steps: Floats) -> NDArray[np.bool_]:
    """Tell the first and the last of each run of equal values."""
    ends = np.ones(len(steps), dtype=bool)
    ends[1:-1] = (steps[1:-1] != steps[:-2]) | (steps[1:-1] != steps[2:])
    return ends


CURVES: Mapping[str, Callable[[Floats, Floats, int], Curve]] = {
    "isotonic": _learn_isotonic,
    "sigmoid": _learn_sigmoid,
    "venn_abers": _learn_venn_abers,
}
