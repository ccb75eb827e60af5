"""The few numbers of an arm that fit a terminal, and its curves with the choice made on them."""

import pandas as pd

from equipoise.judging.arm_result import ArmResult
from equipoise.metrics.names import name_column

CHOSEN = "chosen"


def make_brief(result: ArmResult, objective: str) -> dict[str, float]:
    """Return what tells arms apart on the test part: ranking, decisions, probabilities.

    Without a test part they are means over folds, and called so.
    """
    where = (
        *(("test", "average_precision"), ("test", "roc_auc")),
        *(("default", objective), ("tuned", objective), ("calibrated", "brier_score")),
    )
    prefix = "" if result.tested else "out_of_fold_"
    found = {f"{prefix}{name_column(*place)}": result.find_number(*place) for place in where}
    return {name: number for name, number in found.items() if number is not None}


def mark_choice(curves: pd.DataFrame, result: ArmResult, worth: float) -> pd.DataFrame:
    """Return the curves, and where there is one the tuned threshold as a curve of one point.

    Its `y` is what the threshold is `worth` on the rows that it was tuned on, as the curve is.
    """
    threshold = result.tuned.rule.threshold
    if threshold is None:
        return curves
    choice = pd.DataFrame({"curve": [CHOSEN], "x": [threshold], "y": [worth]})
    return pd.concat([curves, choice], ignore_index=True)
