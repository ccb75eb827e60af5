"""The metrics of a batch with labels, against what the test part promised."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

import numpy as np
import pandas as pd

from equipoise.deciding.objectives import make_objective
from equipoise.judging.bootstrap import OBSERVED
from equipoise.judging.intervals import estimate_metric_intervals
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.names import LOWER_IS_BETTER
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

# By the names of replicates; of two classes, and of several.
OF_TWO = ("tuned_precision", "tuned_recall", "tuned_f1")
OF_SEVERAL = ("tuned_macro_f1", "tuned_balanced_accuracy")
OF_BOTH = ("average_precision", "calibrated_brier_score")


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


def check_promises(
    rows: Scores, promised: pd.DataFrame, support: Mapping[str, int], settings: Settings
) -> list[Promise]:
    """Return the metrics of labelled rows, of every class one at least, beside the promised ones.

    `promised` has the replicates of the test part, and `support` its rows of each class.
    """
    own = replicate_metrics(
        rows, make_objective(Decision(), rows.classes), settings.resamples, settings.seed
    )
    names = [*(OF_SEVERAL if rows.classes.positive is None else OF_TWO), *OF_BOTH]
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
            float(own.loc[OBSERVED, name]),
            intervals[0][name],
            float(promised.loc[OBSERVED, name]),
            intervals[1][name],
        )
        for name in names
    ]
