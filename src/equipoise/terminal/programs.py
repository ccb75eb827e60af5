"""Git and DVC, run for a user."""

import subprocess
import sys
from pathlib import Path

from equipoise.terminal.environment import describe_failure
from equipoise.terminal.errors import UserError

DVC = (sys.executable, "-m", "dvc")


def run_program(folder: Path, *command: str) -> str:
    """Return what a command prints that runs in a folder; a `UserError` says how it failed."""
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=True
        ).stdout
    except FileNotFoundError as missing:
        raise UserError(f"{command[0]} is needed and was not found; install it") from missing
    except subprocess.CalledProcessError as failure:
        words = command[len(DVC) - 1 :] if command[: len(DVC)] == DVC else command
        said = describe_failure(ValueError(failure.stderr or failure.stdout))
        raise UserError(
            f"{' '.join(words[:3])} failed: {said}; fix that, then run it again"
        ) from failure
