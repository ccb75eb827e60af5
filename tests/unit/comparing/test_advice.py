"""What to do is said in a heading and a sentence."""

from dataclasses import replace

import pytest
from tests.answers import answer, comparison, recommendation, result_of

from equipoise.comparing.advice import state_finding
from equipoise.comparing.results import Recommendation
from equipoise.judging.arm_result import ArmResult

TAKEN = recommendation("baseline-logistic", threshold=0.2)
AHEAD = replace(TAKEN, simplest="bag-logistic")
OPEN = replace(TAKEN, settled=False, leading="smote-logistic")
IDLE = replace(TAKEN, beats_guess=False)


def arm(**known: str) -> ArmResult:
    return result_of(known)


@pytest.mark.parametrize(
    ("recommended", "treatment", "rare", "heading", "said"),
    [
        *(
            (
                TAKEN,
                treatment,
                50,
                heading,
                "no other arm is ahead. For 1 of the 2 arms with a remedy the data",
            )
            for treatment, heading in (
                ("nothing", "Use baseline-logistic, without a remedy"),
                ("sampler", "Use baseline-logistic"),
            )
        ),
        (AHEAD, "sampler", 50, "Use baseline-logistic", "simplest arm, bag-logistic, is behind."),
        (
            replace(TAKEN, leading="smote-logistic"),
            "nothing",
            50,
            "Use baseline-logistic, without a remedy",
            "no other arm is far enough ahead to matter. For",
        ),
        (IDLE, "nothing", 50, "No arm beats a constant guess", "no worse"),
        (OPEN, "nothing", 50, "Not settled: baseline-logistic or smote-logistic", "use baseline"),
        (replace(TAKEN, can_tell=False), "nothing", 49, "Cannot tell yet", "are 49 train rows"),
    ],
)
def test_the_heading_says_what_to_do(
    recommended: Recommendation, treatment: str, rare: int, heading: str, said: str
) -> None:
    """With few positives nothing is claimed; what the folds do not settle is left open."""
    arms = [arm(treatment=treatment), arm(arm="bag-logistic")]
    answers = [answer(view="tuned", verdict=verdict) for verdict in ("undecided", "worse")]
    found = state_finding(comparison(*answers, recommended=recommended), arms, rare)
    assert found[0] == heading
    assert said in found[1]


def test_a_single_arm_is_compared_with_none() -> None:
    """Nothing is said of remedies."""
    assert "only arm" in state_finding(comparison(recommended=TAKEN), [arm()], 50)[1]
