"""Calibrators that turn scores into probabilities: values that are learned once, saved, applied.

Scores are n x K, a column for each class in the order of their labels. A calibrator is applied
with NumPy alone, so that it can travel; `learning` has the functions that learn one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Scores are kept this far from 0 and 1 before their log-odds are taken.
NEAREST_TO_CERTAIN = 1e-12


@dataclass(frozen=True)
class Sigmoid:
    """A line in the log-odds of one class's score (Platt, 1999).

    No probability is nearer to 0 or 1 than `least`.
    """

    slope: float
    intercept: float
    least: float

    def apply(self, score: ArrayLike) -> Floats:
        """Return the probability of the class for each score."""
        odds = self.slope * log_odds(score) + self.intercept
        # 1 / (1 + exp(-odds)), in a form that does not overflow.
        with np.errstate(invalid="ignore"):  # a score that is NaN stays so
            probability = np.exp(-np.logaddexp(0, -odds))
        return np.asarray(np.clip(probability, self.least, 1 - self.least))


@dataclass(frozen=True)
class Isotonic:
    """Rising steps, with straight lines between `scores` (Zadrozny and Elkan, 2002).

    No probability is nearer to 0 or 1 than `least`.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    least: float

    def apply(self, score: ArrayLike) -> Floats:
        """Return the probability of the class for each score; beyond the ends, that of the end."""
        found = np.interp(np.asarray(score, np.float64), self.scores, self.probabilities)
        return np.asarray(np.clip(found, self.least, 1 - self.least))


Curve = Sigmoid | Isotonic


@dataclass(frozen=True)
class Uncalibrated:
    """Scores as the model gives them."""

    def apply(self, scores: ArrayLike) -> Floats:
        """Return the n x K scores themselves."""
        return np.asarray(scores, np.float64)


@dataclass(frozen=True)
class PriorShift:
    """Scores with what a strategy did to the share of each class undone (Elkan, 2001).

    `ratios` say by how much each share was multiplied, up to a constant (Saerens et al., 2002;
    Dal Pozzolo et al., 2015). Exact where the model is; approximate for synthetic rows.
    """

    ratios: tuple[float, ...]

    def apply(self, scores: ArrayLike) -> Floats:
        """Return n x K probabilities; a row without any score gets equal ones."""
        divided = np.asarray(scores, np.float64) / np.asarray(self.ratios)
        divided[~divided.any(axis=1)] = 1
        return divide_by_sums(divided)


@dataclass(frozen=True)
class PositiveCurve:
    """Of two classes the curve of the positive one, the second; the other has what is left."""

    curve: Curve

    def apply(self, scores: ArrayLike) -> Floats:
        """Return n x 2 probabilities."""
        positive = self.curve.apply(np.asarray(scores)[:, 1])
        return np.column_stack([1 - positive, positive])


@dataclass(frozen=True)
class ClassCurves:
    """A curve for each class against the rest, rows then made to sum to 1 (Zadrozny, Elkan, 2002).

    A row in which no class is claimed, each being at most `nothing`, gets `shares`: those of the
    classes among the rows that the curves were learned from.
    """

    curves: tuple[Curve, ...]
    shares: tuple[float, ...]
    nothing: float

    def apply(self, scores: ArrayLike) -> Floats:
        """Return n x K probabilities."""
        columns = zip(self.curves, np.asarray(scores, np.float64).T, strict=True)
        claimed = np.column_stack([curve.apply(score) for curve, score in columns])
        claimed[claimed.max(axis=1) <= self.nothing] = self.shares
        return divide_by_sums(claimed)


Learned = Uncalibrated | PriorShift | PositiveCurve | ClassCurves


@dataclass(frozen=True)
class Restated:
    """Probabilities of two classes, for rows of which the share `now` is positive.

    `before` is the share where the probabilities of `calibrator` hold. Right if rows of each class
    are as they were (Elkan, 2001).
    """

    calibrator: Learned
    before: float
    now: float

    def apply(self, scores: ArrayLike) -> Floats:
        """Return n x 2 probabilities."""
        return restate_probabilities(self.calibrator.apply(scores), self.before, self.now)


Calibrator = Learned | Restated


def restate_probabilities(probabilities: Floats, before: float, now: float) -> Floats:
    """Return n x 2 probabilities where the share of positives is `now` and was `before`."""
    return divide_by_sums(probabilities * np.array([(1 - now) / (1 - before), now / before]))


def log_odds(score: ArrayLike) -> Floats:
    """Return the log-odds of probabilities, finite for 0 and 1 too."""
    bounded = np.clip(np.asarray(score, np.float64), NEAREST_TO_CERTAIN, 1 - NEAREST_TO_CERTAIN)
    return np.asarray(np.log(bounded / (1 - bounded)))


def divide_by_sums(rows: Floats) -> Floats:
    """Return rows divided by their sums."""
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))
