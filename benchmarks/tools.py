"""The other tools that do the default job, each in an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from measuring import Usage, measuring
from pipeline import FOREIGN

OTHERS = Path(__file__).with_name("others")
LAST_PYTHON_OF_PYCARET = (3, 11)
# How far two tools' means of average precision may be apart: PyCaret rounds to four decimals.
ROUNDING = 5e-4


@dataclass(frozen=True)
class Tool:
    """A script of `others`, and what it runs with."""

    name: str
    script: str
    requirements: str
    arguments: Sequence[str] = ()
    last_python: tuple[int, int] | None = None

    @property
    def python(self) -> str:
        """The interpreter of its environment: this one, unless that is too new for the tool."""
        if self.last_python and sys.version_info[:2] > self.last_python:
            return ".".join(map(str, self.last_python))
        return sys.executable


TOOLS = (
    Tool("bare, loop", "bare.py", "bare.txt", ("--intervals", "loop")),
    Tool("bare, counted", "bare.py", "bare.txt", ("--intervals", "counted")),
    Tool("PyCaret", "pycaret_job.py", "pycaret.txt", last_python=LAST_PYTHON_OF_PYCARET),
    Tool("skore", "skore_job.py", "skore.txt"),
)


@dataclass(frozen=True)
class Installed:
    """A tool with its environment."""

    tool: Tool
    python: Path
    log: Path

    def run(self, *arguments: str) -> tuple[Usage, Any]:
        """Return what the script uses, with a temporary folder of its own, and its last line."""
        script = str(OTHERS / self.tool.script)
        folder = mkdtemp(dir=self.log.parent)
        own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        with self.log.open("a", encoding="utf-8") as log, measuring() as usage:
            ran = subprocess.run(
                [self.python, script, *(arguments or self.tool.arguments)],
                cwd=folder,
                # PyCaret keeps what it has fitted in the temporary folder, for the next run too.
                env=own | {"TMPDIR": folder},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                check=True,
            )
        return usage, json.loads(ran.stdout.splitlines()[-1])

    def list_versions(self) -> Mapping[str, str]:
        """Return the versions of what matters most in the environment."""
        names = ("scikit-learn", "imbalanced-learn", "pandas", "numpy", self.tool.name.lower())
        listed = subprocess.check_output(
            ["uv", "pip", "list", "--format", "json", "--python", self.python],
            stderr=subprocess.DEVNULL,
            text=True,
        )
        versions = {package["name"]: package["version"] for package in json.loads(listed)}
        return {name: versions[name] for name in names if name in versions}


def install(tools: Sequence[Tool], folder: Path) -> list[Installed]:
    """Make an environment for each requirements file."""
    log = folder / "log.txt"
    for requirements, python in {tool.requirements: tool.python for tool in tools}.items():
        environment = _find_environment(folder, requirements)
        needed = ("--requirements", OTHERS / requirements)
        commands = [
            ("venv", "--python", python, environment),
            ("pip", "install", "--compile-bytecode", "--python", environment, *needed),
        ]
        with log.open("a", encoding="utf-8") as output:
            for command in commands:
                subprocess.run(["uv", *command], stdout=output, stderr=output, check=True)
    return [
        Installed(tool, _find_environment(folder, tool.requirements) / "bin/python", log)
        for tool in tools
    ]


def require_same_work(name: str, results: Any, ours: Any) -> None:
    """Refuse to compare times of different problems: the counts, and the scores over the folds."""
    for arm, mine in ours.items():
        theirs = results[arm]
        apart = abs(mine["average_precision"] - theirs["average_precision"])
        if mine["confusion"] != theirs["confusion"] or apart > ROUNDING:
            raise ValueError(f"{arm}: ours {mine}, {name}'s {theirs}")


def _find_environment(folder: Path, requirements: str) -> Path:
    return folder / Path(requirements).stem
