"""A small project of real DVC: two stages, a folder, and a table that the user has added."""

import shutil
from pathlib import Path

import pytest
from tests.repository import Repository

PIPELINE = """
stages:
  make:
    cmd: sort raw/table.csv > whole.csv; mkdir parts; echo 1 > parts/a.csv; echo 2 > parts/b.csv
    deps: [raw/table.csv]
    outs: [whole.csv, parts]
  use:
    cmd: cat whole.csv parts/a.csv parts/b.csv > all.csv
    deps: [whole.csv, parts]
    outs: [all.csv]
"""


@pytest.fixture(scope="session")
def run_project(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A project that has run, all of it committed and pushed; not to be written to."""
    project = Repository(tmp_path_factory.mktemp("run") / "project")
    (project.path / "raw").mkdir(parents=True)
    (project.path / "raw/table.csv").write_text("a,b\n1,2\n3,4\n")
    (project.path / "dvc.yaml").write_text(PIPELINE)
    project.succeed("git", "init", "--quiet", "--initial-branch", "main")
    project.succeed("git", "config", "user.email", "someone@example.org")
    project.succeed("git", "config", "user.name", "Someone")
    project.succeed("dvc", "init", "--quiet")
    project.succeed("dvc", "add", "--quiet", "raw/table.csv")
    project.repro()
    project.succeed("dvc", "remote", "add", "--quiet", "--default", "store", "../store")
    project.succeed("dvc", "push", "--quiet")
    project.commit("Run")
    return project


@pytest.fixture
def project(run_project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy of the project, as the working directory."""
    copy = Repository(tmp_path / "run/project")
    shutil.copytree(run_project.path.parent, copy.path.parent)
    monkeypatch.chdir(copy.path)
    return copy
