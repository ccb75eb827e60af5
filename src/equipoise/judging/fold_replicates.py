"""What the numbers of folds would be on other rows: bootstrap replicates of all folds together.

Rows of train are drawn once for every fold and every repeat of the folds: a row that is held out
twice counts as often in both. Models, thresholds and calibrators stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
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
class FoldRows:
    """The rows of one fold, decided and calibrated by what the other folds settle.

    `row` says which rows of train they are.
    """

    repeat: int
    fold: int
    row: Labels
    rows: Scores


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
    labels = known[~known.index.duplicated()].sort_index()
    groups = None if group is None else pd.factorize(group.loc[labels.index])[0]
    strata = make_strata(labels.to_numpy(), seed, groups)
    drawn = draw_counts(strata, REPLICATES, seed, together=groups is not None)
    frames = []
    with threadpool_limits(limits=1):  # the same bits on any machine
        for fold in folds:
            place = np.full(len(labels), -1)
            place[labels.index.get_indexer(fold.row)] = np.arange(len(fold.row))
            selected = [stratum.select(place) for stratum in strata]
            own, units = [part for part, _ in selected], [drawing for _, drawing in selected]
            counts = [of_all[:, unit] for of_all, unit in zip(drawn, units, strict=True)]
            numbers = _measure_fold(fold.rows, own, counts, objective, odds)
            frames.append(pd.DataFrame({"repeat": fold.repeat, "fold": fold.fold, **numbers}))
    return pd.concat(frames, ignore_index=True)


def _measure_fold(
    rows: Scores,
    strata: Sequence[Stratum],
    drawn: Counts,
    objective: Objective,
    odds: Sequence[float],
) -> dict[str, Floats]:
    """Return the numbers that remedies are compared by, of each replicate of a fold."""
    judged, calibrated = rows.classes.judged, name_column(CALIBRATED, "brier_score")
    losses = brier_losses(rows.y_true, rows.probabilities[CALIBRATED], judged)
    columns = [
        (ROWS, np.ones(len(rows.y_true))),
        (calibrated, losses),
        *list_counts(rows, objective),
        *list_net_benefit_columns(rows, odds),
    ]
    counts = restate_rows(rows, strata, drawn)
    totals = Summands.of(strata, columns).sum_columns(counts)
    with np.errstate(invalid="ignore"):
        ranked = [
            Ranking.of(strata, code, rows.raw[:, code]).measure_ranking(counts) for code in judged
        ]
        return {
            **{name: np.mean([own[name] for own in ranked], axis=0) for name in RANKING},
            calibrated: totals[calibrated] / totals[ROWS],
            **{f"{DRAWN}{code}": own for code, own in enumerate(count_rows(strata, drawn))},
            **{
                f"{view}_{objective.name}": objective.value(collect_tally(rows, totals, view))
                for view in rows.decisions
            },
            **judge_net_benefits(totals, odds),
        }
