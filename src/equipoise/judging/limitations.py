"""What the numbers of an arm cannot show, and what they warn of, in words."""

from collections.abc import Mapping

from equipoise.judging.arm_result import ArmResult

# With fewer rows of a class than this nothing shows how they differ from one another.
FEWEST_ROWS = 2
# Scores that are the guess differ from it by rounding of sums only.
ROUNDING = 1e-9


def find_limitations(
    result: ArmResult, brier: tuple[float, float], rows: Mapping[str, int]
) -> list[str]:
    """Return what a reader of an arm's numbers on test should know.

    `brier` is the interval of its Brier score, `rows` has the test rows of each class.
    """
    lone = [
        f"the test part has {count} row of class {label}: no interval or p-value accounts"
        " for how other rows of the class would differ"
        for label, count in rows.items()
        if count < FEWEST_ROWS
    ]
    worse = _compare_with_constant_guess(result, brier)
    return [*lone, worse] if worse else lone


def _compare_with_constant_guess(result: ArmResult, interval: tuple[float, float]) -> str | None:
    """Return that scores are no probabilities, where their whole interval says so.

    With more of the rare class both scores are higher: the interval of one is on the safe side.
    """
    low, high = interval
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
