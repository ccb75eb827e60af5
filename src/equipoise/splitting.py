"""The rows that models may learn from, and those kept for the test."""

import pandas as pd
from sklearn.model_selection import train_test_split

from equipoise.contract.errors import UserError
from equipoise.contract.tables import ROW, TARGET

FEWEST_PER_CLASS = 2


def split_dataset(
    table: pd.DataFrame, test_size: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test: disjoint, every row in one, class shares kept, index `row`."""
    counts = table[TARGET].value_counts()
    too_few = UserError(
        f"data.target: class {counts.idxmin()} has {counts.min()} rows, too few for"
        f" split.test_size = {test_size}: both parts need at least {FEWEST_PER_CLASS}; bring more"
    )
    try:
        train, test = train_test_split(
            table.rename_axis(ROW), test_size=test_size, stratify=table[TARGET], random_state=seed
        )
    except ValueError as unsplittable:
        raise too_few from unsplittable
    for part in (train, test):
        if part[TARGET].value_counts().reindex(counts.index).fillna(0).min() < FEWEST_PER_CLASS:
            raise too_few
    return train, test
