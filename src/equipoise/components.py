"""Classes named in params.yaml: found, checked against their signature, and built."""

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.errors import UserError, nearest
from equipoise.params import Component

ALLOWED_PACKAGES = ("sklearn", "imblearn", "equipoise")
SAMPLER_MODULES = ("imblearn.over_sampling", "imblearn.under_sampling", "imblearn.combine")
ENSEMBLE_MODULES = ("imblearn.ensemble", "sklearn.ensemble")
CLASSIFIER_MODULES = (
    "sklearn.linear_model",
    "sklearn.ensemble",
    "sklearn.tree",
    "sklearn.neighbors",
    "sklearn.naive_bayes",
    "sklearn.svm",
    "sklearn.calibration",
    "sklearn.discriminant_analysis",
    "sklearn.neural_network",
    "sklearn.gaussian_process",
    "sklearn.dummy",
    "imblearn.ensemble",
)


class Sampler(Protocol):
    """What changes the rows that a model is fitted on."""

    def fit_resample(self, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        """Return the resampled features and target."""

    def get_params(self) -> dict[str, Any]:
        """Return the constructor's arguments."""


class Classifier(Protocol):
    """What predicts a label and its probability."""

    def get_params(self) -> dict[str, Any]:
        """Return the constructor's arguments."""

    def set_params(self, **params: object) -> Self:
        """Replace some of the constructor's arguments."""

    def fit(self, X: pd.DataFrame, y: pd.Series) -> Self:
        """Learn from these rows."""

    def predict(self, X: pd.DataFrame) -> NDArray[np.int64]:
        """Return a label for each row."""

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return a probability for each row and class."""


def build_sampler(spec: Component, key: str, seed: int) -> Sampler:
    """Return the sampler that `spec` describes; `key` is where params.yaml has it."""
    sampler: Sampler = _build(spec, key, seed, SAMPLER_MODULES)
    if not hasattr(sampler, "fit_resample"):
        raise UserError(f"{key}.class: {spec.class_name} is not a sampler (no fit_resample)")
    return sampler


def build_classifier(spec: Component, key: str, seed: int, **extra: object) -> Classifier:
    """Return the classifier that `spec` and `extra` arguments describe.

    With an `estimator` among them it is an ensemble that wraps one.
    """
    modules = ENSEMBLE_MODULES if "estimator" in extra else CLASSIFIER_MODULES
    classifier: Classifier = _build(spec, key, seed, modules, **extra)
    if not (hasattr(classifier, "fit") and hasattr(classifier, "predict_proba")):
        raise UserError(
            f"{key}.class: {spec.class_name} gives no probabilities (no predict_proba);"
            " choose a classifier that does, or wrap it in CalibratedClassifierCV"
        )
    return classifier


def _build(spec: Component, key: str, seed: int, modules: Sequence[str], **extra: object) -> Any:
    cls = _find_class(spec.class_name, f"{key}.class", modules)
    arguments = _built_values(spec.arguments, key, seed) | extra
    known = _argument_names(cls)
    for name in arguments:
        if name not in known:
            raise UserError(
                f"{key}.{name}: {spec.class_name} has no argument '{name}';"
                f" it has: {', '.join(known) or 'none'}"
            )
    if "random_state" in known:
        arguments.setdefault("random_state", seed)
    try:
        return cls(**arguments)
    except (TypeError, ValueError) as refused:
        raise UserError(f"{key}: {spec.class_name} refuses its arguments: {refused}") from refused


def _built_values(arguments: Mapping[str, Any], key: str, seed: int) -> dict[str, Any]:
    """Return the arguments with every nested `{class: ...}` built."""
    return {
        name: _build(
            Component.model_validate(value),
            f"{key}.{name}",
            seed,
            (*SAMPLER_MODULES, *CLASSIFIER_MODULES),
        )
        if isinstance(value, Mapping) and "class" in value
        else value
        for name, value in arguments.items()
    }


def _argument_names(cls: type) -> list[str]:
    parameters = inspect.signature(cls).parameters.values()
    return [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]


def _find_class(name: str, key: str, modules: Sequence[str]) -> type:
    if "." in name:
        return _import_class(name, key)
    for module in modules:
        found = getattr(import_module(module), name, None)
        if isinstance(found, type):
            return found
    classes = {c for module in modules for c in dir(import_module(module)) if c[0].isupper()}
    raise UserError(f"{key}: '{name}' is not a known class; {nearest(name, classes)}")


def _import_class(path: str, key: str) -> type:
    module, _, name = path.rpartition(".")
    if module.partition(".")[0] not in ALLOWED_PACKAGES:
        allowed = ", ".join(ALLOWED_PACKAGES)
        raise UserError(f"{key}: '{path}' is not from an allowed package ({allowed})")
    try:
        found = getattr(import_module(module), name, None)
    except ModuleNotFoundError as missing:
        raise UserError(f"{key}: '{path}': {missing}") from missing
    if not isinstance(found, type):
        raise UserError(f"{key}: '{path}' is not a class")
    return found
