"""The decision threshold that serves an objective best on out-of-fold scores."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from equipoise.assessment.metrics import Confusion, Floats, Labels, f1
from equipoise.contract.params import Decision

OBJECTIVES: dict[str, Callable[[Confusion], Floats]] = {"f1": f1}


def confusion_by_threshold(y_true: ArrayLike, y_score: ArrayLike) -> tuple[Floats, Confusion]:
    """Return every distinct score, highest first, and the counts when rows at or above it alert."""
    score, true = np.asarray(y_score, dtype=np.float64), np.asarray(y_true) == 1
    order = np.argsort(-score, kind="stable")
    score, true = score[order], true[order]
    last_of_ties = np.append(score[1:] != score[:-1], [True])
    tp = np.cumsum(true, dtype=np.float64)[last_of_ties]
    fp = np.cumsum(~true, dtype=np.float64)[last_of_ties]
    return score[last_of_ties], Confusion(tn=fp[-1] - fp, fp=fp, fn=tp[-1] - tp, tp=tp)


def tune_threshold(y_true: ArrayLike, y_score: ArrayLike, decision: Decision) -> float:
    """Return the threshold with the best objective: of several equals, the highest.

    A row is positive if its score is at or above it. Every distinct score is tried.
    """
    thresholds, counts = confusion_by_threshold(y_true, y_score)
    return float(thresholds[np.argmax(OBJECTIVES[decision.objective](counts))])


def decide(y_score: ArrayLike, threshold: float) -> Labels:
    """Return 1 for each score at or above the threshold, else 0."""
    return (np.asarray(y_score) >= threshold).astype(np.int64)
