"""Bootstrap draws: how often each row counts, for all rows and many replicates at once.

Rows are drawn with replacement, all alike, so that the shares of classes vary as they would
in other rows; each class keeps one row at least. The draws depend on nothing but the seed and the
class counts: replicates of two arms on the same test rows are paired (Efron and Tibshirani, 1993).
Every metric is a function of sums over rows, so a replicate is a count for each row, and nothing
is sorted or scored again.

A class of more than `LARGEST_CLASS` rows is drawn in `BLOCKS` blocks, put together at random:
the variance of a sum stays the same on average, with a relative error of sqrt(2 / BLOCKS),
and rare rows sit in blocks of their own. The cost of a replicate no longer grows with rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from equipoise.metrics.names import Floats, Labels

LARGEST_CLASS = 20_000
BLOCKS = 2_000
# As many replicates are worked on at once as have this many counts, of 8 bytes each: enough to
# read summands rarely, and less than the 32 MiB from where memory is asked for again each time.
COUNTS_AT_ONCE = 4_000_000
# Where most rows of a table fall in one of few bins, adding each waits for the one before: rows
# take turns between this many sums. More bins than `FEW_BINS` would not stay at hand that way.
LANES = 8
FEW_BINS = 1_000

DRAW = "draw"
OBSERVED, BOOTSTRAP = "observed", "bootstrap"

# For each stratum, how often each of its units counts: replicates x units.
Counts = Sequence[Floats]
Statistic = Callable[[Counts], Mapping[str, Floats]]


@dataclass(frozen=True)
class Stratum:
    """The rows of one class, and the unit with which each is drawn: itself, or a block."""

    rows: Labels
    unit: Labels
    units: int

    @property
    def is_drawn_singly(self) -> bool:
        """Whether each row is a unit of its own, in their order."""
        return self.units == len(self.rows) and bool((self.unit == np.arange(self.units)).all())

    def select(self, positions: Labels) -> tuple[Self, slice | Labels]:
        """Return the stratum as part of a table of fewer rows, and which of its units draw it.

        `positions` says for each row of the whole table where it stands in the smaller one, -1
        for nowhere.
        """
        own = positions[self.rows]
        here = np.flatnonzero(own >= 0)
        if self.is_drawn_singly:
            return type(self)(own[here], np.arange(len(here)), len(here)), here
        return type(self)(own[here], self.unit[here], self.units), slice(None)

    def sum_by_unit(self, values: Floats) -> Floats:
        """Return values of all rows summed by unit."""
        own = values[self.rows]
        if self.is_drawn_singly:
            return own
        return np.asarray(np.bincount(self.unit, own, self.units), dtype=np.float64)

    def make_bin_counter(self, bin_of_row: Labels, n_bins: int) -> Callable[[Floats], Floats]:
        """Return what sums counts (replicates x units) by bin; `bin_of_row` has all rows."""
        bins = bin_of_row[self.rows]
        if self.is_drawn_singly:
            lanes = LANES if n_bins <= FEW_BINS else 1
            lane = bins + n_bins * (np.arange(len(bins)) % lanes)
            return lambda counts: np.sum(
                [
                    np.bincount(lane, weights=row, minlength=lanes * n_bins).reshape(lanes, n_bins)
                    for row in counts
                ],
                axis=1,
            )
        cells = np.bincount(self.unit * n_bins + bins, minlength=self.units * n_bins)
        table = cells.reshape(self.units, n_bins).astype(np.float64)
        return lambda counts: np.asarray(counts @ table)


def make_strata(labels: Labels, seed: int, group: Labels | None = None) -> list[Stratum]:
    """Return a stratum for each class, in the order of `np.unique`.

    Where rows belong to groups, told by number, groups are drawn whole, with all their classes.
    """
    strata = []
    units = 0 if group is None else 1 + int(group.max())
    if group is not None and units > BLOCKS:
        group, units = (
            np.random.default_rng([seed, units]).integers(0, BLOCKS, units)[group],
            BLOCKS,
        )
    for position, label in enumerate(np.unique(labels)):
        rows = np.flatnonzero(labels == label)
        if group is not None:
            strata.append(Stratum(rows, group[rows], units))
            continue
        units = len(rows) if len(rows) <= LARGEST_CLASS else BLOCKS
        unit = np.arange(len(rows)) % units
        if units < len(rows):
            unit = np.random.default_rng([seed, position, units]).permutation(unit)
        strata.append(Stratum(rows, unit, units))
    return strata


def count_each_unit_once(strata: Sequence[Stratum]) -> list[Floats]:
    """Return the counts of what was observed: a replicate in which every unit counts once."""
    return [np.ones((1, stratum.units)) for stratum in strata]


def count_rows(strata: Sequence[Stratum], counts: Counts) -> list[Floats]:
    """Return how many rows of each stratum each replicate has."""
    sizes = (np.bincount(s.unit, minlength=s.units).astype(np.float64) for s in strata)
    return [np.asarray(own @ size) for own, size in zip(counts, sizes, strict=True)]


def restate_counts(strata: Sequence[Stratum], counts: Counts, shares: Floats) -> list[Floats]:
    """Return counts by which each stratum has its share of the rows of every replicate."""
    rows = count_rows(strata, counts)
    total = np.sum(rows, axis=0)
    return [
        count * (share * total / np.maximum(1, own))[:, np.newaxis]
        for count, own, share in zip(counts, rows, shares, strict=True)
    ]


def replicate(
    strata: Sequence[Stratum],
    statistic: Statistic,
    resamples: int,
    seed: int,
    *,
    together: bool = False,
) -> pd.DataFrame:
    """Return a column for each metric, and rows by `draw`.

    One row is `observed`, and as many are `bootstrap` as there are resamples. Strata that are drawn
    `together` have units in common, as groups of rows are.
    """
    drawn = (
        [_draw_groups_of_every_class(strata, resamples, seed)]
        if together
        else _draw_in_parts(strata, resamples, seed)
    )
    draws = chain(
        [(OBSERVED, count_each_unit_once(strata))], ((BOOTSTRAP, counts) for counts in drawn)
    )
    with threadpool_limits(limits=1):  # the same bits on any machine
        frames = [_make_frame(draw, statistic(counts)) for draw, counts in draws]
    return pd.concat(frames)


def _make_frame(draw: str, metrics: Mapping[str, Floats]) -> pd.DataFrame:
    frame = pd.DataFrame(dict(metrics))
    return frame.set_index(pd.Index([draw] * len(frame), name=DRAW))


def draw_counts(
    strata: Sequence[Stratum], replicates: int, seed: int, *, together: bool
) -> list[Floats]:
    """Return how often each replicate draws each unit: for each stratum, replicates x units.

    Strata that are drawn `together` have units in common, as groups of rows are.
    """
    if together:
        return [_draw_units(np.random.default_rng([seed, 0]), replicates, strata[0].units)] * len(
            strata
        )
    (counts,) = _draw_in_parts(strata, replicates, seed, at_once=replicates)
    return counts


def _draw_groups_of_every_class(
    strata: Sequence[Stratum], replicates: int, seed: int
) -> list[Floats]:
    """Return how often each replicate draws each group; one without rows of a class is redrawn."""
    rng, units = np.random.default_rng([seed, 0]), strata[0].units
    sizes = [np.bincount(stratum.unit, minlength=units) for stratum in strata]
    kept: list[Floats] = []
    while (missing := replicates - sum(map(len, kept))) > 0:
        counts = _draw_units(rng, missing, units)
        has_every_class = np.all([counts @ size > 0 for size in sizes], axis=0)
        kept.append(counts[has_every_class])
    return [np.concatenate(kept)] * len(strata)


def _draw_in_parts(
    strata: Sequence[Stratum], replicates: int, seed: int, at_once: int | None = None
) -> Iterator[list[Floats]]:
    """Give the counts of all replicates, `at_once` of them or as many as memory is meant for.

    How many rows a replicate has of each class is drawn first, then which.
    """
    at_once = at_once or max(1, COUNTS_AT_ONCE // sum(stratum.units for stratum in strata))
    sizes = np.array([len(stratum.rows) for stratum in strata])
    rng = np.random.default_rng([seed, len(strata)])
    rows = rng.multinomial(sizes.sum(), sizes / sizes.sum(), size=replicates)
    share = np.array([stratum.units for stratum in strata]) / sizes
    drawn = np.maximum(1, np.rint(rows * share).astype(np.int64))
    own = [np.random.default_rng([seed, position]) for position in range(len(strata))]
    for start in range(0, replicates, at_once):
        part = drawn[start : start + at_once]
        yield [
            _draw_units(rng, len(part), stratum.units, part[:, position])
            for position, (rng, stratum) in enumerate(zip(own, strata, strict=True))
        ]


def _draw_units(
    rng: np.random.Generator, replicates: int, units: int, drawn: Labels | None = None
) -> Floats:
    """Return how often each replicate draws each unit, `drawn` of them or as many as there are."""
    counts = np.empty((replicates, units))
    for replicate, own in enumerate(counts):
        size = units if drawn is None else int(drawn[replicate])
        own[:] = np.bincount(rng.integers(0, units, size=size), minlength=units)
    return counts


@dataclass(frozen=True)
class Summands:
    """Values of rows, ready to be summed over the rows of any replicate."""

    names: Sequence[str]
    by_stratum: Sequence[Floats]

    @classmethod
    def of(cls, strata: Sequence[Stratum], columns: Iterable[tuple[str, Floats]]) -> Self:
        """Return columns of all rows, by name, summed over each stratum's units.

        One column at a time is held for all rows. The counts, by far the largest of what is read,
        are read once for all columns.
        """
        names: list[str] = []
        by_unit: list[list[Floats]] = [[] for _ in strata]
        for name, values in columns:
            names.append(name)
            for own, stratum in zip(by_unit, strata, strict=True):
                own.append(stratum.sum_by_unit(values))
        return cls(names, [np.column_stack(own) for own in by_unit])

    def sum_columns(self, counts: Counts) -> dict[str, Floats]:
        """Return the sum of each column over the rows of each replicate."""
        sums = [count @ own for count, own in zip(counts, self.by_stratum, strict=True)]
        return dict(zip(self.names, np.sum(sums, axis=0).T, strict=True))
