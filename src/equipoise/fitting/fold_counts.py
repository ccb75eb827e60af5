"""Counts of rows that params ask for by class, in a part of the train part."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from numbers import Integral
from typing import Any

import pandas as pd

from equipoise.params.class_labels import SAMPLING, name_argument
from equipoise.params.trial_params import Arm

Shares = Mapping[Hashable, float]


def find_shares(whole: pd.Series, part: pd.Series) -> Shares:
    """Return by class which share of its rows is in a part, from the labels of both."""
    counts = part.value_counts()
    return {label: counts.get(label, 0) / rows for label, rows in whole.value_counts().items()}


def scale_counts(arm: Arm, shares: Shares) -> Arm:
    """Return the arm for a part of the rows that it is meant for, with these shares of them.

    What is asked for in rows (`sampling_strategy: {label: rows}`) shrinks as the classes do. A
    fold that took as many rows as all of train would be learned from other odds than the model is,
    and its scores would be others.
    """

    def scale(key: str, value: Any) -> Any:
        if name_argument(key) != SAMPLING or not isinstance(value, Mapping):
            return value
        return {label: _scale_count(rows, shares.get(label, 1)) for label, rows in value.items()}

    strategy = arm.strategy.replace_arguments(scale)
    return replace(arm, strategy=strategy, model=arm.model.replace_arguments(scale))


def _scale_count(rows: Any, share: float) -> Any:
    counted = isinstance(rows, Integral) and not isinstance(rows, bool)
    return max(1, round(int(rows) * share)) if counted else rows
