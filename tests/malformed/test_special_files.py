"""A pipe behind a path is refused: who reads it would wait without end."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from equipoise.terminal.environment import require_regular
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

from .job import TABLE
from .test_malformed import refusal

READ = (
    (TABLE, "generate_data"),
    ("data/dataset.parquet", "split"),
    ("models/smote-logistic.skops", "evaluate"),
    ("decisions/smote-logistic.json", "evaluate"),
    ("reports/curves/smote-logistic.csv", "compare"),
)
PATIENCE = 60  # seconds
REFUSED = "is a pipe, a device, or a link to something other than a file; put a file there"


@pytest.fixture(autouse=True)
def _not_waiting_without_end() -> Iterator[None]:
    """End a test that waits for a pipe."""
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)


@pytest.mark.parametrize(("path", "stage"), READ, ids=str)
def test_a_link_to_a_pipe_is_refused(
    path: str, stage: str, job: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line that names it and says what to do."""
    place = job / path
    content = place.read_bytes()
    os.mkfifo(tmp_path / "pipe")
    place.unlink()
    place.symlink_to(tmp_path / "pipe")
    try:
        said = refusal(stage, job, capsys)
    finally:
        place.unlink()
        place.write_bytes(content)
    assert said is not None
    assert said.endswith(f"'{path}' {REFUSED}\n")
    assert said.count("\n") == 1


def test_params_in_a_pipe_are_refused(tmp_path: Path) -> None:
    """As any other file is."""
    os.mkfifo(tmp_path / "params.yaml")
    with pytest.raises(UserError, match=REFUSED):
        load_params(tmp_path / "params.yaml")


def test_a_folder_of_parquet_files_is_not_left_by_a_link(job: Path) -> None:
    """A link to a folder may lead back to where it is, and one to a device has no end."""
    for name, target in (("up", job), ("zero.parquet", Path("/dev/zero"))):
        folder = job / "data/raw" / f"folder_{name}"
        folder.mkdir()
        (folder / name).symlink_to(target)
        with pytest.raises(UserError, match=REFUSED):
            require_regular(folder)
        shutil.rmtree(folder)


def test_a_folder_is_looked_through_no_further_than_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be a whole disk."""
    os.mkfifo(tmp_path / "pipe")

    def walk(folder: Path, _: str) -> Iterator[Path]:
        yield folder / "pipe"
        pytest.fail("looked further")

    monkeypatch.setattr(Path, "rglob", walk)
    with pytest.raises(UserError, match=REFUSED):
        require_regular(tmp_path)
