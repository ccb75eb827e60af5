"""Average precision and ROC-AUC of many replicates, from scores sorted once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from equipoise.assessment.bootstrap import Counts, Stratum
from equipoise.assessment.metrics import Floats, Labels, precision
from equipoise.assessment.thresholds import confusion_by_threshold

# Where a class is drawn in blocks, these many steps of the curve are told apart, and what that
# changes in the observed value is put right.
STEPS = 1_000


@dataclass(frozen=True)
class Ranking:
    """Where the rows of each stratum stand among the distinct scores of one class, the positives.

    From the highest score down, a positive has the position of its score, k; a negative has
    2k when it lies just above that score, 2k + 1 when it equals it. Average precision and
    ROC-AUC need no more.
    """

    positive: int
    by_stratum: Sequence[Callable[[Floats], Floats]]
    put_right: Mapping[str, float]

    @classmethod
    def of(cls, strata: Sequence[Stratum], positive: int, y_score: Floats) -> Self:
        """Return the standing of rows by their scores for the class of stratum `positive`."""
        own = strata[positive].rows
        ascending = np.unique(y_score[own])
        in_blocks = any(stratum.units < len(stratum.rows) for stratum in strata)
        thinned = in_blocks and len(ascending) > STEPS
        if thinned:
            ascending = ascending[np.linspace(0, len(ascending) - 1, STEPS).astype(np.int64)]
        steps, of_positives, of_negatives = _standing(ascending, y_score)
        binned = [stratum.binned(of_negatives, 2 * steps + 1) for stratum in strata]
        binned[positive] = strata[positive].binned(of_positives, steps)
        ranking = cls(positive, binned, {})
        return cls(positive, binned, _missed(ranking, strata, y_score)) if thinned else ranking

    def metrics(self, counts: Counts) -> dict[str, Floats]:
        """Return average precision and ROC-AUC of each replicate."""
        found = self._by_steps(counts)
        return {name: values + self.put_right.get(name, 0) for name, values in found.items()}

    def _by_steps(self, counts: Counts) -> dict[str, Floats]:
        sums = [binned(count) for binned, count in zip(self.by_stratum, counts, strict=True)]
        tp = sums.pop(self.positive)
        bins = np.sum(sums, axis=0)
        at_or_above = np.cumsum(bins, axis=1)
        n_negatives, at_or_above = at_or_above[:, -1:], at_or_above[:, 1::2]
        found = np.cumsum(tp, axis=1)
        n_positives = found[:, -1]
        alerts = found + at_or_above
        precision = np.divide(found, alerts, out=np.zeros_like(found), where=alerts > 0)
        outranked = n_negatives - at_or_above + bins[:, 1::2] / 2
        return {
            "average_precision": (tp * precision).sum(axis=1) / n_positives,
            "roc_auc": (tp * outranked).sum(axis=1) / (n_positives * n_negatives[:, 0]),
        }


def _missed(ranking: Ranking, strata: Sequence[Stratum], y_score: Floats) -> dict[str, float]:
    """Return by how much the observed values are above what thinned steps make of them."""
    is_positive = np.zeros(len(y_score), dtype=np.int64)
    is_positive[strata[ranking.positive].rows] = 1
    thinned = ranking.metrics([np.ones((1, stratum.units)) for stratum in strata])
    exact = {
        "average_precision": average_precision_score(is_positive, y_score),
        "roc_auc": roc_auc_score(is_positive, y_score),
    }
    return {name: float(value - thinned[name][0]) for name, value in exact.items()}


def _standing(ascending: Floats, y_score: Floats) -> tuple[int, Labels, Labels]:
    """Return the number of steps, and each row's position as a positive and as a negative."""
    steps = len(ascending)
    not_above = np.searchsorted(ascending, y_score, side="right")
    equal = not_above > np.searchsorted(ascending, y_score, side="left")
    return steps, np.clip(steps - not_above, 0, steps - 1), 2 * (steps - not_above) + equal


def rank_quickly(y_true: Labels, y_score: Floats) -> dict[str, float]:
    """Return average precision and ROC-AUC of a few rows, ten times as fast as scikit-learn.

    Equal scores are one step of the curve, in any order of rows.
    """
    _, counts = confusion_by_threshold(y_true, y_score)
    found = np.diff(counts.tp, prepend=0)
    outranked = counts.tn + np.diff(counts.fp, prepend=0) / 2
    positives, negatives = counts.tp[-1], counts.fp[-1]
    return {
        "average_precision": float((found * precision(counts)).sum() / positives),
        "roc_auc": float((found * outranked).sum() / (positives * negatives)),
    }
