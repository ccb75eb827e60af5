"""One arm judged, on two classes or on several."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from equipoise.assessment import two_classes
from equipoise.assessment.judging import Evaluation, Judging
from equipoise.assessment.several import evaluation as several
from equipoise.contract.errors import UserError

# Sums of shares may leave the range from 0 to 1 by this much.
ROUNDING = 1e-9


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, ratios: Mapping[str, float] | None, judging: Judging
) -> Evaluation:
    """Return the evaluation of scored test rows; what was tuned or calibrated was so on `oof`.

    Both frames have `y_true`, `y_pred` and `y_score`, or `y_score_<class>` where there are
    several. `ratios` has, by class, what the strategy made of its share in what is learned,
    up to a constant; `None` where that is not known.
    """
    check_scores(oof, "out-of-fold")
    check_scores(test, "test")
    _check_classes(test)
    judge = two_classes.evaluate if "y_score" in test else several.evaluate
    return judge(test, oof, ratios, judging)


def _check_classes(test: pd.DataFrame) -> None:
    labels = test["y_true"].unique().tolist()
    if len(labels) == 1:
        raise UserError(
            f"y_true: every one of {len(test)} test rows is of class {labels[0]}, and a judgement"
            " needs rows of each class; split otherwise, or bring more rows of the others"
        )


def check_scores(scored: pd.DataFrame, part: str) -> None:
    """Raise a `UserError` if some rows of this part have scores that are no probabilities."""
    scores = scored.filter(regex="^y_score").to_numpy(np.float64)
    wrong = ~((scores >= -ROUNDING) & (scores <= 1 + ROUNDING))
    if wrong.any():
        raise UserError(
            f"y_score: {wrong.any(axis=1).sum()} of {len(scores)} {part} rows have scores that are"
            f" no probabilities, the first {scores[wrong][0]:.4g}; choose a model that gives one"
            " from 0 to 1 for every row"
        )
