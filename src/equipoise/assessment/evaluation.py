"""The numbers of one arm: on the test part, each with its interval, and out of fold."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from equipoise.assessment.calibration import correct_prior, recalibrate
from equipoise.assessment.curves import cell_curves
from equipoise.assessment.folds import fold_scores
from equipoise.assessment.metrics import Floats, Labels, calibration_error, decision_metrics
from equipoise.assessment.objectives import elkan_threshold, objective_value, outcome_of
from equipoise.assessment.thresholds import Tuned, decide, tune
from equipoise.assessment.uncertainty import Scored, bootstrap, interval
from equipoise.contract.params import Decision, Uncertainty

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Judging:
    """How arms are judged: the params of that name, the same for every arm."""

    decision: Decision
    calibration: str
    uncertainty: Uncertainty
    seed: int


@dataclass(frozen=True)
class Evaluation:
    """What is known of one arm: its numbers, curves, scores by fold, bootstrap replicates."""

    metrics: dict[str, Any]
    curves: pd.DataFrame
    folds: pd.DataFrame
    replicates: pd.DataFrame


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, odds_ratio: float | None, judging: Judging
) -> Evaluation:
    """Return the evaluation of scored test rows; thresholds and calibration come from `oof`.

    Both frames have `y_true`, `y_score` (probability of the positive class), `y_pred` and,
    where the objective goes by it, `amount`. `odds_ratio` is what the strategy did to the
    prior, `None` where that is not known.
    """
    decision, uncertainty = judging.decision, judging.uncertainty
    tuned = tune(oof["y_true"], oof["y_score"], decision, _amount(oof))
    train = (oof["y_true"], oof["y_score"])
    calibrated = recalibrate(judging.calibration, train, test["y_score"], odds_ratio)
    scored = _scored(test, calibrated, tuned.threshold, decision)
    replicates = bootstrap(scored, decision, uncertainty.resamples, judging.seed)
    metrics = (
        _ranking_and_probabilities(scored, oof, odds_ratio)
        | _decisions(scored, tuned, decision)
        | {
            "out_of_fold": _out_of_fold(oof, tuned, decision),
            "interval": {
                name: interval(replicates[name], uncertainty.confidence) for name in replicates
            },
        }
    )
    if tuned.note:
        metrics["note"] = tuned.note
    curves = cell_curves(test, oof, decision)
    return Evaluation(metrics, curves, _by_fold(oof, decision), replicates)


def _scored(test: pd.DataFrame, calibrated: Floats, threshold: float, decision: Decision) -> Scored:
    """Return test rows with every arm's decisions: by default, tuned and, for costs, Elkan's."""
    decisions = {
        "default": test["y_pred"].to_numpy(),
        "tuned": decide(test["y_score"], threshold),
    }
    amount = _amount(test)
    if decision.objective == "cost":
        decisions["elkan"] = decide(calibrated, elkan_threshold(decision, amount))
    y_true, y_score = test["y_true"].to_numpy(), test["y_score"].to_numpy()
    return Scored(y_true, y_score, calibrated, decisions, amount)


def _ranking_and_probabilities(
    scored: Scored, oof: pd.DataFrame, odds_ratio: float | None
) -> dict[str, Any]:
    y_true, y_score = scored.y_true, scored.y_score
    constant = np.full(len(y_true), oof["y_true"].mean())
    sections = {
        "test": {
            "n": len(y_true),
            "prevalence": float(y_true.mean()),
            "average_precision": float(average_precision_score(y_true, y_score)),
            "roc_auc": float(roc_auc_score(y_true, y_score)),
        }
        | _probability_metrics(y_true, y_score),
        "calibrated": _probability_metrics(y_true, scored.calibrated),
        "constant_guess": _probability_metrics(y_true, constant),
    }
    if odds_ratio is not None and not np.isclose(odds_ratio, 1):
        corrected = correct_prior(y_score, odds_ratio)
        sections["prior_corrected"] = _probability_metrics(y_true, corrected)
    return sections


def _probability_metrics(y_true: Labels, y_score: Floats) -> dict[str, float]:
    return {
        "brier_score": float(brier_score_loss(y_true, y_score)),
        "log_loss": float(log_loss(y_true, y_score)),
        "calibration_error": calibration_error(y_true, y_score),
    }


def _decisions(scored: Scored, tuned: Tuned, decision: Decision) -> dict[str, Any]:
    thresholds = {"default": DEFAULT_THRESHOLD, "tuned": tuned.threshold}
    sections = {}
    for view, y_pred in scored.decisions.items():
        outcome = outcome_of(scored.y_true, y_pred, scored.amount)
        threshold = {"threshold": thresholds[view]} if view in thresholds else {}
        counts = {name: int(getattr(outcome, name)) for name in ("tn", "fp", "fn", "tp")}
        ratios = {name: float(value) for name, value in decision_metrics(outcome).items()}
        worth = {decision.objective: float(objective_value(outcome, decision).value)}
        sections[view] = threshold | counts | ratios | worth
    return sections


def _out_of_fold(oof: pd.DataFrame, tuned: Tuned, decision: Decision) -> dict[str, float]:
    """Return the evidence on train rows: what may be used to choose, as test may not be."""
    by_default = outcome_of(oof["y_true"], oof["y_pred"], _amount(oof))
    return {
        "average_precision": float(average_precision_score(oof["y_true"], oof["y_score"])),
        "roc_auc": float(roc_auc_score(oof["y_true"], oof["y_score"])),
        "brier_score": float(brier_score_loss(oof["y_true"], oof["y_score"])),
        f"default_{decision.objective}": float(objective_value(by_default, decision).value),
        f"tuned_{decision.objective}": tuned.value,
    }


def _by_fold(oof: pd.DataFrame, decision: Decision) -> pd.DataFrame:
    def best_threshold(rows: pd.DataFrame) -> float:
        return tune(rows["y_true"], rows["y_score"], decision, _amount(rows)).threshold

    def worth(rows: pd.DataFrame, y_pred: Labels) -> float:
        outcome = outcome_of(rows["y_true"], y_pred, _amount(rows))
        return float(objective_value(outcome, decision).value)

    return fold_scores(oof, best_threshold, worth, decision.objective)


def _amount(rows: pd.DataFrame) -> Floats | None:
    return rows["amount"].to_numpy(np.float64) if "amount" in rows else None
