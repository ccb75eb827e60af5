"""Counts of rows that params ask for by class, in a part of the train part."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import pandas as pd

from equipoise.params.class_labels import SAMPLING, name_argument
from equipoise.params.trial_params import Arm, walk_components

# How many rows each model of an ensemble is given.
BAG = "max_samples"


@dataclass(frozen=True)
class Shares:
    """Which share of the rows is in a part: of all, and of each class."""

    of_rows: float
    of_class: Mapping[Hashable, float]


def find_shares(whole: pd.Series, part: pd.Series) -> Shares:
    """Return which share of rows is in a part, from the labels of both."""
    counts = part.value_counts()
    of_class = {label: counts.get(label, 0) / n for label, n in whole.value_counts().items()}
    return Shares(len(part) / len(whole), of_class)


def scale_counts(arm: Arm, shares: Shares) -> Arm:
    """Return the arm for a part of the rows that it is meant for, with these shares of them.

    What is asked for in rows (`sampling_strategy: {label: rows}`) shrinks as the classes do, and
    with it the rows that it is asked of (`max_samples: rows`). A fold that took as many rows as all
    of train would be learned from other odds than the model is, and its scores would be others.
    """
    if not _asks_for_rows(arm):
        return arm

    def scale(key: str, value: Any) -> Any:
        if _are_rows(key, value):
            of = shares.of_class
            return {label: _scale_count(rows, of.get(label, 1)) for label, rows in value.items()}
        return _scale_count(value, shares.of_rows) if name_argument(key) == BAG else value

    strategy = arm.strategy.replace_arguments(scale)
    return replace(arm, strategy=strategy, model=arm.model.replace_arguments(scale))


def _asks_for_rows(arm: Arm) -> bool:
    components = walk_components([arm.strategy.sampler, arm.strategy.ensemble, arm.model])
    return any(_are_rows(*argument) for each in components for argument in each.arguments.items())


def _are_rows(key: str, value: Any) -> bool:
    return name_argument(key) == SAMPLING and isinstance(value, Mapping)


def _scale_count(rows: Any, share: float) -> Any:
    counted = isinstance(rows, Integral) and not isinstance(rows, bool)
    return max(1, round(int(rows) * share)) if counted else rows
