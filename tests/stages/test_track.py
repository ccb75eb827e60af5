"""`track` by its `main`: what a store holds after it, and what a user is told if it fails."""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from tests.server import answering, http

from equipoise.record import store as record_store
from equipoise.record.logged_files import check_model
from equipoise.record.store import Store
from equipoise.terminal.errors import UserError

from .conftest import ROOT, STRATEGIES, Stage, run_stage, work_in_copy

# MLflow warns of its own calls; that users see none of it, the end-to-end test holds.
pytestmark = pytest.mark.filterwarnings("ignore")

ARMS = {"baseline-logistic", "smote-logistic"}
TRACK = (sys.executable, str(ROOT / "src/stages/track.py"))
FAILED = (
    "MLflow cannot be brought up to date; all else is done and saved, and `dvc repro` will try"
    " again"
)


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
    return work_in_copy(small / "job", tmp_path / "job", monkeypatch)


@pytest.fixture
def store(small: Path, job: Path) -> MlflowClient:
    """A client of the job's own store, made beforehand: that takes seconds."""
    shutil.copy(small / "mlflow.db", job)
    return MlflowClient(f"sqlite:///{job / 'mlflow.db'}")


def runs_in(store: MlflowClient) -> list[Run]:
    """Return every run of the only experiment that the project makes."""
    (experiment,) = [e for e in store.search_experiments() if e.name != "Default"]
    return list(store.search_runs([experiment.experiment_id]))


def list_models(store: MlflowClient) -> set[str]:
    """Return the ids of the models that the arms' runs name."""
    outputs = (run.outputs for run in by_name(store).values())
    return {output.model_id for out in outputs if out for output in out.model_outputs}


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


def test_another_decision_is_another_model(store: MlflowClient, stage: Stage) -> None:
    """Of that arm alone: the model decides by it."""
    stage("track")
    path = Path("decisions/smote-logistic.json")
    decision = json.loads(path.read_text())
    decision["rule"]["threshold"] = 0.75
    path.write_text(json.dumps(decision))
    stage("track")
    (experiment,) = {run.info.experiment_id for run in runs_in(store)}
    models = store.search_logged_models([experiment])
    assert sorted(model.name for model in models) == sorted([*ARMS, "smote-logistic"])


