"""A job that has run, before something in it goes wrong."""

import shutil
from pathlib import Path

import pytest

from .job import PARAMS, STAGES, TABLE, arguments, csv, run_stage


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job with everything that its stages make; not to be written to."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / TABLE).parent.mkdir(parents=True)
    (folder / TABLE).write_text(csv())
    (folder / "params.yaml").write_text(PARAMS)
    for stage in STAGES:
        for options in arguments(stage, folder):
            run_stage(stage, folder, options)
    return folder


@pytest.fixture
def job(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished job."""
    return Path(shutil.copytree(finished, tmp_path / "job"))
