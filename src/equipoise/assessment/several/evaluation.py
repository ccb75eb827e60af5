"""The numbers of one arm on several classes: on the test part, with intervals, and out of fold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from equipoise.assessment.curves import class_curves
from equipoise.assessment.folds import fold_scores
from equipoise.assessment.intervals import metric_intervals
from equipoise.assessment.judging import Evaluation, Judging, Settled
from equipoise.assessment.limitations import limitations
from equipoise.assessment.metrics import PLAIN, Floats, Labels
from equipoise.assessment.ranking import rank_quickly
from equipoise.assessment.scores import PROBABILITY, Scores, by_class, to_codes
from equipoise.assessment.several import tallies
from equipoise.assessment.several.class_weights import TunedWeights, tune
from equipoise.assessment.several.probabilities import (
    brier_losses,
    classwise_calibration_errors,
    log_losses,
)
from equipoise.assessment.several.replicates import (
    BY_CLASS,
    RANKING,
    Scored,
    class_section,
    replicate_metrics,
)
from equipoise.assessment.several.tallies import Tally
from equipoise.contract.decision_params import Decision
from equipoise.deciding.calibrators import PriorShift
from equipoise.deciding.decision import ArmDecision, changes_odds
from equipoise.deciding.learning import learn_calibrator
from equipoise.deciding.rules import ClassWeights, LeastExpectedCost


def settle(oof: pd.DataFrame, decision: Decision) -> Settled:
    """Return the class weights that serve the objective best out of fold, and their promise."""
    train = Scores.of(oof)
    tuned = tune(train.y_true, train.raw, decision)
    return Settled(ClassWeights(tuned.weights), _out_of_fold(train, tuned, decision), tuned.note)


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, decided: ArmDecision, judging: Judging
) -> Evaluation:
    """Return the evaluation of test rows, scored and decided as `decided` says.

    Both frames have `y_true`, `y_pred` and `y_score_<class>`; `test` has
    `y_probability_<class>` and `y_decided` too.
    """
    decision, rows = judging.decision, Scores.of(test)
    scored = _scored(test, rows, decided, decision)
    replicates = replicate_metrics(scored, decision, judging.uncertainty, judging.seed)
    metrics = (
        _ranking_and_probabilities(scored, Scores.of(oof))
        | _decisions(scored, decided, decision)
        | _by_class(scored)
        | {"out_of_fold": dict(decided.out_of_fold)}
    )
    metrics["interval"] = metric_intervals(replicates, metrics, judging.uncertainty)
    counts = dict(zip(rows.classes, np.bincount(rows.y_true).tolist(), strict=True))
    notes = [note for note in (decided.note, *limitations(metrics, counts)) if note]
    if notes:
        metrics["note"] = "; ".join(notes)
    curves = class_curves(rows.classes, rows.y_true, scored.probabilities)
    return Evaluation(metrics, curves, _by_fold(oof, decided.ratios, judging), replicates)


def _scored(test: pd.DataFrame, rows: Scores, decided: ArmDecision, decision: Decision) -> Scored:
    """Return test rows with every view's probabilities and decisions."""
    probabilities = {PLAIN: rows.raw, "calibrated": by_class(test, PROBABILITY)}
    if decided.ratios is not None and changes_odds(decided.ratios):
        probabilities["prior_corrected"] = PriorShift(decided.ratios).apply(rows.raw)
    decisions = {"default": rows.y_pred, "tuned": to_codes(test["y_decided"], rows.classes)}
    costs = tallies.cost_matrix(decision, len(rows.classes))
    if decision.costs is not None:
        rule = LeastExpectedCost(decision.costs)
        decisions["elkan"] = rule.decide(probabilities["calibrated"])
    return Scored(rows.classes, rows.y_true, probabilities, decisions, costs)


def _ranking_and_probabilities(scored: Scored, train: Scores) -> dict[str, Any]:
    y_true, n_classes = scored.y_true, len(scored.classes)
    shares = np.bincount(train.y_true, minlength=n_classes) / len(train.y_true)
    constant = np.tile(shares, (len(y_true), 1))
    sections: dict[str, dict[str, Any]] = {
        section: _probability_metrics(y_true, score)
        for section, score in (*scored.probabilities.items(), ("constant_guess", constant))
    }
    counts = np.bincount(y_true, minlength=n_classes)
    return sections | {
        PLAIN: sections[PLAIN]
        | _ranking(y_true, scored.probabilities[PLAIN])
        | {"n": len(y_true), "prevalence": float(counts.min() / len(y_true))},
        "classes": list(scored.classes),
    }


