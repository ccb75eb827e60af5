"""The memory that this machine has, or allows, and how many fits at a time it allows."""

import os
import re
from pathlib import Path

MEMORY_TABLE = Path("/proc/meminfo")
OWN_GROUP, GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
PAGES_HELD = Path("/proc/self/statm")
KILO = 1024


def measure_available_memory() -> int | None:
    """Return the bytes that new processes can have on this machine, None if it does not say.

    In a container with a limit they are no more than that leaves.
    """
    known = (_ask_machine(), _ask_control_group())
    return min((size for size in known if size is not None), default=None)


def _ask_machine() -> int | None:
    if MEMORY_TABLE.exists():
        found = re.search(r"^MemAvailable:\s+(\d+) kB", MEMORY_TABLE.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * KILO
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):  # macOS has only the second
        if pages in getattr(os, "sysconf_names", ()):
            return int(os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE"))
    return None


def _ask_control_group() -> int | None:
    """Return what the limit of Linux for the group of this process leaves, None without one."""
    try:
        own = OWN_GROUP.read_text().partition("0::/")[2].splitlines()  # of version 2
        folder = GROUPS / "".join(own[:1])
        most, held = (int((folder / f"memory.{name}").read_text()) for name in ("max", "current"))
        said = (folder / "memory.stat").read_text()
    except (OSError, ValueError):  # no limit is called "max"
        return None
    # Files that were read are held as well, and given up when memory is needed.
    files = re.findall(r"^(?:in)?active_file (\d+)$", said, re.MULTILINE)
    return max(most - held + sum(map(int, files)), 0)


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
