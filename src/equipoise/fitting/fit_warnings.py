"""What fits warn of: recorded where they run, counted if they did not converge, else said once.

Recording changes the state of the whole process, as Python 3.11 has it, so that fits in threads
of one process must not be recorded at the same time.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

# What solvers say that stopped before they were done, of whatever package and kind of warning.
NOT_DONE = re.compile(r"converg|max_iter|terminated early", re.IGNORECASE)


class Warned(NamedTuple):
    """A warning, as it can be told from others, sent between processes, and said again."""

    category: type[Warning]
    text: str
    filename: str
    line: int

    @property
    def of_convergence(self) -> bool:
        """Whether a fit says that it did not converge."""
        of_the_future = issubclass(self.category, FutureWarning | DeprecationWarning)
        return NOT_DONE.search(self.text) is not None and not of_the_future


@contextmanager
def recorded() -> Iterator[list[Warned]]:
    """Record warnings in place of saying them; the list is filled when the block ends."""
    from sklearn.exceptions import (  # noqa: PLC0415 - 0.5 s that an arm without a sampler saves
        ConvergenceWarning,
    )

    warned: list[Warned] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        yield warned
    warned += [Warned(w.category, str(w.message), w.filename, w.lineno) for w in caught]


def say_others(of_fits: Iterable[Iterable[Warned]]) -> None:
    """Warn once of each thing that fits warned of, but of what did not converge."""
    say(warning for warned in of_fits for warning in warned if not warning.of_convergence)


def say(warned: Iterable[Warned]) -> None:
    """Warn of each thing once, as if it came from where it came from."""
    for category, text, filename, line in dict.fromkeys(warned):
        warnings.warn_explicit(text, category, filename, line)
