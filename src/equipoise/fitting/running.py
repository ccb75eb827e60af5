"""Many fits: run here, one by one or several at a time, or on a Dask cluster; same results."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from time import process_time
from typing import Any, TypeVar

from joblib import Parallel, delayed

from equipoise.fitting.cluster import find_scheduler, run_on_cluster
from equipoise.fitting.workers import count_workers
from equipoise.terminal.available_memory import limit_by_memory

T = TypeVar("T")

# Threads that wait for one another cost some tenths of a second. Starting two processes takes
# 2.5 s, imports and all, on a machine that does nothing else, and 4.5 s of the processor; unlike
# threads, they are of use where a fit is Python for the most part.
SECONDS_WORTH_THREADS, SECONDS_WORTH_PROCESSES = 0.5, 10.0


def run_fits(
    fit: Callable[..., T], shared: Sequence[Any], each: Sequence[Sequence[Any]], n_jobs: int
) -> Iterator[T]:
    """Give what `fit(*shared, *own)` gives for each `own`, in order.

    On the cluster whose scheduler `EQUIPOISE_DASK` names, to which `shared` is sent once; else in
    up to `n_jobs` threads or processes. `fit` is a function of a module.
    """
    address = find_scheduler()
    if address is None:
        yield from _run_here(fit, shared, each, n_jobs)
    else:
        yield from run_on_cluster(address, fit, shared, each)


def run_long_fits(
    fit: Callable[..., T], shared: Sequence[Any], each: Sequence[Sequence[Any]], n_jobs: int
) -> Iterator[T]:
    """Give the same as `run_fits`, in any order; here, `n_jobs` processes start at once."""
    address = find_scheduler()
    if address is None:
        workers = limit_by_memory(count_workers(n_jobs, len(each)))
        yield from Parallel(n_jobs=workers, prefer="processes", return_as="generator_unordered")(
            delayed(fit)(*shared, *own) for own in each
        )
    else:
        yield from run_on_cluster(address, fit, shared, each)


def _run_here(
    fit: Callable[..., T], shared: Sequence[Any], each: Sequence[Sequence[Any]], n_jobs: int
) -> Iterator[T]:
    """Give each result, one by one, or several at a time where that saves time.

    How long the first one takes tells which, in seconds of the processor, which do not grow on a
    busy machine; how much memory it takes tells how many.
    """
    (first, *others), started = each, process_time()
    yield fit(*shared, *first)
    seconds = process_time() - started
    workers = limit_by_memory(count_workers(n_jobs, len(others)))
    saved = seconds * (len(others) - ceil(len(others) / workers))
    yield from Parallel(
        n_jobs=workers if saved > SECONDS_WORTH_THREADS else 1,
        prefer="processes" if saved > SECONDS_WORTH_PROCESSES else "threads",
        return_as="generator",
    )(delayed(fit)(*shared, *own) for own in others)