def _ranking(y_true: Labels, y_score: Floats) -> dict[str, float]:
    """Return the means over classes, each against the rest."""
    by_class = [_against_rest(y_true, y_score, code) for code in range(y_score.shape[1])]
    return {name: float(np.mean([found[name] for found in by_class])) for name in RANKING}


def _against_rest(y_true: Labels, y_score: Floats, code: int) -> dict[str, float]:
    return rank_quickly((y_true == code).astype(np.int64), y_score[:, code])


def _probability_metrics(y_true: Labels, y_score: Floats) -> dict[str, float]:
    return {
        "brier_score": float(brier_losses(y_true, y_score).mean()),
        "log_loss": float(log_losses(y_true, y_score).mean()),
        "calibration_error": float(np.mean(classwise_calibration_errors(y_true, y_score))),
    }


def _decisions(scored: Scored, decided: ArmDecision, decision: Decision) -> dict[str, Any]:
    sections: dict[str, Any] = {}
    confusions = {}
    for view, y_pred in scored.decisions.items():
        matrix = tallies.confusion_matrix(scored.y_true, y_pred, len(scored.classes))
        tally = Tally.of_confusions(matrix, scored.costs)
        numbers = tallies.decision_metrics(tally)
        numbers |= {decision.objective: tallies.objective(decision)(tally)}
        sections[view] = {name: float(value) for name, value in numbers.items()}
        confusions[view] = matrix.astype(int).tolist()
    if isinstance(decided.rule, ClassWeights):
        weights = dict(zip(scored.classes, decided.rule.weights, strict=True))
        sections["tuned"]["weights"] = weights
    return sections | {"confusion": confusions}


def _by_class(scored: Scored) -> dict[str, Any]:
    """Return a section for each class: the class against all the others."""
    y_true, y_score = scored.y_true, scored.probabilities[PLAIN]
    errors = classwise_calibration_errors(y_true, y_score)
    sections: dict[str, Any] = {}
    for code, label in enumerate(scored.classes):
        decided = {
            f"{view}_{name}": float(metric(Tally.of(y_true, y_pred, len(scored.classes)))[code])
            for view, y_pred in scored.decisions.items()
            for name, metric in BY_CLASS.items()
        }
        sections[class_section(label)] = (
            {"n": int((y_true == code).sum()), "calibration_error": float(errors[code])}
            | _against_rest(y_true, y_score, code)
            | decided
        )
    return sections


def _out_of_fold(train: Scores, tuned: TunedWeights, decision: Decision) -> dict[str, float]:
    """Return the evidence on train rows: what may be used to choose, as test may not be."""
    return _ranking(train.y_true, train.raw) | {
        "brier_score": float(brier_losses(train.y_true, train.raw).mean()),
        f"default_{decision.objective}": _worth(train, train.y_pred, decision),
        f"tuned_{decision.objective}": tuned.value,
    }


def _worth(rows: Scores, y_pred: Labels, decision: Decision) -> float:
    n_classes = len(rows.classes)
    costs = tallies.cost_matrix(decision, n_classes)
    return float(tallies.objective(decision)(Tally.of(rows.y_true, y_pred, n_classes, costs)))


def _by_fold(oof: pd.DataFrame, ratios: Sequence[float] | None, judging: Judging) -> pd.DataFrame:
    """Return a row for each fold: tuned and calibrated on the other folds of its repeat."""
    decision = judging.decision

    def judge(held_out: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
        rows, rest = Scores.of(held_out), Scores.of(others)
        rule = ClassWeights(tune(rest.y_true, rest.raw, decision).weights)
        calibrator = learn_calibrator(judging.calibration, rest.y_true, rest.raw, ratios)
        calibrated = calibrator.apply(rows.raw)
        return _ranking(rows.y_true, rows.raw) | {
            "brier_score": float(brier_losses(rows.y_true, rows.raw).mean()),
            "calibrated_brier_score": float(brier_losses(rows.y_true, calibrated).mean()),
            "log_loss": float(log_losses(rows.y_true, rows.raw).mean()),
            f"default_{decision.objective}": _worth(rows, rows.y_pred, decision),
            f"tuned_{decision.objective}": _worth(rows, rule.decide(rows.raw), decision),
        }

    return fold_scores(oof, judge, forward=judging.forward, never_scored=judging.never_scored)
