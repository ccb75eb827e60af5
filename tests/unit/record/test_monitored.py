"""A look at new rows in MLflow: one run, written by few requests."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from equipoise.monitoring.batch_check import BatchCheck
from equipoise.monitoring.check_report import CheckedBatch
from equipoise.monitoring.column_drift import Drift
from equipoise.record.monitored import LookRun, log_look
from equipoise.record.notes import MOST, NOTE
from equipoise.record.store import Store, open_store

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")


def make_look(folder: Path, rows: int) -> LookRun:
    """A look whose text is longer than what MLflow keeps."""
    page = folder / "day.html"
    page.write_text("page")
    check = BatchCheck(rows, 0.05, (), (Drift("age", 0.1, 0.5),), ())
    batch = CheckedBatch("day", "b" * 8, "m" * 8, "smote-trees", 1, 0.05, check, (), 90)
    return LookRun(batch, "s" * 8, "a line of it\n" * MOST, page, alarmed=False)


def test_a_look_is_one_run_with_a_note_of_whole_lines(tmp_path: Path) -> None:
    """Looked at again, the batch has the same run, with the numbers of the last time."""
    store = Store(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path)
    for rows in (200, 100):
        log_look(make_look(tmp_path, rows), "churn", store)
    client: MlflowClient = open_store(store)
    experiment = client.get_experiment_by_name("churn")
    assert experiment is not None
    [run] = client.search_runs([experiment.experiment_id])
    assert (run.info.status, run.data.metrics["rows"]) == ("FINISHED", 100)
    assert run.data.tags[NOTE].endswith("a line of it\n\n\u2026")
    assert len(run.data.tags[NOTE]) <= MOST + 3
