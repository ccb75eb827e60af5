"""Who publishes: a clone is told from others, and from its copies."""

import shutil
import time
from pathlib import Path

from mlflow.entities import Run, RunData, RunInfo, RunTag

from equipoise.record.publisher import PUBLISHER, Publisher, find_publisher
from equipoise.record.store import Store

SERVER = "http://127.0.0.1:1"
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def make_clone(folder: Path) -> Store:
    """Return the store of a clone that publishes to a server."""
    (folder / ".dvc/tmp").mkdir(parents=True)
    return Store(SERVER, folder)


def make_run(publisher: str, age: int) -> Run:
    """Return a run that somebody began some milliseconds ago."""
    begun = int(time.time() * 1000) - age
    info = RunInfo("r", "e", "u", "RUNNING", begun, None, "active")
    return Run(info, RunData(tags=[RunTag(PUBLISHER, publisher)]))


def test_a_clone_keeps_its_id(tmp_path: Path) -> None:
    store = make_clone(tmp_path / "clone")
    assert find_publisher(store) == find_publisher(store)
    assert find_publisher(store).tags.keys() == {PUBLISHER}


def test_a_copy_of_a_clone_is_another_publisher(tmp_path: Path) -> None:
    """Though `.dvc/tmp` was copied, too."""
    original = find_publisher(make_clone(tmp_path / "clone"))
    shutil.copytree(tmp_path / "clone", tmp_path / "copy")
    assert find_publisher(Store(SERVER, tmp_path / "copy")) != original


def test_two_clones_in_one_place_are_two_publishers(tmp_path: Path) -> None:
    """As folders of two containers that have the same host name."""
    first = find_publisher(make_clone(tmp_path / "clone"))
    shutil.rmtree(tmp_path / "clone")
    assert find_publisher(make_clone(tmp_path / "clone")) != first


def test_own_runs_can_be_deleted_at_once_those_of_others_after_a_day() -> None:
    me = Publisher("me")
    assert me.can_delete(make_run("me", age=0))
    assert not me.can_delete(make_run("another", age=DAY - MINUTE))
    assert me.can_delete(make_run("another", age=DAY + MINUTE))


def test_of_a_file_all_runs_can_be_deleted(tmp_path: Path) -> None:
    """Its lock keeps all others out, so nobody is publishing; and no tag is needed."""
    publisher = find_publisher(Store(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path))
    assert publisher.can_delete(make_run("another", age=0))
    assert publisher.tags == {}
