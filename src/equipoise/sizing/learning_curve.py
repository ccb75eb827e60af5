"""A learning curve over positives: an arm cross-fitted on nested samples of train.

Held-out rows, folds and repeats are those of the trial, so all numbers of a curve are compared on
the same rows. Every sample has the class shares of train.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import pandas as pd

from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.core.tables import TWO_CLASSES
from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.judging.fold_differences import DRAWN, estimate_over_folds
from equipoise.judging.intervals import Interval, bound_estimate
from equipoise.metrics.names import find_range

# What is left of train, the smallest first.
SHARES = (0.125, 0.25, 0.5, 1.0)
# With fewer rows of a class to fit on, a fold says little, and some samplers cannot be fitted.
FEWEST_TO_FIT = 20


@dataclass(frozen=True)
class SizedFolds:
    """An arm's scores by fold and their replicates, fitted on so many rows of the rarest class."""

    positives: int
    folds: pd.DataFrame
    replicates: pd.DataFrame


@dataclass(frozen=True)
class PairedChange:
    """A difference on the same rows, with its interval and p-value."""

    value: float
    interval: Interval
    p: float


@dataclass(frozen=True)
class CurvePoint:
    """What an arm's metric is when fitted on so many rows of the rarest class.

    `change` is from half as many, the point before, None for the first; `difference` is from the
    baseline with as many, None for the baseline.
    """

    arm: str
    metric: str
    positives: int
    value: float
    interval: Interval
    change: PairedChange | None
    difference: PairedChange | None


def list_shares(fitted: float) -> list[float]:
    """Return the shares of train that leave rows enough of the rarest class to fit on.

    A fold is fitted on so many rows of it, in the mean over folds.
    """
    return [share for share in SHARES if fitted * share >= FEWEST_TO_FIT]


def find_fewest_rows(fitted_share: float) -> int:
    """Return how many rows of the rarest class train must have for a curve of two points.

    A fold is fitted on this share of them, in the mean over folds.

    >>> find_fewest_rows(2 / 3)
    60
    """
    smallest = max(share for share in SHARES if share < 1)
    return max(FEWEST_TO_CLAIM, ceil(round(FEWEST_TO_FIT / smallest / fitted_share, 9)))


def measure_curve(
    arms: Mapping[str, Sequence[SizedFolds]], metric: str, confidence: float
) -> Iterator[CurvePoint]:
    """Give the points of each arm, the smallest sample first; the first arm is the baseline."""
    baseline, *_ = arms
    for arm, sizes in arms.items():
        before: SizedFolds | None = None
        for own, other in zip(sizes, arms[baseline], strict=True):
            yield CurvePoint(
                arm,
                metric,
                own.positives,
                float(own.folds[metric].mean()),
                _find_interval(own, metric, confidence),
                change=None if before is None else _compare(own, before, metric, confidence),
                difference=None if arm == baseline else _compare(own, other, metric, confidence),
            )
            before = own


def _find_interval(own: SizedFolds, metric: str, confidence: float) -> Interval:
    estimate = _estimate(own.folds[metric], own.replicates[metric], own)
    classes = sum(str(name).startswith(DRAWN) for name in own.replicates)
    limits = find_range(metric, several=classes > TWO_CLASSES)
    return bound_estimate(estimate, limits, int(own.folds["n_rare"].iloc[0]), confidence)


def _compare(own: SizedFolds, other: SizedFolds, metric: str, confidence: float) -> PairedChange:
    folds = own.folds[metric] - other.folds[metric]
    found = _estimate(folds, own.replicates[metric] - other.replicates[metric], own)
    return PairedChange(found.effect, found.find_interval(confidence), found.p)


def _estimate(folds: pd.Series, replicates: pd.Series, own: SizedFolds) -> EstimatedDifference:
    return estimate_over_folds(folds, replicates, own.folds, own.replicates)
