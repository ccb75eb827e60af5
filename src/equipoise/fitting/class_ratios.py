"""What a strategy makes of the classes: how many rows, and what share of what is learned."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from equipoise.core.difference import Difference
from equipoise.core.tables import ROW, TARGET, count_classes
from equipoise.params.trial_params import Strategy


def summarise(train: pd.DataFrame, difference: Difference, strategy: Strategy) -> dict[str, Any]:
    """Return the class counts before and after, how many rows were made, and `prior_ratios`."""
    parts = [rows for rows in (difference.synthetic,) if rows is not None]
    kept = train if difference.kept is None else train.loc[difference.kept[ROW]]
    counts = {
        "before": count_classes(train[TARGET]),
        "after": count_classes(pd.concat([part[TARGET] for part in (kept, *parts)])),
    }
    return counts | {
        "ratios": find_prior_ratios(strategy, counts),
        "treatment": strategy.treatment,
        "kept": len(train) if difference.kept is None else len(difference.kept),
        "synthetic": 0 if difference.synthetic is None else len(difference.synthetic),
    }


def find_prior_ratios(
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
