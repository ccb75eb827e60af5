"""How far the fits of an arm are, drawn where the output is a terminal."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

# Takes what fits give, one after the other, and how many there are; gives them on.
Counted = Callable[[Iterable[Any], int], Iterable[Any]]


def leave_uncounted(fits: Iterable[Any], number: int) -> Iterable[Any]:
    """Return the fits as they are, however many."""
    del number
    return fits


@contextmanager
def fit_bar(title: str) -> Iterator[Counted]:
    """Draw a bar on stderr if that is a terminal; what is yielded counts fits on it.

    One more fit, that of all of train, is done when the block ends.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console, hidden = Console(stderr=True), not sys.stderr.isatty()
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=hidden) as progress:
        task = progress.add_task(title, total=None)
        yield partial(_count_fits, progress, task)
        progress.advance(task)


def _count_fits(
    progress: Progress, task: TaskID, fits: Iterable[Any], number: int
) -> Iterator[Any]:
    progress.update(task, total=number + 1)
    for fit in fits:
        progress.advance(task)
        yield fit


@contextmanager
def row_bar(number: int | None) -> Iterator[Callable[[int], None]]:
    """Draw a bar on stderr if that is a terminal, a counter if the number of rows is not known.

    What is yielded adds rows to it.
    """
    bar = () if number is None else (BarColumn(), TaskProgressColumn())
    columns = *bar, TextColumn("{task.completed:,} rows"), TimeElapsedColumn()
    console, hidden = Console(stderr=True), not sys.stderr.isatty()
    with Progress(*columns, console=console, disable=hidden, transient=True) as progress:
        task = progress.add_task("rows", total=number)
        yield partial(progress.advance, task)
