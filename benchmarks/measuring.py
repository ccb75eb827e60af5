"""What a command uses: seconds, seconds of the processor, and the peak of its memory.

Processes that a command leaves behind count too. Linux only: it tells how
much memory is in use with pages that forked processes share counted once.
"""

import ctypes
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

SET_CHILD_SUBREAPER = 36  # of prctl(2): orphans become children of this process
SECONDS_BETWEEN_LOOKS = 0.1
BYTES_OF_MB = 1e6


@dataclass
class Usage:
    """What a command used, all its processes together; complete once measured."""

    seconds: float = 0.0
    processor: float = 0.0
    peak: float = 0.0  # MB

    @property
    def rounded(self) -> dict[str, float]:
        """All three for a file, as exact as they are worth."""
        seconds, processor = round(self.seconds, 2), round(self.processor, 2)
        return {"seconds": seconds, "processor": processor, "peak": round(self.peak, 1)}


@contextmanager
def measuring() -> Iterator[Usage]:
    """Measure the child processes that the block starts, until the last of them has ended."""
    with measuring_while_awaited() as usage:
        before = _children_seconds()
        yield usage
    with _watching(usage):
        _await_orphans()
    usage.processor = _children_seconds() - before


@contextmanager
def measuring_while_awaited() -> Iterator[Usage]:
    """Measure the same for as long as the block takes; one block at a time.

    A process that it leaves behind goes on, and is part of the next block that is measured.
    """
    _adopt_orphans()
    usage, before, began = Usage(), _children_seconds(), time.perf_counter()
    with _watching(usage):
        yield usage
    usage.seconds = time.perf_counter() - began
    usage.processor = _children_seconds() - before


def _adopt_orphans() -> None:
    """Become the parent of every process below this one whose own parent ends."""
    if ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _await_orphans() -> None:
    """Wait until no child is left."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _children_seconds() -> float:
    """Return the processor seconds of all children, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:4])  # its own, and of its children that have ended
    return seconds


@contextmanager
def _watching(usage: Usage) -> Iterator[None]:
    """Keep the peak of the memory of all processes below this one."""
    ended = Event()

    def watch() -> None:
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            usage.peak = max(usage.peak, _measure_memory())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _measure_memory() -> float:
    """Return the memory of all processes below this one, in MB."""
    below = psutil.Process().children(recursive=True)
    return sum(_measure_process(process.pid) for process in below) / BYTES_OF_MB


def _measure_process(pid: int) -> float:
    """Return the memory of a process in bytes, a shared page divided by how many share it."""
    # A process that has just ended has no memory.
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) * 1024
    return 0.0
