"""What the numbers of folds would be on other rows: bootstrap replicates of all folds together.

Rows of train are drawn once for every fold and every repeat of the folds: a row that is held out
twice counts as often in both. Models, thresholds and calibrators stay as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from equipoise.deciding.objectives import Objective
from equipoise.judging.bootstrap import (
    Counts,
    Stratum,
    Summands,
    count_rows,
    draw_counts,
    make_strata,
)
from equipoise.judging.fold_differences import DRAWN
from equipoise.judging.replicates import (
    ROWS,
    collect_tally,
    judge_net_benefits,
    list_counts,
    list_net_benefit_columns,
    restate_rows,
)
from equipoise.judging.resampled_ranking import Ranking
from equipoise.metrics.names import Floats, Labels, name_column
from equipoise.metrics.probabilities import brier_losses
from equipoise.metrics.ranking import RANKING
from equipoise.metrics.scores import Scores

# A variance from so many is off by 7 %, one standard error.
REPLICATES = 400
CALIBRATED = "calibrated"


@dataclass(frozen=True)
class Change:
    """How far each row changes with another training, and what each counts for in the mean."""

    size: Floats
    weight: Floats

    def measure(self) -> float:
        """Return the mean over rows; 0 where none counts."""
        return float(_divide(self.size.sum(), self.weight.sum()))


@dataclass(frozen=True)
class FoldRows:
    """The rows of one fold, decided and calibrated by what the other folds settle.

    `row` says which rows of train they are, `changes` how far they change when trained again.
    """

    repeat: int
    fold: int
    row: Labels
    rows: Scores
    changes: Mapping[str, Change] = field(default_factory=dict)


@dataclass(frozen=True)
class RowDraws:
    """How often each replicate draws each row of train, the same for every fold and arm."""

    rows: pd.Index
    strata: Sequence[Stratum]
    counts: Counts

    @classmethod
    def of(cls, labels: pd.Series, seed: int, group: pd.Series | None = None) -> Self:
        """Draw rows alike or, where `group` says by row which group each belongs to, by group.

        `labels` has the code of the class of each row.
        """
        labels = labels.sort_index()
        groups = None if group is None else pd.factorize(group.loc[labels.index])[0]
        strata = make_strata(labels.to_numpy(), seed, groups)
        counts = draw_counts(strata, REPLICATES, seed, together=groups is not None)
        return cls(labels.index, strata, counts)

    def select(self, rows: Labels) -> tuple[Sequence[Stratum], Counts]:
        """Return some of the rows as strata of their own, in their order, and how often drawn."""
        place = np.full(len(self.rows), -1)
        place[self.rows.get_indexer(pd.Index(rows))] = np.arange(len(rows))
        selected = [stratum.select(place) for stratum in self.strata]
        counts = [of_all[:, unit] for of_all, (_, unit) in zip(self.counts, selected, strict=True)]
        return [part for part, _ in selected], counts


def replicate_folds(
    folds: Sequence[FoldRows],
    objective: Objective,
    seed: int,
    group: pd.Series | None = None,
    odds: Sequence[float] = (),
) -> pd.DataFrame:
    """Return a row for each replicate of each fold: `repeat`, `fold`, and a column for each number.

    Replicates of a fold stand in the order of their draws, which are the same for all arms. Rows
    are drawn alike or, where `group` says by row of train which group each belongs to, by group.
    A number has no value (NaN) where no row of a class that it needs is drawn.
    """
    known = pd.concat([pd.Series(fold.rows.y_true, index=fold.row) for fold in folds])
    draws = RowDraws.of(known[~known.index.duplicated()], seed, group)
    frames = []
    with threadpool_limits(limits=1):  # the same bits on any machine
        for fold in folds:
            numbers = _measure_fold(fold, *draws.select(fold.row), objective, odds)
            frames.append(pd.DataFrame({"repeat": fold.repeat, "fold": fold.fold, **numbers}))
    return pd.concat(frames, ignore_index=True)


def _measure_fold(
    fold: FoldRows,
    strata: Sequence[Stratum],
    drawn: Counts,
    objective: Objective,
    odds: Sequence[float],
) -> dict[str, Floats]:
    """Return the numbers that remedies are compared by, of each replicate of a fold."""
    rows = fold.rows
    counts, calibrated = restate_rows(rows, strata, drawn), name_column(CALIBRATED, "brier_score")
    columns = [*_list_columns_to_sum(rows, objective, odds), *_list_changes(fold)]
    totals = Summands.of(strata, columns).sum_columns(counts)
    with np.errstate(invalid="ignore"):
        rankings = (
            Ranking.of(strata, code, rows.raw[:, code], rows.weigh_rest_and_class(code))
            for code in rows.classes.judged
        )
        ranked = [ranking.measure_ranking(counts) for ranking in rankings]
        return {
            **{name: np.mean([own[name] for own in ranked], axis=0) for name in RANKING},
            calibrated: totals[calibrated] / totals[ROWS],
            **{f"{DRAWN}{code}": own for code, own in enumerate(count_rows(strata, drawn))},
            **{
                f"{view}_{objective.name}": objective.value(collect_tally(rows, totals, view))
                for view in rows.decisions
            },
            **judge_net_benefits(totals, odds),
            **{name: _divide(totals[name], totals[f"{name} of"]) for name in fold.changes},
        }


def _list_columns_to_sum(
    rows: Scores, objective: Objective, odds: Sequence[float]
) -> Iterator[tuple[str, Floats]]:
    """Give what these numbers are made of, a value for each row."""
    losses = brier_losses(rows.y_true, rows.probabilities[CALIBRATED], rows.classes.judged)
    yield ROWS, np.ones(len(rows.y_true))
    yield name_column(CALIBRATED, "brier_score"), losses
    yield from list_counts(rows, objective)
    yield from list_net_benefit_columns(rows, odds)


def _list_changes(fold: FoldRows) -> Iterator[tuple[str, Floats]]:
    for name, change in fold.changes.items():
        yield name, change.size
        yield f"{name} of", change.weight


def _divide(total: ArrayLike, weight: ArrayLike) -> Floats:
    """Return a ratio, 0 for 0 / 0."""
    return np.asarray(total) / np.maximum(weight, np.finfo(np.float64).tiny)
