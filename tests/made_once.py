"""What takes long to make, made by one of the processes that test and copied by the others."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that holds what `make` puts into an empty one; it is this process's own."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = shared / f"{name} of all"
    with FileLock(shared / f"{name}.lock"):
        if not made.exists():
            begun = factory.mktemp(name) / "begun"
            begun.mkdir()
            make(begun)
            begun.rename(made)
    return Path(shutil.copytree(made, factory.mktemp(name) / "copy", symlinks=True))
