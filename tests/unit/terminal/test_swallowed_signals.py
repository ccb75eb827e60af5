"""A signal ends a run also if it comes while Python removes an object."""

import signal
import subprocess
import sys

import pytest
from tests.repository import ROOT, clean_environment

SCRIPT = """
import os, signal, sys, time
from equipoise.terminal.swallowed_signals import heed_swallowed_signals

class Removed:
    def __del__(self):
        {removing}

signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
heed_swallowed_signals()
Removed()
time.sleep(5)
print("not ended")
"""


def run(removing: str) -> "subprocess.CompletedProcess[str]":
    """Run a program that does something while an object of its is removed."""
    return subprocess.run(
        (sys.executable, "-c", SCRIPT.format(removing=removing)),
        env=clean_environment() | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "status"), [("SIGTERM", 128 + signal.SIGTERM), ("SIGINT", -signal.SIGINT)]
)
def test_a_signal_that_comes_then_ends_the_run(name: str, status: int) -> None:
    done = run(f"os.kill(os.getpid(), signal.{name}); sum(map(abs, range(9)))")
    assert (done.returncode, done.stdout) == (status, "")


def test_any_other_failure_is_told_as_before() -> None:
    done = run("raise ValueError('of the object')")
    assert (done.returncode, done.stdout) == (0, "not ended\n")
    assert "ValueError: of the object" in done.stderr
