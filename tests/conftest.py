"""What tests of the whole pipeline share: a small job that the real `dvc repro` has run."""

import shutil
from pathlib import Path

import pytest
from tests.chromium import CHROMIUM, NAMES
from tests.repository import Repository, finished_repository


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests in a browser take the pictures of the docs."""
    parser.addoption("--screenshots", metavar="FOLDER", help="write the pictures of the docs there")


def pytest_report_header() -> str:
    """Say which browser is used, or that tests in it are left out."""
    return f"browser: {CHROMIUM or f'none of {NAMES}: tests marked browser are deselected'}"


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
