"""How probable it is that one arm differs from another."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Probability:
    """The probabilities that an arm is worse than the baseline, equivalent, or better."""

    worse: float
    equivalent: float
    better: float
