"""Intervals and differences from replicates of the test part, and p-values for their number.

A bootstrap of few rows shows too little variance, and normal quantiles are too near: both are put
right by the rows of the rarest class, which most metrics of rare classes rest on.
"""

from collections.abc import Collection, Mapping
from math import sqrt

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from equipoise.core.tables import TWO_CLASSES
from equipoise.judging.arm_result import Numbers, name_class_section
from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED
from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.metrics.names import ROUNDING, Floats, find_range, name_column

Interval = tuple[float, float]


def estimate_interval(
    replicates: pd.Series, limits: Interval | None, n_rare: int, confidence: float
) -> Interval:
    """Return the interval of a metric, from its replicates (indexed by draw)."""
    value, error = float(replicates[OBSERVED]), _measure_error(replicates, n_rare)
    estimate = EstimatedDifference(value, error, _count_degrees(n_rare))
    return bound_estimate(estimate, limits, n_rare, confidence)


def bound_estimate(
    estimate: EstimatedDifference,
    limits: Interval | None,
    n_rare: int,
    confidence: float,
) -> Interval:
    """Return the interval of a metric, from its standard error.

    Between `limits`, the lowest and the highest value that a metric can have, it is the interval
    of Wilson (1927) for a share of as many rows as would vary as much as the metric does (Korn
    and Graubard, 1998); where nothing varies, of the rows of the rarest class. It never leaves
    the limits. Without limits it is that of Student's t.
    """
    if limits is None:
        return estimate.find_interval(confidence)
    t, value = float(stdtrit(estimate.degrees, (1 + confidence) / 2)), estimate.effect
    lowest, width = limits[0], limits[1] - limits[0]
    share = min(1.0, max(0.0, (value - lowest) / width))
    variance = (estimate.standard_error / width) ** 2
    # A share of one row varies the most that a share can.
    known = max(1.0, share * (1 - share) / variance) if variance > ROUNDING**2 else 0.0
    rows = known or _count_degrees(n_rare) + 1
    middle = (share + t**2 / (2 * rows)) / (1 + t**2 / rows)
    half = t * sqrt(share * (1 - share) / rows + (t / (2 * rows)) ** 2) / (1 + t**2 / rows)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return min(value, lowest + width * low), max(value, lowest + width * high)  # but for rounding


def estimate_metric_intervals(
    replicates: pd.DataFrame,
    sections: Mapping[str, Numbers],
    counts: Mapping[str, int],
    confidence: float,
) -> dict[str, Interval]:
    """Return the interval of every column; `counts` has the test rows of each class.

    That of a calibration error goes as far from the observed one as the replicates' bins moved,
    so that a true error of 0 can lie in it. With a handful of positives it is too narrow.
    """
    several = len(counts) > TWO_CLASSES  # of two, one is judged
    limits = {str(name): find_range(str(name), several=several) for name in replicates}
    intervals = {
        name: estimate_interval(
            replicates[name], ends, _count_rare(name, limits, counts), confidence
        )
        for name, ends in limits.items()
    }
    for section, values in sections.items():
        name = name_column(section, "calibration_error")
        if name in replicates:
            moved = float(replicates.loc[[BOOTSTRAP], name].quantile((1 + confidence) / 2))
            error = values["calibration_error"]
            intervals[name] = max(0.0, error - moved), error + moved
    return intervals


def estimate_paired_difference(replicates: pd.Series, n_rare: int) -> EstimatedDifference:
    """Return a difference of two arms on the same rows, from its replicates.

    Where nothing varies, and there is a difference, nothing is known of how sure it is: its
    standard error is as large as itself.
    """
    effect, error = float(replicates[OBSERVED]), _measure_error(replicates, n_rare)
    if error <= ROUNDING * abs(effect):
        error = abs(effect)
    return EstimatedDifference(effect, error, _count_degrees(n_rare))


def correct_by_holm(p_values: list[float]) -> list[float]:
    """Return p-values corrected for their number (Holm, 1979), in the order given."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.asarray(p_values)[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return [float(p) for p in corrected]


def _count_rare(column: str, columns: Collection[str], counts: Mapping[str, int]) -> int:
    """Return the rows of the class that a column is about; of all classes, those of the rarest.

    One of the class `a` may begin as those of the class `a_tuned` do, which has no column that
    ends so: every class has the same.
    """
    for name, count in counts.items():
        own = name_class_section(name)
        ending = column.removeprefix(f"{own}_")
        if ending != column and all(
            name_column(name_class_section(other), ending) in columns for other in counts
        ):
            return count
    return min(counts.values())


def _measure_error(replicates: pd.Series, n_rare: int) -> float:
    """Return the standard error; that of n rows drawn again is too small by sqrt((n - 1) / n)."""
    values: Floats = replicates.to_numpy()[replicates.index == BOOTSTRAP]
    degrees = _count_degrees(n_rare)
    return float(values.std(ddof=1)) * sqrt((degrees + 1) / degrees)


def _count_degrees(n_rare: int) -> int:
    return max(1, n_rare - 1)
