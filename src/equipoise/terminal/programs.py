"""Git and DVC, run for a user."""

import os
import subprocess
import sys
from pathlib import Path

from equipoise.terminal.environment import describe_failure
from equipoise.terminal.errors import UserError

DVC = (sys.executable, "-m", "dvc")
# DVC reports how it is used, from a process and a file that it leaves, unless told otherwise.
ERROR = "ERROR: "  # before what DVC says last, after its warnings
UNREPORTED = {"DVC_NO_ANALYTICS": "1"}


def run_program(folder: Path, *command: str) -> str:
    """Return what a command prints that runs in a folder; a `UserError` says how it failed."""
    environment = os.environ | UNREPORTED
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=True,
        ).stdout
    except FileNotFoundError as missing:
        raise UserError(f"{command[0]} is needed and was not found; install it") from missing
    except subprocess.CalledProcessError as failure:
        words = command[len(DVC) - 1 :] if command[: len(DVC)] == DVC else command
        said = failure.stderr.rpartition(ERROR)[2] or failure.stdout
        said = describe_failure(ValueError(said))
        raise UserError(
            f"{' '.join(words[:3])} failed: {said}; fix that, then run it again"
        ) from failure
