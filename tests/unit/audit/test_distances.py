"""Two decompositions of the same rows are the same, however their axes turn where they may."""

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.audit.distances import Axes, are_equal, measure_distance

RNG = np.random.default_rng(5)
DIRECTIONS, _ = np.linalg.qr(RNG.normal(size=(40, 5)))
LENGTHS = np.array([9.0, 4.0, 4.0, 2.0])
EXACT = np.zeros(1)


def axes(directions: NDArray[np.float64], lengths: NDArray[np.float64] = LENGTHS) -> Axes:
    return Axes(directions.astype(np.float32), lengths.astype(np.float32))


def turned(one: int, other: int, angle: float) -> NDArray[np.float64]:
    """The first four directions, two of all of them turned in their plane."""
    rows = DIRECTIONS.T.copy()
    cos, sin = np.cos(angle), np.sin(angle)
    rows[[one, other]] = cos * rows[one] + sin * rows[other], cos * rows[other] - sin * rows[one]
    return rows[:4]


ASIS = turned(0, 1, 0)


@pytest.mark.parametrize(
    "alike",
    [
        axes(ASIS * [[1], [-1], [1], [-1]]),
        axes(turned(1, 2, 1.0)),
        axes(turned(3, 4, 1.5)),
        axes(ASIS, LENGTHS * (1 + 1e-6)),
    ],
    ids=["signs", "a plane of equal lengths", "the first left out", "rounding"],
)
def test_what_no_rows_decide_is_no_distance(alike: Axes) -> None:
    assert measure_distance([alike], [axes(ASIS)], EXACT) < 0.1


@pytest.mark.parametrize(
    "other",
    [
        axes(turned(0, 1, 0.01)),
        axes(turned(2, 3, 0.01)),
        axes(ASIS, LENGTHS * 1.01),
        axes(ASIS[:, 1:]),
    ],
    ids=["the longest", "of lengths apart", "longer", "of other sequences"],
)
def test_axes_of_other_rows_are_apart(other: Axes) -> None:
    assert measure_distance([other], [axes(ASIS)], EXACT) > 10


def test_numbers_are_as_exact_as_their_type() -> None:
    """In single precision the last digits are chance; in double precision nothing is."""
    double = np.array([1.0, 1e-5])
    single = double.astype(np.float32)
    assert measure_distance([single + np.float32(1e-6)], [single], EXACT) < 0.1
    assert measure_distance([double + 1e-6], [double], EXACT) > 100
    assert measure_distance([double + 1e-6], [double], np.array([1e-5, 1e-5])) < 1
    assert not are_equal([single + np.float32(1e-6)], [single])
    assert are_equal([double * (1 + 1e-12)], [double])


def test_what_is_missing_or_endless_in_both_is_no_distance() -> None:
    """And what is missing in one is another thing."""
    gaps = np.array([np.nan, np.inf, 1])
    assert are_equal([gaps], [gaps.copy()])
    assert measure_distance([gaps], [np.ones(3)], EXACT) == np.inf
    assert measure_distance([np.array(["a"])], [np.array(["b"])], EXACT) == np.inf
    assert measure_distance([1, 2], [1], EXACT) == np.inf
