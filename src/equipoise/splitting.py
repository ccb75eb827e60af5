"""The rows that models may learn from, and those kept for the test."""

import pandas as pd
from sklearn.model_selection import train_test_split

from equipoise.errors import UserError
from equipoise.tables import ROW, TARGET

FEWEST_PER_CLASS = 2


def split_dataset(
    table: pd.DataFrame, test_size: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test: disjoint, every row in one, class shares kept, index `row`."""
    rarest = table[TARGET].value_counts().idxmin()
    count = int((table[TARGET] == rarest).sum())
    if round(count * min(test_size, 1 - test_size)) < FEWEST_PER_CLASS:
        raise UserError(
            f"data.target: class {rarest} has {count} rows, too few for split.test_size ="
            f" {test_size}: both parts need at least {FEWEST_PER_CLASS}"
        )
    train, test = train_test_split(
        table.rename_axis(ROW), test_size=test_size, stratify=table[TARGET], random_state=seed
    )
    return train, test
