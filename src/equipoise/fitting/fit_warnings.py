"""What fits warn of: recorded where they run, counted if they did not converge, else said once.

`warnings.catch_warnings` changes the whole process, so that threads which use it at the same time
undo each other's work. Here one recorder is in place as long as any fit is recorded, and gives
each warning to the fit of the thread that it comes from.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import Any, NamedTuple, TextIO

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


class _Recorder:
    """What takes the place of saying warnings while any thread records its own."""

    def __init__(self) -> None:
        self._lock, self._threads, self._own = Lock(), 0, local()

    @property
    def current(self) -> list[Warned] | None:
        """Where warnings of this thread go; None if they are said."""
        found: list[Warned] | None = getattr(self._own, "warned", None)
        return found

    @contextmanager
    def recording_into(self, warned: list[Warned]) -> Iterator[None]:
        """Put warnings of this thread into a list."""
        outer, self._own.warned = self.current, warned
        self._begin_catching()
        try:
            yield
        finally:
            self._end_catching()
            self._own.warned = outer

    def _begin_catching(self) -> None:
        with self._lock:
            self._threads += 1
            if self._threads == 1:
                self._say, self._before = warnings.showwarning, warnings.catch_warnings()
                self._before.__enter__()
                warnings.simplefilter("always")
                warnings.showwarning = self._show

    def _end_catching(self) -> None:
        with self._lock:
            self._threads -= 1
            if self._threads == 0:
                self._before.__exit__(None, None, None)

    def _show(  # noqa: PLR0913, PLR0917 - the signature of what it takes the place of
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if self.current is None:
            self._say(message, category, filename, lineno, file, line)
        else:
            self.current.append(Warned(category, str(message), filename, lineno))


_RECORDER = _Recorder()


@contextmanager
def recording_warnings() -> Iterator[list[Warned]]:
    """Record warnings of this thread in place of saying them."""
    warned: list[Warned] = []
    with _RECORDER.recording_into(warned):
        yield warned


def find_record() -> list[Warned] | None:
    """Return where warnings of this thread are recorded; None if they are said."""
    return _RECORDER.current


def record_work(warned: list[Warned] | None, work: Callable[[], Any]) -> Any:
    """Return what work gives that another thread began, whose record is `warned`."""
    if warned is None:
        return work()
    with _RECORDER.recording_into(warned):
        return work()


def print_other_warnings(of_fits: Iterable[Iterable[Warned]]) -> None:
    """Warn once of each thing that fits warned of, but of what did not converge.

    What comes from one place is one thing, though each fit may have numbers of its own in it.
    """
    found = [warning for warned in of_fits for warning in warned if not warning.of_convergence]
    say({(w.category, w.filename, w.line): w for w in reversed(found)}.values())


def say(warned: Iterable[Warned]) -> None:
    """Repeat each warning once, with its own file and line."""
    for category, text, filename, line in dict.fromkeys(warned):
        warnings.warn_explicit(text, category, filename, line)
