"""A project of one's own, from the built package to a model in use and an upgrade."""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from tests.repository import BIN, ROOT, Repository, clean_environment, stages_run
from tests.server import DEADLINE, free_port, serving

from equipoise import __version__
from equipoise.founding.origin import read_given

NEXT = "99.0"
ARMS = ("baseline-logistic", "smote-logistic", "class_weight-logistic")


def uv(*arguments: str | Path) -> None:
    """Run a command of uv that must succeed."""
    subprocess.run([BIN / "uv", *arguments], check=True, env=clean_environment())


@dataclass(frozen=True)
class Built:
    """What is published."""

    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The package as it is published: the wheel is built from the sdist."""
    folder = tmp_path_factory.mktemp("built")
    uv("build", "--quiet", "--out-dir", folder, ROOT)
    return Built(*folder.glob("*.tar.gz"), *folder.glob("*.whl"))


@pytest.fixture(scope="module")
def next_wheel(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a next version, in which `evaluate` is another."""
    folder = tmp_path_factory.mktemp("next")
    with tarfile.open(built.sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    (source / "PKG-INFO").unlink()  # else the version is that of the sdist
    for name, old, new in (
        ("__init__.py", f'"{__version__}"', f'"{NEXT}"'),
        ("stages/evaluate.py", "(evaluated.curves,", "(evaluated.curves.iloc[:-1],"),
    ):
        path = source / "src/equipoise" / name
        assert path.read_text().count(old) == 1
        path.write_text(path.read_text().replace(old, new))
    uv("build", "--quiet", "--wheel", "--out-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the package and what it needs, in the versions of the lock."""

    folder: Path

    @property
    def packages(self) -> Path:
        """Where packages are."""
        (folder,) = self.folder.glob("lib/python*/site-packages")
        return folder

    def take_compiled(self) -> None:
        """Take what Python has compiled of the same files here, which takes it a minute."""
        here = next(BIN.parent.glob("lib/python*/site-packages"))
        for compiled in here.rglob("__pycache__"):
            own = self.packages / compiled.relative_to(here)
            if own.parent.is_dir():
                shutil.copytree(compiled, own, dirs_exist_ok=True)

    def install(self, *packages: str | Path) -> None:
        """Install packages."""
        lock = ("--constraint", ROOT / "requirements.lock")
        uv("pip", "install", "--quiet", "--python", self.folder / "bin/python", *lock, *packages)

    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(path.lstat().st_size for path in self.folder.rglob("*"))


@pytest.fixture(scope="module")
def environment(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh one, with the wheel, which takes less than a gigabyte."""
    folder = tmp_path_factory.mktemp("fresh") / "environment"
    uv("venv", "--quiet", "--python", sys.executable, folder)
    environment = Environment(folder)
    environment.install(built.wheel)
    assert environment.size() < 1e9
    environment.take_compiled()
    return environment


@pytest.fixture(scope="module")
def place(
    environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Repository]:
    """A folder where the environment is active; stages are forked from a warm process."""
    path = f"{environment.folder / 'bin'}:{clean_environment()['PATH']}"
    with tempfile.TemporaryDirectory() as temporary:  # a socket's path must be short
        warm = {"EQUIPOISE_WARM": "1", "TMPDIR": temporary}
        yield Repository(tmp_path_factory.mktemp("place"), {"PATH": path, **warm})


@pytest.fixture(scope="module")
def project(place: Repository) -> Repository:
    """A project for a table of machines, whose trial has run."""
    make_machines(3_000, seed=1).to_csv(place.path / "machines.csv", index=False)
    place.succeed("equipoise", "new", "faults", "--data", "machines.csv", "--target", "state")
    project = Repository(place.path / "faults", place.environment)
    project.succeed("dvc", "add", "--quiet", "data/raw/machines.csv")
    project.edit_params(
        lambda params: params.update(
            registry={"name": "faults", "at_least": {"average_precision": 0.3}},
            cross_validation={"folds": 3, "repeats": 1},
            uncertainty={"confidence": 0.95, "resamples": 200},
        )
    )
    project.edit_params(lambda params: params["run"].update(models=["logistic"]))
    said = project.succeed("dvc", "repro")
    assert len(stages_run(said)) == 2 + 3 + 3 * len(ARMS) + 4
    assert "Registered:  version 1 of faults" in said
    assert "MLflow:      equipoise ui" in said
    return project


def test_the_wheel_is_complete(built: Built) -> None:
    """What projects are made of, licence, types, the page's templates; no tests, nothing made."""
    with zipfile.ZipFile(built.wheel) as wheel:
        names = set(wheel.namelist())
        project = "equipoise/project/"
        held = {
            name.removeprefix(project): wheel.read(name).decode()
            for name in names
            if name.startswith(project)
        }
    assert held == read_given()
    library = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src/equipoise").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    about = f"equipoise-{__version__}.dist-info/"
    others = {name for name in names if not name.startswith((project, about))}
    assert others == library
    assert f"{about}licenses/LICENSE" in names


def make_machines(rows: int, seed: int, hotter: float = 0) -> pd.DataFrame:
    """Return rows of machines; one in ten is faulty, and these are hot and mostly old."""
    rng = np.random.default_rng(seed)
    faulty = rng.random(rows) < 0.1
    return pd.DataFrame(
        {
            "temperature": np.round(rng.normal(60 + 8 * faulty, 6) + hotter, 1),
            "load": np.round(rng.random(rows), 4),
            "site": rng.choice(["north", "south", "west"], rows),
            "old": np.where(rng.random(rows) < 0.2 + 0.5 * faulty, "yes", "no"),
            "state": np.where(faulty, "faulty", "fine"),
        }
    )


def ask(address: str, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what a server answers for rows."""
    body = json.dumps({"dataframe_records": rows.to_dict(orient="records")}).encode()
    connection = HTTPConnection(urlsplit(address).netloc, timeout=DEADLINE)
    connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
    predictions: list[dict[str, Any]] = json.load(connection.getresponse())["predictions"]
    return predictions


def test_from_the_wheel_and_a_table_to_a_model_in_use(project: Repository) -> None:
    """The steps of docs/in-use.md: new, repro, promote, serve, score, monitor."""
    features = ["temperature", "load", "site", "old"]
    assert "Version 1 is the champion" in project.succeed("equipoise", "promote")

    rows = make_machines(100, seed=2)[features]
    rows.to_csv(project.path / "rows.csv", index=False)
    port = free_port()
    environment = clean_environment() | project.environment
    serve = ["equipoise", "serve", "--port", str(port)]
    with serving(serve, port, project.path, environment) as address:
        served = pd.DataFrame(ask(address, rows))
    assert "models:/faults@champion" in (project.path / "server.log").read_text()
    project.succeed("equipoise", "score", "rows.csv", "--out", "scored.csv")
    scored = pd.read_csv(project.path / "scored.csv")
    assert scored["decision"].tolist() == served["decision"].tolist()
    assert set(scored["decision"]) == {"faulty", "fine"}
    np.testing.assert_allclose(scored["probability"], served["probability"], rtol=0, atol=1e-12)

    make_machines(200_000, seed=3)[features].to_parquet(project.path / "many.parquet")
    project.succeed("equipoise", "score", "many.parquet", "--out", "many_scored.parquet")
    decisions = pd.read_parquet(project.path / "many_scored.parquet")["decision"]
    assert len(decisions) == 200_000
    assert set(decisions) == {"faulty", "fine"}

    for name, hotter, status in (("monday", 0, 0), ("tuesday", 4, 3)):
        batch = make_machines(600, seed=4, hotter=hotter)[features]
        batch.to_csv(project.path / f"{name}.csv", index=False)
        looked = project.run("equipoise", "monitor", f"{name}.csv")
        assert looked.returncode == status, looked.stdout + looked.stderr
    assert "Alarm: temperature: not as on the test part" in looked.stdout


def test_an_upgrade_runs_what_its_code_changes(
    project: Repository, environment: Environment, next_wheel: Path
) -> None:
    """New, run, edit, upgrade: `evaluate` and what follows run; what the user edited stays."""
    ignored = project.path / ".gitignore"
    ignored.write_text(f"{ignored.read_text()}/notes/\n")

    environment.install(next_wheel)
    refused = project.run("equipoise", "doctor")
    assert refused.returncode == 2
    assert f"{NEXT} is installed; run `equipoise upgrade`" in refused.stderr
    said = project.succeed("equipoise", "upgrade")
    assert "Rewritten: pyproject.toml\n" in said
    assert "  evaluate  stages/evaluate.py\n" in said
    again = [f"evaluate@{arm}" for arm in ARMS]
    assert project.repro() == [*again, "compare", "report", "track"]
    assert ignored.read_text().endswith("/notes/\n")
    assert f"equipoise=={NEXT}" in (project.path / "pyproject.toml").read_text()

    environment.install(f"{project.path}[test]")
    assert "3 passed" in project.succeed("pytest")
