"""A package that is not to be imported for now, though it is installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hide_package(name: str) -> Iterator[None]:
    """Have imports of a package fail in a `with` block, unless it has been imported before."""
    modules: dict[str, object] = sys.modules  # type: ignore[assignment] # None says: not there
    hidden = modules.setdefault(name, None) is None
    try:
        yield
    finally:
        if hidden:
            del modules[name]
