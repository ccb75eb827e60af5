"""What is said of numbers that mislead, and what is not."""

from dataclasses import replace

import pytest
from tests.answers import result_of

from equipoise.judging.limitations import find_limitations

RESULT = result_of(
    {
        "test": {"brier_score": 0.1683},
        "constant_guess": {"brier_score": 0.0937},
        "prior_corrected": {"brier_score": 0.0772},
        "calibrated": {"brier_score": 0.0757},
    }
)


@pytest.mark.parametrize(("low", "said"), [(0.0937, 0), (0.0938, 1)])
def test_probabilities_are_worse_than_a_guess_only_where_the_whole_interval_is(
    low: float, said: int
) -> None:
    """By chance a little worse is nothing to say."""
    assert len(find_limitations(RESULT, (low, 0.1776), {"0": 9, "1": 2})) == said


def test_what_correction_makes_of_poor_probabilities_is_said_beside_them() -> None:
    """All Brier scores in one line, the interval too; without a prior to correct, the others."""
    brier = (0.1590, 0.1776)
    (said,) = find_limitations(RESULT, brier, {"0": 9, "1": 2})
    assert said == (
        "on the test part this fitted model's probabilities are worse than a constant guess: Brier"
        " score 0.1683 [0.1590, 0.1776]"
        " against 0.0937; 0.0772 with the prior corrected, 0.0757 recalibrated"
    )
    without = replace(RESULT, prior_corrected=None)
    (said,) = find_limitations(without, brier, {"0": 9, "1": 2})
    assert said.endswith("against 0.0937; 0.0757 recalibrated")


def test_every_class_of_a_single_row_is_named() -> None:
    """And no other; labels are those of the table."""
    said = find_limitations(RESULT, (0.05, 0.1), {"calm": 1, "storm": 1, "wind": 2})
    assert [line.split(":")[0] for line in said] == [
        "the test part has 1 row of class calm",
        "the test part has 1 row of class storm",
    ]
