"""What tests of the whole pipeline share: a small job that the real `dvc repro` has run."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tests.chromium import CHROMIUM, NAMES
from tests.made_once import make_once
from tests.repository import Repository, begin_repository, finish_repository

# What `make test` leaves to `make test-all`: each guards a whole that faster tests guard in parts.
SLOW = (
    "browser/",
    "malformed/",
    "e2e/test_damage.py",
    "e2e/test_merge.py",
    "e2e/test_own_project.py",
    "e2e/test_record.py",
    "e2e/test_same_answer.py",
    "e2e/test_team.py",
    "e2e/test_tracking_docs.py",
    "e2e/test_views.py",
    "e2e/test_warm.py",
    "stages/test_categories.py",
    "stages/test_doctor.py",
    "stages/test_imports.py",
    "stages/test_left_out.py",
    "stages/test_plugins.py",
    "stages/test_serving.py",
    "stages/test_track.py",
    "test_docs.py",
    "test_notebooks.py",
    "unit/audit/test_leakage.py",
    "unit/audit/test_refits.py",
    "unit/checks/test_memory.py",
    "unit/checks/test_suite.py",
    "unit/fitting/test_workers.py",
    "unit/judging/test_honesty.py",
    "unit/record/test_deleted_records.py",
    "unit/test_catalogue.py",
    "unit/test_examples.py",
    "unit/using/test_repair_dvc.py",
    "unit/using/test_verify_files.py",
    "unit/using/test_prune_project.py",
    "unit/using/test_unused_cache.py",
)
# DVC would start a process after each command, in repositories that do not say otherwise.
os.environ["DVC_NO_ANALYTICS"] = "true"
# A machine that does something else as well is no mistake.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests in a browser take the pictures of the docs."""
    parser.addoption("--screenshots", metavar="FOLDER", help="write the pictures of the docs there")


def pytest_report_header() -> str:
    """Say which browser is used, or that tests in it are left out."""
    return f"browser: {CHROMIUM or f'none of {NAMES}: tests marked browser are deselected'}"


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A clone of the working tree in which `dvc repro` has run the small job once."""
    return finish_repository(make_once(tmp_path_factory, "trial", begin_repository) / "trial")


@pytest.fixture
def repository(finished: Repository, tmp_path: Path) -> Repository:
    """A copy of the finished job and of its MLflow store, for a test to change."""
    copy = Repository(tmp_path / "trial")
    shutil.copytree(finished.path, copy.path, symlinks=True)
    return copy
