"""What train settles about an arm: a rule, a calibrator, and what they promise out of fold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from equipoise.core.difference import ResamplingSummary
from equipoise.core.fit_report import FitReport
from equipoise.core.table_schema import Label
from equipoise.deciding.calibrators import Calibrator, Floats, Restated
from equipoise.deciding.decision import ArmDecision, Settled
from equipoise.deciding.folds import Fold, split_by_fold
from equipoise.deciding.learning import learn_calibrator
from equipoise.deciding.objectives import Objective
from equipoise.deciding.tuning import tune_rule
from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.probabilities import brier_losses
from equipoise.metrics.ranking import rank_classes
from equipoise.metrics.scores import Scores, check_scores
from equipoise.terminal.errors import UserError


def find_known_ratios(
    ratios: Mapping[str, float] | None, unknown_odds: str | None, calibration: str
) -> Mapping[str, float] | None:
    """Return what a strategy made of the shares of classes, unless its model changes them too.

    `unknown_odds` says in words what does, if anything. A `UserError` repeats it if
    `calibration` is to undo what nobody knows.
    """
    if unknown_odds is None:
        return ratios
    if calibration == "prior":
        raise UserError(
            f"calibration: 'prior' cannot correct {unknown_odds}; choose isotonic or sigmoid"
        )
    return None


@dataclass(frozen=True)
class Treated:
    """What an arm does about imbalance.

    `ratios` are its strategy's, by class; `unknown_odds` says in words what else changes odds.
    """

    treatment: str
    ratios: Mapping[str, float] | None
    unknown_odds: str | None

    @classmethod
    def of(cls, summary: ResamplingSummary, fitted: FitReport) -> Self:
        """Return what the summary of resampling and the report of the fits say about it."""
        return cls(fitted.treatment, summary.ratios, fitted.unknown_odds)


def learn_decision(  # noqa: PLR0913 - a decision has these parts
    oof: pd.DataFrame,
    ratios: Mapping[str, float] | None,
    objective: Objective,
    calibration: str,
    *,
    labels: Sequence[Label],
    treatment: str,
    forward: bool = False,
) -> ArmDecision:
    """Return what out-of-fold scores settle; no row of test has a part in it.

    `oof` has `y_true`, `y_pred`, `y_score` (or `y_score_<class>` where there are several) and,
    where the objective goes by it, `amount`. `ratios` has, by class, what the arm made of its
    share in what is learned, up to a constant; None where nobody knows. `labels` are the
    user's own, in the order of the classes.
    """
    check_scores(oof, "out-of-fold")
    rows = Scores.of(oof, objective.prevalence)
    by_code = None if ratios is None else tuple(float(ratios[name]) for name in rows.classes.names)
    tuned = tune_rule(rows, objective)
    calibrator = learn_restated_calibrator(rows, by_code, calibration)
    folds = [*split_by_fold(oof, forward=forward)]
    settled = settle_folds(folds, by_code, objective, calibration)
    return ArmDecision(
        labels=tuple(labels),
        rule=tuned.rule,
        calibrator=calibrator,
        treatment=treatment,
        out_of_fold=_collect_evidence(folds, settled, objective),
        folds=settled,
        ratios=by_code,
        limit_kept=tuned.limit_kept,
        note=tuned.note,
    )


def settle_folds(
    folds: Iterable[Fold],
    ratios: Sequence[float] | None,
    objective: Objective,
    calibration: str,
) -> tuple[Settled, ...]:
    """Return for each fold the rule and the calibrator that the other folds give."""
    known = (Scores.of(fold.others, objective.prevalence) for fold in folds)
    return tuple(settle_rows(rows, ratios, objective, calibration) for rows in known)


def settle_rows(
    rows: Scores, ratios: Sequence[float] | None, objective: Objective, calibration: str
) -> Settled:
    """Return the rule and the calibrator that out-of-fold rows give."""
    return Settled(
        tune_rule(rows, objective).rule,
        learn_restated_calibrator(rows, ratios, calibration),
    )


def learn_restated_calibrator(
    rows: Scores, ratios: Sequence[float] | None, calibration: str
) -> Calibrator:
    """Return the calibrator that out-of-fold rows give, restated for their `prevalence`."""
    learned = learn_calibrator(calibration, rows.y_true, rows.raw, ratios, rows.repeats)
    if rows.prevalence is None:
        return learned
    return Restated(learned, float((rows.y_true == POSITIVE).mean()), rows.prevalence)


def _collect_evidence(
    folds: Iterable[Fold], settled: Iterable[Settled], objective: Objective
) -> dict[str, float]:
    """Return the evidence on train rows: what may be used to choose, as test may not be.

    Means over folds, for scores of different models have no common order. What a rule and a
    calibrator promise is what those of the other folds give: on the rows that they were learned
    from they look better than they are.
    """
    measured = pd.DataFrame(
        [
            _measure_fold(Scores.of(fold.held_out, objective.prevalence), decision, objective)
            for fold, decision in zip(folds, settled, strict=True)
        ]
    )
    return {str(name): float(mean) for name, mean in measured.mean().items()}


def _measure_fold(rows: Scores, decision: Settled, objective: Objective) -> dict[str, float]:
    calibrated = decision.calibrator.apply(rows.raw)
    return {
        **rank_classes(rows),
        "brier_score": _measure_brier_score(rows, rows.raw),
        "calibrated_brier_score": _measure_brier_score(rows, calibrated),
        f"default_{objective.name}": objective.worth(rows, rows.y_pred),
        f"tuned_{objective.name}": objective.worth(rows, decision.rule.decide(rows.raw)),
    }


def _measure_brier_score(rows: Scores, probabilities: Floats) -> float:
    losses = brier_losses(rows.y_true, probabilities, rows.classes.judged)
    return float(np.average(losses, weights=rows.row_weights))