def test_an_arm_that_was_deleted_in_mlflow_comes_back(
    store: MlflowClient, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """As its own run while MLflow has that, by whatever name, and else as a new one; each is said.

    The trial is the same, and so are the models.
    """
    stage("track")
    before, models = {run.info.run_id for run in runs_in(store)}, list_models(store)
    arms = by_name(store)
    for run in arms.values():
        store.update_run(run.info.run_id, name=f"my {run.info.run_name}")
    smote = arms["smote-logistic"].info.run_id
    store.delete_run(smote)
    stage("track")
    assert {run.info.run_id for run in runs_in(store)} == before
    assert "Restored:    the run of smote-logistic, which" in capsys.readouterr().out
    store.delete_run(smote)
    backend = store._tracking_client.store  # noqa: SLF001 - what `mlflow gc` calls
    backend._hard_delete_run(smote)  # noqa: SLF001 - as above
    stage("track")
    assert "Published:   smote-logistic again" in capsys.readouterr().out
    runs = {run.info.run_id for run in runs_in(store)}
    assert before - runs == {smote}
    assert len(runs) == len(before)
    assert list_models(store) == models
    stage("track")
    assert {run.info.run_id for run in runs_in(store)} == runs


@pytest.mark.usefixtures("store")
def test_files_of_runs_that_are_gone_come_back(
    stage: Stage, job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results, tables and pictures, of the trial and its arms, as they were; no table is twice."""
    stage("track")
    artifacts = job / "mlartifacts"
    before = {path: path.read_bytes() for path in artifacts.rglob("*") if path.is_file()}
    gone = ("verdict.json", "comparison.json", "smote-logistic.json", "roc.svg")
    removed = [path for path in before if path.name in gone]
    assert len(removed) == len(gone) + len(ARMS)  # a picture of the trial, and one of each arm
    for path in removed:
        path.unlink()
    stage("track")
    assert "3 files of the run trial-" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in before} == before
    stage("track")
    assert "Put back" not in capsys.readouterr().out


def test_what_an_interruption_left_is_replaced(store: MlflowClient, stage: Stage) -> None:
    """A trial that is not finished is deleted with its arms and models, and published again."""
    stage("track")
    left = {run.info.run_id for run in runs_in(store)}
    (trial,) = [run for run in runs_in(store) if "strategy" not in run.data.tags]
    store.set_terminated(trial.info.run_id, "KILLED")
    stage("track")
    assert {run.info.status for run in runs_in(store)} == {"FINISHED"}
    assert not left & {run.info.run_id for run in runs_in(store)}
    experiment = trial.info.experiment_id
    assert len(store.search_logged_models([experiment])) == len(ARMS)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_text("")])
@pytest.mark.parametrize("name", ["MLmodel", "model.skops"])
def test_a_model_without_its_files_is_not_taken_for_that_of_a_trial(
    name: str,
    spoil: Callable[[Path], object],
    store: MlflowClient,
    stage: Stage,
    job: Path,
) -> None:
    """Whoever asks for it is told what to do."""
    stage("track")
    before = list_models(store)
    for file in (job / "mlartifacts").rglob(name):
        spoil(file)
    here = Store(f"sqlite:///{job / 'mlflow.db'}", job)
    for model in before:
        with pytest.raises(
            UserError, match=r"(gone|damaged).*; restore .* or run .*, which puts them"
        ):
            check_model(f"models:/{model}", here)
    (trial,) = [run for run in runs_in(store) if "strategy" not in run.data.tags]
    store.delete_run(trial.info.run_id)
    stage("track")
    after = list_models(store)
    assert not after & before


def test_an_experiment_that_is_deleted_is_named_with_the_command(
    store: MlflowClient, stage: Stage
) -> None:
    stage("track")
    number = runs_in(store)[0].info.experiment_id
    store.delete_experiment(number)
    with pytest.raises(UserError, match=f"`mlflow experiments restore --experiment-id {number}`"):
        stage("track")


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
    folders = ("reports/metrics", "reports/curves", "decisions", "models", "data/resampled")
    for folder in folders:
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
    assert message.startswith(FAILED)
    assert f"127.0.0.1:{port}" in message
    assert "secret" not in message
    assert "\n" not in message


def failure(stage: Stage) -> str:
    """Return the one line that `track` ends with."""
    with pytest.raises(UserError) as failed:
        stage("track")
    message = str(failed.value)
    assert "\n" not in message
    assert message.startswith(f"{FAILED}: ")
    return message.removeprefix(f"{FAILED}: ")


def damage(file: Path) -> None:
    """Put bytes there that mean nothing."""
    file.write_bytes(random.Random(7).randbytes(50_000))  # noqa: S311 - no secret


def cut(file: Path) -> None:
    """Leave the first tenth of a file."""
    os.truncate(file, file.stat().st_size // 10)


def replace_by_folder(file: Path) -> None:
    """Put a folder in a file's place."""
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            damage,
            "file is not a database; it is damaged, or not an SQLite file: restore a copy, or",
        ),
        (cut, "database disk image is malformed; it is damaged, or not an SQLite file: restore a"),
        (replace_by_folder, "Is a directory; move away what is in its place"),
    ],
)
def test_a_store_that_cannot_be_read_is_named_with_the_remedy(
    spoil: Callable[[Path], None], says: str, store: MlflowClient, job: Path, stage: Stage
) -> None:
    """It is left as it is: what it held may be brought back."""
    assert store
    file = job / "mlflow.db"
    spoil(file)
    before = file.read_bytes() if file.is_file() else None
    assert failure(stage).startswith(f"{file}: {says}")
    assert before == (file.read_bytes() if file.is_file() else None)


