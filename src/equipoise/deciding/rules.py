"""Rules that turn scores into decisions: values that are learned once, saved, and applied.

Scores are n x K, a column for each class in the order of their labels; decisions are codes,
positions among the classes. This module imports NumPy only, so that a rule can travel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# Expected costs this close, relative to the largest, differ by rounding of sums only.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Threshold:
    """Of two classes the positive one, the second, where its score is at or above `threshold`."""

    threshold: float

    def decide(self, scores: ArrayLike) -> Codes:
        """Return 1 for each row of n x 2 scores that alerts, else 0."""
        return np.asarray(np.asarray(scores)[:, 1] >= self.threshold).astype(np.int64)


@dataclass(frozen=True)
class ClassWeights:
    """The class of the highest weight times score; of equals, the first."""

    weights: tuple[float, ...]

    def decide(self, scores: ArrayLike) -> Codes:
        """Return the code decided for each row of n x K scores."""
        return np.asarray(np.argmax(np.asarray(scores) * np.asarray(self.weights), axis=1))


@dataclass(frozen=True)
class LeastExpectedCost:
    """The class of least expected cost, for scores that are calibrated (Elkan, 2001).

    `costs` has a row for each actual class and a column for each decided one.
    """

    costs: tuple[tuple[float, ...], ...]

    def decide(self, scores: ArrayLike) -> Codes:
        """Return the code decided for each row of n x K probabilities; of equals, the first.

        Sums that differ by rounding only are equal.
        """
        of_actual = zip(np.asarray(scores, np.float64).T, np.asarray(self.costs), strict=True)
        # Added class by class: the bits do not depend on how a machine multiplies matrices.
        expected = sum(np.multiply.outer(chance, cost) for chance, cost in of_actual)
        least, most = (extreme(expected, axis=1, keepdims=True) for extreme in (np.min, np.max))
        return np.asarray(np.argmax(expected <= least + ROUNDING * most, axis=1))


Rule = Threshold | ClassWeights | LeastExpectedCost
