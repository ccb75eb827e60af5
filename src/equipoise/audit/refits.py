"""What stands before a model, taken apart, and each part fitted again on what it was given.

A part is fitted on what the parts before it, as they are on file, make of rows. So a part that
learned from the wrong rows is found, and those behind it are not blamed for it: nor for the last
digits of what stands before them, which another kind of processor may have made.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from numbers import Number
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import TargetEncoder

from equipoise.audit.distances import Axes, Floats
from equipoise.fitting.workers import limiting_threads

# By name: more than one value where one estimator holds several of a kind.
Value = NDArray[Any] | Number | Axes
Learned = Mapping[str, Sequence[Value]]

Targets = tuple[pd.Series, pd.Series]

# Known of the columns before any row is looked at.
OF_COLUMNS = frozenset({"n_features_in_", "feature_names_in_"})
# Of a decomposition: what turns with axes whose singular values are nearly the same, so that two
# machines need not agree on it. The axes are compared in a way that does not.
OF_AXES = frozenset(
    {"components_", "explained_variance_", "explained_variance_ratio_", "scaling_factor_"}
)


@dataclass(frozen=True)
class Part:
    """A fitted estimator, and what it was given of train and of all rows."""

    estimator: Any
    train: Any
    every: Any

    def refit_on(self, rows: Any, target: pd.Series) -> Learned:
        """Return what the estimator learns from rows that it was given, on one thread."""
        with limiting_threads():  # as when it was fitted
            twin = deepcopy(self.estimator).fit(rows, target)
        return self.list_learned(twin)

    def list_learned(self, estimator: Any) -> Learned:
        """Return the numbers and arrays that an estimator of this kind has learned, by name."""
        learned: dict[str, list[Value]] = {}
        for name, value in (*_list_learned(estimator), *self._measure_spread(estimator)):
            learned.setdefault(name, []).append(value)
        return learned

    def _measure_spread(self, estimator: Any) -> Iterator[tuple[str, Any]]:
        """Give how far train rows spread once a text encoder has divided by its factor.

        The factor makes that 1 on the rows that it learned from, whichever way their axes turn.
        """
        if hasattr(estimator, "scaling_factor_"):
            made = np.asarray(estimator.transform(self.train), np.float64)
            spread = np.sqrt(made.var(axis=0).sum()).astype(np.float32)
            yield f"{type(estimator).__name__}.scaling_factor_", spread


def walk_steps(
    steps: Pipeline, train: Any, every: Any, targets: Targets
) -> Iterator[tuple[Any, Any, Any]]:
    """Give each step, and what those before it make of train and of all rows.

    `targets` are those of train and of all rows.
    """
    for position, (_, step) in enumerate(steps.steps):
        if position:
            made = steps[position - 1]
            train, every = (
                _make_next_input(made, rows, target)
                for rows, target in zip((train, every), targets, strict=True)
            )
        yield step, train, every


def _make_next_input(step: Any, rows: Any, target: pd.Series) -> Any:
    """Return what a fitted step gave the next one to learn from.

    An encoder of the target gives other numbers of the rows that it learns from than of new ones:
    they are cross-fitted.
    """
    if isinstance(step, TargetEncoder):
        with limiting_threads():
            return deepcopy(step).fit_transform(rows, target)
    return step.transform(rows)


def list_parts(node: Any, train: Any, every: Any, targets: Targets) -> Iterator[Part]:
    """Give the parts of what stands before a model: steps one by one, blocks of columns alike."""
    if isinstance(node, Pipeline):
        for step, of_train, of_every in walk_steps(node, train, every, targets):
            yield from list_parts(step, of_train, of_every, targets)
    elif isinstance(node, ColumnTransformer) and isinstance(train, pd.DataFrame):
        for _, transformer, columns in node.transformers_:
            if len(columns):
                yield from list_parts(transformer, train[columns], every[columns], targets)
    elif hasattr(node, "fit"):
        yield Part(node, train, every)


def _list_learned(node: object, name: str = "") -> Iterator[tuple[str, Any]]:
    """Give the numbers and arrays that a fitted estimator, and those inside it, hold."""
    if isinstance(node, Mapping):
        keys = sorted(node, key=str)
        values = [node[key] for key in keys]
        counted = all(isinstance(value, Number) for value in values)
        node = [np.array(keys, dtype=str), *([np.array(values)] if counted else values)]
    if isinstance(node, list | tuple) or _holds_arrays(node):
        for item in node:
            yield from _list_learned(item, name)
    elif hasattr(node, "get_params") and not isinstance(node, type):
        yield from _list_learned_attributes(node)
    elif _is_learned(name) and isinstance(node, np.ndarray | Number):
        yield name, node


def _list_learned_attributes(estimator: object) -> Iterator[tuple[str, Any]]:
    own, attributes = type(estimator).__name__, vars(estimator)
    if {"components_", "singular_values_"} <= attributes.keys():
        yield f"{own}.components_", Axes.of(estimator)
    for attribute, value in sorted(attributes.items()):
        if attribute not in OF_COLUMNS | OF_AXES:
            yield from _list_learned(value, f"{own}.{attribute}")


def _is_learned(name: str) -> bool:
    return name.endswith("_") or "._" in name


def _holds_arrays(node: object) -> TypeGuard[NDArray[np.object_]]:
    return (
        isinstance(node, np.ndarray)
        and node.dtype.kind == "O"
        and any(isinstance(item, np.ndarray) for item in node)
    )


def measure_rounding(rows: Any) -> Floats:
    """Return, by column, how far means of rows may be off because these are of single precision.

    Ten times the rounding of the largest value; nothing for other numbers, and for words.
    """
    frame = pd.DataFrame(rows)
    ten_steps = 10 * float(np.finfo(np.float32).eps)
    return np.array(
        [
            ten_steps * float(column.abs().max()) if column.dtype == np.float32 else 0.0
            for _, column in frame.items()
        ]
    )
