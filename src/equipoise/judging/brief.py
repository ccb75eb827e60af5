"""The few numbers of an arm that fit a terminal, and its curves with the choice made on them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from equipoise.judging.records import Evaluation, Judging
from equipoise.metrics.names import PLAIN

CHOSEN = "chosen"


def brief(metrics: Mapping[str, Any], judging: Judging) -> dict[str, float]:
    """Return what tells arms apart on the test part: ranking, decisions, probabilities.

    `brier` is that of the recalibrated probabilities.
    """
    objective = judging.objective.name
    return {
        "average_precision": metrics[PLAIN]["average_precision"],
        "roc_auc": metrics[PLAIN]["roc_auc"],
        f"default_{objective}": metrics["default"][objective],
        f"tuned_{objective}": metrics["tuned"][objective],
        "brier": metrics["calibrated"]["brier_score"],
    }


def curves_of(evaluation: Evaluation, judging: Judging) -> pd.DataFrame:
    """Return the curves, and where there is one the tuned threshold as a curve of one point.

    Its `y` is the objective out of fold, where the threshold was tuned.
    """
    tuned, out_of_fold = (evaluation.metrics[key] for key in ("tuned", "out_of_fold"))
    if "threshold" not in tuned:
        return evaluation.curves
    worth = out_of_fold[f"tuned_{judging.objective.name}"]
    choice = pd.DataFrame({"curve": [CHOSEN], "x": [tuned["threshold"]], "y": [worth]})
    return pd.concat([evaluation.curves, choice], ignore_index=True)
