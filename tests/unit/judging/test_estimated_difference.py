"""What a difference and its standard error say, by Student's t."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from equipoise.judging.estimated_difference import EstimatedDifference

effects = st.floats(-0.2, 0.2)
errors = st.floats(1e-4, 0.2)


@given(effects, errors, st.floats(2, 100), st.floats(0, 0.1))
@settings(max_examples=25, deadline=None)
def test_the_posterior_is_the_integral_of_students_density(
    effect: float, error: float, degrees: float, rope: float
) -> None:
    """One of the three holds; with the arms swapped, better is worse."""
    found = EstimatedDifference(effect, error, degrees).find_posterior(rope)
    swapped = EstimatedDifference(-effect, error, degrees).find_posterior(rope)
    density = stats.t(degrees, effect, error).pdf
    inside = quad(density, -rope, rope, points=[effect], limit=200)[0]
    assert found.equivalent == pytest.approx(inside, abs=1e-6)
    assert found.worse + found.equivalent + found.better == pytest.approx(1)
    assert (found.worse, found.better) == pytest.approx((swapped.better, swapped.worse))


@given(effects, errors, st.floats(2, 100), st.floats(0.5, 0.999))
@settings(max_examples=25, deadline=None)
def test_p_is_below_the_level_exactly_when_the_interval_leaves_out_zero(
    effect: float, error: float, degrees: float, confidence: float
) -> None:
    """Test and interval never contradict each other."""
    found = EstimatedDifference(effect, error, degrees)
    low, high = found.find_interval(confidence)
    if abs(found.p - (1 - confidence)) > 1e-9:
        assert (found.p < 1 - confidence) == (low > 0 or high < 0)
