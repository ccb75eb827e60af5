"""Arms of a trial, and the ways in which they treat imbalance."""

from typing import NamedTuple

# Ways to treat imbalance, the simplest first.
TREATMENTS = ("nothing", "weights", "sampler", "ensemble")


class ArmName(NamedTuple):
    """A strategy with a model."""

    strategy: str
    model: str

    def __str__(self) -> str:
        return f"{self.strategy}-{self.model}"
