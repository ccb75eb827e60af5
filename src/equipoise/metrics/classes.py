"""The classes of a table, and which of them a question is about."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from equipoise.metrics.names import Floats

# Of two classes the second is the positive one, and their names in files are these.
POSITIVE = 1
NAMES_OF_TWO = ("0", "1")


@dataclass(frozen=True)
class Classes:
    """The names of the classes, a class's code being its place, and the positive one's code.

    With a positive class a number is that class's; without one it is the mean over all.
    """

    names: tuple[str, ...]
    positive: int | None

    @classmethod
    def of(cls, labels: Sequence[Hashable]) -> Self:
        """Return classes of which the second is positive if there are two, and else none is."""
        names = tuple(map(str, labels))
        return cls(names, POSITIVE if len(names) == len(NAMES_OF_TWO) else None)

    @property
    def judged(self) -> tuple[int, ...]:
        """The codes of the classes whose numbers are told."""
        return (*range(len(self)),) if self.positive is None else (self.positive,)

    @property
    def told_apart(self) -> tuple[int, ...]:
        """The codes of the classes that have numbers of their own beside the mean over all."""
        return () if self.positive is not None else self.judged

    def mean(self, by_class: Floats) -> Floats:
        """Return the mean over the judged classes of values by class: K x ..."""
        return np.asarray(
            by_class.mean(axis=0) if self.positive is None else by_class[self.positive]
        )

    def __len__(self) -> int:
        return len(self.names)
