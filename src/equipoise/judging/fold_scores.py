"""An arm's numbers fold by fold, each settled on the other folds, and their replicates."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from equipoise.core.tables import GROUP, ROW
from equipoise.deciding.decision import Settled
from equipoise.deciding.folds import Fold, split_by_fold
from equipoise.deciding.rules import Rule, Threshold
from equipoise.judging.arm_result import CONSTANT
from equipoise.judging.constant_guess import measure_constant_guess
from equipoise.judging.fold_replicates import CALIBRATED, FoldRows, replicate_folds
from equipoise.judging.instability import add_changes
from equipoise.judging.records import Judging
from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.names import NET_BENEFIT, PREVALENCE, name_column
from equipoise.metrics.net_benefit import measure_net_benefits
from equipoise.metrics.probabilities import brier_losses, log_losses
from equipoise.metrics.ranking import rank_classes
from equipoise.metrics.scores import Scores


def judge_by_fold(
    oof: pd.DataFrame, settled: Sequence[Settled], judging: Judging
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row for each fold, and the replicates of all (`replicate_folds`).

    `settled` is in the order of `split_by_fold`; numbers are for `judging.objective.prevalence`.
    A fold has `repeat`, `fold`, `n_train`, `n_test`, `n_rare`, the tuned `threshold` if there is
    one, scores, as `constant_guess_<score>` those of a constant guess, and as
    `instability_<change>` how far its rows change when trained again. `n_train` counts the
    rows that its model was fitted on: those of the others, and the earliest of train,
    `judging.never_scored` of them, which are in no fold of `oof`; `n_rare` all rows of the rarest
    class in `oof`. Where `oof` has groups, replicates draw whole groups.
    """
    scores, judged, prevalence = [], [], judging.objective.prevalence
    once = oof.drop_duplicates(ROW).set_index(ROW)
    n_rare = int(once["y_true"].value_counts().min())
    for fold, decision in zip(split_by_fold(oof, forward=judging.forward), settled, strict=True):
        rows = _decide_fold(fold, decision, prevalence)
        others = Scores.of(fold.others, prevalence)
        sizes = {
            "n_train": judging.never_scored + len(fold.others),
            "n_test": len(fold.held_out),
            "n_rare": n_rare,
        }
        place = {"repeat": fold.repeat, "fold": fold.fold}
        constant = measure_constant_guess(rows, others, judging.objective)
        guessed = {f"{CONSTANT}_{name}": value for name, value in constant.items()}
        scores.append({**place, **sizes, **_score_fold(rows, decision.rule, judging), **guessed})
        judged.append(FoldRows(fold.repeat, fold.fold, fold.held_out[ROW].to_numpy(), rows))
    judged = add_changes(judged)
    for numbers, trained in zip(scores, judged, strict=True):
        numbers |= {name: change.measure() for name, change in trained.changes.items()}
    group = once[GROUP] if GROUP in oof else None
    replicates = replicate_folds(judged, judging.objective, judging.seed, group, judging.odds)
    return pd.DataFrame(scores), replicates


def add_groups(scored: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return scored rows with the group of each, where the part that they are of has groups."""
    if GROUP not in part:
        return scored
    return scored.assign(**{GROUP: part[GROUP].loc[scored[ROW]].to_numpy()})


def _decide_fold(fold: Fold, decision: Settled, prevalence: float | None) -> Scores:
    """Return the rows of a fold with what the others settle: decisions and probabilities."""
    rows = Scores.of(fold.held_out, prevalence)
    probabilities = {**rows.probabilities, CALIBRATED: decision.calibrator.apply(rows.raw)}
    decisions = {**rows.decisions, "tuned": decision.rule.decide(rows.raw)}
    return replace(rows, probabilities=probabilities, decisions=decisions)


def _score_fold(rows: Scores, rule: Rule, judging: Judging) -> dict[str, float]:
    objective, judged, each = judging.objective, rows.classes.judged, rows.row_weights
    losses = {
        name_column(section, "brier_score"): brier_losses(rows.y_true, scores, judged)
        for section, scores in rows.probabilities.items()
    }
    settled = {"threshold": rule.threshold} if isinstance(rule, Threshold) else {}
    return (
        rank_classes(rows)
        | {name: float(np.average(values, weights=each)) for name, values in losses.items()}
        | {"log_loss": float(np.average(log_losses(rows.y_true, rows.raw), weights=each))}
        | (_score_net_benefit(rows, judging.odds) if judging.odds else {})
        | settled
        | {
            f"{view}_{objective.name}": objective.worth(rows, y_pred)
            for view, y_pred in rows.decisions.items()
        }
    )


def _score_net_benefit(rows: Scores, odds: Sequence[float]) -> dict[str, float]:
    """Return the net benefit at each odds, and the prevalence beside, as replicates have them."""
    found = measure_net_benefits(rows, odds).items()
    named = {name_column(NET_BENEFIT, name): value for name, value in found}
    return {**named, PREVALENCE: float(rows.shares[POSITIVE])}
