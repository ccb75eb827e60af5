"""A team with the servers of compose.yaml: clones share data by DVC and publish side by side."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, Run
from tests.repository import BIN, PARENT, Repository, clean_environment
from tests.server import DEADLINE
from tests.team_servers import TeamServers, team_servers

from equipoise.record.registry import CHALLENGER
from equipoise.record.trial_runs import write_beside_others

DVC = str(BIN / "dvc")
TRACK = (sys.executable, "src/stages/track.py")
EXPERIMENT = "equipoise"
WRITERS = 8
ARMS = {"baseline-logistic", "smote-logistic", "class_weight-logistic"}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServers]:
    """PostgreSQL, an S3 store, and MLflow's server over both."""
    with team_servers(tmp_path_factory.mktemp("servers")) as started:
        yield started


@pytest.fixture(scope="module")
def members(
    finished: Repository, servers: TeamServers, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with a clone that has computed and pushed, and one that has pulled."""
    folder = tmp_path_factory.mktemp("team")
    shutil.copytree(finished.path, folder / "one", symlinks=True)
    one, two = Repository(folder / "one"), Repository(folder / "two")
    one.succeed("dvc", "remote", "add", "--default", "storage", "s3://dvc/trials")
    one.succeed("dvc", "remote", "modify", "storage", "endpointurl", servers.s3)
    one.commit("Share")
    log_in(one, servers.access_key, servers.secret_key)
    one.succeed("dvc", "push")
    one.succeed("git", "clone", "--quiet", str(one.path), str(two.path))
    log_in(two, servers.access_key, servers.secret_key)
    two.succeed("dvc", "pull")
    return folder


@pytest.fixture
def team(members: Path, servers: TeamServers, tmp_path: Path) -> tuple[Repository, Repository]:
    """Two clones that a test may change; both publish to the server."""
    shutil.copytree(members, tmp_path / "team", symlinks=True)
    server = {"MLFLOW_TRACKING_URI": servers.mlflow}
    one, two = (Repository(tmp_path / "team" / name, server) for name in ("one", "two"))
    return one, two


@pytest.fixture
def record(servers: TeamServers) -> Iterator[MlflowClient]:
    """A client of a server that has no trials yet."""
    client = MlflowClient(servers.mlflow)
    yield client
    if (experiment := client.get_experiment_by_name(EXPERIMENT)) is not None:
        client.rename_experiment(experiment.experiment_id, f"{EXPERIMENT} {time.time_ns()}")


def log_in(clone: Repository, access_key: str, secret_key: str) -> None:
    """Give a clone the keys of the S3 store."""
    for name, value in {"access_key_id": access_key, "secret_access_key": secret_key}.items():
        clone.succeed("dvc", "remote", "modify", "--local", "storage", name, value)


def set_rope(clone: Repository, rope: float) -> None:
    """Make another state of a clone's trial, which is not published yet."""
    clone.edit_params(lambda params: params["verdict"].update({"rope": rope}))
    clone.repro("--single-item", "compare")


def list_runs(record: MlflowClient) -> list[Run]:
    """Return all runs; none if nobody has published."""
    experiment = record.get_experiment_by_name(EXPERIMENT)
    return [] if experiment is None else list(record.search_runs([experiment.experiment_id]))


def list_trials(record: MlflowClient) -> list[Run]:
    """Return the parent runs."""
    return [run for run in list_runs(record) if PARENT not in run.data.tags]


def list_trial_ids(record: MlflowClient) -> set[str]:
    """Return the ids of the parent runs."""
    return {run.info.run_id for run in list_trials(record)}


@contextmanager
def running_in(clone: Repository, *command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a clone while the block runs; no process is left after it."""
    process = subprocess.Popen(
        command,
        cwd=clone.path,
        # A stage in a warm process would not be stopped with this one.
        env=clean_environment() | clone.environment | {"PYTHONPATH": "src", "EQUIPOISE_WARM": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def await_success(process: subprocess.Popen[str]) -> None:
    """Return when a command has ended as it should."""
    printed, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, printed


def stop_midway(process: subprocess.Popen[str], record: MlflowClient) -> set[str]:
    """Stop a publication in its second arm, when no other runs are there; return its runs."""
    await_that(lambda: len(list_runs(record)) >= 3)
    process.send_signal(signal.SIGSTOP)
    runs = list_runs(record)
    assert [run for run in list_trials(record) if run.info.status == "FINISHED"] == []
    return {run.info.run_id for run in runs}


def await_that(holds: Callable[[], bool]) -> None:
    """Return once a condition holds."""
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def publish_at_once(one: Repository, two: Repository) -> None:
    """Have both clones publish, begun at the same moment."""
    with running_in(one, *TRACK) as first, running_in(two, *TRACK) as second:
        await_success(first)
        await_success(second)


def assert_one_whole_trial(record: MlflowClient, clone: Repository) -> None:
    """The record has one trial, finished, with its arms; their files are those of the clone."""
    (trial,) = list_trials(record)
    runs = list_runs(record)
    arms = {run.info.run_name: run for run in runs if PARENT in run.data.tags}
    assert len(runs) == 1 + len(ARMS)
    assert set(arms) == ARMS
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert {run.data.tags[PARENT] for run in arms.values()} == {trial.info.run_id}
    for name, run in arms.items():
        metrics = read_artifact(record, f"{run.info.artifact_uri}/{name}.json")
        assert metrics == (clone.path / f"reports/metrics/{name}.json").read_bytes()
        model = read_artifact(record, f"{find_model(record, run)}/model.skops")
        assert model == (clone.path / f"models/{name}.skops").read_bytes()
    models = record.search_logged_models([trial.info.experiment_id])
    assert sorted(model.name for model in models) == sorted(ARMS)


def find_model(record: MlflowClient, run: Run) -> str:
    """Return where the files of an arm's model are."""
    assert run.outputs is not None
    (output,) = run.outputs.model_outputs
    return str(record.get_logged_model(output.model_id).artifact_location)


def read_artifact(record: MlflowClient, uri: str) -> bytes:
    """Return a file as the server gives it."""
    downloaded = mlflow.artifacts.download_artifacts(uri, tracking_uri=record.tracking_uri)
    return Path(downloaded).read_bytes()


def test_a_clone_pulls_what_another_has_pushed(team: tuple[Repository, Repository]) -> None:
    """Through the S3 store: nothing is left to compute."""
    one, two = team
    for name in ARMS:
        model = f"models/{name}.skops"
        assert (two.path / model).read_bytes() == (one.path / model).read_bytes()
    assert two.run("dvc", "status", "--quiet", "--with-deps", "report").returncode == 0


def test_who_has_no_keys_gets_no_data(team: tuple[Repository, Repository]) -> None:
    """The S3 store refuses other keys."""
    _, two = team
    log_in(two, "two", "wrong")
    shutil.rmtree(two.path / ".dvc/cache")
    shutil.rmtree(two.path / "models")
    refused = two.run("dvc", "pull")
    assert refused.returncode != 0
    assert not (two.path / "models").exists()


def test_a_state_that_another_has_published_is_found(
    team: tuple[Repository, Repository], record: MlflowClient
) -> None:
    """One computes, pushes and publishes; the other pulls, and publishes nothing again."""
    one, two = team
    set_rope(one, 0.2)
    one.repro()
    one.commit("Another region")
    one.succeed("dvc", "push")
    (published,) = list_trial_ids(record)
    two.succeed("git", "pull", "--quiet", str(one.path), "main")
    two.succeed("dvc", "pull")
    assert two.repro() == ["track"]
    assert list_trial_ids(record) == {published}
    assert_one_whole_trial(record, two)


def test_what_two_push_at_once_is_there(team: tuple[Repository, Repository]) -> None:
    """Each gets the other's file, and the one that both have pushed."""
    one, two = team
    for clone, own in ((one, "one"), (two, "two")):
        folder = clone.path / "data/raw"
        (folder / own).write_text(own * 100_000)
        (folder / "both").write_text("both" * 100_000)
        clone.succeed("dvc", "add", f"data/raw/{own}", "data/raw/both")
    with running_in(one, DVC, "push") as first, running_in(two, DVC, "push") as second:
        await_success(first)
        await_success(second)
    for clone, other in ((one, "two"), (two, "one")):
        origin = one if clone is two else two
        shutil.copy(origin.path / f"data/raw/{other}.dvc", clone.path / "data/raw")
        shutil.rmtree(clone.path / ".dvc/cache")
        (clone.path / "data/raw/both").unlink()
        clone.succeed("dvc", "pull", f"data/raw/{other}", "data/raw/both")
        assert (clone.path / f"data/raw/{other}").read_text() == other * 100_000
        assert (clone.path / "data/raw/both").read_text() == "both" * 100_000


def test_one_state_published_at_once_is_there_once(
    team: tuple[Repository, Repository], record: MlflowClient
) -> None:
    """The experiment, which both want to make, is there once too; so is the registered model."""
    one, two = team
    for clone in team:
        clone.edit_params(lambda params: params.update(registry={"name": "shared"}))
    publish_at_once(one, two)
    assert_one_whole_trial(record, one)
    (version,) = record.search_model_versions("name = 'shared'")
    assert record.get_model_version_by_alias("shared", CHALLENGER).version == version.version


def test_rows_that_several_add_at_once_are_there(record: MlflowClient) -> None:
    """MLflow refuses most of them: entries of the data, tags of the experiment, and aliases."""
    experiment = record.create_experiment(EXPERIMENT)
    record.create_registered_model("any")
    record.create_model_version("any", "s3://any/any")
    runs = [record.create_run(experiment).info.run_id for _ in range(WRITERS)]
    for number in range(5):
        data = [DatasetInput(Dataset("train", str(number), "local", "{}"), [])]
        tag = partial(record.set_experiment_tag, experiment, str(number), "any")
        with ThreadPoolExecutor(3 * WRITERS) as writers:
            writes = [partial(record.log_inputs, run, data) for run in runs] + [tag] * WRITERS
            writes += [
                partial(record.set_registered_model_alias, "any", f"a{number}", "1")
            ] * WRITERS
            assert list(writers.map(write_beside_others, writes)) == [None] * 3 * WRITERS
    logged = [inputs for run in runs if (inputs := record.get_run(run).inputs) is not None]
    assert [len(inputs.dataset_inputs) for inputs in logged] == [5] * WRITERS
    assert {"0", "1", "2", "3", "4"} <= record.get_experiment(experiment).tags.keys()


def test_two_states_published_at_once_are_both_there(
    team: tuple[Repository, Repository], record: MlflowClient
) -> None:
    """Each with its arms."""
    one, two = team
    set_rope(two, 0.2)
    publish_at_once(one, two)
    assert len({run.data.tags["fingerprint"] for run in list_trials(record)}) == 2
    for trial in list_trials(record):
        nested = [
            run for run in list_runs(record) if run.data.tags.get(PARENT) == trial.info.run_id
        ]
        assert {run.info.run_name for run in nested} == ARMS
    assert len(list_runs(record)) == 2 * (1 + len(ARMS))
    assert {run.info.status for run in list_runs(record)} == {"FINISHED"}


def test_what_is_being_published_is_left_alone(
    team: tuple[Repository, Repository], record: MlflowClient
) -> None:
    """A whole publication fits into another one of the same state; the first to finish stays."""
    one, two = team
    with running_in(one, *TRACK) as process:
        begun = stop_midway(process, record)
        two.succeed(*TRACK, PYTHONPATH="src")
        assert begun < {run.info.run_id for run in list_runs(record)}
        (finished,) = list_trial_ids(record) - begun
        process.send_signal(signal.SIGCONT)
        await_success(process)
    assert list_trial_ids(record) == {finished}
    assert_one_whole_trial(record, one)


def test_what_a_kill_has_left_goes_when_its_clone_publishes(
    team: tuple[Repository, Repository], record: MlflowClient
) -> None:
    """Another clone cannot know that it was killed."""
    one, two = team
    with running_in(one, *TRACK) as process:
        begun = stop_midway(process, record)
        os.kill(process.pid, signal.SIGKILL)
    two.succeed(*TRACK, PYTHONPATH="src")
    assert begun < {run.info.run_id for run in list_runs(record)}
    one.succeed(*TRACK, PYTHONPATH="src")
    assert not begun & {run.info.run_id for run in list_runs(record)}
    assert_one_whole_trial(record, one)
