"""Bootstrap replicates of every metric at once, and the intervals that they give.

Rows are drawn with replacement within each class (stratified), and the draws depend on
nothing but the seed and the class counts: replicates of two arms on the same test rows are
paired (Efron and Tibshirani, 1993). Scores are sorted once; a replicate is a count for each
row, and every metric comes from sums of those counts, so nothing is sorted again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from equipoise.assessment.metrics import Confusion, Floats, Labels, decision_metrics, log_losses
from equipoise.assessment.objectives import Outcome, objective_value
from equipoise.contract.params import Decision

LOSSES = ("brier_score", "log_loss", "calibrated_brier_score", "calibrated_log_loss")

# A block of replicates holds this many counts, of 8 bytes each: what bounds memory.
BLOCK_COUNTS = 5_000_000


@dataclass(frozen=True)
class Scored:
    """The test rows as one arm sees them: labels, probabilities, and decisions by view."""

    y_true: Labels
    y_score: Floats
    calibrated: Floats
    decisions: Mapping[str, Labels]
    amount: Floats | None = None


def bootstrap(scored: Scored, decision: Decision, resamples: int, seed: int) -> pd.DataFrame:
    """Return a row for each replicate and a column for each metric.

    Columns: `average_precision`, `roc_auc`, the `LOSSES`, and for each view
    `<view>_<decision metric>` and `<view>_<objective>`.
    """
    ranking = _Ranking.of(scored)
    summands = [_summands(scored, label) for label in (0, 1)]
    draws = [np.random.default_rng([seed, label]) for label in (0, 1)]
    block = max(1, BLOCK_COUNTS // len(scored.y_true))
    replicates = []
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        counts = [_draw(rng, size, len(rows)) for rng, rows in zip(draws, summands, strict=True)]
        with threadpool_limits(limits=1):  # the same bits on any machine
            sums = [count @ rows for count, rows in zip(counts, summands, strict=True)]
        metrics = ranking.metrics(*counts) | _from_sums(scored, decision, *sums)
        replicates.append(pd.DataFrame(metrics))
    return pd.concat(replicates, ignore_index=True)


def interval(replicates: pd.Series, confidence: float) -> tuple[float, float]:
    """Return the percentile interval that holds `confidence` of the replicates."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return float(low), float(high)


def two_sided_p(differences: pd.Series) -> float:
    """Return the bootstrap p-value of "no difference": never 0, for replicates are finite.

    (Davison and Hinkley, 1997, add the observed sample to the replicates.)
    """
    below, above = int((differences <= 0).sum()), int((differences >= 0).sum())
    return min(1.0, 2 * (min(below, above) + 1) / (len(differences) + 1))


def holm(p_values: list[float]) -> list[float]:
    """Return p-values corrected for their number (Holm, 1979), in the order given."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.asarray(p_values)[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return [float(p) for p in corrected]


def _draw(rng: np.random.Generator, replicates: int, rows: int) -> Floats:
    """Return how often each replicate draws each row: replicates x rows."""
    counts = np.empty((replicates, rows))
    for replicate in counts:
        replicate[:] = np.bincount(rng.integers(0, rows, size=rows), minlength=rows)
    return counts


def _summands(scored: Scored, label: int) -> Floats:
    """Return what is summed over a class: rows x (losses, alerts by view, amounts missed)."""
    rows = scored.y_true == label
    losses = [
        loss
        for score in (scored.y_score, scored.calibrated)
        for loss in ((score - scored.y_true) ** 2, log_losses(scored.y_true, score))
    ]
    alerts = [y_pred.astype(np.float64) for y_pred in scored.decisions.values()]
    amount = np.ones(len(rows)) if scored.amount is None else scored.amount
    missed = [(1 - alert) * scored.y_true * amount for alert in alerts]
    summands: Floats = np.column_stack([*losses, *alerts, *missed])[rows]
    return summands


def _from_sums(
    scored: Scored, decision: Decision, negatives: Floats, positives: Floats
) -> dict[str, Floats]:
    """Return losses and decision metrics from the sums over the rows of each class."""
    n_rows, n_positives = len(scored.y_true), int(scored.y_true.sum())
    metrics = {name: (negatives[:, i] + positives[:, i]) / n_rows for i, name in enumerate(LOSSES)}
    for i, view in enumerate(scored.decisions, start=len(LOSSES)):
        fp, tp = negatives[:, i], positives[:, i]
        counts = Confusion(tn=n_rows - n_positives - fp, fp=fp, fn=n_positives - tp, tp=tp)
        outcome = Outcome.of(counts, missed=positives[:, i + len(scored.decisions)])
        worth = {decision.objective: objective_value(outcome, decision).value}
        for name, values in (decision_metrics(outcome) | worth).items():
            metrics[f"{view}_{name}"] = values
    return metrics


@dataclass(frozen=True)
class _Ranking:
    """Where each row stands among the distinct scores of positives, from the highest.

    A positive has the position of its score, k; a negative has 2k when it lies just above
    that score, 2k + 1 when it equals it. Average precision and ROC-AUC need no more.
    """

    of_negatives: Labels
    of_positives: Labels
    distinct: int

    @classmethod
    def of(cls, scored: Scored) -> Self:
        negatives = scored.y_score[scored.y_true == 0]
        ascending, position = np.unique(scored.y_score[scored.y_true == 1], return_inverse=True)
        not_above = np.searchsorted(ascending, negatives, side="right")
        equal = not_above > np.searchsorted(ascending, negatives, side="left")
        distinct = len(ascending)
        return cls(2 * (distinct - not_above) + equal, distinct - 1 - position, distinct)

    def metrics(self, negatives: Floats, positives: Floats) -> dict[str, Floats]:
        """Return average precision and ROC-AUC of each replicate."""
        bins = _sum_by(self.of_negatives, negatives, 2 * self.distinct + 1)
        at_or_above = np.cumsum(bins, axis=1)[:, 1::2]
        ties = bins[:, 1::2]
        tp = _sum_by(self.of_positives, positives, self.distinct)
        found = np.cumsum(tp, axis=1)
        alerts = found + at_or_above
        precision = np.divide(found, alerts, out=np.zeros_like(found), where=alerts > 0)
        n_negatives, n_positives = negatives.shape[1], positives.shape[1]
        outranked = n_negatives - at_or_above + ties / 2
        return {
            "average_precision": (tp * precision).sum(axis=1) / n_positives,
            "roc_auc": (tp * outranked).sum(axis=1) / (n_positives * n_negatives),
        }


def _sum_by(groups: Labels, counts: Floats, n_groups: int) -> Floats:
    """Return the counts of each replicate summed by group: replicates x groups."""
    return np.stack([np.bincount(groups, weights=row, minlength=n_groups) for row in counts])
