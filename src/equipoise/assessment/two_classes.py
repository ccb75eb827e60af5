"""The numbers of one arm on two classes: on the test part, with intervals, and out of fold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from equipoise.assessment.curves import arm_curves, reliability_curves
from equipoise.assessment.folds import fold_scores
from equipoise.assessment.intervals import metric_intervals
from equipoise.assessment.judging import Evaluation, Judging, Settled
from equipoise.assessment.limitations import limitations
from equipoise.assessment.metrics import (
    PLAIN,
    Floats,
    Labels,
    calibration_error,
    decision_metrics,
    log_losses,
)
from equipoise.assessment.objectives import (
    elkan_threshold,
    make_objective,
    objective_value,
    outcome_of,
)
from equipoise.assessment.ranking import rank_quickly
from equipoise.assessment.replicates import Scored, replicate_metrics
from equipoise.assessment.scores import PROBABILITY, SCORE, Scores, by_class
from equipoise.assessment.thresholds import Tuned, decide, tune
from equipoise.contract.decision_params import Decision
from equipoise.deciding.calibrators import PriorShift
from equipoise.deciding.decision import ArmDecision, changes_odds
from equipoise.deciding.learning import learn_calibrator
from equipoise.deciding.rules import Threshold

DEFAULT_THRESHOLD = 0.5


def settle(oof: pd.DataFrame, decision: Decision) -> Settled:
    """Return the threshold that serves the objective best out of fold, and what it promises."""
    tuned = tune(oof["y_true"], oof["y_score"], decision, _amount(oof))
    return Settled(Threshold(tuned.threshold), _out_of_fold(oof, tuned, decision), tuned.note)


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, decided: ArmDecision, judging: Judging
) -> Evaluation:
    """Return the evaluation of test rows, scored and decided as `decided` says.

    Both frames have `y_true`, `y_score` (probability of the positive class), `y_pred` and,
    where the objective goes by it, `amount`; `test` has `y_probability` and `y_decided` too.
    """
    decision = judging.decision
    scored = _scored(test, decided, decision)
    replicates = replicate_metrics(scored, decision, judging.uncertainty, judging.seed)
    metrics = (
        _ranking_and_probabilities(scored, oof)
        | _decisions(scored, decided, decision)
        | {"out_of_fold": dict(decided.out_of_fold)}
    )
    metrics["interval"] = metric_intervals(replicates, metrics, judging.uncertainty)
    counts = dict(zip(("0", "1"), np.bincount(scored.y_true, minlength=2).tolist(), strict=True))
    broken = _limit_broken(scored, decision)
    notes = [note for note in (decided.note, broken, *limitations(metrics, counts)) if note]
    if notes:
        metrics["note"] = "; ".join(notes)
    reliability = reliability_curves(scored.y_true, scored.probabilities)
    curves = pd.concat([arm_curves(test, oof, decision), reliability], ignore_index=True)
    return Evaluation(metrics, curves, _by_fold(oof, decided.ratios, judging), replicates)


def _scored(test: pd.DataFrame, decided: ArmDecision, decision: Decision) -> Scored:
    """Return test rows with every view's probabilities and decisions."""
    y_score, calibrated = (test[name].to_numpy() for name in (SCORE, PROBABILITY))
    probabilities = {PLAIN: y_score, "calibrated": calibrated}
    if decided.ratios is not None and changes_odds(decided.ratios):
        corrected = PriorShift(decided.ratios).apply(by_class(test, SCORE))
        probabilities["prior_corrected"] = corrected[:, 1]
    amount = _amount(test)
    decisions = {"default": test["y_pred"].to_numpy(), "tuned": test["y_decided"].to_numpy()}
    if decision.objective == "cost":
        decisions["elkan"] = decide(calibrated, elkan_threshold(decision, amount))
    return Scored(test["y_true"].to_numpy(), probabilities, decisions, amount)


def _ranking_and_probabilities(scored: Scored, oof: pd.DataFrame) -> dict[str, Any]:
    y_true, y_score = scored.y_true, scored.probabilities[PLAIN]
    constant = np.full(len(y_true), oof["y_true"].mean())
    sections: dict[str, dict[str, Any]] = {
        section: _probability_metrics(y_true, score)
        for section, score in (*scored.probabilities.items(), ("constant_guess", constant))
    }
    sections[PLAIN] |= {
        "n": len(y_true),
        "prevalence": float(y_true.mean()),
        **rank_quickly(y_true, y_score),
    }
    return sections


