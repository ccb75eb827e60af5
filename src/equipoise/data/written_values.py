"""Single values: how one is written, how a date is kept, and how large a number may be."""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

DATE = "datetime64[us]"
# Models that compute in single precision (forests, XGBoost) refuse what is beyond 3.4e38, and sum
# columns to find that out: this leaves room for a hundred million such numbers.
LARGEST_NUMBER = 1e30
LARGEST_WHOLE = 2**53 - 1  # beyond, neighbours are the same float


def make_word(value: Any) -> Any:
    """Return a value as it would be written; a gap as it is."""
    if isinstance(value, float | np.floating) and value.is_integer():
        return str(int(value))  # 1.0 is how a column with gaps has 1
    return value if is_scalar(value) and pd.isna(value) else str(value)
