"""A part of the table scored and decided by an arm's classifier."""

from typing import Any

import pandas as pd
from joblib import parallel_config

from equipoise.core.tables import split_off_target
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.decision import ArmDecision
from equipoise.fitting.models import make_class_columns, score


def assemble_classifier(pipeline: Any, decision: ArmDecision) -> DecidingClassifier:
    """Return an arm's classifier, made of its fitted pipeline and what train settled."""
    return DecidingClassifier(pipeline, decision.calibrator, decision.rule, decision.labels)


def score_decided(classifier: DecidingClassifier, part: pd.DataFrame) -> pd.DataFrame:
    """Return what `score` gives, the calibrated `y_probability`, and `y_decided` by the rule.

    Of several classes each has a `y_probability_<label>`. Decisions are told by the pipeline's
    classes, as `y_true` is.
    """
    X, _ = split_off_target(part)
    pipeline = classifier.pipeline
    with parallel_config(backend="sequential"):
        raw = classifier.predict_scores(X)
    probabilities = make_class_columns("y_probability", classifier.calibrate(raw), pipeline)
    decided = pipeline.classes_[classifier.decide(raw)]
    return score(pipeline, part).assign(**probabilities, y_decided=decided)
