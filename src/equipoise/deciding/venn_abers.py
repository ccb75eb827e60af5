"""Venn-Abers calibration: isotonic regression that says how little it knows where rows are few.

A new row is put among the known ones, once as a negative and once as a positive, and each time
isotonic regression is asked for its probability: p0 and p1. p1 / (1 - p0 + p1) is the one between
them whose log-loss is smallest in the worse case (Vovk, Petej and Fedorova, 2015).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.deciding.calibrators import Floats

Corner = tuple[int, int]
Counts = NDArray[np.int64]


def fit_venn_abers(rows: ArrayLike, positives: ArrayLike, weight: int) -> Floats:
    """Return the probability at each score, from how many rows and positives have that score.

    Scores rise, and counts are whole numbers. A new row weighs as much as `weight` known ones:
    each of these is there so many times.
    """
    each, own = np.asarray(rows, np.int64), np.asarray(positives, np.int64)
    as_positive = _fit_new_positives(each, own, weight)[:-1]
    as_negative = 1 - _fit_new_positives(each[::-1], (each - own)[::-1], weight)[-2::-1]
    return np.asarray(as_positive / (1 - as_negative + as_positive))


def _fit_new_positives(rows: Counts, positives: Counts, weight: int) -> Floats:
    """Return what isotonic regression gives a new positive before each score, and after all.

    That is the slope of the greatest convex minorant of the sums of rows and positives, in which
    all sums up to the new row lie lower and further left by that row: algorithms 1 and 2 of
    Vovk et al. Whole numbers keep its corners exact.
    """
    sums = [(0, 0), *zip(np.cumsum(rows).tolist(), np.cumsum(positives).tolist(), strict=True)]
    corners: list[Corner] = []  # from right to left; the new row is left of the last but one
    for corner in reversed(sums):
        _add_corner(corners, corner)
    slopes: list[float] = []
    for right, up in sums:
        moved = (right - weight, up - weight)
        if not slopes:
            _add_corner(corners, moved)
        elif _slope(corners[-1], moved) < slopes[-1]:
            corners.pop()
            _add_corner(corners, moved)
        slopes.append(_slope(corners[-1], corners[-2]))
    return np.array(slopes)


def _add_corner(corners: list[Corner], corner: Corner) -> None:
    """Add a corner on the left, and drop those that are no longer corners."""
    while len(corners) > 1 and _slope(corner, corners[-1]) >= _slope(corners[-1], corners[-2]):
        corners.pop()
    corners.append(corner)


def _slope(left: Corner, right: Corner) -> float:
    return (right[1] - left[1]) / (right[0] - left[0])
