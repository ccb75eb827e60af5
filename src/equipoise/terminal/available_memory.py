"""The memory that this machine has, and how many fits at a time it allows."""

import os
import re
from pathlib import Path

MEMORY_TABLE = Path("/proc/meminfo")
PAGES_HELD = Path("/proc/self/statm")
KILO = 1024


def measure_available_memory() -> int | None:
    """Return the bytes that new processes can have on this machine, None if it does not say."""
    if MEMORY_TABLE.exists():
        found = re.search(r"^MemAvailable:\s+(\d+) kB", MEMORY_TABLE.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * KILO
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):  # macOS has only the second
        if pages in getattr(os, "sysconf_names", ()):
            return int(os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE"))
    return None


def limit_by_memory(workers: int) -> int:
    """Return how many of the workers there is memory for, at least one.

    Each is taken to need what this process once held beyond what it holds now: so it is asked after
    work of the same kind. Where the system does not say what is held, all of them.
    """
    import resource  # noqa: PLC0415 - Windows has none, where a model may be served

    available = measure_available_memory()
    if available is None or not PAGES_HELD.exists():
        return workers
    held = int(PAGES_HELD.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILO
    return max(1, min(workers, available // max(most - held, 1)))
