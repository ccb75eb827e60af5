"""The lines that plots draw, in long form: `curve`, `x`, `y`."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.assessment.metrics import (
    PLAIN,
    Floats,
    Labels,
    precision,
    recall,
    reliability_curve,
    specificity,
)
from equipoise.assessment.objectives import objective_value
from equipoise.assessment.thresholds import confusion_by_threshold, outcome_by_threshold
from equipoise.contract.decision_params import Decision

POINTS = 300
# Bars of equal width in which scores are counted.
BARS = 40


def arm_curves(test: pd.DataFrame, oof: pd.DataFrame, decision: Decision) -> pd.DataFrame:
    """Return precision-recall, ROC and reliability on test, and the objective by threshold.

    The last comes from out-of-fold scores, where the threshold was chosen. A curve of more
    than `POINTS` points is thinned, its ends kept.
    """
    thresholds, outcomes = outcome_by_threshold(oof["y_true"], oof["y_score"], oof.get("amount"))
    worth = objective_value(outcomes, decision).value
    curves = score_curves(test["y_true"].to_numpy(), test["y_score"].to_numpy())
    by_threshold = _thinned("threshold", thresholds[:0:-1], worth[:0:-1])
    return pd.concat([curves, by_threshold], ignore_index=True)


def class_curves(
    classes: Sequence[str], y_true: Labels, probabilities: Mapping[str, Floats]
) -> pd.DataFrame:
    """Return the curves of each class against the rest, with a column `class`.

    `y_true` has positions among `classes`, and the probabilities of each section a column for
    each: `score_curves` of the plain ones, `reliability_curves` of all others.
    """
    curves = []
    for code, label in enumerate(classes):
        actual = (y_true == code).astype(np.int64)
        own = {section: score[:, code] for section, score in probabilities.items()}
        of_class = [score_curves(actual, own[PLAIN]), reliability_curves(actual, own)]
        curves += [curve.assign(**{"class": label}) for curve in of_class]
    return pd.concat(curves, ignore_index=True)


def reliability_curves(y_true: Labels, probabilities: Mapping[str, Floats]) -> pd.DataFrame:
    """Return the reliability curve of every section but the plain one: `reliability_<section>`."""
    curves = [
        _thinned(f"reliability_{section}", *reliability_curve(y_true, score)[:2])
        for section, score in probabilities.items()
        if section != PLAIN
    ]
    return pd.concat(curves, ignore_index=True)


def score_curves(y_true: Labels, y_score: Floats) -> pd.DataFrame:
    """Return the precision-recall, ROC and reliability curves of scores for one class.

    And, by bar, the share of the class's rows and of the others' that score there: `y` of
    `scores_positive` and `scores_negative`.
    """
    _, counts = confusion_by_threshold(y_true, y_score)
    mean_score, share, _ = reliability_curve(y_true, y_score)
    false_alerts, found = 1 - specificity(counts), recall(counts)
    curves = {
        "precision_recall": (found, precision(counts)),
        "roc": (np.append(0, false_alerts), np.append(0, found)),
        "reliability": (mean_score, share),
        "scores_positive": _spread(y_score[y_true == 1]),
        "scores_negative": _spread(y_score[y_true == 0]),
    }
    return pd.concat([_thinned(name, x, y) for name, (x, y) in curves.items()], ignore_index=True)


def _spread(y_score: Floats) -> tuple[Floats, Floats]:
    """Return the middle of each bar from 0 to 1, and the share of scores in it."""
    counts, edges = np.histogram(y_score, bins=BARS, range=(0, 1))
    return (edges[:-1] + edges[1:]) / 2, counts / max(1, len(y_score))


def _thinned(name: str, x: Floats, y: Floats) -> pd.DataFrame:
    shown: NDArray[np.int64] = np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(int))
    return pd.DataFrame({"curve": name, "x": x[shown], "y": y[shown]})