def _probability_metrics(y_true: Labels, y_score: Floats) -> dict[str, float]:
    """Return the losses of scores as probabilities (Brier, 1950; Good, 1952), and how far off."""
    return {
        "brier_score": float(((y_score - y_true) ** 2).mean()),
        "log_loss": float(log_losses(y_true, y_score).mean()),
        "calibration_error": calibration_error(y_true, y_score),
    }


def _decisions(scored: Scored, decided: ArmDecision, decision: Decision) -> dict[str, Any]:
    thresholds = {"default": DEFAULT_THRESHOLD}
    if isinstance(decided.rule, Threshold):
        thresholds["tuned"] = decided.rule.threshold
    if "elkan" in scored.decisions and scored.amount is None:
        thresholds["elkan"] = float(elkan_threshold(decision))
    sections = {}
    for view, y_pred in scored.decisions.items():
        outcome = outcome_of(scored.y_true, y_pred, scored.amount)
        threshold = {"threshold": thresholds[view]} if view in thresholds else {}
        counts = {name: int(getattr(outcome, name)) for name in ("tn", "fp", "fn", "tp")}
        ratios = {name: float(value) for name, value in decision_metrics(outcome).items()}
        worth = {decision.objective: float(objective_value(outcome, decision).value)}
        sections[view] = threshold | counts | ratios | worth
    return sections


def _limit_broken(scored: Scored, decision: Decision) -> str | None:
    """Return, in words, that decisions by default or tuned broke the objective's limit on test."""
    limit = make_objective(decision).limit
    broken = []
    for view in ("default", "tuned"):
        outcome = outcome_of(scored.y_true, scored.decisions[view])
        if limit is not None and limit.room(outcome) < 0:
            measured = float(limit.measure(outcome))
            broken.append(f"the {view} threshold gives {measured:.4g} {limit.name}")
    if limit is None or not broken:
        return None
    return (
        f"on the test part {' and '.join(broken)}, outside decision.{limit.key} = {limit.bound:g}"
    )


def _out_of_fold(oof: pd.DataFrame, tuned: Tuned, decision: Decision) -> dict[str, float]:
    """Return the evidence on train rows: what may be used to choose, as test may not be."""
    y_true, y_score = oof["y_true"].to_numpy(), oof["y_score"].to_numpy()
    by_default = outcome_of(y_true, oof["y_pred"], _amount(oof))
    limited = make_objective(decision).limit is not None
    return ({"limit_kept": float(tuned.reached)} if limited else {}) | {
        **rank_quickly(y_true, y_score),
        "brier_score": float(((y_score - y_true) ** 2).mean()),
        f"default_{decision.objective}": float(objective_value(by_default, decision).value),
        f"tuned_{decision.objective}": tuned.value,
    }


def _by_fold(oof: pd.DataFrame, ratios: Sequence[float] | None, judging: Judging) -> pd.DataFrame:
    """Return a row for each fold: tuned and calibrated on the other folds of its repeat."""
    decision = judging.decision

    def worth(rows: pd.DataFrame, y_pred: Labels) -> float:
        outcome = outcome_of(rows["y_true"], y_pred, _amount(rows))
        return float(objective_value(outcome, decision).value)

    def judge(held_out: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
        y_true, y_score = held_out["y_true"].to_numpy(), held_out["y_score"].to_numpy()
        known = others["y_true"], others["y_score"]
        tuned = tune(*known, decision, _amount(others))
        learned = Scores.of(others)
        calibrator = learn_calibrator(judging.calibration, learned.y_true, learned.raw, ratios)
        calibrated = calibrator.apply(by_class(held_out, SCORE))[:, 1]
        return rank_quickly(y_true, y_score) | {
            "brier_score": float(((y_score - y_true) ** 2).mean()),
            "calibrated_brier_score": float(((calibrated - y_true) ** 2).mean()),
            "log_loss": float(log_losses(y_true, y_score).mean()),
            f"default_{decision.objective}": worth(held_out, held_out["y_pred"].to_numpy()),
            "threshold": tuned.threshold,
            f"tuned_{decision.objective}": worth(held_out, decide(y_score, tuned.threshold)),
        }

    return fold_scores(oof, judge, forward=judging.forward, never_scored=judging.never_scored)


def _amount(rows: pd.DataFrame) -> Floats | None:
    return rows["amount"].to_numpy(np.float64) if "amount" in rows else None
