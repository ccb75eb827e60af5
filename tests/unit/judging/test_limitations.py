"""What is said of numbers that mislead, and what is not."""

from dataclasses import replace

import pytest
from tests.answers import result_of

from equipoise.judging.limitations import describe_poor_probabilities

RESULT = result_of(
    {
        "test": {"brier_score": 0.1683},
        "constant_guess": {"brier_score": 0.0937},
        "prior_corrected": {"brier_score": 0.0772},
        "calibrated": {"brier_score": 0.0757},
    }
)


@pytest.mark.parametrize(("low", "said"), [(0.0937, False), (0.0938, True)])
def test_probabilities_are_worse_than_a_guess_only_where_the_whole_interval_is(
    low: float, *, said: bool
) -> None:
    """By chance a little worse is nothing to say."""
    assert (describe_poor_probabilities(RESULT, (low, 0.1776)) is not None) == said


def test_what_correction_makes_of_poor_probabilities_is_said_beside_them() -> None:
    """All Brier scores in one line, the interval too; without a prior to correct, the others."""
    brier = (0.1590, 0.1776)
    assert describe_poor_probabilities(RESULT, brier) == (
        "on the test part this fitted model's probabilities are worse than a constant guess: Brier"
        " score 0.1683 [0.1590, 0.1776]"
        " against 0.0937; 0.0772 with the prior corrected, 0.0757 recalibrated"
    )
    without = replace(RESULT, prior_corrected=None)
    said = describe_poor_probabilities(without, brier)
    assert said is not None
    assert said.endswith("against 0.0937; 0.0757 recalibrated")
