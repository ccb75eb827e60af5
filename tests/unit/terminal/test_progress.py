"""The bar over an arm's fits: seen at a terminal, silent elsewhere, and no part of the results."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from equipoise.terminal.progress import fit_bar, leave_uncounted

SRC = Path(__file__).parents[3] / "src"
SCRIPT = """
import pandas as pd
from equipoise.terminal.progress import fit_bar
with fit_bar("smote-logistic") as counted:
    list(counted((pd.DataFrame() for _ in range(3)), 3))
"""


def run(stderr: int) -> None:
    subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(SRC), "TERM": "xterm", "COLUMNS": "100"},
        stderr=stderr,
        check=True,
        timeout=60,
    )


def test_a_terminal_shows_which_arm_and_how_far_it_is() -> None:
    """Three folds and the fit on all of train make four."""
    ours, theirs = pty.openpty()
    try:
        run(theirs)
        shown = os.read(ours, 100_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "smote-logistic" in shown
    assert "4/4" in shown


def test_what_is_no_terminal_stays_empty(tmp_path: Path) -> None:
    """A log of a run has no bars in it."""
    with (tmp_path / "log").open("wb") as log:
        run(log.fileno())
    assert (tmp_path / "log").read_bytes() == b""


@pytest.mark.parametrize("number", [1, 4])
def test_every_fit_is_handed_on(number: int) -> None:
    """Counted or not, what comes out is what went in, in its order."""
    fits = [pd.DataFrame({"fold": [place]}) for place in range(number)]
    with fit_bar("arm") as counted:
        assert all(a is b for a, b in zip(counted(iter(fits), number), fits, strict=True))
    assert all(a is b for a, b in zip(leave_uncounted(iter(fits), number), fits, strict=True))
