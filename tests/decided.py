"""Scores calibrated, decided and judged as the stages do it, from frames that a test made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from equipoise.core.arms import ArmName
from equipoise.deciding.calibrators import Uncalibrated
from equipoise.deciding.decision import ArmDecision
from equipoise.deciding.learning import learn_calibrator
from equipoise.deciding.objectives import Objective, make_objective
from equipoise.deciding.rules import Threshold
from equipoise.deciding.settling import learn_decision
from equipoise.deciding.thresholds import tune_threshold
from equipoise.judging.evaluation import evaluate
from equipoise.judging.records import Evaluation, Judging
from equipoise.metrics.classes import NAMES_OF_TWO, Classes
from equipoise.metrics.names import PLAIN, Floats, Labels
from equipoise.metrics.scores import PROBABILITY, SCORE, Scores, find_classes, read_by_class
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty
from equipoise.storage.result_files import encode_result

Known = tuple[ArrayLike, ArrayLike]
NAME = ArmName("baseline", "logistic")
TWO = Classes.of(NAMES_OF_TWO)


@dataclass(frozen=True)
class Judged(Evaluation):
    """An evaluation, and the numbers that its file has."""

    metrics: dict[str, Any]


@dataclass(frozen=True)
class Found:
    """A tuned threshold, what it is worth, and what is said of it."""

    threshold: float
    value: float
    reached: bool
    note: str | None


def objective_of(decision: Decision, classes: Classes = TWO) -> Objective:
    """The objective that params describe, of two classes unless others are named."""
    return make_objective(decision, classes, decision.prevalence)


# Where nothing is decided, and nobody asks how.
NO_DECISION = ArmDecision((0, 1), Threshold(0.5), Uncalibrated(), "nothing", {})
DECIDING = (objective_of(Decision()), "none")


def judging_by(
    decision: Decision, uncertainty: Uncertainty, classes: Classes = TWO, seed: int = 0
) -> Judging:
    """Judge by params."""
    return Judging(objective_of(decision, classes), uncertainty, seed)


def two_classes(
    y_true: ArrayLike,
    scores: ArrayLike | Mapping[str, ArrayLike],
    decisions: Mapping[str, ArrayLike] | None = None,
    amount: ArrayLike | None = None,
) -> Scores:
    """Rows of two classes, scores of the positive one: by section where there are many."""
    by_section = scores if isinstance(scores, Mapping) else {PLAIN: scores}
    return Scores(
        TWO,
        np.asarray(y_true, np.int64),
        {section: of_two(score) for section, score in by_section.items()},
        {view: np.asarray(made).astype(np.int64) for view, made in (decisions or {}).items()},
        None if amount is None else np.asarray(amount, np.float64),
    )


def tune(
    y_true: ArrayLike, y_score: ArrayLike, decision: Decision, amount: ArrayLike | None = None
) -> Found:
    """Tune a threshold for the positive of two classes."""
    rows = two_classes(y_true, y_score, amount=amount)
    tuned = tune_threshold(rows, objective_of(decision))
    assert isinstance(tuned.rule, Threshold)
    return Found(tuned.rule.threshold, tuned.value, tuned.limit_kept is not False, tuned.note)


def decide(y_score: ArrayLike, threshold: ArrayLike) -> Labels:
    """Alert at or above a threshold, or a row's own."""
    return (np.asarray(y_score) >= np.asarray(threshold)).astype(np.int64)


def judge(
    test: pd.DataFrame,
    oof: pd.DataFrame,
    ratios: Mapping[str, float] | None,
    judging: Judging,
    calibration: str = "auto",
) -> Judged:
    """Learn from out-of-fold rows how to decide, decide test rows so, and judge them."""
    oof = oof if "row" in oof else oof.assign(row=oof.groupby("repeat").cumcount())
    decided = learn_decision(
        *(oof, ratios, judging.objective, calibration),
        labels=find_classes(oof).names,
        treatment="nothing",
        forward=judging.forward,
    )
    found = evaluate(decide_rows(test, decided), oof, decided, judging, name=NAME)
    known = ("arm", "strategy", "model", "treatment")
    written = json.loads(json.dumps(encode_result(found.result)))
    metrics = {key: value for key, value in written.items() if key not in known}
    return Judged(**vars(found), metrics=metrics)


def decide_rows(test: pd.DataFrame, decided: ArmDecision) -> pd.DataFrame:
    """Scored rows with `y_probability` and `y_decided`, as `evaluate` takes them."""
    raw, labels = read_by_class(test, SCORE), find_classes(test).names
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
