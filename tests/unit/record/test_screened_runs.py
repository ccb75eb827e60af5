"""A screening in MLflow: whole, once, and without what a kill has left."""

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from equipoise.record.screened_runs import log_screening
from equipoise.record.store import Store, open_store
from equipoise.record.trial_files import PARENT
from equipoise.screening.screened import OfferedRun, RankedArm, Screened, Screening

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

ARMS = (
    RankedArm("smote-trees", "smote", "trees", 4, 0.5),
    RankedArm("none-trees", "none", "trees", 2, 0.4, leader="smote-trees"),
)
SCREENING = Screening(
    Screened("f1", 4, 0.05, 0.95, 0, 6, ARMS, {}, OfferedRun(("none", "smote"), ("trees",))),
    {"smote-trees": 1.0, "none-trees": 0.5},
)


def list_runs(client: MlflowClient) -> list[Run]:
    """All runs that are not deleted, of the one experiment."""
    (experiment,) = [own for own in client.search_experiments() if own.name == "churn"]
    return list(client.search_runs([experiment.experiment_id]))


def test_what_an_interruption_left_is_gone_when_the_screening_is_logged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun looks finished by nobody, and its arms go with it."""
    store, ranking = Store(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path), tmp_path / "s.json"
    ranking.write_text("{}")
    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, "log_artifact", interrupt)
        with pytest.raises(KeyboardInterrupt):
            log_screening(SCREENING, [ranking], "churn", store)
    client = open_store(store)
    assert sorted(run.info.status for run in list_runs(client)) == ["FINISHED"] * 2 + ["KILLED"]
    for _ in range(2):
        log_screening(SCREENING, [ranking], "churn", store)
    runs = list_runs(client)
    (parent,) = [run for run in runs if PARENT not in run.data.tags]
    children = {run.info.run_name: run for run in runs if run.data.tags.get(PARENT)}
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert len(runs) == 1 + len(ARMS)
    assert {run.data.tags[PARENT] for run in children.values()} == {parent.info.run_id}
    assert children["none-trees"].data.tags["dropped"] == "after fold 2, behind smote-trees"
    assert children["smote-trees"].data.metrics["rank"] == 1


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt
