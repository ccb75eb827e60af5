"""Classes named in params.yaml: found, checked against their signature, and built."""

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.contract.errors import UserError, nearest
from equipoise.contract.params import Component

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


def build_classifier(spec: Component, key: str, seed: int) -> Classifier:
    """Return the classifier that `spec` describes."""
    classifier: Classifier = _build(spec, key, seed, CLASSIFIER_MODULES)
    return _with_probabilities(classifier, spec, key)


def build_ensemble(spec: Component, key: str, seed: int, estimator: Classifier) -> Classifier:
    """Return the ensemble that `spec` describes, wrapped around `estimator`."""
    if "estimator" in spec.arguments:
        raise UserError(f"{key}.estimator: the model is wrapped; remove it")
    cls = _find_class(spec.class_name, f"{key}.class", ENSEMBLE_MODULES)
    if "estimator" not in _argument_names(cls, key):
        raise UserError(f"{key}.class: {spec.class_name} wraps no model; use it under `models`")
    ensemble = _build(spec, key, seed, ENSEMBLE_MODULES)
    return _with_probabilities(ensemble.set_params(estimator=estimator), spec, key)


def _with_probabilities(classifier: Classifier, spec: Component, key: str) -> Classifier:
    if not (hasattr(classifier, "fit") and hasattr(classifier, "predict_proba")):
        raise UserError(
            f"{key}.class: {spec.class_name} gives no probabilities (no predict_proba);"
            " choose a classifier that does, or wrap a classifier in CalibratedClassifierCV"
        )
    return classifier


def _build(spec: Component, key: str, seed: int, modules: Sequence[str]) -> Any:
    cls = _find_class(spec.class_name, f"{key}.class", modules)
    known = _argument_names(cls, key)
    arguments = {name: _built(v, f"{key}.{name}", seed) for name, v in spec.arguments.items()}
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


def _built(value: Any, key: str, seed: int) -> Any:
    """Return the value with every `{class: ...}` in it built."""
    if isinstance(value, list):
        return [_built(item, f"{key}.{position}", seed) for position, item in enumerate(value)]
    if not (isinstance(value, Mapping) and "class" in value):
        return value
    if not all(isinstance(text, str) for text in (value["class"], *value)):
        raise UserError(f"{key}: {dict(value)!r} should be {{class: Name, argument: value}}")
    spec = Component.model_validate(value)
    return _build(spec, key, seed, (*SAMPLER_MODULES, *CLASSIFIER_MODULES))


def _argument_names(cls: type, key: str) -> list[str]:
    try:
        parameters = inspect.signature(cls).parameters.values()
    except ValueError as unsigned:
        raise UserError(f"{key}.class: {cls.__name__} cannot be built from params") from unsigned
    return [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]


def _find_class(name: str, key: str, modules: Sequence[str]) -> type:
    if "." in name:
        return _import_class(name, key)
    for module in modules:
        found = getattr(import_module(module), name, None)
        if _is_component(found):
            return cast("type", found)
    if modules is CLASSIFIER_MODULES and any(
        hasattr(import_module(m), name) for m in SAMPLER_MODULES
    ):
        raise UserError(f"{key}: {name} is a sampler; use it under `strategies`, as their sampler")
    known = {c for m in modules for c, v in vars(import_module(m)).items() if _is_component(v)}
    raise UserError(f"{key}: '{name}' is not a known class; {nearest(name, known)}")


def _is_component(found: object) -> bool:
    """Tell a class of an allowed package, wherever it was found, that can be fitted."""
    return (
        isinstance(found, type)
        and found.__module__.partition(".")[0] in ALLOWED_PACKAGES
        and (hasattr(found, "fit") or hasattr(found, "fit_resample"))
    )


def _import_class(path: str, key: str) -> type:
    module, _, name = path.rpartition(".")
    if module.partition(".")[0] not in ALLOWED_PACKAGES:
        allowed = ", ".join(ALLOWED_PACKAGES)
        raise UserError(f"{key}: '{path}' is not from an allowed package ({allowed})")
    try:
        members = vars(import_module(module))
    except ModuleNotFoundError as missing:
        raise UserError(f"{key}: '{path}': {missing}") from missing
    if not _is_component(members.get(name)):
        known = [member for member, value in members.items() if _is_component(value)]
        raise UserError(f"{key}: '{path}' is not a sampler or model; {nearest(name, known)}")
    return cast("type", members[name])
