"""The region of practical equivalence: differences too small to matter."""

from equipoise.metrics.names import LOWER_IS_BETTER


def measure_region(
    metric: str, value: float, constant: float, share: float, least: float = 0.0
) -> float:
    """Return the half-width of "no difference" beside a baseline of this value.

    It is a share of what the baseline gains over the best constant guess, or of what is left to
    gain above it if that is less: .01 is a lot between .004 and .009, and nothing between .80 and
    .81. No cost can be below `least`. Of a baseline that gains nothing over a constant, no
    difference is small: 0.
    """
    if metric in LOWER_IS_BETTER:
        gained, left = constant - value, value - least
    else:
        gained, left = value - constant, 1 - value
    return share * max(0.0, min(gained, left))
