"""The few numbers of an arm that fit a terminal, and its curves with the choice made on them."""

import pandas as pd

from equipoise.judging.arm_result import ArmResult

CHOSEN = "chosen"


def make_brief(result: ArmResult, objective: str) -> dict[str, float]:
    """Return what tells arms apart on the test part: ranking, decisions, probabilities."""
    return {
        "average_precision": result.test["average_precision"],
        "roc_auc": result.test["roc_auc"],
        f"default_{objective}": result.default.numbers[objective],
        f"tuned_{objective}": result.tuned.numbers[objective],
        "calibrated_brier_score": result.calibrated["brier_score"],
    }


def mark_choice(curves: pd.DataFrame, result: ArmResult, worth: float) -> pd.DataFrame:
    """Return the curves, and where there is one the tuned threshold as a curve of one point.

    Its `y` is what the threshold is `worth` on the rows that it was tuned on, as the curve is.
    """
    threshold = result.tuned.rule.threshold
    if threshold is None:
        return curves
    choice = pd.DataFrame({"curve": [CHOSEN], "x": [threshold], "y": [worth]})
    return pd.concat([curves, choice], ignore_index=True)
