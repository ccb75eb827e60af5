"""Columns of any type, as checks look at them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype, is_timedelta64_dtype

from equipoise.core.tables import TARGET
from equipoise.data.written_values import make_word

Floats = NDArray[np.float64]

FIRST_ROWS = 2_000
WIDEST_SHOWN = 30


def make_readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with columns of no one type as text, its target as it was."""
    mixed = [name for name in table if table[name].dtype == object and name != TARGET]
    return table.astype(dict.fromkeys(mixed, "str"))


def convert_to_numbers(column: pd.Series) -> Floats | None:
    """Return numbers, dates and yes/no as floats that keep their order, NaN where one is missing.

    Of text and categories, None.
    """
    if is_datetime64_any_dtype(column) or is_timedelta64_dtype(column):
        seconds: Floats = (column - column.min()).dt.total_seconds().to_numpy("float64")
        return seconds
    if not is_numeric_dtype(column):
        return None
    values: Floats = column.to_numpy("float64", na_value=np.nan)
    return values


def has_few_values(column: pd.Series, most: int) -> bool:
    """Tell a column with at most so many different values, "missing" being one of them."""
    first = column.head(FIRST_ROWS)  # mostly they tell already, and sooner
    return all(part.nunique(dropna=False) <= most for part in (first, column))


def quote_value(value: object) -> str:
    """Return a value as it is shown in a message: in quotes, on one line, cut if it is long.

    >>> quote_value(5.0), quote_value("a" * 31)
    ("'5'", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'")
    """
    text = str(make_word(value))
    return repr(text if len(text) <= WIDEST_SHOWN else f"{text[:WIDEST_SHOWN]}...")
