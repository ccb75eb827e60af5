"""One arm judged: its numbers on the test part, with intervals, out of fold, and by fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.tables import GROUP, ROW
from equipoise.deciding.assembling import assemble_classifier
from equipoise.deciding.calibrators import Calibrator, PriorShift, Restated
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.decision import ArmDecision, changes_odds
from equipoise.deciding.objectives import Objective, add_amounts, find_elkan_threshold
from equipoise.deciding.rules import ClassWeights, LeastExpectedCost, Threshold
from equipoise.deciding.scoring import score_decided
from equipoise.judging.arm_result import (
    OBSERVED_PREVALENCE,
    ArmResult,
    Decided,
    Numbers,
    UsedRule,
    make_untested_result,
    name_class_section,
)
from equipoise.judging.brief import mark_choice
from equipoise.judging.constant_guess import measure_constant_guess
from equipoise.judging.curves import (
    NO_CURVES,
    make_curves_by_class,
    make_net_benefit_curves,
    make_threshold_curve,
)
from equipoise.judging.fold_scores import add_groups, judge_by_fold
from equipoise.judging.instability import estimate_instability
from equipoise.judging.intervals import Interval, estimate_metric_intervals
from equipoise.judging.limitations import describe_poor_probabilities
from equipoise.judging.records import EvaluatedArm, Evaluation, Judging
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.names import PLAIN, PREVALENCE, Floats, name_column
from equipoise.metrics.net_benefit import measure_net_benefits
from equipoise.metrics.probabilities import (
    calibration_error,
    measure_probabilities,
)
from equipoise.metrics.ranking import rank_class, rank_classes
from equipoise.metrics.scores import Scores, check_scores
from equipoise.metrics.tallies import BY_CLASS, Tally, confusion_matrix, measure_decisions

DEFAULT_THRESHOLD = 0.5
OF_PROBABILITIES = ("brier_score", "log_loss", "calibration_error")


@dataclass(frozen=True)
class SettledArm:
    """An arm before it sees test: its pipeline, what train settled, and the scores it rests on.

    `notes` say how its fits went.
    """

    name: ArmName
    pipeline: Any
    decision: ArmDecision
    out_of_fold: pd.DataFrame
    notes: Sequence[str]

    @property
    def classifier(self) -> DecidingClassifier:
        """The arm as one classifier."""
        return assemble_classifier(self.pipeline, self.decision)


def evaluate_arm(
    arm: SettledArm, train: pd.DataFrame, part: pd.DataFrame, judging: Judging
) -> EvaluatedArm:
    """Return the evaluation of an arm on a part that it has not seen, test.

    If that has no row, the folds of train alone are evaluated.
    """
    name, objective = arm.name, judging.objective
    judging = replace(judging, never_scored=len(train) - arm.out_of_fold[ROW].nunique())
    oof = add_groups(add_amounts(arm.out_of_fold, train, objective.amount), train)
    if part.empty:
        test = arm.out_of_fold.drop(columns=["repeat", "fold"]).iloc[:0]
        found = evaluate_by_folds(oof, arm.decision, judging, name=name, notes=arm.notes)
    else:
        test = score_decided(arm.classifier, part)
        scored = add_groups(add_amounts(test, part, objective.amount), part)
        found = evaluate(scored, oof, arm.decision, judging, name=name, notes=arm.notes)
    tuned_on = Scores.of(oof, objective.prevalence)
    worth = objective.worth(tuned_on, arm.decision.rule.decide(tuned_on.raw))
    curves = mark_choice(found.curves, found.result, worth)
    names = {"arm": str(name), "strategy": name.strategy, "model": name.model}
    return EvaluatedArm(**{**vars(found), "curves": curves.assign(**names), "test": test})


def evaluate(  # noqa: PLR0913 - an evaluation rests on these
    test: pd.DataFrame,
    oof: pd.DataFrame,
    decided: ArmDecision,
    judging: Judging,
    *,
    name: ArmName,
    notes: Sequence[str] = (),
) -> Evaluation:
    """Return the evaluation of scored test rows, by what train settled.

    Both frames have `y_true`, `y_pred` and, for the positive of two classes, `y_score`, or
    `y_score_<class>` where there are several; where the objective goes by it, `amount`; where rows
    belong together, `group`. `test` also has `y_decided` and `y_probability`, or
    `y_probability_<class>`. `notes` say how fits went.
    """
    check_scores(test, "test")
    objective = judging.objective
    train, tested = (Scores.of(part, objective.prevalence) for part in (oof, test))
    rows = _with_more_views(tested, decided, objective)
    result = _measure_test(rows, train, decided, judging, name)
    replicates = _replicate_test(rows, test, judging)
    curves = [make_curves_by_class(rows)]
    if decided.only_scores:
        result, replicates, curves = _keep_calibrated(result, replicates, curves)
    folds, fold_replicates = _judge_folds(oof, decided, judging)
    confidence = judging.uncertainty.confidence
    intervals = _estimate_intervals(rows, result, replicates, confidence)
    instability, of_instability = estimate_instability(folds, fold_replicates, confidence)
    result = replace(
        result,
        intervals=intervals | of_instability,
        instability=instability,
        note=_write_note(rows, replace(result, intervals=intervals), decided, objective, notes),
    )
    if rows.classes.positive is not None:
        curves.append(make_threshold_curve(train, objective))
    if result.net_benefit is not None:
        prevalence = float(rows.shares[POSITIVE])
        curves.append(make_net_benefit_curves(result.net_benefit, intervals, prevalence))
    drawn = pd.concat(curves, ignore_index=True)
    return Evaluation(result, folds, fold_replicates, replicates, drawn)


def _measure_test(
    rows: Scores, train: Scores, decided: ArmDecision, judging: Judging, name: ArmName
) -> ArmResult:
    """Return the numbers of test rows, without intervals."""
    objective = judging.objective
    tallies = {view: objective.tally(rows, y_pred) for view, y_pred in rows.decisions.items()}
    decided_rows = _judge_decisions(rows, tallies, decided, objective)
    probabilities = {
        section: measure_probabilities(rows.y_true, scores, rows.classes.judged, rows.row_weights)
        for section, scores in rows.probabilities.items()
    }
    return ArmResult(
        arm=str(name),
        strategy=name.strategy,
        model=name.model,
        treatment=decided.treatment,
        test=probabilities[PLAIN] | rank_classes(rows) | _count_rows(rows),
        calibrated=probabilities["calibrated"],
        prior_corrected=probabilities.get("prior_corrected"),
        constant_guess=measure_constant_guess(rows, train, objective),
        out_of_fold=decided.out_of_fold,
        limit_kept=decided.limit_kept,
        default=decided_rows["default"],
        tuned=decided_rows["tuned"],
        elkan=decided_rows.get("elkan"),
        by_class=_judge_by_class(rows, tallies),
        net_benefit=measure_net_benefits(rows, judging.odds) or None,
    )


def _replicate_test(rows: Scores, test: pd.DataFrame, judging: Judging) -> pd.DataFrame:
    group = pd.factorize(test[GROUP])[0] if GROUP in test else None
    resamples, seed = judging.uncertainty.resamples, judging.seed
    return replicate_metrics(rows, judging.objective, resamples, seed, group, odds=judging.odds)


def _estimate_intervals(
    rows: Scores, result: ArmResult, replicates: pd.DataFrame, confidence: float
) -> dict[str, Interval]:
    counted = np.bincount(rows.y_true, minlength=len(rows.classes)).tolist()
    counts = dict(zip(rows.classes.names, counted, strict=True))
    metrics = replicates.drop(columns=PREVALENCE, errors="ignore")
    return estimate_metric_intervals(metrics, result.sections, counts, confidence)


def _write_note(
    rows: Scores,
    result: ArmResult,
    decided: ArmDecision,
    objective: Objective,
    notes: Sequence[str],
) -> str | None:
    """Return what is unusual about an arm, from its fits to its numbers; None if nothing is."""
    brier = result.intervals.get("brier_score")  # none of scores that are no probabilities
    worse = None if brier is None else describe_poor_probabilities(result, brier)
    broken = _describe_broken_limit(rows, objective)
    unusual = (*notes, _describe_constant(rows), decided.note, broken, worse)
    return "; ".join(filter(None, unusual)) or None


def _keep_calibrated(
    result: ArmResult, replicates: pd.DataFrame, curves: list[pd.DataFrame]
) -> tuple[ArmResult, pd.DataFrame, list[pd.DataFrame]]:
    """Return all without what measures scores as probabilities that they are not."""
    by_class = {
        label: {name: value for name, value in own.items() if name not in OF_PROBABILITIES}
        for label, own in result.by_class.items()
    }
    test = {name: value for name, value in result.test.items() if name not in OF_PROBABILITIES}
    sections = [PLAIN, *map(name_class_section, result.classes)]
    dropped = {name_column(section, name) for section in sections for name in OF_PROBABILITIES}
    return (
        replace(result, test=test, by_class=by_class),
        replicates.drop(columns=[name for name in replicates if name in dropped]),
        [curve[curve["curve"] != "reliability"] for curve in curves],
    )


def evaluate_by_folds(
    oof: pd.DataFrame,
    decided: ArmDecision,
    judging: Judging,
    *,
    name: ArmName,
    notes: Sequence[str] = (),
) -> Evaluation:
    """Return what the folds of train say of an arm, where no part is kept aside for the test.

    The arguments are those of `evaluate`.
    """
    train = Scores.of(oof, judging.objective.prevalence)
    several = train.classes.positive is None
    result = make_untested_result(
        (str(name), name.strategy, name.model, decided.treatment),
        decided.out_of_fold,
        _name_rules(train, decided, judging.objective).get("tuned", UsedRule()),
        classes=train.classes.names if several else (),
        limit_kept=decided.limit_kept,
        note="; ".join(filter(None, (*notes, decided.note))) or None,
    )
    curves = NO_CURVES if several else make_threshold_curve(train, judging.objective)
    return Evaluation(result, *_judge_folds(oof, decided, judging), pd.DataFrame(), curves)


def _judge_folds(
    oof: pd.DataFrame, decided: ArmDecision, judging: Judging
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `judge_by_fold`, without what measures scores as probabilities that they are not."""
    folds, replicates = judge_by_fold(oof, decided.folds, judging)
    unmeant = OF_PROBABILITIES if decided.only_scores else ()
    return folds.drop(columns=[column for column in folds if column in unmeant]), replicates


