"""What the numbers of an arm warn of, in words."""

from equipoise.judging.arm_result import OBSERVED_PREVALENCE, ArmResult

# Scores that are the guess differ from it by rounding of sums only.
ROUNDING = 1e-9


def describe_poor_probabilities(result: ArmResult, brier: tuple[float, float]) -> str | None:
    """Return a warning if all of the Brier score's interval, `brier`, is above a constant guess.

    With more of the rare class both scores are higher: the interval of one is on the safe side.
    Where numbers are restated for another prevalence, a model's own scores were not meant for it.
    """
    if OBSERVED_PREVALENCE in result.test:
        return None
    low, high = brier
    guess = result.constant_guess["brier_score"]
    if low <= guess * (1 + ROUNDING):
        return None
    improved = {
        "with the prior corrected": result.prior_corrected,
        "recalibrated": result.calibrated,
    }
    values = [
        f"{numbers['brier_score']:.4f} {how}"
        for how, numbers in improved.items()
        if numbers is not None
    ]
    return (
        "on the test part this fitted model's probabilities are worse than a constant guess: Brier"
        f" score {result.test['brier_score']:.4f} [{low:.4f}, {high:.4f}] against {guess:.4f};"
        f" {', '.join(values)}"
    )
