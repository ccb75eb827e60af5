"""A project of one's own, from the built package to an upgrade, as a user has it."""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.repository import BIN, ROOT, Repository, clean_environment, small

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

    def install(self, *packages: str | Path) -> None:
        """Install packages."""
        lock = ("--constraint", ROOT / "requirements.lock")
        uv("pip", "install", "--quiet", "--python", self.folder / "bin/python", *lock, *packages)

    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(path.lstat().st_size for path in self.folder.rglob("*"))


@pytest.fixture
def environment(built: Built, tmp_path: Path) -> Environment:
    """A fresh one, with the wheel."""
    folder = tmp_path / "environment"
    uv("venv", "--quiet", "--python", sys.executable, folder)
    environment = Environment(folder)
    environment.install(built.wheel)
    return environment


@pytest.fixture
def place(environment: Environment, tmp_path: Path) -> Iterator[Repository]:
    """A folder where the environment is active; stages are forked from a warm process."""
    path = f"{environment.folder / 'bin'}:{clean_environment()['PATH']}"
    with tempfile.TemporaryDirectory() as temporary:  # a socket's path must be short
        warm = {"EQUIPOISE_WARM": "1", "TMPDIR": temporary}
        yield Repository(tmp_path, {"PATH": path, **warm})


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


def test_an_upgrade_runs_what_its_code_changes(
    place: Repository, environment: Environment, next_wheel: Path
) -> None:
    """New, run, edit, upgrade: `evaluate` and what follows run; what the user edited stays."""
    assert environment.size() < 1e9
    place.succeed("equipoise", "new", "trial")
    project = Repository(place.path / "trial", place.environment)
    project.edit_params(small)
    assert len(project.repro()) == 2 + 3 + 3 * len(ARMS) + 4
    assert "MLflow:      equipoise ui" in project.succeed("dvc", "repro", "--force", "-s", "track")
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
