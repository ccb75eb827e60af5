"""One arm judged, on two classes or on several."""

import pandas as pd

from equipoise.assessment import two_classes
from equipoise.assessment.judging import Evaluation, Judging
from equipoise.assessment.scores import check_scores
from equipoise.assessment.several import evaluation as several
from equipoise.contract.errors import UserError
from equipoise.deciding.decision import ArmDecision


def evaluate(
    test: pd.DataFrame, oof: pd.DataFrame, decided: ArmDecision, judging: Judging
) -> Evaluation:
    """Return the evaluation of scored test rows, by what train settled.

    Both frames have `y_true`, `y_pred` and `y_score`, or `y_score_<class>` where there are
    several; `test` also has `y_decided` and `y_probability`, or `y_probability_<class>`.
    """
    check_scores(test, "test")
    _check_classes(test)
    judge = two_classes.evaluate if "y_score" in test else several.evaluate
    return judge(test, oof, decided, judging)


def _check_classes(test: pd.DataFrame) -> None:
    labels = test["y_true"].unique().tolist()
    if len(labels) == 1:
        raise UserError(
            f"y_true: every one of {len(test)} test rows is of class {labels[0]}, and a judgement"
            " needs rows of each class; split otherwise, or bring more rows of the others"
        )
