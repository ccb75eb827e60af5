"""Folds on a Dask cluster: the bytes of this machine, even if workers die, and errors in a line."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from distributed import Client
from pandas.testing import assert_frame_equal
from tests.server import free_port, stop

from equipoise.core.json_values import JsonObject
from equipoise.fitting import cluster as fitting_cluster
from equipoise.fitting.cluster import SWITCH
from equipoise.fitting.crossfit import cross_fit
from equipoise.params.trial_params import Arm, Component, CrossValidation, Preprocess, Strategy
from equipoise.screening.screen import screen
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import parse_params

ROOT = Path(__file__).parents[2]
LONGEST_WAIT = 240
LOOPBACK = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
SLOW = {"class": "RandomForestClassifier", "n_estimators": 200}
FOLDS = CrossValidation(folds=4, repeats=1)
SCREENED: JsonObject = {
    "seed": 7,
    "data": {
        "source": "synthetic",
        "n_samples": 400,
        "n_features": 6,
        "n_informative": 4,
        "weights": [0.8, 0.2],
    },
    "split": {"test_size": 0.3},
    "run": {"strategies": ["baseline"], "models": ["logistic"]},
    "strategies": {"baseline": {}, "smote": {"sampler": {"class": "SMOTE"}}},
    "models": {"logistic": {"class": "LogisticRegression"}, "bayes": {"class": "GaussianNB"}},
    "screen": {"metric": "average_precision", "folds": 3, "repeats": 1},
}


@dataclass
class Cluster:
    """A scheduler on 127.0.0.1 and its workers, each a process of one thread."""

    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, program: str, *options: str, src: Path = ROOT / "src") -> int:
        """Start a part of the cluster; return its process."""
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *LOOPBACK, *options]
        started = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": str(src)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(started)
        return started.pid

    def start_scheduler(self, src: Path = ROOT / "src") -> None:
        """Start a scheduler, from now on that of the cluster."""
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        self.start("scheduler", "--port", str(port), src=src)

    def add_worker(self, src: Path = ROOT / "src") -> int:
        """Start a worker that no nanny starts again; return its process."""
        return self.start("worker", self.address, "--nthreads", "1", "--no-nanny", src=src)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster that the environment names, without workers so far."""
    made = Cluster()
    made.start_scheduler()
    monkeypatch.setenv(SWITCH, made.address)
    monkeypatch.setattr(fitting_cluster, "SECONDS_TO_CONNECT", LONGEST_WAIT)
    try:
        yield made
    finally:
        for process in made.processes:
            if process.poll() is None:
                stop(process)


def arm(model: dict[str, object]) -> Arm:
    """Return an arm that does nothing about imbalance."""
    component = Component.model_validate(model).at("models.own")
    return Arm(Strategy().at("strategies.baseline"), component, Preprocess(), seed=7)


def train_part(rows: int = 2000) -> pd.DataFrame:
    """Return numbers and a target."""
    rng = np.random.default_rng(0)
    target = (rng.random(rows) < 0.2).astype("int64")
    features = rng.normal(size=(rows, 8)) + target[:, None]
    return pd.DataFrame(features, columns=list("abcdefgh")).assign(target=target).rename_axis("row")


def await_work(client: Client, worker: int) -> None:
    """Return once a worker, by its process, is fitting."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        processes = client.run(os.getpid)
        if any(keys and processes.get(at) == worker for at, keys in client.processing().items()):
            return
        time.sleep(0.1)
    raise AssertionError(f"worker {worker} has nothing to do")


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 1], ids=["the only one", "one of two"])
def test_a_worker_killed_in_mid_fit_changes_no_byte(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """A new one comes, whether or not another one has what was sent."""
    victim, train = cluster.add_worker(), train_part()

    def replace_victim() -> None:
        with Client(cluster.address, timeout=LONGEST_WAIT, set_as_default=False) as client:
            await_work(client, victim)
        os.kill(victim, 9)
        cluster.add_worker()

    for _ in range(others):
        cluster.add_worker()
    killing = Thread(target=replace_victim)
    killing.start()
    there = cross_fit(arm(SLOW), train, FOLDS, n_jobs=1)
    killing.join(LONGEST_WAIT)
    monkeypatch.delenv(SWITCH)
    here = cross_fit(arm(SLOW), train, FOLDS, n_jobs=1)
    assert cluster.processes[1].poll() is not None
    assert_frame_equal(here.scores, there.scores, check_exact=True)
    assert here.warned == there.warned


@pytest.mark.slow
def test_a_screening_by_a_cluster_finds_the_same(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Strategies that are sampled once for several models too; the cluster is told of once."""
    params = parse_params(SCREENED, "params")
    cluster.add_worker()
    there = screen(train_part(), params)
    assert capsys.readouterr().out.count("Dask: ") == 1
    monkeypatch.delenv(SWITCH)
    here = screen(train_part(), params)
    assert there.found == here.found


