"""The record in MLflow: complete, once for each state, whatever goes wrong."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModel, Run
from tests.repository import BIN, Repository, clean_environment
from tests.server import DEADLINE, free_port, serving

TRACK = (sys.executable, "src/stages/track.py")
UI = (sys.executable, "-m", "equipoise", "ui")
# Of a terminal, in columns.
WIDTH = 100
ARMS = {"baseline-logistic", "smote-logistic", "class_weight-logistic"}


def another_verdict(repository: Repository) -> None:
    """Change what takes least to compute again: `compare`, the page and the record."""
    repository.edit_params(lambda params: params["verdict"].update({"rope": 0.2}))


def the_arm(repository: Repository, name: str) -> Run:
    """Return an arm of the only trial."""
    (trial,) = repository.trials()
    return repository.arms_of(trial)[name]


def the_model(repository: Repository, run: Run) -> LoggedModel:
    """Return the model of an arm's run."""
    assert run.outputs is not None
    (output,) = run.outputs.model_outputs
    model: LoggedModel = repository.client().get_logged_model(output.model_id)
    return model


def all_models(repository: Repository) -> list[LoggedModel]:
    """Return every model in the store."""
    client = repository.client()
    experiments = [e.experiment_id for e in client.search_experiments()]
    return list(client.search_logged_models(experiments))


def artifacts(client: MlflowClient, run: Run) -> set[str]:
    """Return the paths of a run's artifacts, those in folders too."""
    found = set()
    for item in client.list_artifacts(run.info.run_id):
        inside = client.list_artifacts(run.info.run_id, item.path) if item.is_dir else [item]
        found |= {file.path for file in inside}
    return found


def test_a_trial_has_its_arms_nested_and_finished(finished: Repository) -> None:
    """One parent, one child for each arm, all of them finished."""
    (trial,) = finished.trials()
    assert set(finished.arms_of(trial)) == ARMS
    assert {run.info.status for run in finished.runs()} == {"FINISHED"}


def test_an_arm_has_every_number_of_its_metrics_file(finished: Repository) -> None:
    """What MLflow shows is what `evaluate` wrote, bounds of intervals included."""
    logged = the_arm(finished, "smote-logistic").data.metrics
    written = json.loads((finished.path / "reports/metrics/smote-logistic.json").read_text())
    assert logged["average_precision"] == written["test"]["average_precision"]
    assert logged["tuned_f1"] == written["tuned"]["f1"]
    assert logged["calibrated_brier_score"] == written["calibrated"]["brier_score"]
    low, high = written["interval"]["default_recall"]
    assert logged["interval/default_recall_low"] == low
    assert logged["interval/default_recall_high"] == high
    numbers = sum(len(v) for k, v in written.items() if isinstance(v, dict) and k != "interval")
    assert len(logged) == numbers + 2 * len(written["interval"]) + len(["by_threshold/f1"])


def test_an_arm_has_its_curve_by_threshold(finished: Repository) -> None:
    """MLflow draws the objective over thresholds in thousandths, the tuned one at the top."""
    run = the_arm(finished, "smote-logistic")
    points = finished.client().get_metric_history(run.info.run_id, "by_threshold/f1")
    best = max(points, key=lambda point: point.value)
    assert {point.step for point in points} <= set(range(1001))
    assert best.step == pytest.approx(1000 * run.data.metrics["tuned_threshold"], abs=30)


def test_runs_describe_what_was_found(finished: Repository) -> None:
    """The verdict on the parent, each arm's part of it on the arm, whole in Markdown."""
    (trial,) = finished.trials()
    found = json.loads((finished.path / "reports/comparison.json").read_text())
    note = trial.data.tags["mlflow.note.content"].replace("\\", "")
    recommended = found["recommended"]
    opening = "Recommended" if recommended["settled"] else "Not settled"
    assert note.startswith(f"**{opening}: ")
    assert f"{recommended['arm']} with " in note.splitlines()[0]
    assert [sentence for sentence in found["conclusions"] if sentence not in note] == []
    for name, arm in finished.arms_of(trial).items():
        assert f"| {name} |" in note
        own = arm.data.tags["mlflow.note.content"].replace("\\", "")
        (metrics,) = re.findall(r"average_precision \| ([\d.]+) ", own)
        assert float(metrics) == pytest.approx(arm.data.metrics["average_precision"], abs=1e-4)


