"""A model that has its classes in an order of its own, with them in the order of their labels."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from equipoise.core.tables import format_label


class OrderedClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # they have no types
    """A classifier whose classes are in order, numbers by size and words by alphabet.

    CatBoost sorts words that are numbers by size, and one of a plug-in may have any order.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: ArrayLike, y: ArrayLike, **weights: ArrayLike) -> Self:
        """Fit a copy of the model, `estimator_`."""
        return self.adopt(clone(self.estimator).fit(X, y, **weights), y)

    def adopt(self, fitted: Any, y: ArrayLike) -> Self:
        """Take a model that has been fitted on the labels `y` as it is."""
        self.estimator_ = fitted
        self.classes_ = np.unique(np.asarray(y))
        self.order_ = np.asarray(find_order(fitted.classes_, self.classes_.tolist()))
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label that the model gives each row."""
        return np.asarray(self.estimator_.predict(X))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the model's probabilities, n x K, in the order of `classes_`."""
        probabilities: NDArray[np.float64] = self.estimator_.predict_proba(X)
        return probabilities[:, self.order_]


def find_order(own: Sequence[Hashable] | NDArray[Any], labels: Sequence[Hashable]) -> list[int]:
    """Return where a model has each label; a `ValueError` says if it has others.

    >>> find_order([2.0, 1.0], [1, 2])
    [1, 0]
    """
    places = {label: place for place, label in enumerate(own)}
    spelled = match_labels(own, labels)
    if len(own) != len(labels) or {*spelled.values()} != {*labels}:
        raise ValueError(
            f"classes_ has {len(own)} labels, and should have those that it was fitted on:"
            f" {', '.join(map(format_label, labels))}"
        )
    found = {spelled[label]: places[label] for label in own}
    return [found[label] for label in labels]


def match_labels(
    given: Sequence[Hashable] | NDArray[Any], labels: Sequence[Hashable]
) -> Mapping[Hashable, Hashable | None]:
    """Return which of the labels each given one is, written so or equal; None for no label.

    >>> match_labels([1.0, "2", 7], [1, 2])
    {1.0: 1, '2': 2, 7: None}
    """
    known = {spelling: label for label in labels for spelling in (str(label), label)}
    return {label: known.get(label, known.get(str(label))) for label in given}
