"""Labels that params.yaml names, held against the classes of train."""

from collections.abc import Collection, Iterable, Mapping
from numbers import Real
from typing import Any

import pandas as pd

from equipoise.core.tables import TWO_CLASSES, format_label, name_class
from equipoise.params.trial_params import Component, Entry, Strategy
from equipoise.terminal.errors import RefusalError, UserError


def check_strategy_labels(strategy: Strategy, y: pd.Series) -> None:
    """Raise if the strategy weights or samples by something that is not a class of `y`."""
    if isinstance(strategy.class_weight, Mapping):
        _check_known(strategy, "class_weight", strategy.class_weight, y)
    for spec in (strategy.sampler, strategy.ensemble):
        if spec is not None:
            check_component_labels(spec, y)


def check_component_labels(spec: Component, y: pd.Series) -> None:
    """Raise if the component's arguments name something that is not a class of `y`."""
    weights, asked = (spec.arguments.get(name) for name in ("class_weight", "sampling_strategy"))
    if isinstance(weights, Mapping):
        _check_known(spec, "class_weight", weights, y)
    if isinstance(asked, Mapping | list):
        _check_known(spec, "sampling_strategy", asked, y)
    if isinstance(asked, Real) and not isinstance(asked, bool) and y.nunique() > TWO_CLASSES:
        raise RefusalError(
            f"{spec.key}.sampling_strategy: {asked} is a ratio of two classes, and train has"
            f" {y.nunique()}; set 'auto', 'not majority' or a mapping {{label: rows}}"
        )


def check_classes_kept(sampler: Component, kept: Collection[Any], y: pd.Series) -> None:
    """Raise if the sampler has left no row of a class of `y` to learn from."""
    lost = [label for label in sorted(y.unique().tolist()) if label not in kept]
    if lost:
        raise RefusalError(
            f"{sampler.key}: {sampler.class_name} leaves no row of {name_class(lost[0], y)}"
            " to learn from; choose another sampler, or its sampling_strategy so that it leaves"
            " this class alone"
        )


def _check_known(entry: Entry, argument: str, labels: Iterable[Any], y: pd.Series) -> None:
    classes = sorted(y.unique().tolist())
    for label in labels:
        if label not in classes:
            raise UserError(
                f"{entry.key}.{argument}: {format_label(label)} is not a class of train; choose"
                f" from: {_list_labels(classes)}"
            )


def _list_labels(labels: Iterable[Any]) -> str:
    return ", ".join(map(format_label, labels))
