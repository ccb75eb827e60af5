"""Time the pipeline against one built as tutorials build it, in `benchmarks/tutorial`.

Both solve the default job, in a temporary folder, taking turns. What is timed of this
repository is its last commit.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
TUTORIAL = Path(__file__).resolve().parent / "tutorial"
STRATEGIES = ("baseline", "smote", "class_weight")
CONFUSION = ("tn", "fp", "fn", "tp")
STAGE = re.compile(r"Running stage '(.+)':")
# Settings of whoever runs this that would reach into the copies, or slow one of them.
FOREIGN = re.compile(r"MLFLOW_|DVC_|PYTHONDONTWRITEBYTECODE$|PYTHONPATH$")
BUDGET = Path(__file__).with_name("budget.yaml")
GOALS: Mapping[str, Mapping[str, float]] = {
    "plain": {"cold": 0.60, "edited": 0.35, "nothing to do": 1.40},
    "warm": {"cold": 0.40, "edited": 0.20, "nothing to do": 1.40},
}
CHECKS_OF_NO_OP = 3  # it is short, so a single one says little


@dataclass(frozen=True)
class Timing:
    """How long a command took, and each stage that DVC ran in it."""

    seconds: float
    stages: Mapping[str, float]


@dataclass(frozen=True)
class Copy:
    """A pipeline in a folder of its own, with a DVC cache and an MLflow store of its own."""

    folder: Path
    log: Path
    k_neighbors: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *command: str) -> Timing:
        """Run a command in the copy, its output going to the log."""
        began = time.perf_counter()
        started: dict[str, float] = {}
        with (
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            for line in process.stdout or ():
                if stage := STAGE.match(line):
                    started[stage[1]] = time.perf_counter()
                log.write(line)
        ended = time.perf_counter()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return Timing(ended - began, _durations(started, ended))

    def edit(self) -> None:
        """Set SMOTE's `k_neighbors` to 3."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text(encoding="utf-8"))
        *parents, last = self.k_neighbors
        node = params
        for key in parents:
            node = node[key]
        node[last] = 3
        path.write_text(yaml.safe_dump(params), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        return own | {
            **self.variables,
            "DVC_NO_ANALYTICS": "true",
            "DVC_SITE_CACHE_DIR": str(self.folder / ".dvc/tmp/site"),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_TRACKING_URI": f"sqlite:///{self.folder / 'mlflow.db'}",
        }


@dataclass(frozen=True)
class Measured:
    """The timings of one pipeline, one for each repeat."""

    cold: list[Timing] = field(default_factory=list)
    edited: list[Timing] = field(default_factory=list)
    no_op: list[Timing] = field(default_factory=list)
    status: list[Timing] = field(default_factory=list)


def main() -> None:
    """Measure, and print two tables."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="cold runs of each (default 3)")
    repeats: int = parser.parse_args().repeats
    if repeats < 1:
        parser.error("--repeats must be 1 or more")
    if not shutil.which("dvc"):
        parser.error("dvc is not on the PATH; activate the environment first")
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True)
    ours, tutorial = Measured(), Measured()
    with temporary_folder() as folder:
        for repeat in range(repeats):
            _measure(ours, tutorial, folder / str(repeat), folder / "log.txt")
    print(f"commit {commit.strip()}, repeats {repeats}, processors {os.cpu_count()}\n")
    within = _print_ratios(ours, tutorial)
    _print_stages("ours, cold", ours.cold)
    _print_stages("ours, edited", ours.edited)
    _print_stages("tutorial, cold", tutorial.cold)
    if not within:
        sys.exit(f"error: over the budget of {BUDGET.name}")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a folder that stays if a command fails."""
    folder = Path(tempfile.mkdtemp(prefix="equipoise-benchmark-"))
    try:
        yield folder
    except (subprocess.CalledProcessError, ValueError) as failure:
        sys.exit(f"error: {failure}\nits output is in {folder / 'log.txt'}")
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        sys.exit("interrupted")
    shutil.rmtree(folder)


def _measure(ours: Measured, tutorial: Measured, folder: Path, log: Path) -> None:
    """Time both pipelines cold, then after an edit, then ours with nothing to do."""
    a, b = clone(folder / "ours", log), copy_tutorial(folder / "tutorial", log)
    ours.cold.append(a.run("dvc", "repro"))
    tutorial.cold.append(b.run("dvc", "repro"))
    require_same_results(a, b)
    for copy, measured in ((a, ours), (b, tutorial)):
        copy.edit()
        measured.edited.append(copy.run("dvc", "repro"))
    for _ in range(CHECKS_OF_NO_OP):
        ours.no_op.append(a.run("dvc", "repro"))
        ours.status.append(a.run("dvc", "status"))
    if any(timing.stages for timing in ours.no_op):
        raise ValueError("dvc repro ran a stage again though nothing had changed")


def clone(folder: Path, log: Path, variables: Mapping[str, str] | None = None) -> Copy:
    """Return the last commit of this repository without anything that a run has made."""
    folder.mkdir(parents=True)
    neighbours = ("strategies", "smote", "sampler", "k_neighbors")
    copy = Copy(folder, log, neighbours, variables or {})
    copy.run("git", "clone", "--quiet", str(ROOT), ".")
    (folder / "dvc.lock").unlink(missing_ok=True)
    shutil.rmtree(folder / "reports", ignore_errors=True)
    return copy


def copy_tutorial(folder: Path, log: Path) -> Copy:
    """Return the tutorial-style pipeline, committed as its reader would."""
    shutil.copytree(TUTORIAL, folder, ignore=shutil.ignore_patterns("__pycache__"))
    # Named otherwise in this repository, where DVC would take it for a part of ours.
    (folder / "pipeline.yaml").rename(folder / "dvc.yaml")
    copy = Copy(folder, log, ("strategies", "smote", "k_neighbors"))
    copy.run("git", "init", "--quiet")
    copy.run("dvc", "init", "--quiet")
    copy.run("dvc", "config", "core.analytics", "false")
    copy.run("git", "add", "--all")
    identity = ("-c", "user.name=reader", "-c", "user.email=reader@example.org")
    copy.run("git", *identity, "commit", "--quiet", "--message", "Follow the tutorial")
    return copy


def require_same_results(ours: Copy, tutorial: Copy) -> None:
    """Refuse to compare times of different problems."""
    for strategy in STRATEGIES:
        mine = _json(ours.folder / f"reports/metrics/{strategy}-logistic.json")["default"]
        theirs = _json(tutorial.folder / f"reports/confusion/{strategy}.json")
        found = [[side[count] for count in CONFUSION] for side in (mine, theirs)]
        if found[0] != found[1]:
            raise ValueError(f"{strategy}: {CONFUSION} ours {found[0]}, the tutorial's {found[1]}")


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _durations(started: Mapping[str, float], ended: float) -> dict[str, float]:
    """Return the seconds from each stage's start to the next one's."""
    times = [*started.values(), ended]
    return {
        stage: after - start for stage, (start, after) in zip(started, pairwise(times), strict=True)
    }


def _seconds(timings: Sequence[Timing]) -> float:
    return median(timing.seconds for timing in timings)


def _print_ratios(ours: Measured, tutorial: Measured) -> bool:
    """Print ratios beside their goals and budgets; return whether all are within budget."""
    kind = "warm" if os.environ.get("EQUIPOISE_WARM", "1") == "1" else "plain"
    budget: dict[str, float] = yaml.safe_load(BUDGET.read_text(encoding="utf-8"))[kind]
    rows = [
        ("cold", "cold: ours / tutorial", ours.cold, tutorial.cold),
        ("edited", "ours edited / tutorial cold", ours.edited, tutorial.cold),
        ("", "ours edited / tutorial edited", ours.edited, tutorial.edited),
        ("nothing to do", "ours: no-op repro / status", ours.no_op, ours.status),
    ]
    print(f"{'what (A / B)':32}{'A, s':>8}{'B, s':>8}{'ratio':>8}{'goal':>8}{'budget':>8}")
    within = True
    for name, what, a, b in rows:
        first, second = _seconds(a), _seconds(b)
        line = f"{what:32}{first:8.2f}{second:8.2f}{first / second:8.3f}"
        if name:
            over = first / second > budget[name]
            within &= not over
            line += f"{GOALS[kind][name]:8.2f}{budget[name]:8.2f}{'  OVER' if over else ''}"
        print(line)
    return within


def _print_stages(title: str, timings: Sequence[Timing]) -> None:
    """Print what DVC takes before the first stage, then each stage with DVC's work after it."""
    print(f"\n{title}: seconds per stage")
    lead = median(timing.seconds - sum(timing.stages.values()) for timing in timings)
    print(f"  {'(start of dvc)':30}{lead:8.2f}")
    for stage in timings[0].stages:
        print(f"  {stage:30}{median(timing.stages[stage] for timing in timings):8.2f}")


if __name__ == "__main__":
    main()
