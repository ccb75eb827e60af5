"""Jobs to be cruel to: one that has not run, the same one finished, and copies of both."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml
from mlflow.entities import Run
from tests.repository import BIN, Repository, clean_environment, start_repository

# Two arms are enough, and `promote` and `screen` have something to work on, the latter for seconds.
SECTIONS = {
    "run": {"strategies": ["baseline", "smote"], "models": ["logistic"]},
    "registry": {"name": "someones", "at_most": {}},
    "screen": {"strategies": ["baseline", "smote"], "models": ["logistic"]},
}
EQUIPOISE = (str(BIN / "python"), "-m", "equipoise")
REPRO = ("dvc", "repro")
# The folder of copies that stay.
KEPT = "kept"
# How long whoever was interrupted may take to say so and end.
GRACE = 60


@dataclass(frozen=True)
class Ground:
    """A folder with two jobs; `seconds` is what a run from nothing takes, warm start or not."""

    folder: Path
    start: Repository
    finished: Repository
    seconds: dict[bool, float]

    @classmethod
    def prepare(cls, folder: Path) -> "Ground":
        """Make both jobs."""
        start = start_repository(folder / "start")
        start.edit_params(lambda params: params.update(SECTIONS))
        start.commit("Give commands something to do")
        finished = Repository(folder / "finished")
        shutil.copytree(start.path, finished.path, symlinks=True)
        seconds = {False: finish(finished, warm=False)}
        finished.commit("Run")
        return cls(folder, start, finished, seconds)

    def measure(self, *, warm: bool) -> float:
        """Return the seconds of a run that nothing disturbs."""
        if warm not in self.seconds:
            self.seconds[warm] = finish(self.copy(self.start, "measured"), warm=warm)
        return self.seconds[warm]

    def clear(self) -> None:
        """Remove all copies but those that are kept."""
        for path in self.folder.iterdir():
            if path not in {self.start.path, self.finished.path, self.folder / KEPT}:
                shutil.rmtree(path)

    def keep(self, name: str, do: Callable[[Repository], object]) -> Repository:
        """Return a copy of the finished job to which something was done once, for all cases."""
        kept = Repository(self.folder / KEPT / name)
        if not kept.path.exists():
            shutil.copytree(self.finished.path, kept.path, symlinks=True)
            do(kept)
        return kept

    def copy(self, job: Repository, name: str) -> Repository:
        """Return a copy of a job."""
        copied = Repository(self.folder / name.replace(" ", "-").replace(",", ""))
        shutil.rmtree(copied.path, ignore_errors=True)
        shutil.copytree(job.path, copied.path, symlinks=True)
        return copied


def finish(job: Repository, *, warm: bool) -> float:
    """Run a job to its end; return how many seconds that took."""
    began = time.monotonic()
    job.succeed(*REPRO, **switch(warm=warm))
    return time.monotonic() - began


def switch(*, warm: bool) -> dict[str, str]:
    """Return the environment that turns the warm start on or off."""
    return {"EQUIPOISE_WARM": "1" if warm else "0"}


def interrupt(
    job: Repository, command: Sequence[str], after: float, by: signal.Signals, **extra: str
) -> None:
    """Run a command, and send a signal to it and all that it started, as a terminal does."""
    process = subprocess.Popen(
        command,
        cwd=job.path,
        env=clean_environment() | job.environment | extra,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=after)
        return
    os.killpg(process.pid, by)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=GRACE)
        return
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    raise AssertionError(f"{command} goes on {GRACE} s after {by.name}")


def run_again(job: Repository) -> str:
    """Run what is left, once more after `equipoise doctor` if DVC cannot; return what is wrong."""
    warm = switch(warm=True)
    if not job.run(*REPRO, **warm).returncode:
        return ""
    job.run(*EQUIPOISE, "doctor", **warm)
    again = job.run(*REPRO, **warm)
    return again.stdout[-300:] + again.stderr[-300:] if again.returncode else ""


def compare(job: Repository, finished: Repository) -> str:
    """Return how a job differs from one that nothing disturbed, in DVC's lock or in MLflow."""
    lock, expected = read_lock(job), read_lock(finished)
    if others := [n for n in lock | expected if lock.get(n) != expected.get(n)]:
        return f"another dvc.lock: {[(lock.get(n), expected.get(n)) for n in others]}"
    if (found := describe_record(job)) != describe_record(finished):
        return f"another record: {found}"
    return ""


def read_lock(job: Repository) -> dict[str, object]:
    """Return what `dvc.lock` says of each stage."""
    stages: dict[str, object] = yaml.safe_load((job.path / "dvc.lock").read_text())["stages"]
    return stages


def describe_record(job: Repository) -> list[object]:
    """Return names, states and numbers of all runs, and what is registered under which alias."""

    def describe(run: Run) -> tuple[str, str, dict[str, float]]:
        numbers = {name: value for name, value in run.data.metrics.items() if name != "seconds"}
        return run.info.run_name, run.info.status, numbers

    runs = sorted((describe(run) for run in job.runs()), key=lambda run: run[:2])
    return [
        *runs,
        *((model.name, model.aliases) for model in job.client().search_registered_models()),
    ]
