"""A small job in a repository of its own, run once by the real `dvc repro`."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from mlflow import MlflowClient
from mlflow.entities import Run

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PARENT = "mlflow.parentRunId"
# What the first run has printed, beside the clone.
FIRST_RUN = "first_run.txt"


@dataclass(frozen=True)
class Repository:
    """A folder with a pipeline in it, and how a user works there."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a user with the environment active would."""
        return subprocess.run(
            command,
            cwd=self.path,
            env=clean_environment() | self.environment | extra,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def succeed(self, *command: str, **extra: str) -> str:
        """Run a command that must succeed; return what it prints."""
        result = self.run(*command, **extra)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def start_git(self) -> None:
        """Have a Git repository of someone."""
        self.succeed("git", "init", "--quiet", "--initial-branch", "main")
        self.succeed("git", "config", "user.email", "someone@example.org")
        self.succeed("git", "config", "user.name", "Someone")

    def repro(self, *options: str, **extra: str) -> list[str]:
        """Run `dvc repro`; return the stages whose commands ran."""
        return stages_run(self.succeed("dvc", "repro", *options, **extra))

    def edit_params(self, edit: Callable[[dict[str, Any]], None]) -> None:
        """Change params.yaml as a user would in an editor."""
        path = self.path / "params.yaml"
        params = yaml.safe_load(path.read_text())
        edit(params)
        path.write_text(yaml.safe_dump(params, sort_keys=False))

    def commit(self, message: str) -> None:
        """Commit everything that Git does not ignore."""
        self.succeed("git", "add", "--all")
        self.succeed("git", "commit", "--quiet", "--message", message)

    def find_in_cache(self, path: str) -> str:
        """Return where DVC's cache has a file that is whole here."""
        content = (self.path / path).read_bytes()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}"

    def client(self) -> MlflowClient:
        """Return a client of the repository's own store."""
        return MlflowClient(f"sqlite:///{self.path / 'mlflow.db'}")

    def runs(self) -> list[Run]:
        """Return every run in the store, oldest first."""
        client = self.client()
        experiments = [e.experiment_id for e in client.search_experiments()]
        return list(client.search_runs(experiments, order_by=["attributes.start_time ASC"]))

    def trials(self) -> list[Run]:
        """Return the parent runs, oldest first."""
        return [run for run in self.runs() if PARENT not in run.data.tags]

    def arms_of(self, trial: Run) -> dict[str, Run]:
        """Return the runs nested in a parent, by name."""
        return {
            run.info.run_name: run
            for run in self.runs()
            if run.data.tags.get(PARENT) == trial.info.run_id
        }


def clean_environment() -> dict[str, str]:
    """Return the environment with this project's tools first, and no store but the default."""
    dropped = {
        "MLFLOW_TRACKING_URI",
        "PYTHONPATH",
        "DVC_ROOT",
        "DVC_STAGE",
        "MAKELEVEL",
        "MAKEFLAGS",
    }
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    own = {
        "PATH": f"{BIN}{os.pathsep}{kept['PATH']}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    return kept | own  # as `equipoise ui` has it: each server would start eight processes more


def stages_run(output: str) -> list[str]:
    """Return the stages that DVC says it runs."""
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def small(params: dict[str, Any]) -> None:
    """Make the job small enough to run many times."""
    params["data"] |= {"n_samples": 400, "weights": [0.8, 0.2]}
    params["cross_validation"] = {"folds": 3, "repeats": 1}
    params["uncertainty"] = {"confidence": 0.95, "resamples": 200}


def start_repository(path: Path) -> Repository:
    """Return a clone of the working tree, in `path`, with the small job in its params."""
    repository = Repository(path)
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in files:
        if (
            (ROOT / name).exists()
            and name != "dvc.lock"
            and not name.startswith(("reports/", "scores/"))
        ):
            target = repository.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    repository.start_git()
    repository.edit_params(small)
    repository.commit("Start")
    return repository


def begin_repository(folder: Path) -> None:
    """Leave in the folder such a clone in which all but the publication has run, and what it said.

    What MLflow keeps has the folder in it, so each copy publishes for itself.
    """
    repository = start_repository(folder / "trial")
    (folder / FIRST_RUN).write_text(repository.succeed("dvc", "repro", "report"))


def finish_repository(path: Path) -> Repository:
    """Return a copy of that clone once `dvc repro` has run to its end."""
    repository = Repository(path)
    with (path.parent / FIRST_RUN).open("a") as first_run:
        first_run.write(repository.succeed("dvc", "repro"))
    repository.commit("Run")
    return repository
