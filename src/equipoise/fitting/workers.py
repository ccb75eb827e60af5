"""The threads and processes that fits are given: no more than cores, and none left behind.

A class may be told to use `n_jobs` of its own, at any depth. Its params, and so the model file,
go on to say what the user wrote, on every machine: what is bounded is what joblib starts.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from multiprocessing import resource_tracker
from threading import Thread
from time import sleep
from typing import Any

from joblib import cpu_count, effective_n_jobs, parallel_config
from joblib.parallel import (
    FallbackToBackend,
    LokyBackend,
    ThreadingBackend,
    get_active_backend,
)
from threadpoolctl import threadpool_limits

from equipoise.fitting.fit_warnings import Warned, find_record, record_work, recording_warnings, say

# How often a worker looks whether the process that started it is still there.
SECONDS_BETWEEN_LOOKS = 1

# LightGBM and XGBoost ask OpenMP for as many threads as they are told, which reads this when it is
# loaded: before any model is built or read.
os.environ.setdefault("OMP_THREAD_LIMIT", str(cpu_count()))


class _Bounded:
    """What bounds a backend of joblib, and those for parallel work inside its own, by cores."""

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """Return how many workers are used where `n_jobs` are asked for."""
        asked: int = super().effective_n_jobs(n_jobs)  # type: ignore[misc]  # that of the backend
        return min(asked, int(cpu_count()))

    def get_nested_backend(self) -> tuple[Any, int | None]:
        """Return the backend for parallel work inside that of this one."""
        backend, n_jobs = super().get_nested_backend()  # type: ignore[misc]  # as above
        if isinstance(backend, ThreadingBackend):
            backend = _Threads(nesting_level=backend.nesting_level)
        return backend, n_jobs


class _Threads(_Bounded, ThreadingBackend):  # type: ignore[misc]  # joblib has no types
    """Threads of this process, whose warnings are those of the thread that uses them."""

    def configure(self, n_jobs: int = 1, parallel: Any = None, **others: Any) -> int:
        """Start threads as they are needed."""
        self._warned = find_record()
        workers: int = super().configure(n_jobs, parallel, **others)
        return workers

    def submit(self, func: Callable[[], Any], callback: Any = None) -> Any:
        """Have a thread call a function."""
        return super().submit(partial(record_work, self._warned, func), callback)


class _Processes(_Bounded, LokyBackend):  # type: ignore[misc]  # as above
    """Processes that end with this one, and whose warnings are those of this one."""

    def configure(
        self, n_jobs: int = 1, parallel: Any = None, prefer: str | None = None, **others: Any
    ) -> int:
        """Start workers as they are needed; threads, where these are preferred."""
        if prefer == "threads":
            raise FallbackToBackend(_Threads(nesting_level=self.nesting_level))
        self._warned = find_record()
        workers: int = super().configure(
            n_jobs, parallel, prefer, initializer=_end_with, initargs=(os.getpid(),), **others
        )
        return workers

    def submit(self, func: Callable[[], Any], callback: Any = None) -> Any:
        """Have a worker call a function, and record its warnings."""
        with _holding_back_interrupts():
            return super().submit(partial(_with_record, func), callback)

    def retrieve_result_callback(self, out: Any) -> Any:
        """Return what the function gave, its warnings recorded here, or said."""
        result, warned = super().retrieve_result_callback(out)
        record_work(self._warned, partial(say, warned))
        return result


@contextmanager
def _holding_back_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, and which this one ends when it is stopped.

    A terminal sends it to all of them, and one that is still loading would show a traceback. A
    process has the signals blocked from its start that are blocked where it is started.
    """
    resource_tracker.ensure_running()  # a worker needs it; its start unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _with_record(work: Callable[[], Any]) -> tuple[Any, list[Warned]]:
    with recording_warnings() as warned:
        result = work()
    return result, warned


def _end_with(parent: int) -> None:
    """Have this process end soon after the one that started it, however that one ends."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(SECONDS_BETWEEN_LOOKS)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@contextmanager
def limiting_threads() -> Iterator[None]:
    """Work on one thread, for the same bytes anywhere, and with no more workers than cores.

    Another backend that was chosen with `joblib.parallel_config`, Dask say, is left as it is.
    """
    active, _ = get_active_backend()
    own = parallel_config(backend=_Processes()) if type(active) is LokyBackend else nullcontext()
    with threadpool_limits(limits=1), own:
        yield


def count_workers(n_jobs: int, tasks: int) -> int:
    """Return how many of the tasks are worked on at a time: at most as many as there are cores."""
    with limiting_threads():
        return max(1, min(int(effective_n_jobs(n_jobs)), tasks))
