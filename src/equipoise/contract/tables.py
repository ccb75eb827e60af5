"""The columns that every stage knows."""

import pandas as pd

TARGET = "target"
ROW = "row"


def features_and_target(part: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return the features of a part and its 0/1 target."""
    return part.drop(columns=TARGET), part[TARGET]
