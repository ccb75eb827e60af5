"""Bootstrap draws: how often each row counts, for all rows and many replicates at once.

Rows are drawn with replacement within each class (stratified), and the draws depend on
nothing but the seed and the class counts: replicates of two arms on the same test rows are
paired (Efron and Tibshirani, 1993). Every metric is a function of sums over rows, so a
replicate is a count for each row, and nothing is sorted or scored again.

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
from equipoise.params.trial_params import Uncertainty

LARGEST_CLASS = 20_000
BLOCKS = 2_000
# How many rows, or groups of rows, of a class are left out one at a time for the jackknife.
LEFT_OUT = 500
# As many replicates are worked on at once as have this many counts, of 8 bytes each: enough to
# read summands rarely, and less than the 32 MiB from where memory is asked for again each time.
COUNTS_AT_ONCE = 4_000_000
# Where most rows of a table fall in one of few bins, adding each waits for the one before: rows
# take turns between this many sums. More bins than `FEW_BINS` would not stay at hand that way.
LANES = 8
FEW_BINS = 1_000

DRAW = "draw"
OBSERVED, BOOTSTRAP, JACKKNIFE = "observed", "bootstrap", "jackknife"

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


def replicate(
    strata: Sequence[Stratum], statistic: Statistic, uncertainty: Uncertainty, seed: int
) -> pd.DataFrame:
    """Return a column for each metric, and rows by `draw`.

    One row `observed`, as many `bootstrap` as there are resamples and, for BCa intervals,
    rows `jackknife <stratum>` with a unit or a group of them left out.
    """
    draws = [
        iter([(OBSERVED, count_each_unit_once(strata))]),
        _draw_resamples(strata, uncertainty.resamples, seed),
    ]
    if uncertainty.method == "bca":
        draws.append(_leave_out(strata))
    with threadpool_limits(limits=1):  # the same bits on any machine
        frames = [
            _make_frame(draw, statistic(counts)) for draw, counts in chain.from_iterable(draws)
        ]
    return pd.concat(frames)


def _make_frame(draw: str, metrics: Mapping[str, Floats]) -> pd.DataFrame:
    frame = pd.DataFrame(dict(metrics))
    return frame.set_index(pd.Index([draw] * len(frame), name=DRAW))


def _draw_resamples(
    strata: Sequence[Stratum], resamples: int, seed: int
) -> Iterator[tuple[str, list[Floats]]]:
    draws = [np.random.default_rng([seed, position]) for position in range(len(strata))]
    at_once = max(1, COUNTS_AT_ONCE // sum(stratum.units for stratum in strata))
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        yield (
            BOOTSTRAP,
            [_draw(rng, size, s.units) for rng, s in zip(draws, strata, strict=True)],
        )


def draw_counts(
    strata: Sequence[Stratum], replicates: int, seed: int, *, together: bool
) -> list[Floats]:
    """Return how often each replicate draws each unit: for each stratum, replicates x units.

    All rows are drawn alike, so that the shares of classes vary too. Strata that are drawn
    `together` have units in common, as groups of rows are.
    """
    if together:
        return [_draw(np.random.default_rng([seed, 0]), replicates, strata[0].units)] * len(strata)
    sizes = np.array([len(stratum.rows) for stratum in strata])
    rng = np.random.default_rng([seed, len(strata)])
    rows_drawn = rng.multinomial(sizes.sum(), sizes / sizes.sum(), size=replicates).T
    counts = []
    for position, (stratum, rows) in enumerate(zip(strata, rows_drawn, strict=True)):
        drawn = np.rint(rows * (stratum.units / len(stratum.rows))).astype(np.int64)
        own = np.random.default_rng([seed, position])
        counts.append(_draw(own, replicates, stratum.units, drawn))
    return counts


def _draw(
    rng: np.random.Generator, replicates: int, units: int, drawn: Labels | None = None
) -> Floats:
    """Return how often each replicate draws each unit, `drawn` of them or as many as there are."""
    counts = np.empty((replicates, units))
    for replicate, own in enumerate(counts):
        size = units if drawn is None else int(drawn[replicate])
        own[:] = np.bincount(rng.integers(0, units, size=size), minlength=units)
    return counts


def _leave_out(strata: Sequence[Stratum]) -> Iterator[tuple[str, list[Floats]]]:
    """Give counts with each unit, or group of units, of each class left out in turn.

    What is left of the class counts for all of it: class shares stay as they are. A class of
    one unit, which no replicate can vary, is never left out.
    """
    for position, stratum in enumerate(strata):
        if stratum.units == 1:
            continue
        groups = min(stratum.units, LEFT_OUT)
        group = np.arange(stratum.units) % groups
        at_once = max(1, COUNTS_AT_ONCE // stratum.units)
        for start in range(0, groups, at_once):
            left = np.arange(start, min(start + at_once, groups))
            kept = (group != left[:, None]).astype(np.float64)
            scaled = kept * (stratum.units / kept.sum(axis=1, keepdims=True))
            counts = [np.ones((len(left), other.units)) for other in strata]
            counts[position] = scaled
            yield f"{JACKKNIFE} {position}", counts


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
