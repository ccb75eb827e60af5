"""Resampled rows, stored as their difference from the train part."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from equipoise.contract.tables import ROW, TARGET

POSITION = "position"


@dataclass(frozen=True)
class Difference:
    """How resampled rows differ from train.

    `kept` has the source `row` of each row taken over, `None` for all in their order;
    `synthetic` has the new rows in the user's units, `None` for none. Both are indexed by
    `position` in the resampled order, which some models are sensitive to.
    """

    kept: pd.DataFrame | None = None
    synthetic: pd.DataFrame | None = None


def apply_difference(train: pd.DataFrame, difference: Difference) -> pd.DataFrame:
    """Return the resampled rows, in the order in which the sampler gave them."""
    kept = train.reset_index(drop=True)
    if difference.kept is not None:
        kept = train.loc[difference.kept[ROW]].set_index(difference.kept.index)
    if difference.synthetic is None:
        return kept
    return pd.concat([kept, difference.synthetic]).sort_index(kind="stable")


def summarise(train: pd.DataFrame, difference: Difference) -> dict[str, Any]:
    """Return the class counts before and after, and how many rows were made."""
    after = apply_difference(train, difference)
    return {
        "before": _class_counts(train),
        "after": _class_counts(after),
        "kept": len(train) if difference.kept is None else len(difference.kept),
        "synthetic": 0 if difference.synthetic is None else len(difference.synthetic),
    }


def _class_counts(part: pd.DataFrame) -> dict[str, int]:
    counts = part[TARGET].value_counts().sort_index()
    return {str(label): int(count) for label, count in counts.items()}
