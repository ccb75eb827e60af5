"""Scored rows: what they are, and what an arm says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from equipoise.metrics.classes import NAMES_OF_TWO, POSITIVE, Classes
from equipoise.metrics.names import PLAIN, Floats, Labels
from equipoise.terminal.errors import UserError

SCORE, PROBABILITY = "y_score", "y_probability"
# Sums of shares may leave the range from 0 to 1 by this much.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Scores:
    """Scored rows as an arm sees them.

    `y_true` has codes. `probabilities` are n x K by section: as the model gives them, and what
    calibration makes of them; of two classes the first has what the second leaves. `decisions`
    are codes by view. `amount` is what is at stake in each row, if anything is. Each row is
    there `repeats` times. `prevalence` is the share of positives that numbers are restated for;
    None for that of the rows.
    """

    classes: Classes
    y_true: Labels
    probabilities: Mapping[str, Floats]
    decisions: Mapping[str, Labels]
    amount: Floats | None = None
    repeats: int = 1
    prevalence: float | None = None

    @classmethod
    def of(cls, frame: pd.DataFrame, prevalence: float | None = None) -> Self:
        """Return the rows of a frame of predictions, as the stages store it."""
        classes = find_classes(frame)
        probabilities = {PLAIN: read_by_class(frame, SCORE)}
        decisions = {"default": convert_to_codes(frame["y_pred"], classes.names)}
        if "y_decided" in frame:
            probabilities["calibrated"] = read_by_class(frame, PROBABILITY)
            decisions["tuned"] = convert_to_codes(frame["y_decided"], classes.names)
        return cls(
            classes,
            convert_to_codes(frame["y_true"], classes.names),
            probabilities,
            decisions,
            frame["amount"].to_numpy(np.float64) if "amount" in frame else None,
            frame["repeat"].nunique() if "repeat" in frame else 1,
            prevalence,
        )

    @property
    def shares(self) -> Floats:
        """The share of each class, as numbers have it."""
        if self.prevalence is None:
            return np.asarray(self._counts / len(self.y_true))
        return np.array([1 - self.prevalence, self.prevalence])

    @cached_property
    def weights(self) -> Floats:
        """How many rows each row of a class counts for: 1, unless numbers are restated."""
        if self.prevalence is None:
            return np.ones(len(self.classes))
        return np.asarray(self.shares * len(self.y_true) / np.maximum(1, self._counts))

    @property
    def row_weights(self) -> Floats:
        """How many rows each row counts for."""
        return np.asarray(self.weights[self.y_true])

    def weigh_rest_and_class(self, code: int) -> tuple[float, float]:
        """Return how many rows a row of the other classes, and one of the class, counts for."""
        if self.prevalence is None:
            return 1.0, 1.0
        return float(self.weights[1 - code]), float(self.weights[code])

    @property
    def _counts(self) -> Labels:
        return np.bincount(self.y_true, minlength=len(self.classes))

    @property
    def raw(self) -> Floats:
        """The scores as the model gives them: n x K."""
        return self.probabilities[PLAIN]

    @property
    def y_pred(self) -> Labels:
        """The decisions by default."""
        return self.decisions["default"]


def convert_to_codes(labels: pd.Series, classes: Sequence[str]) -> Labels:
    """Return the position of each label, as text, among the classes."""
    order, distinct = pd.factorize(labels)
    codes = [classes.index(str(label)) for label in distinct]
    return np.asarray(codes, dtype=np.int64)[order]


def find_classes(frame: pd.DataFrame) -> Classes:
    """Return the classes that a frame of predictions has scores for, names as text."""
    scores = [str(name) for name in frame if str(name).startswith(SCORE)]
    if len(scores) == 1:  # of two classes, the positive one's
        return Classes(NAMES_OF_TWO, POSITIVE)
    return Classes(tuple(name.removeprefix(f"{SCORE}_") for name in scores), None)


def read_by_class(frame: pd.DataFrame, prefix: str) -> Floats:
    """Return a column for each class: n x K. Of two classes the file has the positive one's."""
    classes = find_classes(frame)
    if classes.positive is None:
        return frame[[f"{prefix}_{label}" for label in classes.names]].to_numpy(np.float64)
    positive = frame[prefix].to_numpy(np.float64)
    return np.column_stack([1 - positive, positive])


def check_scores(scored: pd.DataFrame, part: str) -> None:
    """Raise a `UserError` if some rows of this part have scores that are not probabilities."""
    scores = scored.filter(regex="^y_score").to_numpy(np.float64)
    wrong = ~((scores >= -ROUNDING) & (scores <= 1 + ROUNDING))
    if wrong.any():
        raise UserError(
            f"y_score: {wrong.any(axis=1).sum()} of {len(scores)} {part} rows have scores that are"
            f" not probabilities, the first being {scores[wrong][0]:.4g}; choose a model that gives"
            " a probability from 0 to 1 for every row"
        )
