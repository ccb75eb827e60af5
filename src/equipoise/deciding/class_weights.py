"""Class weights that serve an objective: what a threshold is for two classes, tuned.

A row is of the class whose weight times probability is the highest: only ratios matter.
"""

from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from equipoise.deciding.objectives import Objective
from equipoise.deciding.rules import ClassWeights
from equipoise.deciding.tuned import Tuned
from equipoise.metrics.names import ROUNDING, Floats, Labels
from equipoise.metrics.scores import Scores
from equipoise.metrics.tallies import Tally

# The search ends by itself; more rounds over the classes than this would polish noise.
MOST_ROUNDS = 20
# No weight is more than this many times another: products with scores stay finite.
WIDEST = 1e100


def tune_class_weights(rows: Scores, objective: Objective) -> Tuned:
    """Return class weights that serve the objective, never worse here than equal weights.

    One weight after the other is moved to its best value while the others stay (as Lachiche and
    Flach, 2003, do), until none brings a gain: from equal weights, and from weights inverse to
    how common classes are. The better end is taken: of equals, the first. Each best value is
    exact, for all that one weight can decide is tried; that no other weights are better together
    is not promised. The weight of the commonest class is 1.
    """
    search = _Search.of(rows, objective)
    equal = np.ones(len(search.support))
    one, other = map(search.climb_to_optimum, (equal, search.support.max() / search.support))
    weights, utility = other if _is_higher(other[1], one[1]) else one
    return Tuned(
        rule=ClassWeights(tuple(weights.tolist())),
        value=objective.sign * utility,
        limit_kept=None,
        note="; ".join(_make_notes(search, weights)) or None,
    )


@dataclass(frozen=True)
class _Search:
    """The rows to serve, what each costs by the class decided for it, and the objective."""

    y_true: Labels
    scores: Floats
    support: Floats
    costs: Floats | None
    objective: Objective

    @classmethod
    def of(cls, rows: Scores, objective: Objective) -> Self:
        support = np.bincount(rows.y_true).astype(np.float64)
        return cls(rows.y_true, rows.raw, support, objective.price(rows), objective)

    def tally(self, decided: Labels) -> Tally:
        """Return what decisions on the rows come to."""
        return Tally.of(self.y_true, decided, len(self.support), self.costs)

    def measure_utility(self, weights: Floats) -> float:
        """Return the utility of deciding by weights."""
        rule = ClassWeights(tuple(weights.tolist()))
        return float(self.objective.utility(self.tally(rule.decide(self.scores))))

    def climb_to_optimum(self, weights: Floats) -> tuple[Floats, float]:
        """Return weights that no change of one betters, and the utility of deciding by them."""
        n_classes, utility, settled = len(weights), self.measure_utility(weights), 0
        for k in islice(cycle(range(n_classes)), MOST_ROUNDS * n_classes):
            proposed, promised = self.with_best(weights, k)
            settled += 1
            # What is promised may be lost to rounding where rows are tied between other classes.
            if _is_higher(promised, utility) and _is_higher(
                gained := self.measure_utility(proposed), utility
            ):
                weights, utility, settled = proposed, gained, 1
            if settled == n_classes:
                break
        return weights, utility

    def with_best(self, weights: Floats, k: int) -> tuple[Floats, float]:
        """Return weights with that of class k at its best, and the utility there.

        Of equally good ones it is the nearest to its own.
        """
        tried, tallies = self.list_candidates(weights, k)
        utility = self.objective.utility(tallies)
        best = tried[utility >= utility.max() - ROUNDING * np.abs(utility.max())]
        changed = weights.copy()
        changed[k] = best[np.argmin(np.abs(np.log(best / weights[k])))]
        return changed / changed[np.argmax(self.support)], float(utility.max())

    def list_candidates(self, weights: Floats, k: int) -> tuple[Floats, Tally]:
        """Return a weight of class k for each way to decide by it, ascending, and the tallies.

        A row is of class k where its weight is above the ratio of the best rival's weighted
        score to the row's own score. Ratios that differ by rounding only count as one.
        """
        rival, ratio = _find_rivals(self.scores, weights, k)
        others = np.delete(weights, k)
        low, high = others.max() / WIDEST, others.min() * WIDEST
        lowest = self.tally(np.where(ratio <= low, k, rival))
        rows = np.flatnonzero((ratio > low) & (ratio < high))
        if not len(rows):
            return weights[[k]], self._tally_after(lowest, rows, rows, k, np.array([0]))
        rows = rows[np.argsort(ratio[rows])]
        ratios = ratio[rows]
        apart = np.flatnonzero(ratios[1:] > ratios[:-1] * (1 + ROUNDING)) + 1
        moved = np.concatenate([[0], apart, [len(rows)]])
        # A geometric mean with a quarter, or four times, of the ratio is half, or double of it.
        roots = np.sqrt(np.concatenate([ratios[:1] / 4, ratios, 4 * ratios[-1:]]))
        return roots[moved] * roots[moved + 1], self._tally_after(
            lowest, rows, rival[rows], k, moved
        )

    def _tally_after(
        self, lowest: Tally, rows: Labels, rival: Labels, k: int, moved: Labels
    ) -> Tally:
        """Return the tallies after the first rows, as many as `moved` says, went to class k."""
        true, codes = self.y_true[rows], np.arange(len(self.support))[:, np.newaxis]
        # One byte each: long tables wait for memory.
        decided = (codes == k).astype(np.int8) - (codes == rival)
        right = decided * (codes == true)
        cost = None
        if self.costs is not None and lowest.cost is not None:
            extra = self.costs[rows, k] - self.costs[rows, rival]
            cost = lowest.cost + _sum_first_changes(extra, moved)
        return Tally(
            hits=lowest.hits[:, np.newaxis] + _sum_first_changes(right, moved),
            predicted=lowest.predicted[:, np.newaxis] + _sum_first_changes(decided, moved),
            support=self.support[:, np.newaxis],
            cost=cost,
        )


def _find_rivals(scores: Floats, weights: Floats, k: int) -> tuple[Labels, Floats]:
    """Return for each row the class that class k must beat, and from which weight of k it does.

    That is 0 where no other class has a score, and infinite where class k has none.
    """
    weighted = scores * weights
    weighted[:, k] = -1
    rival = np.argmax(weighted, axis=1)
    best = np.take_along_axis(weighted, rival[:, np.newaxis], axis=1)[:, 0]
    own = scores[:, k]
    with np.errstate(over="ignore"):
        ratio = np.divide(best, own, out=np.full_like(best, np.inf), where=own > 0)
    # A row without any score is of the first class, whatever the weights.
    return np.where(best > 0, rival, 0), ratio


def _sum_first_changes(changes: NDArray[Any], counts: Labels) -> NDArray[Any]:
    """Return the sums of the first changes along the last axis, as many as each count says."""
    summed = np.cumsum(np.insert(changes, 0, 0, axis=-1), axis=-1)
    return summed.take(counts, axis=-1)


def _is_higher(one: float, other: float) -> bool:
    """Return whether one is higher, by more than rounding."""
    return one > other + ROUNDING * max(abs(one), abs(other))


def _make_notes(search: _Search, weights: Floats) -> list[str]:
    """Return what is unusual about the choice, in words; classes are counted from 0."""
    scores = search.scores
    notes = []
    if (scores == scores[0]).all():
        notes.append("every row has the same scores: all rows are decided alike")
    notes += [
        f"class {k} has score 0 in every row, so no weight can choose it"
        for k in np.flatnonzero(~scores.any(axis=0))
    ]
    if (weights == 1).all():
        notes.append("equal weights: none that was tried serves the objective better")
    return notes