def test_a_store_that_another_program_holds_is_not_waited_for_long(
    store: MlflowClient, job: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow alone would try for minutes."""
    assert store
    file = job / "mlflow.db"
    hold = (
        "import sqlite3, sys, time; d = sqlite3.connect(sys.argv[1]); d.execute('BEGIN EXCLUSIVE')"
    )
    script = f"{hold}; print('held', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", script, str(file)]
    monkeypatch.setattr(record_store, "PATIENCE", 1)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        started = time.monotonic()
        said = failure(stage)
        other.kill()
    assert said.startswith(f"{file}: database is locked; another program has it open: close that")
    assert time.monotonic() - started < 10


def test_a_file_in_the_place_of_artifacts_is_named(
    store: MlflowClient, job: Path, stage: Stage
) -> None:
    """The runs that were begun are replaced when it is gone."""
    (job / "mlartifacts").touch()
    said = failure(stage)
    assert said.startswith(f"{job / 'mlartifacts'}")
    assert "; move away what is in its place" in said
    (job / "mlartifacts").unlink()
    stage("track")
    assert {run.info.status for run in runs_in(store)} == {"FINISHED"}


HTML = f"<html>{'<p>Welcome</p>' * 200}</html>"
EXPERIMENT = '{"experiment": {"experiment_id": 7}}'


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (http(200, HTML), "not in a valid JSON format"),
        (http(404, HTML), "failed with error code 404"),
        (
            http(200, '{"ok": true}'),
            "the server there is not MLflow; check that a server of MLflow 3",
        ),
        (http(200, EXPERIMENT), "Failed to parse experiment_id field"),
        (
            http(401, "You are not authenticated."),
            "401.*You are not authenticated.*accepts your login",
        ),
        (http(500, "Internal error"), "too many 500 error responses"),
        (b"", "Connection aborted|closed connection|Connection reset"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0"),
    ],
)
def test_an_answer_that_is_not_mlflows_is_one_short_line(
    answer: bytes,
    says: str,
    job: Path,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The address is shown without its login, and no store is made beside it."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with answering(answer) as port:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{port}")
        said = failure(stage)
    assert said.startswith(f"http://127.0.0.1:{port}: ")
    assert re.search(says, said)
    assert "secret" not in said
    assert len(said) < 500
    assert not list(job.glob("mlflow.db*"))


def test_a_server_that_never_answers_is_given_up_in_half_a_minute(
    job: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The users' own settings are not there; theirs would win, as the next test shows."""
    assert job
    for name in ("TIMEOUT", "MAX_RETRIES", "BACKOFF_FACTOR", "BACKOFF_JITTER"):
        monkeypatch.delenv(f"MLFLOW_HTTP_REQUEST_{name}", raising=False)
    with answering(None) as port:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        started = time.monotonic()
        said = failure(stage)
    assert time.monotonic() - started < 28
    assert said.startswith(
        f"http://127.0.0.1:{port}: timed out; check that a server of MLflow 3 or newer runs"
    )
    assert said.endswith("or set MLFLOW_HTTP_REQUEST_TIMEOUT to more seconds")
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" not in os.environ


def test_a_server_that_answers_a_byte_a_second_is_given_up_as_well(
    job: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every read of its answer is in time, and the answer never is."""
    assert job
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_TIMEOUT", raising=False)
    monkeypatch.setattr(record_store, "ANSWER_SECONDS", 3)
    with answering(http(200, "x" * 1000), pause=0.5) as port:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        started = time.monotonic()
        said = failure(stage)
    assert said.startswith(f"http://127.0.0.1:{port}: no complete answer within 3 s; ")
    assert time.monotonic() - started < 10


def test_a_users_own_patience_with_a_server_counts(
    job: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is set in the environment is what MLflow does."""
    assert job
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with answering(None) as port:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
        started = time.monotonic()
        assert "timed out" in failure(stage)
    assert time.monotonic() - started < 4
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "1"


def environment() -> dict[str, str]:
    """Return what `track` needs when it runs as a script."""
    return os.environ | {"PYTHONPATH": str(ROOT / "src")}


def test_a_full_disk_breaks_no_store(job: Path) -> None:
    """The first publication ends in one line, and the next has all that it needs."""
    command = ["bash", "-c", f"ulimit -f 600; exec {' '.join(TRACK)}"]
    full = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    line = f"error: {FAILED}: {job / 'mlflow.db'}: disk I/O error; free some space there, or check"
    assert (full.returncode, full.stdout) == (1, "")
    assert full.stderr.startswith(line)
    assert full.stderr.count("\n") == 1
    done = subprocess.run(TRACK, capture_output=True, text=True, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert_published_once(job)


@pytest.mark.parametrize(
    ("files", "later"), [("mlflow.db*", 0.0), ("mlflow.db*", 0.3), ("mlartifacts/*", 0.0)]
)
def test_a_killed_first_publication_breaks_no_store(files: str, later: float, job: Path) -> None:
    """Killed as soon as such files are there, or seconds later, it leaves nothing in the way."""
    (job / ".dvc").mkdir()  # where the lock is, then
    with subprocess.Popen(TRACK, env=environment(), stderr=subprocess.PIPE) as killed:
        while not list(job.glob(files)) and killed.poll() is None:
            time.sleep(0.01)
        time.sleep(later)
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    done = subprocess.run(TRACK, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stderr
    assert_published_once(job)


def assert_published_once(job: Path) -> None:
    """Hold a job's store to one finished trial with its arms, and nothing beside the store."""
    assert {path.name for path in job.glob("mlflow.db*")} <= {"mlflow.db", "mlflow.db.lock"}
    runs = runs_in(MlflowClient(f"sqlite:///{job / 'mlflow.db'}"))
    assert len(runs) == 1 + len(ARMS)
    assert {run.info.status for run in runs} == {"FINISHED"}
