"""Resampled rows, stored as their difference from the train part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.contract.params import Strategy
from equipoise.contract.tables import ROW, TARGET, class_counts

POSITION = "position"


@dataclass(frozen=True)
class Difference:
    """How resampled rows differ from train, cleaned.

    `kept` has the source `row` of each row taken over, `None` for all in their order;
    `synthetic` has the new rows, cleaned and in the user's units, `None` for none. Both are
    indexed by `position` in the resampled order, which some models are sensitive to.
    """

    kept: pd.DataFrame | None = None
    synthetic: pd.DataFrame | None = None


def apply_difference(cleaned: pd.DataFrame, difference: Difference) -> pd.DataFrame:
    """Return the resampled rows, in the order in which the sampler gave them."""
    kept = cleaned.reset_index(drop=True)
    if difference.kept is not None:
        kept = cleaned.loc[difference.kept[ROW]].set_index(difference.kept.index)
    if difference.synthetic is None:
        return kept
    return pd.concat([kept, difference.synthetic]).sort_index(kind="stable")


def source_positions(rows: pd.Index, difference: Difference) -> NDArray[np.int64]:
    """Return where in `rows`, those of train, each resampled row comes from; -1 for a new one."""
    source = pd.DataFrame({"source": np.arange(len(rows))}, index=rows)
    made = difference.synthetic
    new = None if made is None else pd.DataFrame({"source": -1}, index=made.index)
    positions: NDArray[np.int64] = apply_difference(source, Difference(difference.kept, new))[
        "source"
    ].to_numpy()
    return positions


def summarise(train: pd.DataFrame, difference: Difference, strategy: Strategy) -> dict[str, Any]:
    """Return the class counts before and after, how many rows were made, and `prior_ratios`."""
    parts = [rows for rows in (difference.synthetic,) if rows is not None]
    kept = train if difference.kept is None else train.loc[difference.kept[ROW]]
    counts = {
        "before": class_counts(train[TARGET]),
        "after": class_counts(pd.concat([part[TARGET] for part in (kept, *parts)])),
    }
    return counts | {
        "ratios": prior_ratios(strategy, counts),
        "treatment": strategy.treatment,
        "kept": len(train) if difference.kept is None else len(difference.kept),
        "synthetic": 0 if difference.synthetic is None else len(difference.synthetic),
    }


def prior_ratios(
    strategy: Strategy, counts: Mapping[str, Mapping[str, int]]
) -> dict[str, float] | None:
    """Return, by class, by how much a strategy raises its share in what is learned.

    Exact for sampling and weights, up to a constant, from the class counts before and after.
    None for an ensemble, which samples inside itself.
    """
    if strategy.ensemble is not None:
        return None
    balanced: Mapping[Any, float] = {label: 1 / n for label, n in counts["after"].items()}
    asked = strategy.class_weight or {}
    weights = balanced if asked == "balanced" else asked
    by_label = {str(label): weight for label, weight in weights.items()}
    return {
        label: counts["after"].get(label, 0) / before * by_label.get(label, 1.0)
        for label, before in counts["before"].items()
    }
