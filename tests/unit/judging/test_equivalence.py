"""Intervals beside the region of practical equivalence."""

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judging.equivalence import (
    LARGEST_MULTIPLE,
    count_positives_needed,
    is_equivalent,
)


@pytest.mark.parametrize(
    "call",
    [
        lambda: is_equivalent((0.0, np.nan), 0.1),
        lambda: count_positives_needed(np.nan, (0.0, 1.0), 0.1, 50),
        lambda: is_equivalent((0.0, 0.1), -0.1),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(call: Callable[[], Any]) -> None:
    """No NaN reaches a verdict."""
    with pytest.raises(ValueError, match=r"should be (finite|0 or more)$"):
        call()


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((-0.01, 0.01), True), ((0.0, 0.005), True), ((-0.02, 0.0), False), ((0.02, 0.03), False)],
)
def test_equivalent_is_an_interval_wholly_inside_the_region(
    interval: tuple[float, float], *, expected: bool
) -> None:
    """A wide interval is no proof of equivalence, nor is a clear difference."""
    assert is_equivalent(interval, rope=0.01) is expected


@pytest.mark.parametrize(
    ("effect", "interval", "rope", "expected"),
    [
        (0.03, (-0.01, 0.07), 0.01, 78),  # to leave out 0: (0.04 / 0.03)^2 times 100
        (-0.03, (-0.07, 0.01), 0.01, 78),
        (0.02, (-0.01, 0.05), 0.0, 125),  # no region: (0.03 / 0.02)^2 times 100
        (0.0, (-0.03, 0.03), 0.01, 800),  # to fit inside the region: 9 times 100
        (0.008, (-0.01, 0.026), 0.01, 407),  # 0 is farther than the edge: (0.018 / 0.008)^2
        (0.002, (-0.01, 0.014), 0.01, 125),  # the edge is farther than 0: (0.012 / 0.008)^2
        (0.03, (0.02, 0.04), 0.01, 0),  # decided already
        (0.0, (0.0, 0.0), 0.01, 0),
        (0.01, (-0.01, 0.03), 0.01, 300),  # on the edge, which is not in the way
        (0.0001, (-0.01, 0.0102), 0.0, None),  # too close to 0
        (0.0, (-0.01, 0.01), 0.0, None),
        (0.0, (-0.25, 0.25), 1e-200, None),
    ],
)
def test_positives_needed_shrink_the_interval_until_it_decides(
    effect: float, interval: tuple[float, float], rope: float, expected: int | None
) -> None:
    """Of 100 positives, (side / gap)^2 times as many; None where no size that exists decides."""
    needed = count_positives_needed(effect, interval, rope, positives=100)
    assert needed == (None if expected is None else pytest.approx(expected, abs=1))


@given(
    st.floats(-0.2, 0.2), st.floats(0.001, 0.3), st.floats(0.001, 0.3), st.floats(0, 0.1),
    st.integers(10, 500),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_so_many_positives_decide_and_one_percent_fewer_do_not(
    effect: float, below: float, above: float, rope: float, positives: int
) -> None:
    """The answer is enough, and no more than enough."""
    needed = count_positives_needed(effect, (effect - below, effect + above), rope, positives)
    if needed is None:
        assert decides(effect, below, above, rope, LARGEST_MULTIPLE) is False
        return
    multiple = (positives + needed) / positives
    assert decides(effect, below, above, rope, multiple * 1.0001)
    if needed > 1:
        assert not decides(effect, below, above, rope, (multiple - 1 / positives) * 0.99)


def decides(effect: float, below: float, above: float, rope: float, multiple: float) -> bool:
    low, high = effect - below / sqrt(multiple), effect + above / sqrt(multiple)
    return low >= 0 or high <= 0 or is_equivalent((low, high), rope)
