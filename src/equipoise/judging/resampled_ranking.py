"""Average precision and ROC-AUC of many replicates, from scores sorted once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Self

import numpy as np

from equipoise.judging.bootstrap import Counts, Stratum, count_each_unit_once
from equipoise.metrics.names import Floats
from equipoise.metrics.ranking import Weights, rank_scores

# Where a class is drawn in blocks, these many steps of the curve are told apart, and what that
# changes in the observed value is put right.
STEPS = 1_000


@dataclass(frozen=True)
class Ranking:
    """Where the rows of each stratum stand among the distinct scores of one class, the positives.

    From the highest score down, a positive has the position of its score, k; a negative has
    2k when it lies just above that score, 2k + 1 when it equals it. Average precision (as
    scikit-learn has it, without interpolation) and ROC-AUC (the share of pairs ranked right, ties
    half: Hanley and McNeil, 1982) need no more.
    """

    positive: int
    by_stratum: Sequence[Callable[[Floats], Floats]]
    put_right: Mapping[str, float]

    @classmethod
    def of(
        cls, strata: Sequence[Stratum], positive: int, y_score: Floats, weights: Weights = (1, 1)
    ) -> Self:
        """Return the standing of rows by their scores for the class of stratum `positive`.

        Observed rows of the others, and of it, count for so many as `weights` say.
        """
        in_blocks = not all(stratum.is_drawn_singly for stratum in strata)
        if not in_blocks or len(np.unique(y_score[strata[positive].rows])) <= STEPS:
            return cls(positive, _make_bin_counters(strata, positive, y_score), {})
        thinned = cls(
            positive,
            _make_bin_counters(strata, positive, _thin_scores(strata, positive, y_score)),
            {},
        )
        return replace(thinned, put_right=_measure_missed(thinned, strata, y_score, weights))

    def measure_ranking(self, counts: Counts) -> dict[str, Floats]:
        """Return average precision and ROC-AUC of each replicate."""
        found = self._rank_by_steps(counts)
        return {name: values + self.put_right.get(name, 0) for name, values in found.items()}

    def _rank_by_steps(self, counts: Counts) -> dict[str, Floats]:
        sums = [binned(count) for binned, count in zip(self.by_stratum, counts, strict=True)]
        tp = sums.pop(self.positive)
        bins = reduce(np.add, sums)
        at_or_above = np.cumsum(bins, axis=1)
        n_negatives, at_or_above = at_or_above[:, -1:], at_or_above[:, 1::2]
        found = np.cumsum(tp, axis=1)
        n_positives = found[:, -1]
        precision = found / np.maximum(found + at_or_above, np.finfo(np.float64).tiny)
        outranked = n_negatives - at_or_above + bins[:, 1::2] / 2
        return {
            "average_precision": (tp * precision).sum(axis=1) / n_positives,
            "roc_auc": (tp * outranked).sum(axis=1) / (n_positives * n_negatives[:, 0]),
        }


def _measure_missed(
    ranking: Ranking, strata: Sequence[Stratum], y_score: Floats, weights: Weights
) -> dict[str, float]:
    """Return by how much the observed values are above what thinned steps make of them."""
    is_positive = np.zeros(len(y_score), dtype=np.int64)
    is_positive[strata[ranking.positive].rows] = 1
    once = count_each_unit_once(strata)
    observed = [weights[place == ranking.positive] * own for place, own in enumerate(once)]
    thinned = ranking.measure_ranking(observed)
    exact = rank_scores(is_positive, y_score, weights)
    return {name: float(value - thinned[name][0]) for name, value in exact.items()}


def _thin_scores(strata: Sequence[Stratum], positive: int, y_score: Floats) -> Floats:
    """Return scores rounded down to `STEPS` levels, or fewer.

    Half are scores of positives, the denser the higher, for the top weighs most in average
    precision; half are scores of negatives, for few positives stand where most negatives do.
    """
    others = [stratum.rows for place, stratum in enumerate(strata) if place != positive]
    even = np.linspace(0, 1, STEPS // 2)
    of_positives = _find_quantiles(y_score[strata[positive].rows], 1 - even**2)
    levels = np.union1d(of_positives, _find_quantiles(y_score[np.concatenate(others)], even))
    return np.asarray(levels[np.searchsorted(levels, y_score, side="right") - 1])


def _find_quantiles(values: Floats, shares: Floats) -> Floats:
    distinct = np.unique(values)
    return np.asarray(distinct[(shares * (len(distinct) - 1)).astype(np.int64)])


def _make_bin_counters(
    strata: Sequence[Stratum], positive: int, y_score: Floats
) -> list[Callable[[Floats], Floats]]:
    """Return what sums counts by the position of rows, for each stratum."""
    ascending = np.unique(y_score[strata[positive].rows])
    steps = len(ascending)
    not_above = np.searchsorted(ascending, y_score, side="right")
    equal = not_above > np.searchsorted(ascending, y_score, side="left")
    of_negatives = 2 * (steps - not_above) + equal
    binned = [stratum.make_bin_counter(of_negatives, 2 * steps + 1) for stratum in strata]
    binned[positive] = strata[positive].make_bin_counter(
        np.minimum(steps - not_above, steps - 1), steps
    )
    return binned
