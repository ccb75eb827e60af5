"""Classes named in params.yaml: found, checked against their signature, and built."""

import inspect
from collections.abc import Collection, Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Protocol, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.fitting.traits import EXTRAS, find_traits
from equipoise.params.trial_params import ALLOWED_PACKAGES, Component
from equipoise.terminal.errors import UserError, suggest_nearest

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
# What a stack of models decides by: the class of it, left out, is set by `fit` only.
FINAL = "final_estimator"
FOLDS = 5  # as scikit-learn has it
TRANSFORMER_MODULES = (
    "sklearn.preprocessing",
    "sklearn.decomposition",
    "sklearn.feature_selection",
    "sklearn.kernel_approximation",
    "sklearn.random_projection",
)


class Sampler(Protocol):
    """What changes the rows that a model is fitted on."""

    def fit_resample(self, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
        """Return the resampled features and target."""

    def get_params(self) -> dict[str, Any]:
        """Return the constructor's arguments."""

    def set_params(self, **params: object) -> Self:
        """Replace some of the constructor's arguments."""


class Classifier(Protocol):
    """What predicts a label and its probability.

    Once fitted, `classes_` has the labels in the order of the probabilities.
    """

    classes_: NDArray[Any]

    def get_params(self) -> dict[str, Any]:
        """Return the constructor's arguments."""

    def set_params(self, **params: object) -> Self:
        """Replace some of the constructor's arguments."""

    def fit(self, X: pd.DataFrame, y: pd.Series, **weights: pd.Series) -> Self:
        """Learn from these rows."""

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        """Return a label for each row."""

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return a probability for each row and class."""


def build_sampler(spec: Component, seed: int) -> Sampler:
    """Return the sampler that `spec` describes."""
    sampler: Sampler = _build(spec, seed, SAMPLER_MODULES)
    if not hasattr(sampler, "fit_resample"):
        raise UserError(f"{spec.key}.class: {spec.class_name} is not a sampler (no fit_resample)")
    return sampler


def build_classifier(spec: Component, seed: int) -> Classifier:
    """Return the classifier that `spec` describes."""
    classifier: Classifier = _build(spec, seed, CLASSIFIER_MODULES)
    return _require_scores(classifier, spec)


def build_transformer(spec: Component, seed: int) -> Any:
    """Return the unfitted transformer that `spec` describes."""
    transformer = _build(spec, seed, TRANSFORMER_MODULES)
    if not hasattr(transformer, "transform"):
        raise UserError(
            f"{spec.key}.class: {spec.class_name} is not a transformer (no transform); choose one"
            " of sklearn.preprocessing or sklearn.decomposition"
        )
    return transformer


def build_ensemble(spec: Component, seed: int, estimator: Classifier) -> Classifier:
    """Return the ensemble that `spec` describes, wrapped around `estimator`."""
    if "estimator" in spec.arguments:
        raise UserError(f"{spec.key}.estimator: it is set to the model of the arm; remove it")
    cls = _find_class(spec, ENSEMBLE_MODULES)
    if "estimator" not in _list_argument_names(cls, spec)[0]:
        raise UserError(
            f"{spec.key}.class: {spec.class_name} wraps no model; use it under `models`"
        )
    ensemble = _build(spec, seed, ENSEMBLE_MODULES)
    return _require_scores(ensemble.set_params(estimator=estimator), spec)


def _require_scores(classifier: Classifier, spec: Component) -> Classifier:
    """Return a classifier that gives probabilities, or at least scores."""
    scores = gives_probabilities(classifier) or hasattr(classifier, "decision_function")
    if not (hasattr(classifier, "fit") and scores):
        if getattr(classifier, FINAL, classifier) is None:
            raise UserError(
                f"{spec.key}.{FINAL}: {spec.class_name} tells what it gives only by it; set it, as"
                " in {class: LogisticRegression}"
            )
        if getattr(classifier, "voting", None) == "hard":
            raise UserError(f"{spec.key}.voting: 'hard' gives no probabilities; set it to 'soft'")
        raise UserError(
            f"{spec.key}.class: {spec.class_name} gives neither probabilities nor scores (no"
            " predict_proba, no decision_function); choose a classifier that does"
        )
    return classifier


def gives_probabilities(classifier: Classifier) -> bool:
    """Return whether a classifier gives probabilities, and not only scores."""
    return hasattr(classifier, "predict_proba")


def _build(spec: Component, seed: int, modules: Sequence[str]) -> Any:
    cls, key = _find_class(spec, modules), spec.key
    known, takes_others = _list_argument_names(cls, spec)
    arguments = {
        name: _match_kind(cls, name, _build_inside(value, seed))
        for name, value in spec.arguments.items()
    }
    for name in arguments:
        if name not in known and not takes_others:
            raise UserError(
                f"{key}.{name}: {spec.class_name} has no argument '{name}';"
                f" it has: {', '.join(known) or 'none'}"
            )
    traits = find_traits(cls)
    if "random_state" in known and traits.folds is None:
        arguments.setdefault("random_state", seed)
    arguments = {**traits.defaults, **arguments}
    try:
        if traits.folds is not None:
            arguments[traits.folds] = _make_folds(arguments.get(traits.folds), seed)
        return cls(**arguments)
    except (TypeError, ValueError) as refused:
        raise UserError(f"{key}: {spec.class_name} refuses its arguments: {refused}") from refused


def _make_folds(folds: Any, seed: int) -> Any:
    """Return folds that are drawn by the seed, of which `folds` is the number if it is one.

    None is scikit-learn's number.
    """
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - few classes take folds

    is_number = isinstance(folds, int) and not isinstance(folds, bool)
    if folds is not None and not is_number:
        return folds
    number = FOLDS if folds is None else folds
    return StratifiedKFold(number, shuffle=True, random_state=seed)


def _build_inside(value: Any, seed: int) -> Any:
    """Return an argument with every component in it built."""
    if isinstance(value, list):
        return [_build_inside(inner, seed) for inner in value]
    if not isinstance(value, Component):
        return value
    return _build(value, seed, (*SAMPLER_MODULES, *CLASSIFIER_MODULES))


def _match_kind(cls: type, name: str, value: Any) -> Any:
    """Return an argument as scikit-learn asks for it: YAML has lists, and no tuples."""
    allowed = getattr(cls, "_parameter_constraints", {}).get(name, [])
    if not isinstance(value, list) or not isinstance(allowed, list):  # it may be a word, for any
        return value
    needs_tuple = tuple in allowed and list not in allowed and "array-like" not in allowed
    return tuple(value) if needs_tuple else value


def _list_argument_names(cls: type, spec: Component) -> tuple[list[str], bool]:
    """Return the constructor's arguments, and whether it takes others beside them.

    What it hands on to the constructor of a base class counts as its own.
    """
    names: list[str] = []
    hands_on = True
    for base in cls.__mro__:
        if hands_on and (base is cls or "__init__" in vars(base)) and base is not object:
            parameters = _read_signature(base, spec)
            hands_on = any(p.kind is p.VAR_KEYWORD for p in parameters)
            names += [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    return list(dict.fromkeys(names)), hands_on


def _read_signature(cls: type, spec: Component) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(cls).parameters.values())
    except ValueError as unsigned:
        raise UserError(
            f"{spec.key}.class: {cls.__name__} cannot be built from params"
        ) from unsigned


def _find_class(spec: Component, modules: Sequence[str]) -> type:
    name, key = spec.class_name, f"{spec.key}.class"
    if "." in name:
        return _import_class(spec)
    for module in (*modules, *EXTRAS):
        found = getattr(_import_module(module), name, None)
        if _is_component(found, ALLOWED_PACKAGES):
            return cast("type", found)
    if modules is CLASSIFIER_MODULES and any(
        hasattr(import_module(m), name) for m in SAMPLER_MODULES
    ):
        raise UserError(f"{key}: {name} is a sampler; use it under `strategies`, as their sampler")
    if modules in (SAMPLER_MODULES, TRANSFORMER_MODULES) and any(
        hasattr(import_module(m), name) for m in CLASSIFIER_MODULES
    ):
        raise UserError(f"{key}: {name} is a model; use it under `models`")
    known = {
        member
        for module in (*modules, *EXTRAS)
        for member, value in vars(_import_module(module)).items()
        if _is_component(value, ALLOWED_PACKAGES)
    }
    raise UserError(f"{key}: '{name}' is not a known class; {suggest_nearest(name, known)}")


def _import_module(module: str) -> object:
    """Return a module, or nothing where an extra is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        if module in EXTRAS:
            return SimpleNamespace()
        raise


def _is_component(found: object, packages: Collection[str]) -> bool:
    """Tell a class of these packages, wherever it was found, that can be fitted."""
    return (
        isinstance(found, type)
        and _name_package(found) in packages
        and (hasattr(found, "fit") or hasattr(found, "fit_resample"))
    )


def _name_package(cls: type) -> str:
    return cls.__module__.partition(".")[0]


def _import_class(spec: Component) -> type:
    """Return the class at a path whose package params have allowed."""
    path, key = spec.class_name, f"{spec.key}.class"
    module, _, name = path.rpartition(".")
    packages = (module.partition(".")[0], *ALLOWED_PACKAGES)
    try:
        members = vars(import_module(module))
    except (ImportError, AttributeError, RecursionError, ValueError) as missing:
        # The second: made for another version. The others: no path of modules.
        reason = " ".join(str(missing).split())
        raise UserError(
            f"{key}: '{path}': {reason}; install its package and what that needs, or fix the path"
        ) from missing
    if not _is_component(members.get(name), packages):
        known = [member for member, value in members.items() if _is_component(value, packages)]
        raise UserError(
            f"{key}: '{path}' is not a sampler or model; {suggest_nearest(name, known)}"
        )
    return cast("type", members[name])
