"""A job that has run, before something in it goes wrong."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .job import PARAMS, STAGES, TABLE, arguments, csv, files, run_stage


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


@pytest.fixture(scope="session")
def copied(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one copy of the finished job: hundreds of them would take more time than the tests."""
    return Path(shutil.copytree(finished, tmp_path_factory.mktemp("copied") / "job"))


@pytest.fixture
def job(finished: Path, copied: Path) -> Iterator[Path]:
    """A copy of the finished job, which is as it was again afterwards."""
    yield copied
    restore(copied, files(finished))


def restore(folder: Path, wanted: Mapping[str, bytes]) -> None:
    """Leave these files in a folder, and no others."""
    found = files(folder)
    for name in found.keys() - wanted.keys():
        (folder / name).unlink()
    for name in wanted.keys() - {name for name in found if found[name] == wanted.get(name)}:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(wanted[name])
