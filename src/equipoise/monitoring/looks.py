"""The level of each look at new rows, so that all looks together keep one.

Each look asks the same questions of other rows, and all of them use the same test part, so they
depend on each other. By Bonferroni's inequality the chance of any false alarm, in however many
looks, is at most the sum of their levels (alpha-spending: Foster and Stine, 2008).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from typing import Annotated

from pydantic import Field

# Each has an equal part of a look's level, whether or not it can be asked: labels may come later.
QUESTIONS = ("shares", "drift", "decisions", "metrics")

# One a second, for thirty years.
MOST_LOOKS = 1_000_000_000


@dataclass(frozen=True)
class Look:
    """A look that was taken: its number, its batch, the model, and what it alarmed about."""

    number: Annotated[int, Field(ge=1, le=MOST_LOOKS)]
    batch: str
    name: str
    model: str
    alarms: tuple[str, ...] = ()

    def is_same(self, other: "Look") -> bool:
        """Return whether it is a look of the same model at the same batch."""
        return (self.batch, self.model) == (other.batch, other.model)


def spend_level(alpha: float, look: int) -> float:
    """Return the level of the k-th look, 6 / (pi k)^2 of all: these sum to 1 (Euler)."""
    return alpha * 6 / (pi * look) ** 2


def number_look(history: Sequence[Look], batch: str, model: str) -> int:
    """Return the number of a look at a batch: that of the earlier one, or the next of the model."""
    own = [look for look in history if look.model == model]
    again = [look.number for look in own if look.batch == batch]
    return again[0] if again else 1 + max((look.number for look in own), default=0)
