"""What a strategy makes of the classes: how many rows, and what share of what is learned."""

from collections.abc import Mapping

import pandas as pd

from equipoise.core.difference import Difference, ResamplingSummary
from equipoise.core.table_schema import Label
from equipoise.core.tables import ROW, TARGET, count_classes
from equipoise.fitting.categories import NO_SAMPLER, SamplerUsed
from equipoise.params.trial_params import Strategy


def summarise_resampling(
    train: pd.DataFrame, difference: Difference, strategy: Strategy, used: SamplerUsed = NO_SAMPLER
) -> ResamplingSummary:
    """Return what a strategy, by a sampler that is `used`, made of the classes of train."""
    labels, new = train[TARGET], difference.synthetic
    kept = labels if difference.kept is None else labels.loc[difference.kept[ROW]]
    before = count_classes(labels)
    after = count_classes(kept if new is None else pd.concat([kept, new[TARGET]]))
    return ResamplingSummary(
        before=before,
        after=after,
        ratios=find_prior_ratios(strategy, before, after),
        treatment=strategy.treatment,
        kept=len(kept),
        synthetic=0 if new is None else len(new),
        sampler=used.sampler,
        notes=used.notes,
    )


def find_prior_ratios(
    strategy: Strategy, before: Mapping[str, int], after: Mapping[str, int]
) -> dict[str, float] | None:
    """Return, by class, by how much a strategy raises its share in what is learned.

    Exact for sampling and weights, up to a constant, from the class counts before and after.
    None for an ensemble, which samples inside itself.
    """
    if strategy.ensemble is not None:
        return None
    balanced: Mapping[Label, float] = {label: 1 / n for label, n in after.items()}
    asked = strategy.class_weight or {}
    weights = balanced if asked == "balanced" else asked
    by_label = {str(label): weight for label, weight in weights.items()}
    return {
        label: after.get(label, 0) / rows * by_label.get(label, 1.0)
        for label, rows in before.items()
    }
