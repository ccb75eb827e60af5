"""What the numbers of an arm cannot show, and what they warn of, in words."""

from collections.abc import Mapping

from equipoise.judging.arm_result import Numbers
from equipoise.metrics.names import PLAIN

# With fewer rows of a class than this nothing shows how they differ from one another.
FEWEST_ROWS = 2
# Scores that are the guess differ from it by rounding of sums only.
ROUNDING = 1e-9


def find_limitations(
    sections: Mapping[str, Numbers],
    intervals: Mapping[str, tuple[float, float]],
    rows: Mapping[str, int],
) -> list[str]:
    """Return what a reader of an arm's numbers on test should know; `rows` counts each class."""
    lone = [
        f"the test part has {count} row of class {label}: no interval or p-value knows how other"
        " rows of the class would differ"
        for label, count in rows.items()
        if count < FEWEST_ROWS
    ]
    worse = _compare_with_constant_guess(sections, intervals["brier_score"])
    return [*lone, worse] if worse else lone


def _compare_with_constant_guess(
    sections: Mapping[str, Numbers], interval: tuple[float, float]
) -> str | None:
    """Return that scores are no probabilities, where their whole interval says so.

    With more of the rare class both scores are higher: the interval of one is on the safe side.
    """
    low, high = interval
    guess = sections["constant_guess"]["brier_score"]
    if low <= guess * (1 + ROUNDING):
        return None
    improved = {"prior_corrected": "with the prior corrected", "calibrated": "recalibrated"}
    values = [
        f"{sections[section]['brier_score']:.4f} {how}"
        for section, how in improved.items()
        if section in sections
    ]
    return (
        "on the test part this fitted model's probabilities are worse than a constant guess: Brier"
        f" score {sections[PLAIN]['brier_score']:.4f} [{low:.4f}, {high:.4f}] against {guess:.4f};"
        f" {', '.join(values)}"
    )