def _with_more_views(test: Scores, decided: ArmDecision, objective: Objective) -> Scores:
    """Return test rows with the prior corrected where it can be, and Elkan's decisions for costs.

    These go by calibrated probabilities: by a threshold where a class is positive, since it may
    differ from row to row with the amount.
    """
    probabilities, decisions = dict(test.probabilities), dict(test.decisions)
    if decided.ratios is not None and changes_odds(decided.ratios):
        probabilities["prior_corrected"] = _correct_prior(
            test.raw, decided.ratios, decided.calibrator
        )
    if objective.costs is not None:
        calibrated = probabilities["calibrated"]
        if test.classes.positive is None:
            rule = LeastExpectedCost(tuple(map(tuple, objective.costs.tolist())))
            decisions["elkan"] = rule.decide(calibrated)
        else:
            threshold = find_elkan_threshold(objective.costs, test.amount)
            decisions["elkan"] = (calibrated[:, POSITIVE] >= threshold).astype(np.int64)
    return replace(test, probabilities=probabilities, decisions=decisions)


def _correct_prior(scores: Floats, ratios: tuple[float, ...], calibrator: Calibrator) -> Floats:
    """Return scores with what an arm did to the shares of classes undone, restated if it is."""
    corrected = PriorShift(ratios)
    if isinstance(calibrator, Restated):
        return replace(calibrator, calibrator=corrected).apply(scores)
    return corrected.apply(scores)


