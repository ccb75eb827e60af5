"""A project of a user's own that has the table and the params of an example."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline import ROOT, Copy, clone


def fetch_example(example: str, folder: Path, log: Path) -> Copy:
    """Return a clone of the last commit that has fetched an example's table."""
    copy = clone(folder, log, {"PYTHONPATH": "examples"})
    copy.run(sys.executable, f"examples/{example}/fetch.py")
    return copy


def make_project(example: str, folder: Path, source: Copy, variables: Mapping[str, str]) -> Copy:
    """Return a new project whose table is that of a clone, and in which nothing has run."""
    source.run(sys.executable, "-m", "equipoise", "new", str(folder))
    table = Path("data/raw") / f"{example}.csv"
    shutil.copy(source.folder / table, folder / table)
    shutil.copy(ROOT / "examples" / example / "params.yaml", folder)
    return Copy(folder, source.log, (), variables)
