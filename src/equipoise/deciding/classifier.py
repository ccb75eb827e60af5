"""One classifier of a fitted pipeline, a calibrator and a rule."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from equipoise.core.one_thread import summing_in_order
from equipoise.core.tables import order_labels
from equipoise.deciding.calibrators import Calibrator, Floats
from equipoise.deciding.rules import Codes, LeastExpectedCost, Rule


class DecidingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # it has no types
    """A fitted pipeline that gives calibrated probabilities and decides by a learned rule.

    `pipeline` is a fitted classifier whose `predict_proba` gives the raw scores, n x K. The
    `calibrator` turns these into probabilities, the `rule` into decisions (`LeastExpectedCost`
    goes by probabilities). `labels` are the user's own, in the order of the pipeline's `classes_`.
    Of two classes `share` is that of positives where probabilities hold; None if nobody says it.

    All parts are fitted, so `fit` changes nothing and a clone is the classifier itself, as
    scikit-learn's `FrozenEstimator` has it.
    """

    def __init__(
        self,
        pipeline: Any,
        calibrator: Calibrator,
        rule: Rule,
        labels: Sequence[Any],
        share: float | None = None,
    ) -> None:
        self.pipeline = pipeline
        self.calibrator = calibrator
        self.rule = rule
        self.labels = labels
        self.share = share

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> Self:
        return self

    @property
    def classes_(self) -> NDArray[Any]:
        """The user's labels in the order that scikit-learn has them in, and probabilities too.

        Where the positive one of two labels comes first, scikit-learn's scorers would else take
        its probability for that of the other.
        """
        return self.name_classes(order_labels(self.labels))

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """The columns that the pipeline was fitted on."""
        return np.asarray(self.pipeline.feature_names_in_)

    @property
    def n_features_in_(self) -> int:
        """How many columns the pipeline was fitted on."""
        return int(self.pipeline.n_features_in_)

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002 - the parts are fitted
        """Return the classifier itself."""
        return self

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        """Return the user's label for each row, by the rule."""
        return self.name_classes(self.decide(self.predict_scores(X)))

    def predict_proba(self, X: pd.DataFrame) -> Floats:
        """Return calibrated probabilities, n x K, in the order of `classes_`."""
        return self.calibrate(self.predict_scores(X))[:, order_labels(self.labels)]

    def predict_scores(self, X: pd.DataFrame) -> Floats:
        """Return the pipeline's own scores, n x K, as the rule and the calibrator take them."""
        with summing_in_order():  # as in the trial, whose threshold may lie next to a score
            return np.asarray(self.pipeline.predict_proba(X), np.float64)

    def calibrate(self, scores: Floats) -> Floats:
        """Return the probabilities that raw scores mean, n x K."""
        return self.calibrator.apply(scores)

    def decide(self, scores: Floats) -> Codes:
        """Return the class that raw scores decide for, as a position in `labels`."""
        by_probability = isinstance(self.rule, LeastExpectedCost)
        return self.rule.decide(self.calibrate(scores) if by_probability else scores)

    def name_classes(self, codes: Codes | Sequence[int]) -> NDArray[Any]:
        """Return the user's label of each class, which is given as a position in `labels`."""
        one_type = len({type(label) for label in self.labels}) == 1
        # Beside words, numbers would become words.
        labels = np.array([*self.labels], None if one_type else object)
        return np.asarray(labels[np.asarray(codes, np.int64)])