def _count_rows(rows: Scores) -> dict[str, float]:
    """Return the rows, and the share of the positive class; without one, of the rarest.

    Where numbers are restated, `observed_prevalence` is the share that the rows have.
    """
    share = float(rows.shares[list(rows.classes.judged)].min())
    counted = {"n": len(rows.y_true), PREVALENCE: share}
    if rows.prevalence is None:
        return counted
    return counted | {OBSERVED_PREVALENCE: float((rows.y_true == POSITIVE).mean())}


def _judge_decisions(
    rows: Scores, tallies: Mapping[str, Tally], decided: ArmDecision, objective: Objective
) -> dict[str, Decided]:
    """Return the decisions of each view."""
    rules, found = _name_rules(rows, decided, objective), {}
    for view, y_pred in rows.decisions.items():
        numbers = measure_decisions(tallies[view], rows.classes.positive)
        numbers |= {objective.name: objective.value(tallies[view])}
        matrix = confusion_matrix(rows.y_true, y_pred, len(rows.classes))
        matrix = matrix.astype(int) if rows.prevalence is None else matrix * rows.weights[:, None]
        found[view] = Decided(
            {name: float(value) for name, value in numbers.items()},
            tuple(map(tuple, matrix.tolist())),
            rules[view],
        )
    return found


