"""A part of the table scored and decided by an arm's classifier."""

import pandas as pd

from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.refused_rows import scoring_by
from equipoise.fitting.models import make_class_columns, score
from equipoise.metrics.scores import PROBABILITY, SCORE, read_by_class


def score_decided(classifier: DecidingClassifier, part: pd.DataFrame) -> pd.DataFrame:
    """Return what `score` gives, the calibrated `y_probability`, and `y_decided` by the rule.

    Of several classes each has a `y_probability_<label>`. Decisions are told by the pipeline's
    classes, as `y_true` is.
    """
    pipeline = classifier.pipeline
    with scoring_by(pipeline):
        scored = score(pipeline, part)
    raw = read_by_class(scored, SCORE)
    probabilities = make_class_columns(PROBABILITY, classifier.calibrate(raw), pipeline)
    decided = pipeline.classes_[classifier.decide(raw)]
    return scored.assign(**probabilities, y_decided=decided)
