"""Intervals and p-values from replicates, and p-values corrected for their number."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from equipoise.judging.arm_result import Numbers
from equipoise.judging.bootstrap import BOOTSTRAP, JACKKNIFE, OBSERVED
from equipoise.metrics.names import ROUNDING, Floats, name_column
from equipoise.params.trial_params import Uncertainty

# As near to its pole as the BCa correction is followed.
NEAREST_TO_POLE = 1e-9


def estimate_interval(replicates: pd.Series, uncertainty: Uncertainty) -> tuple[float, float]:
    """Return the interval that holds `confidence` of the replicates (indexed by draw).

    The percentile interval (Efron, 1979) or, with `method: bca`, the one that is corrected for
    bias and acceleration (Efron, 1987).
    """
    tail = (1 - uncertainty.confidence) / 2
    shares = np.array([tail, 1 - tail])
    values = replicates.loc[[BOOTSTRAP]].to_numpy()
    if uncertainty.method == "bca":
        bias, acceleration = _estimate_bias(replicates), _estimate_acceleration(replicates)
        shares = ndtr(bias + _accelerate(bias + ndtri(shares), acceleration))
    low, high = np.quantile(values, shares)
    return float(low), float(high)


def estimate_metric_intervals(
    replicates: pd.DataFrame, sections: Mapping[str, Numbers], uncertainty: Uncertainty
) -> dict[str, tuple[float, float]]:
    """Return the interval of every column of the replicates.

    That of a calibration error goes as far from the observed one as the replicates' bins moved,
    so that a true error of 0 can lie in it. With a handful of positives it is too narrow.
    """
    intervals = {str(name): estimate_interval(replicates[name], uncertainty) for name in replicates}
    for section, values in sections.items():
        name = name_column(section, "calibration_error")
        if name in replicates:
            moved = float(replicates.loc[[BOOTSTRAP], name].quantile(uncertainty.confidence))
            error = values["calibration_error"]
            intervals[name] = max(0.0, error - moved), error + moved
    return intervals


def estimate_two_sided_p(differences: pd.Series, uncertainty: Uncertainty) -> float:
    """Return the bootstrap p-value of "no difference": never 0, for replicates are finite.

    (Davison and Hinkley, 1997, add the observed sample to the replicates.) With `method: bca`
    it is the level at which the BCa interval ends at 0 (DiCiccio and Efron, 1996).
    """
    values = differences.loc[[BOOTSTRAP]].to_numpy()
    n, nothing = len(values) + 1, ROUNDING * np.abs(values).max()
    below, above = ((values <= nothing).sum() + 1) / n, ((values >= -nothing).sum() + 1) / n
    if uncertainty.method == "bca":
        bias, acceleration = _estimate_bias(differences), _estimate_acceleration(differences)
        below, above = (
            max(1 / n, ndtr(_accelerate(z, -sign * acceleration) - sign * bias))
            for share, sign in ((below, 1), (above, -1))
            for z in [ndtri(min(share, 1 - 1 / n)) - sign * bias]
        )
    return float(min(1.0, 2 * min(below, above)))


def estimate_equivalence_p(differences: pd.Series, rope: float) -> float:
    """Return the bootstrap p-value of a difference of at least `rope`, either way.

    The larger of two one-sided ones; the observed sample is counted in, so that it is never 0.
    """
    values = differences.loc[[BOOTSTRAP]].to_numpy()
    outside = max((values > rope).sum(), (values < -rope).sum())
    return float((outside + 1) / (len(values) + 1))


def correct_by_holm(p_values: list[float]) -> list[float]:
    """Return p-values corrected for their number (Holm, 1979), in the order given."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.asarray(p_values)[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return [float(p) for p in corrected]


def _estimate_bias(replicates: pd.Series) -> float:
    """Return how far the replicates' median is from the observed value, in normal deviates."""
    values = replicates.loc[[BOOTSTRAP]].to_numpy()
    moved, nothing = values - replicates[OBSERVED], ROUNDING * np.abs(values).max()
    below = ((moved < -nothing).sum() + (moved <= nothing).sum()) / 2
    n = len(moved)
    share = np.clip(below / n, 1 / (n + 1), 1 - 1 / (n + 1))
    return float(ndtri(share))


def _accelerate(z: Floats, acceleration: float) -> Floats:
    """Return z / (1 - acceleration * z), which never comes back from beyond its pole."""
    return np.asarray(z / np.maximum(1 - acceleration * z, NEAREST_TO_POLE))


def _estimate_acceleration(replicates: pd.Series) -> float:
    """Return the skewness of the influence of rows, over all strata (Efron, 1987)."""
    cubes, squares = 0.0, 0.0
    for _, left in replicates[replicates.index.str.startswith(JACKKNIFE)].groupby(level=0):
        pull = (len(left) - 1) * (left.mean() - left.to_numpy()) / len(left)
        cubes, squares = cubes + float((pull**3).sum()), squares + float((pull**2).sum())
    spread = squares**1.5  # 0 for the least of numbers too
    return cubes / (6 * spread) if spread > 0 else 0.0
