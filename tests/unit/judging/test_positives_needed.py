"""How many more positives would decide, and how far that may be off."""

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.judging.positives_needed import LARGEST_MULTIPLE, count_positives_needed

DEGREES = 99.0


def estimate(effect: float, half: float) -> EstimatedDifference:
    """A difference whose 95 % interval is so long on either side."""
    return EstimatedDifference(effect, half / stdtrit(DEGREES, 0.975), DEGREES)


@pytest.mark.parametrize(
    ("effect", "half", "rope", "expected"),
    [
        (0.03, 0.04, 0.01, 78),  # to leave out 0: (0.04 / 0.03)^2 times 100
        (-0.03, 0.04, 0.01, 78),
        (0.02, 0.03, 0.0, 125),  # no region: (0.03 / 0.02)^2 times 100
        (0.0, 0.03, 0.01, 800),  # to fit inside the region: 9 times 100
        (0.008, 0.018, 0.01, 407),  # 0 is farther than the edge: (0.018 / 0.008)^2
        (0.002, 0.012, 0.01, 125),  # the edge is farther than 0: (0.012 / 0.008)^2
        (0.0001, 0.01, 0.0, None),  # too close to 0
        (0.0, 0.01, 0.0, None),
        (0.0, 0.25, 1e-200, None),
    ],
)
def test_positives_needed_shrink_the_interval_until_it_decides(
    effect: float, half: float, rope: float, expected: int | None
) -> None:
    """Of 100 positives, (half / gap)^2 times as many; None is no realistic amount."""
    needed = count_positives_needed(estimate(effect, half), rope, 100, 0.95).about
    assert needed == (None if expected is None else pytest.approx(expected, abs=1))


def decides(effect: float, half: float, rope: float) -> bool:
    return abs(effect) >= half or abs(effect) + half <= rope


@given(
    st.floats(-0.2, 0.2), st.floats(0.001, 0.3), st.floats(0, 0.1), st.integers(10, 500)
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_so_many_positives_decide_and_one_percent_fewer_do_not(
    effect: float, half: float, rope: float, positives: int
) -> None:
    """The answer is enough, and no more than enough."""
    needed = count_positives_needed(estimate(effect, half), rope, positives, 0.95).about
    if needed is None:
        assert not decides(effect, half / sqrt(LARGEST_MULTIPLE), rope)
        return
    multiple = (positives + needed) / positives
    assert decides(effect, half / sqrt(multiple * 1.0001), rope)
    if needed > 1:
        assert not decides(effect, half / sqrt((multiple - 1 / positives) * 0.99), rope)


@given(
    st.floats(-0.2, 0.2),
    st.floats(0.001, 0.3),
    st.floats(0, 0.1),
    st.floats(-1, 1),
)
@settings(max_examples=50, deadline=None)
def test_the_range_holds_what_any_effect_within_a_standard_error_needs(
    effect: float, half: float, rope: float, moved: float
) -> None:
    """So its ends are the best and the worst of what the effect may be."""
    found = estimate(effect, half)
    at_best, at_worst = (
        float("inf") if needed is None else needed
        for span in [count_positives_needed(found, rope, 100, 0.95)]
        for needed in (span.fewest, span.most)
    )
    other = EstimatedDifference(
        effect + moved * found.standard_error, found.standard_error, DEGREES
    )
    needed = count_positives_needed(other, rope, 100, 0.95).about
    assert at_best <= (float("inf") if needed is None else needed) <= at_worst


def test_what_is_clear_of_zero_still_needs_the_fewest_that_decide() -> None:
    """With 20 of 50 positives, 30 more at the least."""
    found = count_positives_needed(estimate(0.3, 0.1), 0.01, 20, 0.95, fewest=50)
    assert (found.about, found.fewest) == (30, 30)


def test_an_effect_that_may_be_none_has_no_end_to_what_it_may_need() -> None:
    """A third of the interval's half is within a standard error of nothing."""
    found = count_positives_needed(estimate(0.02, 0.06), 0.0, 100, 0.95)
    assert (found.about, found.most) == (800, None)
    assert found.fewest is not None
    assert found.fewest < 800
