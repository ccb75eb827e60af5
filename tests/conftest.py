"""What tests of the whole pipeline share: a small job that the real `dvc repro` has run."""

import shutil
from pathlib import Path

import pytest
from tests.repository import Repository, finished_repository


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A clone of the working tree in which `dvc repro` has run the small job once."""
    return finished_repository(tmp_path_factory.mktemp("finished") / "trial")


@pytest.fixture
def repository(finished: Repository, tmp_path: Path) -> Repository:
    """A copy of the finished job and of its MLflow store, for a test to change."""
    copy = Repository(tmp_path / "trial")
    shutil.copytree(finished.path, copy.path, symlinks=True)
    return copy
