"""A project with its record in MLflow, moved or copied: each has its own artifacts."""

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from equipoise.record.store import Store, open_store
from equipoise.record.tracking import open_experiment

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")


def find_store(project: Path) -> Store:
    return Store(f"sqlite:///{project / 'mlflow.db'}", project)


def log_run(project: Path, text: str) -> str:
    """Log a run with a text, in the experiment of a project; return its id."""
    store = find_store(project)
    client: MlflowClient = open_store(store)
    run: str = client.create_run(open_experiment(client, store, "churn")).info.run_id
    client.log_text(run, text, "note.txt")
    return run


def read_text(project: Path, run: str) -> str:
    client = open_store(find_store(project))
    [artifact] = client.list_artifacts(run)
    return Path(client.download_artifacts(run, artifact.path)).read_text()


def list_files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*.txt")}


def test_a_copy_writes_nothing_into_the_original(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And reads its own: what is removed there is here."""
    original, copy = tmp_path / "a b%", tmp_path / "copy"
    original.mkdir()
    first = log_run(original, "first")
    shutil.copytree(original, copy)
    before = list_files(original)
    second = log_run(copy, "second")
    assert "a%20b%25/mlartifacts, where this project was before; now it names those here" in (
        capsys.readouterr().err
    )
    assert list_files(original) == before
    assert len(list_files(copy)) == 2
    shutil.rmtree(original)
    assert (read_text(copy, first), read_text(copy, second)) == ("first", "second")
    assert capsys.readouterr().err == ""


def test_artifacts_that_are_elsewhere_on_purpose_stay_there(tmp_path: Path) -> None:
    """None of their runs has a folder here."""
    shared, project = tmp_path / "shared/mlartifacts", tmp_path / "project"
    project.mkdir()
    client = open_store(find_store(project))
    client.create_experiment("churn", shared.as_uri())
    run = log_run(project, "first")
    assert read_text(project, run) == "first"
    assert len(list_files(shared)) == 1
