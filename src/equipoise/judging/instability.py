"""How far an arm's probabilities and decisions change when it is trained again.

Repeats of the folds train on other rows of the same train part: each row is scored once a repeat,
by a model that did not see it. Every pair of repeats is two trainings, rules and calibrators
included, and the numbers are means over pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from equipoise.judging.arm_result import FLIPPED, INSTABILITY, LOST, MOVED, Numbers
from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.judging.fold_differences import estimate_over_folds
from equipoise.judging.fold_replicates import CALIBRATED, Change, FoldRows
from equipoise.judging.intervals import bound_estimate
from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.names import name_column

SHARE = (0.0, 1.0)
# Trainings of one table are alike in how far they differ, which folds do not show: standard errors
# are wider by this, set by simulation (docs/honesty.md).
WIDENING = 1.5


def add_changes(folds: Sequence[FoldRows]) -> list[FoldRows]:
    """Return the folds with how far their rows change; as they are if there is one repeat.

    So too if the repeats do not have the same rows, once each: the audit says what is wrong then.
    A probability moves by half the sum of its absolute changes over the classes: of two classes,
    by the change of the positive one's.
    """
    repeats = {fold.repeat for fold in folds}
    if len(repeats) == 1:
        return [*folds]
    trained = {repeat: _join_repeat(folds, repeat) for repeat in repeats}
    if not _have_same_rows([*trained.values()]):
        return [*folds]
    return [replace(fold, changes=_compare_with_others(fold, trained)) for fold in folds]


def _join_repeat(folds: Sequence[FoldRows], repeat: int) -> pd.DataFrame:
    """Return the probabilities by class and the decisions by view of each row of train."""
    return pd.concat([_tabulate(fold) for fold in folds if fold.repeat == repeat])


def _have_same_rows(repeats: Sequence[pd.DataFrame]) -> bool:
    rows = [own.index.sort_values() for own in repeats]
    return all(own.is_unique and own.equals(rows[0]) for own in rows)


def _tabulate(fold: FoldRows) -> pd.DataFrame:
    probabilities = pd.DataFrame(fold.rows.probabilities[CALIBRATED], index=fold.row)
    return probabilities.assign(**fold.rows.decisions)


def _compare_with_others(fold: FoldRows, trained: Mapping[int, pd.DataFrame]) -> dict[str, Change]:
    """Return how far rows change, by name: the mean over all other repeats."""
    own = _tabulate(fold)
    others = [rows.loc[fold.row] for repeat, rows in trained.items() if repeat != fold.repeat]
    classes, every_row = [*range(len(fold.rows.classes))], np.ones(len(own))
    moved = [(own[classes] - other[classes]).abs().sum(axis=1) / 2 for other in others]
    changes = {MOVED: Change(np.mean(moved, axis=0), every_row)}
    for view, y_pred in fold.rows.decisions.items():
        flipped = np.mean([own[view] != other[view] for other in others], axis=0)
        changes[name_column(view, FLIPPED)] = Change(flipped, every_row)
        if fold.rows.classes.positive is not None:
            alerts = (y_pred == POSITIVE).astype(np.float64)
            changes[name_column(view, LOST)] = Change(flipped * alerts, alerts)
    return {name_column(INSTABILITY, name): change for name, change in changes.items()}


def estimate_instability(
    folds: pd.DataFrame, replicates: pd.DataFrame, confidence: float
) -> tuple[Numbers | None, dict[str, tuple[float, float]]]:
    """Return how far an arm changes, with intervals by their name among an arm's.

    None if no row was scored twice. Folds and replicates are those of `judge_by_fold`; the
    intervals say how much else could be measured if data were drawn and models trained again.
    """
    prefix = name_column(INSTABILITY, "")
    columns = [str(name) for name in folds if str(name).startswith(prefix)]
    found = {
        name: estimate_over_folds(folds[name], replicates[name], folds, replicates)
        for name in columns
    }
    n_rare = int(folds["n_rare"].iloc[0])
    intervals = {
        name: bound_estimate(_widen(estimate), SHARE, n_rare, confidence)
        for name, estimate in found.items()
    }
    numbers = {name.removeprefix(prefix): own.effect for name, own in found.items()}
    return numbers or None, intervals


def _widen(estimate: EstimatedDifference) -> EstimatedDifference:
    return replace(estimate, standard_error=WIDENING * estimate.standard_error)
