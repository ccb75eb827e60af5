"""One process at a time, where two would undo each other's work."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def holding(lock: Path, other: str) -> Iterator[None]:
    """Keep out all others that take turns by the same file; say that `other` is awaited, if so."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        sys.stderr.write(f"{other}: waiting until it is done.\n")
        held.acquire()
    try:
        yield
    finally:
        held.release()
