"""One arm judged, on two classes or on several."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from equipoise.assessment import two_classes
from equipoise.assessment.judging import Evaluation, Judging
from equipoise.assessment.several import evaluation as several
from equipoise.contract.errors import UserError


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, ratios: Mapping[str, float] | None, judging: Judging
) -> Evaluation:
    """Return the evaluation of scored test rows; what was tuned or calibrated was so on `oof`.

    Both frames have `y_true`, `y_pred` and `y_score`, or `y_score_<class>` where there are
    several. `ratios` has, by class, what the strategy made of its share in what is learned,
    up to a constant; `None` where that is not known.
    """
    _check_scores(test)
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


def _check_scores(test: pd.DataFrame) -> None:
    scores = test.filter(regex="^y_score").to_numpy(np.float64)
    unusable = int((~np.isfinite(scores)).any(axis=1).sum())
    if unusable:
        raise UserError(
            f"y_score: {unusable} of {len(scores)} test rows have scores that are NaN or infinite;"
            " choose a model that gives a number for every row"
        )