@pytest.mark.slow
def test_a_stage_that_a_warm_process_runs_writes_the_same_bytes_by_a_cluster(
    cluster: Cluster, job: Path
) -> None:
    """And says where the dashboard is. A first run, by itself, starts the warm process."""
    cluster.add_worker()
    expected = hash_trained(job)
    with TemporaryDirectory() as temporary:  # a socket's path must be short
        train_warm(Path(temporary), "--help")
        await_warm_process(Path(temporary))
        said = train_warm(Path(temporary), "--strategy", "smote", "--model", "logistic")
    assert said.startswith("Dask: 1 worker; http://127.0.0.1:")
    assert expected == hash_trained(job)


def train_warm(temporary: Path, *options: str) -> str:
    """Run the script of the stage; return what it prints."""
    own = {"PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(temporary), "EQUIPOISE_WARM": "1"}
    return subprocess.run(
        [sys.executable, str(ROOT / "src/stages/train.py"), *options],
        env=os.environ | own,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST_WAIT,
    ).stdout


def hash_trained(job: Path) -> list[str]:
    files = [job / "models/smote-logistic.skops", job / "predictions/smote-logistic/oof.parquet"]
    return [sha256(file.read_bytes()).hexdigest() for file in files]


def await_warm_process(folder: Path) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not [*folder.glob("equipoise-*/*.socket")]:
        assert time.monotonic() < deadline, "no warm process"
        time.sleep(0.1)


def copy_code(folder: Path) -> Path:
    """Return a copy of the library, a comment in it added."""
    src = Path(shutil.copytree(ROOT / "src", folder / "src"))
    with (src / "equipoise/fitting/cluster.py").open("a") as code:
        code.write("# changed\n")
    return src


@pytest.mark.slow
def test_a_worker_with_other_code_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    """Its results would be kept as if they were those of this code."""
    cluster.add_worker(src=copy_code(tmp_path))
    message = "a worker would fit otherwise than this machine: equipoise \\w+ here, \\w+ there;"
    with pytest.raises(UserError, match=f"^EQUIPOISE_DASK: {message}"):
        cross_fit(arm({"class": "GaussianNB"}), train_part(), FOLDS, n_jobs=1)


@pytest.mark.slow
def test_a_cluster_with_a_version_that_lacks_a_module_is_one_line(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = copy_code(tmp_path)
    (old / "equipoise/fitting/cluster.py").unlink()
    cluster.start_scheduler(old)
    cluster.add_worker(old)
    monkeypatch.setenv(SWITCH, cluster.address)
    with pytest.raises(UserError, match="scheduler or workers cannot load this version"):
        cross_fit(arm({"class": "GaussianNB"}), train_part(), FOLDS, n_jobs=1)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8786", "tcp://here", "http://127.0.0.1:8786", "tcp://[::1", "tcp://[::1:1"],
)
def test_what_is_no_address_of_a_scheduler_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(SWITCH, address)
    with pytest.raises(UserError) as refused:
        cross_fit(arm({"class": "GaussianNB"}), train_part(), FOLDS, n_jobs=1)
    assert str(refused.value) == (
        f"EQUIPOISE_DASK: '{address}' is not the address of a Dask scheduler; set it to one, such"
        " as tcp://127.0.0.1:8786, or unset it"
    )


def test_a_scheduler_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """After no more seconds than were allowed."""
    address = f"tcp://127.0.0.1:{free_port()}"
    monkeypatch.setenv(SWITCH, address)
    monkeypatch.setattr(fitting_cluster, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(UserError) as refused:
        cross_fit(arm({"class": "GaussianNB"}), train_part(), FOLDS, n_jobs=1)
    assert str(refused.value) == (
        f"EQUIPOISE_DASK: no Dask scheduler answers at {address} within 1 s; start it, fix the"
        " address, or unset it"
    )
