"""Everything that is audited, as it was loaded, and rows that can be told apart quickly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionDtype
from pandas.api.types import is_numeric_dtype
from pandas.util import hash_pandas_object

from equipoise.core.difference import Difference, ResamplingSummary
from equipoise.core.tables import GROUP, TARGET, TIME
from equipoise.deciding.decision import ArmDecision
from equipoise.deciding.objectives import Objective

Mask = NDArray[np.bool_]
# The mean and standard deviation of a column of numbers, the type of any other.
Scale = tuple[float, float] | ExtensionDtype | np.dtype[Any]

# Rows that went through a scaler and back differ by rounding, which is far below this many
# decimals of a standard deviation.
DECIMALS = 9
# A column that varies less than this has nothing but rounding in it, as one of text may.
NEGLIGIBLE = 1e-12
ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Resampled:
    """What a strategy's sampler changed, and the summary of it."""

    difference: Difference
    summary: ResamplingSummary


@dataclass(frozen=True)
class ArmMade:
    """What was made of one strategy with one model.

    `model` is the fitted pipeline, `oof` and `test` its predictions.
    """

    strategy: str
    model: Any
    oof: pd.DataFrame
    test: pd.DataFrame
    decision: ArmDecision


@dataclass(frozen=True)
class Made:
    """The table, its parts (index `row`), and what was made of them by strategy and by arm.

    `objective` and `calibration` are what decisions were to be learned by.
    """

    dataset: pd.DataFrame
    train: pd.DataFrame
    test: pd.DataFrame
    resampled: Mapping[str, Resampled]
    arms: Mapping[str, ArmMade]
    objective: Objective
    calibration: str

    @property
    def group(self) -> str | None:
        """The column by which the table was split, if it was by groups."""
        return GROUP if GROUP in self.train else None

    @property
    def time(self) -> str | None:
        """The column by which the table was split, if it was by time."""
        return TIME if TIME in self.train else None

    @cached_property
    def features(self) -> list[str]:
        """The columns of the parts beside target, group and time."""
        others = {TARGET, self.group, self.time}
        shared = [set(part.columns) - others for part in (self.train, self.test)]
        return [str(name) for name in self.dataset if all(name in names for names in shared)]

    @cached_property
    def as_in_train(self) -> Mask:
        """Which test rows have the features of a train row."""
        own, others = self.test[self.features], self.train[self.features]
        return find_shared_rows(own, others, like=others)

    @cached_property
    def cleaned_test(self) -> pd.DataFrame:
        """The features of the test rows, cleaned."""
        return self.clean_rows(self.test)

    def clean_rows(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the features of rows as samplers are given them: gaps filled, dates in parts.

        That is the first step of every model file; without a model they stay as they are.
        """
        if not self.arms or rows.empty:
            return rows[self.features]
        model = next(iter(self.arms.values())).model
        cleaned = model[0].transform(rows[list(model.feature_names_in_)])
        return pd.DataFrame(cleaned)


def find_shared_rows(rows: pd.DataFrame, others: pd.DataFrame, like: pd.DataFrame) -> Mask:
    """Return which of the rows are among the others too, by the columns of `like`.

    A missing value equals a missing one. Numbers are equal that are so to `DECIMALS` of their
    standard deviation in `like`.
    """
    scales = {str(name): _measure_scale(like[name]) for name in like}
    own, theirs = (_hash_rows(part, scales) for part in (rows, others))
    return own.isin(theirs).to_numpy()


def split_into_blocks(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give rows some at a time, so that what is made of them takes little memory."""
    for start in range(0, max(len(rows), 1), ROWS_AT_ONCE):
        yield rows.iloc[start : start + ROWS_AT_ONCE]


def _hash_rows(rows: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.Series:
    """Return a hash of each row, the same for rows that are equal by the scales."""
    comparable = (
        pd.DataFrame({name: _make_comparable(block[name], scale) for name, scale in scales.items()})
        for block in split_into_blocks(rows)
    )
    return pd.concat([hash_pandas_object(block, index=False) for block in comparable])


def _measure_scale(column: pd.Series) -> Scale:
    """Return 0 and 1 for numbers that do not vary."""
    if not is_numeric_dtype(column):
        return column.dtype
    values = column.to_numpy(np.float64, na_value=np.nan)
    known = pd.Series(values[np.isfinite(values)])
    centre, spread = float(known.mean()), float(known.std())
    return (centre, spread) if spread > NEGLIGIBLE else (0.0, 1.0)


def _make_comparable(column: pd.Series, scale: Scale) -> Any:
    """Return the values of a column, such that equal ones have the same hash."""
    if isinstance(scale, tuple):
        values = column.to_numpy(np.float64, na_value=np.nan)
        return np.round((values - scale[0]) / scale[1], DECIMALS) + 0.0  # -0.0 becomes 0.0
    return column.astype(object if isinstance(scale, pd.CategoricalDtype) else scale).array
