"""Classes by number, counted from 0 in the order of their labels, where labels go wrong.

Some samplers of imbalanced-learn, and XGBoost, take no other labels. Some models of scikit-learn
number classes themselves, and look weights up by these numbers.
"""

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from equipoise.core.tables import format_label
from equipoise.fitting.components import Classifier, Sampler
from equipoise.fitting.numbered_classes import NumberedClasses
from equipoise.fitting.traits import find_traits
from equipoise.params.class_labels import BY_LABEL


class Numbered(BaseEstimator):  # type: ignore[misc]  # it has no types
    """A sampler that takes any labels; once it has resampled, `sampler_` is what did it."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler

    def fit_resample(self, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        """Return what the sampler gives of numbered classes, under their labels again."""
        numbers = _number_classes(y)
        self.sampler_ = _number_arguments(self.sampler, numbers)
        with _telling_numbers(numbers):
            X_resampled, y_resampled = _resample_frames(self.sampler_, X, y.map(numbers))
        return X_resampled, y_resampled.map({number: label for label, number in numbers.items()})

    def check_counts(self, y: pd.Series) -> None:
        """Raise what a sampler of imbalanced-learn would, given rows of these labels.

        That is so where `sampling_strategy` asks for counts that those of the classes forbid.
        """
        from imblearn.utils import (  # noqa: PLC0415 - 0.5 s that an arm without a sampler saves
            check_sampling_strategy,
        )

        numbers = _number_classes(y)
        sampler = _number_arguments(self.sampler, numbers)
        with _telling_numbers(numbers):
            for part in (sampler, *sampler.get_params().values()):
                kind = getattr(part, "_sampling_type", None)  # as its own `fit_resample` asks
                if kind is not None:
                    asked = part.get_params()["sampling_strategy"]
                    check_sampling_strategy(asked, y.map(numbers), kind)


def list_over_sampled(sampler: Sampler, y: pd.Series) -> list[Hashable]:
    """Return the classes that a sampler makes new rows of.

    What a sampler of imbalanced-learn cannot do is raised; of any other they are those it names.
    """
    from imblearn.utils import check_sampling_strategy  # noqa: PLC0415 - as above

    numbers, kind = _number_classes(y), getattr(sampler, "_sampling_type", None)
    asked = sampler.get_params().get("sampling_strategy")
    if kind != "over-sampling":
        return [label for label in numbers if not isinstance(asked, Mapping) or label in asked]
    with catch_warnings():
        simplefilter("ignore")  # they come again with the rows
        new = check_sampling_strategy(_replace_labels(asked, numbers), y.map(numbers), kind)
    return [label for label, number in numbers.items() if new.get(number)]


def _number_arguments(sampler: Sampler, numbers: Mapping[Hashable, int]) -> Sampler:
    """Return a copy of a sampler whose arguments name classes by number."""
    arguments = {
        name: _replace_labels(value, numbers)
        for name, value in sampler.get_params().items()
        if name.rpartition("__")[2] in BY_LABEL
    }
    copy = deepcopy(sampler)  # some of a plug-in refuse to be cloned
    if arguments:
        copy.set_params(**arguments)
    return copy


@contextmanager
def _telling_numbers(numbers: Mapping[Hashable, int]) -> Iterator[None]:
    """Say with a refusal which class has which number."""
    try:
        yield
    except (ValueError, RuntimeError) as refused:
        raise type(refused)(f"{refused}{_describe_numbers(numbers)}") from refused


def _resample_frames(sampler: Any, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Return frames, also from a sampler that is not built on scikit-learn and takes arrays.

    One of a plug-in has rows of its own, which it may change. A `ValueError` says why what it gives
    are no rows of this table.
    """
    if type(sampler).__module__.startswith("imblearn."):
        resampled = sampler.fit_resample(X, y)
    elif isinstance(sampler, BaseEstimator):
        resampled = sampler.fit_resample(X.copy(), y.copy())
    else:
        resampled = sampler.fit_resample(X.to_numpy(copy=True), y.to_numpy(copy=True))
    return _make_frames(resampled, X, y)


def _make_frames(resampled: Any, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    X_resampled, y_resampled = resampled
    if isinstance(X_resampled, pd.DataFrame):
        features = X_resampled.reset_index(drop=True)
    else:
        features = pd.DataFrame(X_resampled, columns=X.columns).astype(X.dtypes.to_dict())
    labels = pd.Series(np.asarray(y_resampled), name=y.name)
    for name in set(X) - set(features):
        raise ValueError(f"what it gives has no column {format_label(name)}")
    if len(features) != len(labels):
        raise ValueError(f"it gives {len(features)} rows and {len(labels)} labels")
    if not labels.isin(y.unique()).all():
        raise ValueError("it gives labels that no row had")
    return features[[*X]], labels


def number_classes(model: Classifier, y: pd.Series) -> Classifier:
    """Return the unfitted model, which sees classes by number unless they are called so."""
    numbers = _number_classes(y)
    if all(label == number for label, number in numbers.items()):
        return model
    numbered: Classifier = NumberedClasses(model)
    return numbered


def weigh_by_number(model: Classifier, y: pd.Series) -> Classifier:
    """Return the unfitted model, its class weights by number where a model numbers classes."""
    numbers, parameters = _number_classes(y), model.get_params()
    for name, weights in parameters.items():
        *owners, last = name.split("__")
        around = [parameters["__".join(owners[: n + 1])] for n in range(len(owners))]
        if last == "class_weight" and any(
            find_traits(type(part)).numbers_classes for part in (model, *around)
        ):
            model.set_params(**{name: _replace_labels(weights, numbers)})
    return model


def _number_classes(y: pd.Series) -> dict[Hashable, int]:
    return {label: number for number, label in enumerate(sorted(y.unique().tolist()))}


def _describe_numbers(numbers: Mapping[Hashable, int]) -> str:
    """Return the labels by number; an empty text where each label is its number."""
    if all(label == number for label, number in numbers.items()):
        return ""
    return f" (classes by number: {', '.join(map(format_label, numbers))})"


def _replace_labels(value: Any, numbers: Mapping[Hashable, int]) -> Any:
    if isinstance(value, Mapping):
        return {numbers.get(label, label): share for label, share in value.items()}
    if isinstance(value, list):
        return [numbers.get(label, label) for label in value]
    return value
