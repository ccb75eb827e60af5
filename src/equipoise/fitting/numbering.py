"""Classes by number, counted from 0 in the order of their labels, where labels go wrong.

Some samplers of imbalanced-learn take no other labels. Some models of scikit-learn number
classes themselves, and look weights up by these numbers.
"""

from collections.abc import Hashable, Mapping
from copy import deepcopy
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator

from equipoise.contract.tables import shown
from equipoise.fitting.components import Classifier, Sampler

# Arguments, also of what is nested in a sampler, that speak of classes by their labels.
BY_LABEL = frozenset({"sampling_strategy", "shrinkage", "class_weight"})
NUMBERS_CLASSES = frozenset(
    {
        "BaggingClassifier",
        "HistGradientBoostingClassifier",
        "StackingClassifier",
        "VotingClassifier",
    }
)


class Numbered(BaseEstimator):  # type: ignore[misc]  # it has no types
    """A sampler that takes any labels; once it has resampled, `sampler_` is what did it."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler

    def fit_resample(self, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        """Return what the sampler gives of numbered classes, under their labels again."""
        numbers = _numbers(y)
        arguments = {
            name: _by_number(value, numbers)
            for name, value in self.sampler.get_params().items()
            if name.rpartition("__")[2] in BY_LABEL
        }
        self.sampler_ = deepcopy(self.sampler)  # some of a plug-in refuse to be cloned
        if arguments:
            self.sampler_.set_params(**arguments)
        try:
            X_resampled, y_resampled = _resampled(self.sampler_, X, y.map(numbers))
        except (ValueError, RuntimeError) as refused:
            raise type(refused)(f"{refused}{_said(numbers)}") from refused
        return X_resampled, y_resampled.map({number: label for label, number in numbers.items()})


def _resampled(sampler: Any, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Return frames, also from a sampler that is none of scikit-learn's kin and takes arrays."""
    if isinstance(sampler, BaseEstimator):
        X_frame, y_frame = sampler.fit_resample(X, y)
        return X_frame, y_frame
    X_array, y_array = sampler.fit_resample(X.to_numpy(), y.to_numpy())
    features = pd.DataFrame(X_array, columns=X.columns).astype(X.dtypes.to_dict())
    return features, pd.Series(y_array, name=y.name)


def weighed_by_number(model: Classifier, y: pd.Series) -> Classifier:
    """Return the unfitted model, its class weights by number where a model numbers classes."""
    numbers, parameters = _numbers(y), model.get_params()
    for name, weights in parameters.items():
        *owners, last = name.split("__")
        around = [parameters["__".join(owners[: n + 1])] for n in range(len(owners))]
        if last == "class_weight" and any(map(_numbers_classes, (model, *around))):
            model.set_params(**{name: _by_number(weights, numbers)})
    return model


def _numbers_classes(model: object) -> bool:
    return not NUMBERS_CLASSES.isdisjoint(cls.__name__ for cls in type(model).__mro__)


def _numbers(y: pd.Series) -> dict[Hashable, int]:
    return {label: number for number, label in enumerate(sorted(y.unique().tolist()))}


def _said(numbers: Mapping[Hashable, int]) -> str:
    """Return which class has which number, unless numbers are what they are called anyway."""
    if all(label == number for label, number in numbers.items()):
        return ""
    return f" (classes by number: {', '.join(map(shown, numbers))})"


def _by_number(value: Any, numbers: Mapping[Hashable, int]) -> Any:
    if isinstance(value, Mapping):
        return {numbers.get(label, label): share for label, share in value.items()}
    if isinstance(value, list):
        return [numbers.get(label, label) for label in value]
    return value
