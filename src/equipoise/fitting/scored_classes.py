"""A model that scores classes and gives no probabilities, as one that has scores from 0 to 1."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone

# Of the rows learned from, no score is further from 0 before the logistic function: of scores far
# out it gives the same number, and rows would be tied.
FURTHEST = 10.0


class ScoredClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # they have no types
    """A classifier whose model has `decision_function` only.

    Its `predict_proba` is the logistic function of the model's scores, divided by `scale_`: it
    keeps their order, and of two classes where they change sign is 0.5. It is no probability before
    it is calibrated; a sigmoid calibrator is then Platt's scaling (1999) of the scores.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: ArrayLike, y: ArrayLike, **weights: ArrayLike) -> Self:
        """Fit a copy of the model, `estimator_`."""
        self.estimator_ = clone(self.estimator).fit(X, y, **weights)
        self.classes_ = self.estimator_.classes_
        furthest = np.abs(self.estimator_.decision_function(X)).max()
        self.scale_ = max(1.0, float(furthest) / FURTHEST)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label that the model gives each row."""
        return np.asarray(self.estimator_.predict(X))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return scores from 0 to 1, n x K: a higher one is more of the class."""
        scores = np.asarray(self.estimator_.decision_function(X), np.float64) / self.scale_
        mapped: NDArray[np.float64] = np.exp(-np.logaddexp(0, -scores))
        return np.column_stack([1 - mapped, mapped]) if mapped.ndim == 1 else mapped
