"""How far what was learned lies from what certain rows give, beside what may be by chance.

Sums over rows in another order, or on another machine, agree but for the last digits: of double
precision nearly all of them, of a decomposition in single precision about five. What was learned
from other rows lies further off, and what is counted or listed is never off by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Of a number in double precision, and of one that should be nothing.
ROUNDING, NOTHING = 1e-9, 1e-12
# Of the largest of an array in single precision. Kernels for other processors, and other numbers
# of threads, were seen to move singular values by 2e-6 of it.
SINGLE = 1e-4
NUMBERS = frozenset("biuf")  # kinds of types: truth values, whole numbers, floating point


@dataclass(frozen=True)
class Axes:
    """The axes of a decomposition, each with its singular value."""

    directions: NDArray[Any]
    lengths: NDArray[Any]

    @classmethod
    def of(cls, decomposition: Any) -> Self:
        """Return the axes of an estimator that has decomposed rows."""
        return cls(decomposition.components_, decomposition.singular_values_)


@dataclass(frozen=True)
class Gap:
    """By how much two values differ, number by number, and how large the second is.

    `single` is whether they are of single precision.
    """

    off: Floats
    size: Floats
    single: bool

    @property
    def closed(self) -> bool:
        """Whether the two values are equal, up to the rounding of double precision."""
        return bool((self.off <= ROUNDING * self.size + NOTHING).all())

    def measure_width(self, rounding: Floats) -> float:
        """Return how wide it is: 1 is as far as chance may bring the two values.

        `rounding` is that of means of the rows that they were learned from, by column.
        """
        by_column = self.size.ndim and self.size.shape[-1] == len(rounding)
        means = rounding if by_column else np.max(rounding, initial=0)
        double, single = ROUNDING * self.size + means, SINGLE * np.max(self.size, initial=0)
        allowed = single if self.single else double
        return float(np.max(self.off / (allowed + NOTHING), initial=0))


def are_equal(values: Sequence[Any], twins: Sequence[Any]) -> bool:
    """Return whether values are the same, each as its twin, up to rounding."""
    gaps = map(_measure_gap, values, twins)
    return len(values) == len(twins) and all(gap.closed for gap in gaps)


def measure_distance(values: Sequence[Any], twins: Sequence[Any], rounding: Floats) -> float:
    """Return the widest gap between values and their twins; infinite if some are missing."""
    if len(values) != len(twins):
        return inf
    gaps = map(_measure_gap, values, twins)
    return max((gap.measure_width(rounding) for gap in gaps), default=0.0)


def _measure_gap(one: Any, other: Any) -> Gap:
    if isinstance(one, Axes) and isinstance(other, Axes):
        return _measure_gap_of_axes(one, other)
    mine, theirs = np.asarray(one), np.asarray(other)
    if mine.shape != theirs.shape:
        return _make_gap_without_numbers(alike=False)
    if not {mine.dtype.kind, theirs.dtype.kind} <= NUMBERS:
        return _make_gap_without_numbers(alike=np.array_equal(mine.astype(str), theirs.astype(str)))
    single = np.float32 in (mine.dtype, theirs.dtype)
    return _measure_gap_of_numbers(
        mine.astype(np.float64), theirs.astype(np.float64), single=single
    )


def _make_gap_without_numbers(*, alike: bool) -> Gap:
    return Gap(np.full(1, 0.0 if alike else inf), np.zeros(1), single=False)


def _measure_gap_of_numbers(mine: Floats, theirs: Floats, *, single: bool) -> Gap:
    """Return differences and sizes; what is missing or infinite in both does not differ."""
    alike = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    with np.errstate(invalid="ignore"):  # of two infinities
        off = np.where(alike, 0, np.abs(mine - theirs))
    return Gap(np.nan_to_num(off, nan=inf, posinf=inf), np.nan_to_num(np.abs(theirs)), single)


def _measure_gap_of_axes(mine: Axes, theirs: Axes) -> Gap:
    """Return how far apart two sets of axes are, as one number.

    An axis counts by how much its squared singular value is above the least of them. As a matrix
    that is a function of the rows' scatter of slope 1 at most, so it moves no further than the
    scatter does (in Frobenius norm), though axes of nearly the same length may turn in their
    plane, change their sign, or give way to the first one that was left out.
    """
    if mine.directions.shape != theirs.directions.shape:
        return _make_gap_without_numbers(alike=False)
    stacked = np.vstack([mine.directions, theirs.directions]).astype(np.float64)
    _, triangle = np.linalg.qr(stacked.T)
    own, other = (axes.lengths.astype(np.float64) ** 2 for axes in (mine, theirs))
    weights = np.concatenate([own - own.min(), other.min() - other])
    off = np.linalg.norm(triangle * weights @ triangle.T)
    single = mine.directions.dtype == np.float32
    return Gap(np.full(1, off), np.full(1, np.linalg.norm(other)), single)
