"""Scored rows: what they are, and what an arm says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from equipoise.assessment.metrics import Floats, Labels
from equipoise.terminal.errors import UserError

SCORE, PROBABILITY = "y_score", "y_probability"
TWO_CLASSES = ("0", "1")
# Sums of shares may leave the range from 0 to 1 by this much.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Scores:
    """Scored rows of two classes or several: codes are positions among `classes`.

    `raw` is n x K: of two classes the second is the positive one, and the first has what is
    left. Each row is there `repeats` times.
    """

    classes: tuple[str, ...]
    y_true: Labels
    y_pred: Labels
    raw: Floats
    repeats: int

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Return the rows of a frame of predictions, as the stages store it."""
        classes = classes_of(frame)
        y_true, y_pred = (to_codes(frame[name], classes) for name in ("y_true", "y_pred"))
        repeats = frame["repeat"].nunique() if "repeat" in frame else 1
        return cls(classes, y_true, y_pred, by_class(frame, SCORE), repeats)


def to_codes(labels: pd.Series, classes: Sequence[str]) -> Labels:
    """Return the position of each label, as text, among the classes."""
    order, distinct = pd.factorize(labels)
    codes = [classes.index(str(label)) for label in distinct]
    return np.asarray(codes, dtype=np.int64)[order]


def classes_of(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the labels of the classes that a frame of predictions has scores for, as text."""
    if SCORE in frame:
        return TWO_CLASSES
    prefix = f"{SCORE}_"
    names = (str(name) for name in frame)
    return tuple(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def by_class(frame: pd.DataFrame, prefix: str) -> Floats:
    """Return a column for each class: n x K. Of two classes the file has the positive one's."""
    if prefix in frame:
        positive = frame[prefix].to_numpy(np.float64)
        return np.column_stack([1 - positive, positive])
    names = [f"{prefix}_{label}" for label in classes_of(frame)]
    return frame[names].to_numpy(np.float64)


def check_scores(scored: pd.DataFrame, part: str) -> None:
    """Raise a `UserError` if some rows of this part have scores that are no probabilities."""
    scores = scored.filter(regex="^y_score").to_numpy(np.float64)
    wrong = ~((scores >= -ROUNDING) & (scores <= 1 + ROUNDING))
    if wrong.any():
        raise UserError(
            f"y_score: {wrong.any(axis=1).sum()} of {len(scores)} {part} rows have scores that are"
            f" no probabilities, the first {scores[wrong][0]:.4g}; choose a model that gives one"
            " from 0 to 1 for every row"
        )
