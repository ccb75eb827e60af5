"""Scores calibrated, decided and judged as the stages do it, from frames that a test made."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from equipoise.assessment.decisions import learn_decision
from equipoise.assessment.evaluation import evaluate
from equipoise.assessment.judging import Evaluation, Judging
from equipoise.assessment.metrics import Floats
from equipoise.assessment.scores import PROBABILITY, SCORE, by_class, classes_of
from equipoise.deciding.decision import ArmDecision
from equipoise.deciding.learning import learn_calibrator

Known = tuple[ArrayLike, ArrayLike]


def judge(
    test: pd.DataFrame,
    oof: pd.DataFrame,
    ratios: Mapping[str, float] | None,
    judging: Judging,
) -> Evaluation:
    """Learn from out-of-fold rows how to decide, decide test rows so, and judge them."""
    labels = classes_of(oof)
    decided = learn_decision(oof, ratios, judging, labels=labels, treatment="nothing")
    return evaluate(decide_rows(test, decided), oof, decided, judging)


def decide_rows(test: pd.DataFrame, decided: ArmDecision) -> pd.DataFrame:
    """Scored rows with `y_probability` and `y_decided`, as `evaluate` takes them."""
    raw, labels = by_class(test, SCORE), classes_of(test)
    probabilities, codes = decided.calibrator.apply(raw), decided.rule.decide(raw)
    if SCORE in test:
        return test.assign(**{PROBABILITY: probabilities[:, 1], "y_decided": codes})
    each = {f"{PROBABILITY}_{label}": probabilities[:, k] for k, label in enumerate(labels)}
    return test.assign(**each, y_decided=np.array(labels, object)[codes])


def calibrate(
    method: str, known: Known, new: ArrayLike, ratios: ArrayLike | None = None, repeats: int = 1
) -> Floats:
    """Turn n x K scores into probabilities, by codes and scores that a calibrator learns from."""
    return learn_calibrator(method, *known, ratios, repeats).apply(new)


def calibrate_two(
    method: str, known: Known, new: ArrayLike, ratio: float | None = None, repeats: int = 1
) -> Floats:
    """Turn scores of the positive of two classes into probabilities; `ratio` is that of odds."""
    labels, scores = known
    ratios = None if ratio is None else (1.0, ratio)
    return calibrate(method, (labels, of_two(scores)), of_two(new), ratios, repeats)[:, 1]


def of_two(positive: ArrayLike) -> Floats:
    """Return n x 2 scores, of which the second is the positive class's."""
    scores = np.asarray(positive, np.float64)
    return np.column_stack([1 - scores, scores])
