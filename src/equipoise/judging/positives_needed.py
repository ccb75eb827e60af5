"""How many more positives would decide a question that is undecided on test."""

from dataclasses import dataclass
from math import ceil

from scipy.special import stdtrit

from equipoise.judging.estimated_difference import EstimatedDifference

# More than this many times the positives that there are is not realistic.
LARGEST_MULTIPLE = 20


@dataclass(frozen=True)
class PositivesNeeded:
    """How many more if the effect is as large as it looks, and if it is off by a standard error.

    None if no realistic number would.
    """

    about: int | None
    fewest: int | None
    most: int | None


def count_positives_needed(
    estimate: EstimatedDifference,
    rope: float,
    positives: int,
    confidence: float,
    *,
    fewest: int = 0,
) -> PositivesNeeded:
    """Return how many more positives should bring the interval clear.

    Clear is wholly inside `rope` (no difference that matters), or leaving out 0 (a difference).
    With the effect and the class ratio as they are, the interval of this confidence shrinks as
    1 / sqrt(positives). The least is known where the effect is half the rope. With less than
    `fewest` positives nothing is decided.
    """
    effect, error = abs(estimate.effect), estimate.standard_error
    half = float(stdtrit(estimate.degrees, (1 + confidence) / 2)) * error
    low, high = max(0.0, effect - error), effect + error
    hardest = min(max(low, rope / 2), high)
    easiest = max((low, high), key=lambda size: _find_gap(size, rope))
    least = max(1, fewest - positives)
    gaps = [_find_gap(size, rope) for size in (effect, easiest, hardest)]
    return PositivesNeeded(*(_count_for(half, gap, positives, least) for gap in gaps))


def _find_gap(effect: float, rope: float) -> float:
    """Return how long half the interval may be that decides."""
    return max(effect, rope - effect)


def _count_for(half: float, gap: float, positives: int, least: int) -> int | None:
    if gap == 0 or half**2 > LARGEST_MULTIPLE * gap**2:
        return None
    return max(least, ceil(positives * ((half / gap) ** 2 - 1)))
