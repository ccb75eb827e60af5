"""What train settles about an arm: a rule, a calibrator, and what they promise out of fold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import pandas as pd

from equipoise.core.difference import ResamplingSummary
from equipoise.core.fit_report import FitReport
from equipoise.core.table_schema import Label
from equipoise.deciding.calibrators import Calibrator, Restated
from equipoise.deciding.decision import ArmDecision, Settled
from equipoise.deciding.folds import Fold, split_by_fold
from equipoise.deciding.learning import RESTATED, STEPS, learn_calibrator
from equipoise.deciding.objectives import Objective
from equipoise.deciding.tuning import tune_rule
from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.names import PLAIN, name_column
from equipoise.metrics.probabilities import measure_probabilities
from equipoise.metrics.ranking import rank_classes
from equipoise.metrics.scores import Scores, check_scores
from equipoise.metrics.tallies import measure_decisions
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


def check_calibrated(calibration: str, *, only_scores: bool) -> None:
    """Raise a `UserError` if scores that are no probabilities are to stay as they are."""
    if only_scores and calibration == "none":
        raise UserError(
            "calibration: 'none' leaves no probabilities where a model gives only scores; choose"
            " auto, isotonic, sigmoid or venn_abers"
        )


@dataclass(frozen=True)
class Treated:
    """What an arm does about imbalance.

    `ratios` are its strategy's, by class; `unknown_odds` says in words what else changes odds.
    `only_scores` tells that its scores are no probabilities.
    """

    treatment: str
    ratios: Mapping[str, float] | None
    unknown_odds: str | None
    only_scores: bool = False

    @classmethod
    def of(cls, summary: ResamplingSummary, fitted: FitReport) -> Self:
        """Return what the summary of resampling and the report of the fits say about it."""
        return cls(fitted.treatment, summary.ratios, fitted.unknown_odds, fitted.only_scores)


def learn_decision(  # noqa: PLR0913 - a decision has these parts
    oof: pd.DataFrame,
    ratios: Mapping[str, float] | None,
    objective: Objective,
    calibration: str,
    *,
    labels: Sequence[Label],
    treatment: str,
    forward: bool = False,
    only_scores: bool = False,
) -> ArmDecision:
    """Return what out-of-fold scores settle; no row of test has a part in it.

    `oof` has `y_true`, `y_pred`, `y_score` (or `y_score_<class>` where there are several) and,
    where the objective goes by it, `amount`. `ratios` has, by class, what the arm made of its
    share in what is learned, up to a constant; None where nobody knows. `labels` are the
    user's own, in the order of the classes. With `only_scores`, only calibrated scores are measured
    as probabilities.
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
        out_of_fold=_collect_evidence(folds, settled, objective, only_scores=only_scores),
        folds=settled,
        ratios=by_code,
        limit_kept=tuned.limit_kept,
        note=tuned.note,
        only_scores=only_scores,
        share=find_share(rows),
    )


def find_share(rows: Scores) -> float | None:
    """Return the share of positives among rows; None where there are several classes."""
    return None if rows.classes.positive is None else float((rows.y_true == POSITIVE).mean())


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
    steps = STEPS if rows.prevalence is None else RESTATED
    learned = learn_calibrator(
        calibration, rows.y_true, rows.raw, ratios, rows.repeats, steps=steps
    )
    before = find_share(rows)
    if rows.prevalence is None or before is None:
        return learned
    return Restated(learned, before, rows.prevalence)


def _collect_evidence(
    folds: Iterable[Fold], settled: Iterable[Settled], objective: Objective, *, only_scores: bool
) -> dict[str, float]:
    """Return the evidence on train rows: what may be used to choose, as test may not be.

    Means over folds, for scores of different models have no common order. What a rule and a
    calibrator promise is what those of the other folds give: on the rows that they were learned
    from they look better than they are.
    """
    measured = pd.DataFrame(
        [
            _measure_fold(
                Scores.of(fold.held_out, objective.prevalence),
                decision,
                objective,
                only_scores=only_scores,
            )
            for fold, decision in zip(folds, settled, strict=True)
        ]
    )
    return {str(name): float(mean) for name, mean in measured.mean().items()}


def _measure_fold(
    rows: Scores, decision: Settled, objective: Objective, *, only_scores: bool
) -> dict[str, float]:
    """Return every metric of a fold's rows, under the names that `name_column` gives."""
    classes, numbers = rows.classes, rank_classes(rows)
    probabilities = {} if only_scores else {PLAIN: rows.raw}
    probabilities["calibrated"] = decision.calibrator.apply(rows.raw)
    for section, scores in probabilities.items():
        measured = measure_probabilities(rows.y_true, scores, classes.judged, rows.row_weights)
        numbers |= {name_column(section, name): value for name, value in measured.items()}
    for view, y_pred in {"default": rows.y_pred, "tuned": decision.rule.decide(rows.raw)}.items():
        tally = objective.tally(rows, y_pred)
        decided = measure_decisions(tally, classes.positive)
        decided[objective.name] = objective.value(tally)
        numbers |= {name_column(view, name): float(value) for name, value in decided.items()}
    return numbers
