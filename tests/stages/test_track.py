"""`track` by its `main`: what a store holds after it, and what a user is told if it fails."""

import json
import shutil
import socket
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from equipoise.contract.errors import UserError

from .conftest import STRATEGIES, Stage, run_stage

# MLflow warns of its own calls; that users see none of it, the end-to-end test holds.
pytestmark = pytest.mark.filterwarnings("ignore")

ARMS = {"baseline-logistic", "smote-logistic"}


@pytest.fixture(scope="module")
def small(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished job with two of its arms, and beside it a store that nothing is in yet."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copytree(finished, folder / "job")
    params = folder / "job/params.yaml"
    listed = f"strategies: [{', '.join(STRATEGIES)}]"
    assert listed in params.read_text()
    params.write_text(params.read_text().replace(listed, "strategies: [baseline, smote]"))
    (folder / "job/dvc.yaml").write_text("stages: {}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "job")
        run_stage("compare")
    MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    return folder


@pytest.fixture
def job(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small job, as the working directory; its store is not there yet."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "job"
    shutil.copytree(small / "job", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def store(small: Path, job: Path) -> MlflowClient:
    """A client of the job's own store, made beforehand: that takes seconds."""
    shutil.copy(small / "mlflow.db", job)
    return MlflowClient(f"sqlite:///{job / 'mlflow.db'}")


def runs_in(store: MlflowClient) -> list[Run]:
    """Return every run of the only experiment that the project makes."""
    (experiment,) = [e for e in store.search_experiments() if e.name == "equipoise"]
    return list(store.search_runs([experiment.experiment_id]))


def by_name(store: MlflowClient) -> dict[str, Run]:
    """Return the runs of the arms by their names."""
    return {run.info.run_name: run for run in runs_in(store) if "strategy" in run.data.tags}


def test_each_arm_is_a_run_in_the_run_of_the_trial(job: Path, stage: Stage) -> None:
    """In a store of its own making: one parent, a child for each arm, all finished, no more."""
    stage("track")
    store = MlflowClient(f"sqlite:///{job / 'mlflow.db'}")
    arms = by_name(store)
    (trial,) = [run for run in runs_in(store) if "strategy" not in run.data.tags]
    assert set(arms) == ARMS
    assert {run.data.tags["mlflow.parentRunId"] for run in arms.values()} == {trial.info.run_id}
    assert {run.info.status for run in runs_in(store)} == {"FINISHED"}
    assert trial.data.params["data.source"] == "synthetic"
    assert trial.info.run_name == f"trial-{trial.data.tags['fingerprint'][:8]}"


def test_an_arm_has_its_numbers_and_its_model(store: MlflowClient, stage: Stage) -> None:
    """Numbers are those of the metrics file; the model is the file that `train` wrote."""
    stage("track")
    arm = by_name(store)["smote-logistic"]
    written = json.loads(Path("reports/metrics/smote-logistic.json").read_text())
    assert arm.data.metrics["roc_auc"] == written["test"]["roc_auc"]
    assert arm.data.metrics["interval/roc_auc_high"] == written["interval"]["roc_auc"][1]
    assert arm.data.params["strategy.sampler.k_neighbors"] == "3"
    assert arm.data.params["sampler"] == "SMOTE"
    assert arm.outputs is not None
    (output,) = arm.outputs.model_outputs
    model = store.get_logged_model(output.model_id)
    folder = Path(model.artifact_location.removeprefix("file://"))
    assert (folder / "model.skops").read_bytes() == Path("models/smote-logistic.skops").read_bytes()
    assert "skops==" in (folder / "requirements.txt").read_text()
    assert {metric.key for metric in model.metrics or []} == set(arm.data.metrics) - {
        "by_threshold/f1"
    }


def test_the_same_state_is_published_once(store: MlflowClient, stage: Stage) -> None:
    """A second publication finds the first and leaves it."""
    stage("track")
    before = {run.info.run_id for run in runs_in(store)}
    stage("track")
    assert {run.info.run_id for run in runs_in(store)} == before


def test_another_state_is_another_trial(store: MlflowClient, stage: Stage) -> None:
    """A changed result is a state of its own; a changed `n_jobs` is not."""
    stage("track")
    params = Path("params.yaml")
    params.write_text(params.read_text().replace("n_jobs: 1", "n_jobs: 2"))
    stage("track")
    assert len(runs_in(store)) == 1 + len(ARMS)
    params.write_text(params.read_text().replace("resamples: 100", "resamples: 120"))
    stage("track")
    assert len(runs_in(store)) == 2 * (1 + len(ARMS))


def test_what_an_interruption_left_is_replaced(store: MlflowClient, stage: Stage) -> None:
    """A trial that is not finished is deleted with its arms and models, and published anew."""
    stage("track")
    left = {run.info.run_id for run in runs_in(store)}
    (trial,) = [run for run in runs_in(store) if "strategy" not in run.data.tags]
    store.set_terminated(trial.info.run_id, "KILLED")
    stage("track")
    assert {run.info.status for run in runs_in(store)} == {"FINISHED"}
    assert not left & {run.info.run_id for run in runs_in(store)}
    experiment = trial.info.experiment_id
    assert len(store.search_logged_models([experiment])) == len(ARMS)


def test_an_experiment_of_dvc_gives_the_trial_its_name(
    store: MlflowClient, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queued and named experiments are found again under the name that DVC shows."""
    monkeypatch.setenv("DVC_EXP_NAME", "swift-fox")
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", "0123abc")
    stage("track")
    (trial,) = [run for run in runs_in(store) if "strategy" not in run.data.tags]
    assert trial.info.run_name == "swift-fox"
    assert trial.data.tags["dvc.baseline_revision"] == "0123abc"


def test_a_baseline_alone_is_published(store: MlflowClient, stage: Stage) -> None:
    """A first look at the data has no verdict to record, and numbers all the same."""
    params = Path("params.yaml")
    params.write_text(params.read_text().replace("[baseline, smote]", "[baseline]"))
    stage("compare")
    stage("track")
    assert set(by_name(store)) == {"baseline-logistic"}
    (trial,) = [run for run in runs_in(store) if "strategy" not in run.data.tags]
    attached = {file.path for file in store.list_artifacts(trial.info.run_id)}
    assert "comparison.json" in attached
    assert "verdict.json" not in attached


def test_names_that_a_user_gives_are_names_in_the_record(store: MlflowClient, stage: Stage) -> None:
    """A column or a label in params may be called what MLflow takes for no name."""
    params = Path("params.yaml")
    only = params.read_text().replace("[baseline, smote]", "[odd]")
    odd = "strategies:\n  odd: {class_weight: {<50K: 2.0, a/b: 1.0}}"
    params.write_text(only.replace("strategies:\n", f"{odd}\n", 1))
    for folder in ("reports/metrics", "reports/curves", "models", "data/resampled"):
        for path in Path(folder).glob("baseline*"):
            path.rename(path.with_name(path.name.replace("baseline", "odd")))
    stage("track")
    logged = by_name(store)["odd-logistic"].data.params
    assert logged["strategy.class_weight.-3c50K"] == "2.0"
    assert logged["strategy.class_weight.a-2fb"] == "1.0"


def test_a_missing_result_is_named(store: MlflowClient, stage: Stage) -> None:
    """Nothing half made is published."""
    shutil.rmtree("models")
    with pytest.raises(UserError, match=r"models/.*\.skops is missing.*`dvc repro`"):
        stage("track")
    assert [e.name for e in store.search_experiments()] == ["Default"]


def test_a_server_that_is_down_is_one_line_without_its_password(
    store: MlflowClient, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says that nothing else is lost, and what to do; it keeps the secret."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert store
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(UserError) as failed:
        stage("track")
    message = str(failed.value)
    assert message.startswith("MLflow cannot be brought up to date, all else is done and saved")
    assert f"127.0.0.1:{port}" in message
    assert "secret" not in message
    assert "\n" not in message
