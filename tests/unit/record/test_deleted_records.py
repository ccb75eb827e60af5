"""What goes from MLflow's record, and what stops that."""

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from equipoise.record.deleted_records import (
    DeletedRecords,
    find_deleted,
    list_named,
    remove_deleted,
)
from equipoise.record.store import Store, open_store
from equipoise.terminal.errors import UserError

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path)


@pytest.fixture
def client(store: Store) -> MlflowClient:
    return open_store(store)


def make_run(client: MlflowClient, experiment: str = "0") -> str:
    """Return a run with an artifact."""
    run: str = client.create_run(experiment).info.run_id
    client.log_text(run, "some text", "note.txt")
    return run


def register(client: MlflowClient, run: str) -> None:
    """Have a version of a registered model that names a run, and rows."""
    client.create_registered_model("churn")
    client.create_model_version("churn", f"runs:/{run}/model", run, tags={"train.md5": "0" * 32})


def test_what_is_marked_deleted_goes_with_its_artifacts_and_nothing_else(
    store: Store, client: MlflowClient, tmp_path: Path
) -> None:
    kept, deleted = make_run(client), make_run(client)
    model = client.create_logged_model("0").model_id
    client.delete_run(deleted)
    client.delete_logged_model(model)
    found = find_deleted(store, list_named(store))
    assert found == DeletedRecords(frozenset({deleted}), frozenset({model}))
    remove_deleted(store)
    assert find_deleted(store, {}) == DeletedRecords()
    assert client.get_run(kept).info.run_id == kept
    with pytest.raises(MlflowException, match="not found"):
        client.get_run(deleted)
    notes = [*tmp_path.rglob("note.txt")]
    assert [note for note in notes if deleted in note.parts] == []
    assert len(notes) == 1


def test_a_version_names_its_run_and_the_rows_that_it_was_trained_on(
    store: Store, client: MlflowClient
) -> None:
    run = make_run(client)
    register(client, run)
    assert list_named(store).items() >= {
        (run, "version 1 of churn"),
        ("0" * 32, "version 1 of churn"),
    }


def test_a_deleted_run_that_a_version_names_stops_it(store: Store, client: MlflowClient) -> None:
    """`mlflow gc` would remove it; restored, it is no hindrance."""
    run = make_run(client)
    register(client, run)
    client.delete_run(run)
    said = f"version 1 of churn needs {run}, .* `mlflow runs restore --run-id {run}`, or"
    with pytest.raises(UserError, match=said):
        find_deleted(store, list_named(store))
    client.restore_run(run)
    assert find_deleted(store, list_named(store)) == DeletedRecords()


def test_a_deleted_experiment_with_the_model_of_a_version_stops_it(
    store: Store, client: MlflowClient
) -> None:
    experiment = client.create_experiment("old")
    model = client.create_logged_model(experiment).model_id
    client.create_registered_model("churn")
    client.create_model_version("churn", f"models:/{model}", model_id=model)
    client.delete_experiment(experiment)
    restoring = f"`mlflow experiments restore --experiment-id {experiment}`, or"
    with pytest.raises(UserError, match=f"version 1 of churn needs {model}, .*{restoring}"):
        find_deleted(store, list_named(store))
    client.restore_experiment(experiment)
    assert find_deleted(store, list_named(store)) == DeletedRecords()


def test_a_deleted_experiment_is_what_to_restore_for_its_runs(
    store: Store, client: MlflowClient
) -> None:
    """Its runs are marked with it; one that is restored alone would be removed with it."""
    experiment = client.create_experiment("old")
    run = make_run(client, experiment)
    register(client, run)
    client.delete_experiment(experiment)
    restoring = f"`mlflow experiments restore --experiment-id {experiment}`, or"
    with pytest.raises(UserError, match=f"needs {run}, .*{restoring}"):
        find_deleted(store, list_named(store))


def test_of_a_deleted_model_the_version_has_to_go(store: Store, client: MlflowClient) -> None:
    """MLflow has no command that restores it."""
    model = client.create_logged_model("0").model_id
    client.create_registered_model("churn")
    client.create_model_version("churn", f"models:/{model}", model_id=model)
    client.delete_logged_model(model)
    with pytest.raises(UserError, match=f"needs {model}, .* so delete that version"):
        find_deleted(store, list_named(store))
