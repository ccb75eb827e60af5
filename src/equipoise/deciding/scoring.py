"""A part of the table scored and decided by an arm's classifier."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

from equipoise.deciding.classifier import DecidingClassifier
from equipoise.fitting.models import make_class_columns, score
from equipoise.fitting.refusing import REFUSALS
from equipoise.metrics.scores import PROBABILITY, SCORE, read_by_class
from equipoise.terminal.errors import RefusalError


def score_decided(classifier: DecidingClassifier, part: pd.DataFrame) -> pd.DataFrame:
    """Return what `score` gives, the calibrated `y_probability`, and `y_decided` by the rule.

    Of several classes each has a `y_probability_<label>`. Decisions are told by the pipeline's
    classes, as `y_true` is.
    """
    pipeline = classifier.pipeline
    with scoring_by(classifier):
        scored = score(pipeline, part)
    raw = read_by_class(scored, SCORE)
    probabilities = make_class_columns(PROBABILITY, classifier.calibrate(raw), pipeline)
    decided = pipeline.classes_[classifier.decide(raw)]
    return scored.assign(**probabilities, y_decided=decided)


@contextmanager
def scoring_by(classifier: DecidingClassifier) -> Iterator[None]:
    """Have a `RefusalError` say why a model, such as one of a plug-in, cannot score rows."""
    try:
        yield
    except REFUSALS as refused:
        said = " ".join(str(refused).split()) or type(refused).__name__
        raise RefusalError(
            f"{type(classifier.pipeline[-1]).__name__} cannot score these rows: {said}; choose"
            " another model, or mend it"
        ) from refused