def test_an_arm_says_what_it_is(finished: Repository) -> None:
    """Params flattened, tags to search by, the data it learned from."""
    arm = the_arm(finished, "smote-logistic")
    assert arm.data.params["strategy.sampler.k_neighbors"] == "5"
    assert arm.data.params["model.class"] == "LogisticRegression"
    assert (arm.data.tags["strategy"], arm.data.tags["model"]) == ("smote", "logistic")
    assert arm.data.tags["fingerprint"]
    assert len(arm.data.tags["mlflow.source.git.commit"]) == len("0" * 40)
    assert arm.data.tags["git.dirty"] in {"true", "false"}
    assert arm.inputs is not None
    datasets = {entry.dataset.name: entry.dataset for entry in arm.inputs.dataset_inputs}
    assert set(datasets) == {"train", "test"}
    assert json.loads(datasets["train"].profile or "{}")["num_rows"] == 280
    assert datasets["train"].digest != datasets["test"].digest


def test_a_trial_and_its_arms_have_their_files(finished: Repository) -> None:
    """What was found, checked and run on the parent; numbers, curves and plots on each arm."""
    client = finished.client()
    (trial,) = finished.trials()
    expected = {
        "comparison.json",
        "verdict.json",
        "audit.json",
        "table.json",
        "parts.json",
        "params.yaml",
        "dvc.yaml",
        "dvc.lock",
        "curves.csv",
        "net_benefit.csv",
        "report.html",
    }
    curves = (
        *("precision_recall", "roc", "reliability", "reliability_calibrated"),
        *("threshold", "net_benefit"),
    )
    views = ("ranking-average_precision", "ranking-roc_auc", "default-f1", "tuned-f1")
    forests = [f"forest-{view}" for view in (*views, "calibrated-brier_score")]
    drawn = {f"plots/{n}.svg" for n in (*curves, "reliability_prior_corrected", *forests)}
    assert artifacts(client, trial) == expected | drawn
    confusions = ("confusion_matrix_default", "confusion_matrix_tuned")
    plots = {f"plots/{name}.svg" for name in (*curves, *confusions)}
    files = {"baseline-logistic.json", "baseline-logistic.csv", "summary.json"}
    assert artifacts(client, the_arm(finished, "baseline-logistic")) == plots | files


def test_a_model_says_what_it_decides_and_which_data_its_numbers_are_of(
    finished: Repository,
) -> None:
    """Out of fold is train, all else test, with the digests of the run's datasets."""
    run = the_arm(finished, "smote-logistic")
    model = the_model(finished, run)
    note = model.tags["mlflow.note.content"]
    titles = re.findall(r"\*\*(.+?)\*\*", note)
    assert titles == ["What it decides.", "How well it does.", "Limits."]
    assert f"{run.data.metrics['out_of_fold/tuned_f1']:.3f} out of fold" in note
    assert run.inputs is not None
    digests = {e.dataset.name: e.dataset.digest for e in run.inputs.dataset_inputs}
    for metric in model.metrics or []:
        part = "train" if metric.key.startswith("out_of_fold/") else "test"
        assert (metric.dataset_name, metric.dataset_digest) == (part, digests[part])
    assert len(model.metrics or []) == len(run.data.metrics) - len(["by_threshold/f1"])


