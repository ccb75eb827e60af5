"""The numbers of one arm on the test part, each with its interval."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from equipoise.assessment.calibration import recalibrate
from equipoise.assessment.curves import cell_curves
from equipoise.assessment.metrics import (
    Floats,
    Labels,
    calibration_error,
    confusion,
    decision_metrics,
)
from equipoise.assessment.thresholds import OBJECTIVES, decide, tune_threshold
from equipoise.assessment.uncertainty import Scored, bootstrap, interval
from equipoise.contract.params import Decision, Uncertainty

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Evaluation:
    """What is known of one arm: its numbers, its curves, and the replicates behind intervals."""

    metrics: dict[str, Any]
    curves: pd.DataFrame
    replicates: pd.DataFrame


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, decision: Decision, uncertainty: Uncertainty, seed: int
) -> Evaluation:
    """Return the evaluation of scored test rows; thresholds and calibration come from `oof`.

    Both frames have `y_true`, `y_score` (probability of the positive class) and `y_pred`.
    """
    threshold = tune_threshold(oof["y_true"], oof["y_score"], decision)
    scored = Scored(
        y_true=test["y_true"].to_numpy(),
        y_score=test["y_score"].to_numpy(),
        calibrated=recalibrate(oof["y_true"], oof["y_score"], test["y_score"]),
        decisions={
            "default": test["y_pred"].to_numpy(),
            "tuned": decide(test["y_score"], threshold),
        },
    )
    replicates = bootstrap(scored, uncertainty.resamples, seed)
    metrics = _point_metrics(scored, threshold) | {
        "out_of_fold": _out_of_fold(oof, threshold, decision),
        "interval": {
            name: interval(replicates[name], uncertainty.confidence) for name in replicates
        },
    }
    return Evaluation(metrics, cell_curves(test, oof, decision), replicates)


def _point_metrics(scored: Scored, threshold: float) -> dict[str, Any]:
    y_true, y_score = scored.y_true, scored.y_score
    ranking = {
        "n": len(y_true),
        "prevalence": float(y_true.mean()),
        "average_precision": float(average_precision_score(y_true, y_score)),
        "roc_auc": float(roc_auc_score(y_true, y_score)),
    }
    decisions = scored.decisions
    return {
        "test": ranking | _probability_metrics(scored.y_true, y_score),
        "default": _decision_metrics(y_true, decisions["default"], DEFAULT_THRESHOLD),
        "tuned": _decision_metrics(y_true, decisions["tuned"], threshold),
        "calibrated": _probability_metrics(y_true, scored.calibrated),
    }


def _probability_metrics(y_true: Labels, y_score: Floats) -> dict[str, float]:
    return {
        "brier_score": float(brier_score_loss(y_true, y_score)),
        "log_loss": float(log_loss(y_true, y_score)),
        "calibration_error": calibration_error(y_true, y_score),
    }


def _decision_metrics(y_true: Labels, y_pred: Labels, threshold: float) -> dict[str, float]:
    counts = confusion(y_true, y_pred)
    cells = {name: int(getattr(counts, name)) for name in ("tn", "fp", "fn", "tp")}
    ratios = {name: float(value) for name, value in decision_metrics(counts).items()}
    return {"threshold": threshold} | cells | ratios


def _out_of_fold(oof: pd.DataFrame, threshold: float, decision: Decision) -> dict[str, float]:
    """Return the evidence on train rows: what may be used to choose, as test may not be."""
    objective = OBJECTIVES[decision.objective]
    tuned = decide(oof["y_score"], threshold)
    return {
        "average_precision": float(average_precision_score(oof["y_true"], oof["y_score"])),
        "roc_auc": float(roc_auc_score(oof["y_true"], oof["y_score"])),
        f"default_{decision.objective}": float(objective(confusion(oof["y_true"], oof["y_pred"]))),
        f"tuned_{decision.objective}": float(objective(confusion(oof["y_true"], tuned))),
    }
