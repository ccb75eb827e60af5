"""What cross-validation says of an arm, fold by fold, and of two arms compared over folds.

Folds share train rows, so their scores are not independent, and the plain paired t-test
calls chance a difference far too often. The tests here count that dependence in.
A difference is arm less baseline, higher is better: negate it for a loss.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from equipoise.metrics.names import Floats

Differences = Sequence[float] | Floats | pd.Series
Judge = Callable[[pd.DataFrame, pd.DataFrame], Mapping[str, float]]

# A spread this much smaller than the difference itself is rounding.
ROUNDING = 1e-9

# Nobody collects more than this many times the positives there are.
LARGEST_MULTIPLE = 1000


@dataclass(frozen=True)
class CorrectedT:
    """A mean difference over folds, its interval, and the two-sided test of "none"."""

    effect: float
    interval: tuple[float, float]
    standard_error: float
    t: float
    p: float


@dataclass(frozen=True)
class Posterior:
    """The probabilities that an arm is worse than the baseline, equivalent, or better."""

    worse: float
    equivalent: float
    better: float


def score_folds(
    oof: pd.DataFrame, judge: Judge, *, forward: bool = False, never_scored: int = 0
) -> pd.DataFrame:
    """Return a row for each repeat and fold: `repeat`, `fold`, `n_train`, `n_test`, scores.

    `judge` takes the rows of the fold and those of the other folds of its repeat, on which
    alone it may tune something, and returns scores by name. Where folds go `forward` in time
    the others are the earlier ones, and the first fold, which has none, is left out.
    `n_train` counts the rows that the fold's model was fitted on: those of the others, and the
    earliest of train, `never_scored` of them, which are in no fold of `oof`.
    """
    _check_oof(oof)
    scores = []
    for repeat, rows in oof.groupby("repeat"):
        for fold, held_out in rows.groupby("fold"):
            others = rows[rows["fold"] < fold] if forward else rows[rows["fold"] != fold]
            if others.empty:
                continue
            place = {"repeat": repeat, "fold": fold}
            sizes = {"n_train": never_scored + len(others), "n_test": len(held_out)}
            scores.append({**place, **sizes, **judge(held_out, others)})
    return pd.DataFrame(scores)


def run_corrected_t_test(
    differences: Differences, n_train: float, n_test: float, confidence: float
) -> CorrectedT:
    """Return the corrected resampled t-test of paired fold scores (Nadeau and Bengio, 2003).

    `n_train` and `n_test` are the rows of one fold, or means over folds. Arms with the same
    score in every fold have p = 1; see `_measure_spread` for a difference that never varies.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: {confidence} should be above 0 and below 1")
    values = _check_differences(differences)
    effect, error = float(values.mean()), _estimate_standard_error(values, n_train, n_test)
    t = effect / error if error > 0 else 0.0
    degrees = len(values) - 1
    half_width = float(stdtrit(degrees, (1 + confidence) / 2)) * error
    return CorrectedT(
        effect=effect,
        interval=(effect - half_width, effect + half_width),
        standard_error=error,
        t=t,
        p=float(2 * stdtr(degrees, -abs(t))),
    )


def run_bayesian_correlated_t_test(
    differences: Differences, n_train: float, n_test: float, rope: float
) -> Posterior:
    """Return how probable it is that an arm is worse, equivalent, better by more than `rope`.

    The correlated t-test of Corani and Benavoli (2015): folds correlate by the share of rows
    tested, and the posterior of the mean difference is Student's t.
    """
    _check_region(rope)
    values = _check_differences(differences)
    effect, error = float(values.mean()), _estimate_standard_error(values, n_train, n_test)
    if error == 0:
        return Posterior(worse=0.0, equivalent=1.0, better=0.0)
    degrees = len(values) - 1
    worse = float(stdtr(degrees, (-rope - effect) / error))
    better = float(stdtr(degrees, (effect - rope) / error))
    return Posterior(worse=worse, equivalent=max(0.0, 1 - worse - better), better=better)


def is_equivalent(interval: tuple[float, float], rope: float) -> bool:
    """Return whether the whole interval lies within `rope` of no difference.

    With an interval of confidence 1 - 2a this is the pair of one-sided tests at level a
    (Schuirmann, 1987).
    """
    _check_region(rope, *interval)
    low, high = interval
    return -rope <= low and high <= rope


def count_positives_needed(
    effect: float, interval: tuple[float, float], rope: float, positives: int
) -> int | None:
    """Return how many positives more should decide: bring the interval clear.

    Clear is wholly inside (no difference that matters), or leaving out 0 (a difference). With
    the effect and the class ratio as they are, either side of the interval shrinks as
    1 / sqrt(positives): a side as long as s that may be g long takes (s / g)^2 times the
    positives. None: that is over `LARGEST_MULTIPLE`.
    """
    _check_region(rope, effect, *interval)
    below, above = effect - interval[0], interval[1] - effect
    inside = [(below, rope + effect), (above, rope - effect)]
    beyond = [(below if effect > 0 else above, abs(effect))]
    shrink = min(
        max(max(0.0, side) / gap if gap > 0 else np.inf for side, gap in sides)
        for sides in (inside, beyond)
    )
    if shrink > sqrt(LARGEST_MULTIPLE):
        return None
    return max(0, ceil(positives * (shrink**2 - 1)))


def _check_oof(oof: pd.DataFrame) -> None:
    missing = int(oof.filter(regex="^y_score").isna().any(axis=1).sum())
    if missing:
        raise ValueError(f"y_score: NaN in {missing} of {len(oof)} out-of-fold rows")
    if oof.groupby("repeat")["fold"].nunique().min() == 1:
        raise ValueError("fold: a repeat has a single fold; at least 2 are needed")
    if oof.groupby(["repeat", "fold"])["y_true"].nunique().min() < oof["y_true"].nunique():
        raise ValueError("y_true: a fold lacks rows of a class; each fold needs every class")


def _check_differences(differences: Differences) -> Floats:
    values = np.asarray(differences, dtype=np.float64).ravel()
    if len(values) <= 1:
        raise ValueError(f"differences: {len(values)} are too few folds; at least 2 are needed")
    unknown = int((~np.isfinite(values)).sum())
    if unknown:
        raise ValueError(f"differences: {unknown} of {len(values)} folds are NaN or infinite")
    return values


def _check_region(rope: float, *compared: float) -> None:
    if not rope >= 0:
        raise ValueError(f"rope: {rope} should be 0 or more")
    if not np.isfinite(compared).all():
        raise ValueError(f"effect and interval: {compared} should be finite")


def _estimate_standard_error(values: Floats, n_train: float, n_test: float) -> float:
    """Return the standard error of the mean over folds that share train rows.

    With rho = n_test / (n_train + n_test), rho / (1 - rho) is n_test / n_train: the variance
    of Nadeau and Bengio's test is that of Corani and Benavoli's posterior.
    """
    if not (n_train > 0 and n_test > 0):
        raise ValueError(f"n_train, n_test: {n_train}, {n_test} should be above 0")
    return _measure_spread(values) * sqrt(1 / len(values) + n_test / n_train)


def _measure_spread(values: Floats) -> float:
    """Return the standard deviation over folds.

    A difference that is the same in every fold is no proof that it never varies: its spread
    is what one more fold without a difference would make it (a rule of succession).
    """
    effect, spread = abs(float(values.mean())), float(values.std(ddof=1))
    return spread if spread > ROUNDING * effect else effect / sqrt(len(values) + 1)
