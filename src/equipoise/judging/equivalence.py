"""Intervals beside the region of practical equivalence: inside it, clear of 0, or neither yet."""

from math import ceil, sqrt

import numpy as np

# Nobody collects more than this many times the positives there are.
LARGEST_MULTIPLE = 1000


def is_equivalent(interval: tuple[float, float], rope: float) -> bool:
    """Return whether the whole interval lies within `rope` of no difference.

    With an interval of confidence 1 - 2a this is the pair of one-sided tests at level a
    (Schuirmann, 1987).
    """
    _check_region(rope, *interval)
    low, high = interval
    return -rope <= low and high <= rope


def count_positives_needed(
    effect: float, interval: tuple[float, float], rope: float, positives: int
) -> int | None:
    """Return how many positives more should decide: bring the interval clear.

    Clear is wholly inside (no difference that matters), or leaving out 0 (a difference). With
    the effect and the class ratio as they are, either side of the interval shrinks as
    1 / sqrt(positives): a side as long as s that may be g long takes (s / g)^2 times the
    positives. None: that is over `LARGEST_MULTIPLE`.
    """
    _check_region(rope, effect, *interval)
    below, above = effect - interval[0], interval[1] - effect
    inside = [(below, rope + effect), (above, rope - effect)]
    beyond = [(below if effect > 0 else above, abs(effect))]
    shrink = min(
        max(max(0.0, side) / gap if gap > 0 else np.inf for side, gap in sides)
        for sides in (inside, beyond)
    )
    if shrink > sqrt(LARGEST_MULTIPLE):
        return None
    return max(0, ceil(positives * (shrink**2 - 1)))


def _check_region(rope: float, *compared: float) -> None:
    if not rope >= 0:
        raise ValueError(f"rope: {rope} should be 0 or more")
    if not np.isfinite(compared).all():
        raise ValueError(f"effect and interval: {compared} should be finite")
