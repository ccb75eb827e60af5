"""One arm judged, on two classes or on several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from equipoise.assessment import two_classes
from equipoise.assessment.brief import brief, curves_of
from equipoise.assessment.judging import Evaluation, Judging
from equipoise.assessment.objectives import with_amounts
from equipoise.assessment.scores import check_scores
from equipoise.assessment.several import evaluation as several
from equipoise.contract.params import ArmName, Params
from equipoise.contract.tables import ROW
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.decision import ArmDecision
from equipoise.deciding.scoring import assemble_classifier, score_decided
from equipoise.terminal.errors import UserError


@dataclass(frozen=True)
class EvaluatedArm:
    """All that is known of an arm, and its scores and decisions of the test part."""

    test: pd.DataFrame
    metrics: dict[str, Any]
    brief: dict[str, float]
    curves: pd.DataFrame
    folds: pd.DataFrame
    replicates: pd.DataFrame


@dataclass(frozen=True)
class SettledArm:
    """An arm before it sees test: its pipeline, what train settled, and the scores it rests on.

    `notes` say how its fits went.
    """

    name: ArmName
    pipeline: Any
    decision: ArmDecision
    out_of_fold: pd.DataFrame
    notes: Sequence[str]

    @property
    def classifier(self) -> DecidingClassifier:
        """The arm as one classifier."""
        return assemble_classifier(self.pipeline, self.decision)


def evaluate_arm(
    arm: SettledArm, train: pd.DataFrame, part: pd.DataFrame, params: Params
) -> EvaluatedArm:
    """Return the evaluation of an arm on a part that it has not seen, test."""
    name = arm.name
    oof = with_amounts(arm.out_of_fold, train, params.decision)
    judging = Judging(
        *(params.decision, params.calibration, params.uncertainty, params.seed),
        forward=params.split.method == "time",
        never_scored=len(train) - oof[ROW].nunique(),
    )
    test = score_decided(arm.classifier, part)
    scored = with_amounts(test, part, params.decision)
    found = evaluate(scored, oof, arm.decision, judging).with_notes(arm.notes)
    names = {"arm": str(name), "strategy": name.strategy, "model": name.model}
    metrics = names | found.metrics | {"treatment": arm.decision.treatment}
    curves = curves_of(found, judging).assign(**names)
    return EvaluatedArm(
        test, metrics, brief(metrics, judging), curves, found.folds, found.replicates
    )


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