@pytest.mark.filterwarnings("ignore")  # MLflow warns of its own functions
def test_a_logged_model_is_the_file_that_dvc_tracks_and_predicts_the_same(
    finished: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model loaded from MLflow scores the test part as `evaluate` did."""
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true")
    mlflow.set_tracking_uri(f"sqlite:///{finished.path / 'mlflow.db'}")
    model = the_model(finished, the_arm(finished, "class_weight-logistic"))
    uri = f"models:/{model.model_id}"
    test = pd.read_parquet(finished.path / "data/split/test.parquet").drop(columns="target")
    trial = pd.read_parquet(finished.path / "predictions/class_weight-logistic/test.parquet")
    own = mlflow.sklearn.load_model(uri).predict_proba(test)[:, 1]
    scored = mlflow.pyfunc.load_model(uri).predict(test)
    assert own.tolist() == scored["score"].tolist() == trial["y_score"].tolist()
    assert scored["probability"].tolist() == trial["y_probability"].tolist()
    assert scored["decision"].tolist() == trial["y_decided"].tolist()
    folder = Path(mlflow.artifacts.download_artifacts(uri))
    tracked = finished.path / "models/class_weight-logistic.skops"
    assert (folder / "model.skops").read_bytes() == tracked.read_bytes()
    assert "scikit-learn==" in (folder / "requirements.txt").read_text()


def test_publishing_again_adds_nothing(repository: Repository) -> None:
    """A state that is there already is left alone."""
    before = [run.info.run_id for run in repository.runs()]
    repository.succeed(*TRACK, PYTHONPATH="src")
    assert [run.info.run_id for run in repository.runs()] == before


def test_arms_that_did_not_change_share_their_models(repository: Repository) -> None:
    """Another verdict logs no model again; a former trial that is deleted takes none with it."""
    another_verdict(repository)
    repository.repro()
    former, latest = repository.trials()
    before, now = repository.arms_of(former), repository.arms_of(latest)
    models = {name: the_model(repository, run).model_id for name, run in now.items()}
    assert models == {name: the_model(repository, run).model_id for name, run in before.items()}
    client = repository.client()
    for name in ARMS:
        assert now[name].data.metrics == before[name].data.metrics
        assert artifacts(client, now[name]) == artifacts(client, before[name])
    for run in (former, *before.values()):
        client.delete_run(run.info.run_id)
    store = f"sqlite:///{repository.path / 'mlflow.db'}"
    repository.succeed("mlflow", "gc", "--backend-store-uri", store, MLFLOW_TRACKING_URI=store)
    assert [run.info.run_id for run in repository.trials()] == [latest.info.run_id]
    for name, run in now.items():
        kept = Path(the_model(repository, run).artifact_location.removeprefix("file://"))
        tracked = repository.path / f"models/{name}.skops"
        assert (kept / "model.skops").read_bytes() == tracked.read_bytes()


def test_a_killed_publication_is_replaced(repository: Repository) -> None:
    """However `track` dies, the next one publishes the state once and leaves no run RUNNING."""
    another_verdict(repository)
    repository.repro("compare")
    plain = {"PYTHONPATH": "src", "EQUIPOISE_WARM": "0"}  # the stage itself is killed
    process = subprocess.Popen(TRACK, cwd=repository.path, env=clean_environment() | plain)
    deadline = time.monotonic() + DEADLINE
    while len(repository.runs()) < 6 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    unfinished = [run for run in repository.runs() if run.info.status != "FINISHED"]
    assert unfinished
    assert {run.info.status for run in unfinished} <= {"KILLED", "RUNNING"}
    client = repository.client()
    other = client.create_run(unfinished[0].info.experiment_id, tags={"fingerprint": "another"})
    repository.repro()
    assert client.get_run(other.info.run_id).info.status == "KILLED"
    client.delete_run(other.info.run_id)
    first, second = map(repository.arms_of, repository.trials())
    assert set(second) == ARMS
    models = [
        {(name, the_model(repository, run).model_id) for name, run in arms.items()}
        for arms in (first, second)
    ]
    assert {name for name, _ in models[0] & models[1]} == ARMS
    assert len(all_models(repository)) == len(ARMS)
    assert {run.info.status for run in repository.runs()} == {"FINISHED"}
    assert len(repository.runs()) == 2 * (1 + len(ARMS))


def test_a_dead_server_costs_nothing_but_the_record(repository: Repository) -> None:
    """All else is done and saved, one line says what failed, and the next run publishes."""
    another_verdict(repository)
    dead = f"http://someone:secret@127.0.0.1:{free_port()}"
    failed = repository.run("dvc", "repro", MLFLOW_TRACKING_URI=dead)
    assert failed.returncode != 0
    (line,) = [line for line in failed.stderr.splitlines() if line.startswith("error:")]
    assert "MLflow cannot be brought up to date" in line
    assert "secret" not in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr
    assert "class_weight-logistic" in failed.stdout
    assert repository.repro() == ["track"]
    assert len(repository.trials()) == 2


@contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """Run a real MLflow server on 127.0.0.1 for as long as the block lasts."""
    port = free_port()
    command = [
        str(BIN / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'server.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with serving(command, port, folder, clean_environment()) as uri:
        yield uri


def test_a_server_gets_the_same_record(repository: Repository, tmp_path: Path) -> None:
    """MLFLOW_TRACKING_URI sends runs, artifacts and models to a real server."""
    with mlflow_server(tmp_path) as uri:
        printed = repository.succeed(*TRACK, PYTHONPATH="src", MLFLOW_TRACKING_URI=uri)
        client = MlflowClient(uri)
        (experiment,) = [
            e.experiment_id for e in client.search_experiments() if e.name != "Default"
        ]
        trials = f"{uri}/#/experiments/{experiment}/runs?workflowType=machine_learning"
        shown = repository.succeed(*UI, PYTHONPATH="src", MLFLOW_TRACKING_URI=uri)
        assert f"MLflow:      {trials}" in printed
        assert f"Runs: {trials}" in shown
        runs = client.search_runs([experiment])
        assert len(runs) == 1 + len(ARMS)
        assert {run.info.status for run in runs} == {"FINISHED"}
        (arm,) = [run for run in runs if run.info.run_name == "smote-logistic"]
        assert "plots/roc.svg" in artifacts(client, arm)
        repository.succeed(*TRACK, PYTHONPATH="src", MLFLOW_TRACKING_URI=uri)
        assert len(client.search_runs([experiment])) == len(runs)


def test_experiments_land_in_the_same_store(repository: Repository) -> None:
    """A queued one, run in a copy as with `--temp`, is published beside the workspace's."""
    repository.succeed(
        "dvc", "exp", "run", "--queue", "--name", "farther",
        "--set-param", "strategies.smote.sampler.k_neighbors=7",
    )  # fmt: skip
    repository.succeed("dvc", "exp", "run", "--run-all")
    names = {run.data.tags.get("dvc.experiment") for run in repository.trials()}
    assert names == {None, "farther"}
    head = repository.succeed("git", "rev-parse", "HEAD").strip()
    _, trial = repository.trials()
    assert trial.data.tags["dvc.baseline_revision"] == head
    assert set(repository.arms_of(trial)) == ARMS
    assert not any((repository.path / ".dvc/tmp/exps").rglob("mlflow.db"))
    (repository.path / ".venv").symlink_to(BIN.parent)
    shown = repository.succeed("make", "experiments")
    assert "tuned_f1" in shown
    assert "k_neighbors" in shown
    assert "farther" in re.findall(r"\[(\w+)\]", shown)
    assert max(map(len, shown.splitlines())) <= WIDTH


def test_a_clone_that_pulls_shows_the_runs(repository: Repository, tmp_path: Path) -> None:
    """After `git clone` and `dvc pull`, the record has what was computed elsewhere."""
    remote = tmp_path / "remote"
    repository.succeed("dvc", "remote", "add", "--default", "storage", str(remote))
    repository.commit("Share")
    repository.succeed("dvc", "push")
    clone = Repository(tmp_path / "clone")
    clone.path.mkdir()
    clone.succeed("git", "clone", "--quiet", str(repository.path), ".")
    clone.succeed("dvc", "pull")
    assert clone.run("dvc", "status", "--quiet", "--with-deps", "report").returncode == 0
    assert clone.repro() == ["track"]
    assert clone.succeed("git", "status", "--porcelain") == ""
    (trial,) = clone.trials()
    assert set(clone.arms_of(trial)) == ARMS
    (original,) = repository.trials()
    assert trial.data.tags["fingerprint"] == original.data.tags["fingerprint"]


def test_make_ui_publishes_and_serves(repository: Repository) -> None:
    """`make ui` brings the store up to date and answers on 127.0.0.1."""
    (repository.path / "mlflow.db").unlink()
    port = free_port()
    venv = repository.path / ".venv"
    venv.symlink_to(BIN.parent)
    environment = clean_environment()
    del environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"]  # which `make ui` sets by itself
    with serving(["make", "ui", f"PORT={port}"], port, repository.path, environment):
        assert len(repository.trials()) == 1
        ours = [line for line in command_lines() if str(repository.path) in line]
        assert [line for line in ours if "mlflow.server.jobs" in line] == []
        # Of a database it would have a password in it, for all users of the machine to see.
        assert [line for line in ours if f"{repository.path}/mlflow.db" in line] == []


def command_lines() -> list[str]:
    """Return the commands of all processes, where the system shows them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it may have ended meanwhile
            found.append(path.read_text().replace("\0", " "))
    return found


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://me:secret@127.0.0.1:1", "cannot be opened: http://127.0.0.1:1: "),
        (
            "mysql://me:secret@127.0.0.1:1/db",  # its driver is not installed
            "cannot be opened: mysql://127.0.0.1:1/db: ",
        ),
    ],
)
def test_make_ui_keeps_a_login_to_itself(address: str, says: str, repository: Repository) -> None:
    """Of a server as of a database, on a changed pipeline: nothing else is run then."""
    (repository.path / ".venv").symlink_to(BIN.parent)
    another_verdict(repository)
    done = repository.run("make", "ui", MLFLOW_TRACKING_URI=address)
    shown = done.stdout + done.stderr
    assert "The pipeline has changed" in shown
    assert says in shown
    assert "secret" not in shown
    assert "Traceback" not in shown