def _name_rules(rows: Scores, decided: ArmDecision, objective: Objective) -> dict[str, UsedRule]:
    """Return, by view, what decisions were made with: nothing, where rows differ in it."""
    rules = dict.fromkeys(rows.decisions, UsedRule())
    if rows.classes.positive is not None:
        rules["default"] = UsedRule(threshold=DEFAULT_THRESHOLD)
        if objective.costs is not None and rows.amount is None:
            rules["elkan"] = UsedRule(threshold=float(find_elkan_threshold(objective.costs)))
    if isinstance(decided.rule, Threshold):
        rules["tuned"] = UsedRule(threshold=decided.rule.threshold)
    if isinstance(decided.rule, ClassWeights):
        weights = dict(zip(rows.classes.names, decided.rule.weights, strict=True))
        rules["tuned"] = UsedRule(weights=weights)
    return rules


def _judge_by_class(rows: Scores, tallies: Mapping[str, Tally]) -> dict[str, Numbers]:
    """Return the numbers of each class that is told apart: the class against all the others."""
    found: dict[str, Numbers] = {}
    for code in rows.classes.told_apart:
        own = rows.y_true == code
        numbers = {
            "n": int(own.sum()),
            "calibration_error": calibration_error(own, rows.raw[:, code]),
        }
        decided = {
            f"{view}_{name}": float(metric(tally)[code])
            for view, tally in tallies.items()
            for name, metric in BY_CLASS.items()
        }
        found[rows.classes.names[code]] = {
            **numbers,
            **rank_class(rows, code),
            **decided,
        }
    return found


def _describe_constant(rows: Scores) -> str | None:
    """Return that a model gives all rows the same scores, if it does."""
    if np.ptp(rows.raw, axis=0).any():
        return None
    return "the model is constant: every test row gets the same score, so it ranks nothing"


def _describe_broken_limit(rows: Scores, objective: Objective) -> str | None:
    """Return, in words, that decisions by default or tuned broke the objective's limit on test."""
    limit = objective.limit
    if limit is None:
        return None
    broken = []
    for view in ("default", "tuned"):
        tally = objective.tally(rows, rows.decisions[view])
        if limit.room(tally) < 0:
            measured = float(limit.measure(tally))
            broken.append(f"the {view} threshold gives {measured:.4g} {limit.name}")
    if not broken:
        return None
    return (
        f"on the test part {' and '.join(broken)}, outside decision.{limit.key} = {limit.bound:g}"
    )
