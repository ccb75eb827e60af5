"""The number that arms are raced by: of each fold, and of its rows drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from equipoise.deciding.folds import Fold
from equipoise.deciding.objectives import Objective
from equipoise.deciding.tuning import tune_rule
from equipoise.judging.bootstrap import Counts, Stratum, Summands
from equipoise.judging.replicates import collect_tally, list_counts, restate_rows
from equipoise.judging.resampled_ranking import Ranking
from equipoise.metrics.names import Floats
from equipoise.metrics.ranking import rank_classes
from equipoise.metrics.scores import SCORE, Scores

OBJECTIVE, TUNED = "objective", "tuned"
Drawn = tuple[Sequence[Stratum], Counts]


def rank_scores(scored: pd.DataFrame) -> pd.DataFrame:
    """Return rows of two classes with the share of rows below as their score.

    Folds whose models have other configurations then have one scale: with a smaller C, scores are
    nearer to one another, and a threshold of other folds would decide nothing, or everything.
    """
    return scored.assign(**{SCORE: (scored[SCORE].rank() - 0.5) / len(scored)})


@dataclass(frozen=True)
class FoldValue:
    """A number of one arm in one fold, higher is better, and that of each replicate."""

    value: float
    replicates: Floats


@dataclass(frozen=True)
class Yardstick:
    """A metric of the ranking, or the objective with a rule that the other folds settle."""

    metric: str
    objective: Objective

    @property
    def needs_others(self) -> bool:
        """Whether a fold's number depends on the scores of the other folds of its repeat."""
        return self.metric == OBJECTIVE

    @property
    def name(self) -> str:
        """The metric or the objective, as files call it."""
        return self.objective.name if self.needs_others else self.metric

    @property
    def sign(self) -> int:
        """-1 where lower values are better, else 1."""
        return self.objective.sign if self.needs_others else 1

    def measure_alone(self, scored: pd.DataFrame) -> float:
        """Return the number of rows that settle their own rule; higher is better."""
        rows = Scores.of(scored, self.objective.prevalence)
        if self.needs_others:
            return self.sign * tune_rule(rows, self.objective).value
        return rank_classes(rows)[self.metric]

    def measure_fold(self, fold: Fold, drawn: Drawn) -> FoldValue:
        """Return the number of a fold; `drawn` says how often replicates draw its rows."""
        prevalence = self.objective.prevalence
        rows = Scores.of(fold.held_out, prevalence)
        if not self.needs_others:
            return FoldValue(rank_classes(rows)[self.metric], self._replicate_ranking(rows, drawn))
        rule = tune_rule(Scores.of(fold.others, prevalence), self.objective).rule
        decided = replace(rows, decisions={TUNED: rule.decide(rows.raw)})
        value = self.objective.worth(decided, decided.decisions[TUNED])
        return FoldValue(self.sign * value, self.sign * self._replicate_objective(decided, drawn))

    def _replicate_objective(self, rows: Scores, drawn: Drawn) -> Floats:
        strata, counts = drawn
        summands = Summands.of(strata, list_counts(rows, self.objective))
        totals = summands.sum_columns(restate_rows(rows, strata, counts))
        return self.objective.value(collect_tally(rows, totals, TUNED))

    def _replicate_ranking(self, rows: Scores, drawn: Drawn) -> Floats:
        strata, counts = drawn[0], restate_rows(rows, *drawn)
        with np.errstate(invalid="ignore"):
            rankings = (
                Ranking.of(strata, code, rows.raw[:, code], rows.weigh_rest_and_class(code))
                for code in rows.classes.judged
            )
            ranked: list[Any] = [own.measure_ranking(counts)[self.metric] for own in rankings]
        return np.asarray(np.mean(ranked, axis=0))
