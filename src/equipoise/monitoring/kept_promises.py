"""The metrics of a batch with labels, against what the test part promised."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

import numpy as np
import pandas as pd

from equipoise.core.tables import format_number
from equipoise.deciding.objectives import Objective
from equipoise.judging.bootstrap import OBSERVED
from equipoise.judging.intervals import estimate_metric_intervals
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.names import LIMITED, LOWER_IS_BETTER, find_range
from equipoise.metrics.scores import Scores

# By the names of replicates; of two classes, and of several.
OF_TWO = ("tuned_precision", "tuned_recall", "tuned_f1")
OF_SEVERAL = ("tuned_macro_f1", "tuned_balanced_accuracy")
OF_BOTH = ("average_precision", "calibrated_brier_score")
# Objectives whose value is among those: the mean of F1, and recall or precision within a limit.
AMONG_THEM = ("f1", *LIMITED)
COST_DIGITS = 4


@dataclass(frozen=True)
class Settings:
    """By what metrics are measured: the bootstrap, and the level of all together."""

    resamples: int
    seed: int
    level: float


@dataclass(frozen=True)
class Promise:
    """A metric of the batch and of the test part, each with an interval of the same level."""

    metric: str
    value: float
    interval: tuple[float, float]
    promised: float
    promised_interval: tuple[float, float]

    @property
    def is_broken(self) -> bool:
        """Whether the batch is credibly worse: the interval of the difference is on that side of 0.

        It is made of both intervals (MOVER: Newcombe, 1998; Zou and Donner, 2008), and so does not
        shrink to a point where no replicate differs from another.
        """
        worse = self.value - self.promised
        (low, high), (promised_low, promised_high) = self.interval, self.promised_interval
        if self.metric.endswith(tuple(LOWER_IS_BETTER)):
            return worse > hypot(self.value - low, promised_high - self.promised)
        return -worse > hypot(high - self.value, self.promised - promised_low)

    def format(self, value: float) -> str:
        """Return one of its numbers: with three decimals, but for a cost, which has any size."""
        if find_range(self.metric, several=False) is None:
            return format_number(value, COST_DIGITS)
        return f"{value:.3f}"


def check_promises(
    rows: Scores,
    promised: pd.DataFrame,
    support: Mapping[str, int],
    objective: Objective,
    settings: Settings,
) -> list[Promise]:
    """Return the metrics of labelled rows, of every class one at least, beside the promised ones.

    What decisions were tuned for is the first. `promised` has the replicates of the test part, and
    `support` its rows of each class.
    """
    own = replicate_metrics(rows, objective, settings.resamples, settings.seed)
    names = _list_metrics(objective, several=rows.classes.positive is None)
    confidence = 1 - settings.level / len(names)
    counts = np.bincount(rows.y_true, minlength=len(rows.classes)).tolist()
    own_support = dict(zip(rows.classes.names, counts, strict=True))
    intervals = [
        estimate_metric_intervals(frame[names], {}, of_class, confidence)
        for frame, of_class in ((own, own_support), (promised, support))
    ]
    return [
        Promise(
            name,
            float(own[name][OBSERVED]),
            intervals[0][name],
            float(promised[name][OBSERVED]),
            intervals[1][name],
        )
        for name in names
    ]


def _list_metrics(objective: Objective, *, several: bool) -> list[str]:
    tuned_for = () if objective.name in AMONG_THEM else (f"tuned_{objective.name}",)
    return [*dict.fromkeys((*tuned_for, *(OF_SEVERAL if several else OF_TWO), *OF_BOTH))]
