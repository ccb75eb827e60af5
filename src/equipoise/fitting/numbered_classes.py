"""A model that takes no labels but 0 to K - 1, given any."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone


class NumberedClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # they have no types
    """A classifier whose model sees classes by number, in the order of their labels."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit a copy of the model, `estimator_`, on the numbers of classes."""
        self.classes_, numbers = np.unique(np.asarray(y), return_inverse=True)
        self.estimator_ = clone(self.estimator).fit(X, numbers, sample_weight=sample_weight)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of each row."""
        labels: NDArray[Any] = self.classes_[self.estimator_.predict(X)]
        return labels

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the model's probabilities, n x K."""
        probabilities: NDArray[np.float64] = self.estimator_.predict_proba(X)
        return probabilities
