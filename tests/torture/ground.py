"""Jobs to be cruel to: one that has not run, the same one finished, and copies of both."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml
from mlflow import entities
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
# What DVC does before the first stage.
BEFORE = "start of DVC"
BEGUN = re.compile(r"^Running stage '([^']+)'", re.MULTILINE)
# Seconds from one look at what DVC says to the next.
LOOK = 0.02
# How long whoever was interrupted may take to say so and end.
GRACE = 60


@dataclass(frozen=True)
class Ground:
    """A folder with two jobs; `runs` are undisturbed runs from nothing, warm start or not."""

    folder: Path
    start: Repository
    finished: Repository
    runs: dict[bool, "Run"]

    @classmethod
    def prepare(cls, folder: Path) -> "Ground":
        """Make both jobs."""
        start = start_repository(folder / "start")
        start.edit_params(lambda params: params.update(SECTIONS))
        start.commit("Give commands something to do")
        finished = Repository(folder / "finished")
        shutil.copytree(start.path, finished.path, symlinks=True)
        runs = {False: finish(finished, warm=False)}
        finished.commit("Run")
        return cls(folder, start, finished, runs)

    def measure(self, *, warm: bool) -> "Run":
        """Return when the stages of a run begin that nothing disturbs."""
        if warm not in self.runs:
            self.runs[warm] = finish(self.copy(self.start, "measured"), warm=warm)
        return self.runs[warm]

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


@dataclass(frozen=True)
class Run:
    """The second at which each stage of a run begins, in order, and at which the last one ends.

    The first is what DVC does before any stage.
    """

    begins: dict[str, float]
    end: float

    def find(self, stage: str, moment: float) -> tuple[str, float]:
        """Return one of the stages that come of one in dvc.yaml, and seconds after its beginning.

        `moment` is a share of all of them.
        """
        names = [name for name in self.begins if name.partition("@")[0] == stage]
        place = moment * len(names)
        name = names[int(place)]
        following = [*self.begins.values(), self.end][[*self.begins].index(name) + 1]
        return name, (place - int(place)) * (following - self.begins[name])


def finish(job: Repository, *, warm: bool) -> Run:
    """Run a job to its end; return when its stages began."""
    began = time.monotonic()
    begins = {BEFORE: 0.0}
    with starting(job, REPRO, **switch(warm=warm)) as (process, said):
        while process.poll() is None:
            now = time.monotonic() - began
            begins |= {name: now for name in list_begun(said) if name not in begins}
            time.sleep(LOOK)
    if process.returncode:
        raise AssertionError(said.read_text())
    return Run(begins, time.monotonic() - began)


def list_begun(said: Path) -> list[str]:
    """Return the stages that DVC has said to run, in order."""
    return BEGUN.findall(said.read_text(errors="replace"))


def switch(*, warm: bool) -> dict[str, str]:
    """Return the environment that turns the warm start on or off."""
    return {"EQUIPOISE_WARM": "1" if warm else "0"}


@contextmanager
def starting(
    job: Repository, command: Sequence[str], **extra: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Start a command in a session of its own; give it, and the file of what it says."""
    said = job.path.with_name(f"{job.path.name}.txt")
    unbuffered = {"PYTHONUNBUFFERED": "1"}
    with said.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=job.path,
            env=clean_environment() | job.environment | unbuffered | extra,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        yield process, said
    said.unlink()


def interrupt(
    job: Repository,
    command: Sequence[str],
    after: float,
    by: signal.Signals,
    stage: str = BEFORE,
    **extra: str,
) -> None:
    """Run a command, and send a signal to it and all that it started, as a terminal does.

    That is so many seconds after it began, or after DVC has begun a stage.
    """
    with starting(job, command, **extra) as (process, said):
        while process.poll() is None and stage not in [BEFORE, *list_begun(said)]:
            time.sleep(LOOK)
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

    def describe(run: entities.Run) -> tuple[str, str, dict[str, float]]:
        numbers = {name: value for name, value in run.data.metrics.items() if name != "seconds"}
        return run.info.run_name, run.info.status, numbers

    runs = sorted((describe(run) for run in job.runs()), key=lambda run: run[:2])
    return [
        *runs,
        *((model.name, model.aliases) for model in job.client().search_registered_models()),
    ]
