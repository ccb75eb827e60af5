"""Single values: how one is written, how a date is kept, and how large a number may be."""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

DATE = "datetime64[us]"
# Models that compute in single precision (forests, XGBoost) refuse what is beyond 3.4e38, and sum
# columns to find that out: this leaves room for a hundred million such numbers.
LARGEST_NUMBER = 1e30
FIRST_DATE, LAST_DATE = pd.Timestamp("0001-01-01"), pd.Timestamp("9999-12-31 23:59:59.999999")
LARGEST_WHOLE = 2**53 - 1  # beyond, neighbours are the same float


def convert_dates(dates: pd.Series) -> pd.Series:
    """Return dates as they are kept, of UTC where they say a time zone.

    Those before the year 1 or after 9999, which Parquet may have, become gaps.
    """
    dates = remove_zone(dates)
    return pd.Series(dates.where(dates.between(FIRST_DATE, LAST_DATE)), dtype=DATE)


def remove_zone(dates: pd.Series) -> pd.Series:
    """Return dates as UTC has them where they say a time zone: of a far year, no other is known."""
    if not isinstance(dates.dtype, pd.DatetimeTZDtype):
        return dates
    plain: pd.Series = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    return plain


def make_word(value: Any) -> Any:
    """Return a value as it would be written; a gap as it is."""
    if isinstance(value, float | np.floating) and value.is_integer():
        return str(int(value))  # 1.0 is how a column with gaps has 1
    return value if is_scalar(value) and pd.isna(value) else str(value)
