"""Resampled rows, stored as their difference from the train part."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.core.tables import ROW

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


@dataclass(frozen=True)
class ResamplingSummary:
    """What a strategy made of the classes.

    `before` and `after` are the rows of each; `ratios` by how much its share in what is learned
    was multiplied, up to a constant, None where nobody knows. `kept` and `synthetic` count rows,
    copies among the kept. `sampler` is the class that did it, `notes` say what is unusual.
    """

    before: Mapping[str, int]
    after: Mapping[str, int]
    ratios: Mapping[str, float] | None
    treatment: str
    kept: int
    synthetic: int
    sampler: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_weighted(self) -> bool:
        """Whether a row of one class counts for more than one of another."""
        known = (self.ratios or {}).items()
        weights = [ratio * self.before[name] / self.after[name] for name, ratio in known if ratio]
        return bool(weights) and not np.allclose(weights, weights[0])


def apply_difference(cleaned: pd.DataFrame, difference: Difference) -> pd.DataFrame:
    """Return the resampled rows, in the order in which the sampler gave them."""
    kept = cleaned.reset_index(drop=True)
    if difference.kept is not None:
        kept = cleaned.loc[difference.kept[ROW]].set_index(difference.kept.index)
    if difference.synthetic is None:
        return kept
    return pd.concat([kept, difference.synthetic]).sort_index(kind="stable")


def find_source_positions(rows: pd.Index, difference: Difference) -> NDArray[np.int64]:
    """Return where in `rows`, those of train, each resampled row comes from; -1 for a new one."""
    source = pd.DataFrame({"source": np.arange(len(rows))}, index=rows)
    made = difference.synthetic
    new = None if made is None else pd.DataFrame({"source": -1}, index=made.index)
    positions: NDArray[np.int64] = apply_difference(source, Difference(difference.kept, new))[
        "source"
    ].to_numpy()
    return positions


def count_copies(difference: Difference) -> int:
    """Return how many rows are kept for a second time or more."""
    return 0 if difference.kept is None else int(difference.kept[ROW].duplicated().sum())
