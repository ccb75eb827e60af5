"""Parallel work inside a fit: bounded by cores, whatever a class is told, and ended with us."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.exceptions import ConvergenceWarning

from equipoise.fitting import running, workers
from equipoise.fitting.fit_warnings import recording_warnings
from equipoise.fitting.models import fit, score
from equipoise.fitting.running import run_fits
from equipoise.fitting.workers import count_workers, limiting_threads
from equipoise.params.trial_params import Arm, Component, Preprocess, Strategy
from equipoise.storage.model_files import write_model

MANY = 10_000
CORES = joblib.cpu_count()
LONG_FITS = """
import signal
from time import sleep

from equipoise.fitting.running import run_long_fits
from equipoise.fitting.workers import limiting_threads
from equipoise.terminal.command import run


def main(argv):
    # A shell that runs the tests in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with limiting_threads():
        list(run_long_fits(sleep, (), [(60,), (60,)], n_jobs=2))


run(main)
"""
FOREST = {"class": "RandomForestClassifier", "n_estimators": 20, "n_jobs": MANY}
BAGS = {"class": "BaggingClassifier", "n_estimators": 3, "n_jobs": MANY, "estimator": FOREST}


def arm(model: dict[str, Any]) -> Arm:
    return Arm(
        Strategy().at("strategies.baseline"),
        Component.model_validate(model).at("models.learner"),
        Preprocess(),
        seed=7,
    )


def train_part(rows: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(0)
    target = random.permutation(np.arange(rows) < rows // 5).astype("int64")
    values = random.normal(size=(rows, 3)) + target[:, None]
    frame = pd.DataFrame(values, columns=["a", "b", "c"]).assign(target=target)
    return frame.rename_axis("row")


def make_probe() -> Callable[[int], list[int]]:
    """A function that can be sent to a process, as one that is made in a function can."""

    def probe(depth: int) -> list[int]:
        """How many workers joblib would use for many tasks, in work that is itself parallel."""
        if depth == 0:
            return [effective_n_jobs(MANY)]
        inner = Parallel(n_jobs=2)(delayed(probe)(depth - 1) for _ in range(2))
        return [effective_n_jobs(MANY), *(count for counts in inner for count in counts)]

    return probe


@pytest.mark.parametrize("prefer", ["processes", "threads"])
def test_no_more_workers_than_cores_at_any_depth(prefer: str) -> None:
    probe = make_probe()
    with limiting_threads():
        found = Parallel(n_jobs=2, prefer=prefer)(delayed(probe)(2) for _ in range(2))
        found.append(probe(0))
    assert max(max(counts) for counts in found) <= CORES


@pytest.mark.parametrize(
    ("n_jobs", "tasks", "expected"),
    [(MANY, MANY, 4), (3, MANY, 3), (-1, MANY, 4), (-2, MANY, 3), (MANY, 2, 2), (4, 0, 1)],
)
def test_workers_are_bounded_by_cores_and_by_tasks(
    monkeypatch: pytest.MonkeyPatch, n_jobs: int, tasks: int, expected: int
) -> None:
    monkeypatch.setattr(workers, "cpu_count", lambda: 4)
    monkeypatch.setattr("joblib._parallel_backends.cpu_count", lambda: 4)
    assert count_workers(n_jobs, tasks) == expected


@pytest.mark.parametrize("model", [FOREST, BAGS], ids=["threads", "processes, and threads inside"])
def test_cores_change_neither_the_model_file_nor_a_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: dict[str, Any]
) -> None:
    """The file says how many jobs the user asked for."""
    written, scored = [], []
    for cores in (1, 3):
        monkeypatch.setattr(workers, "cpu_count", lambda cores=cores: cores)
        fitted = fit(arm(model), train_part())
        assert fitted.get_params()["model__n_jobs"] == MANY
        write_model(fitted, tmp_path / "model.skops")
        written.append((tmp_path / "model.skops").read_bytes())
        scored.append(score(fitted, train_part())["y_score"].to_numpy().tobytes())
    assert written[0] == written[1]
    assert scored[0] == scored[1]


@pytest.mark.parametrize("name", ["LGBMClassifier", "XGBClassifier"])
def test_boosters_too_use_no_more_threads_than_cores(name: str) -> None:
    """They ask OpenMP, and not joblib: as many threads as there are cores answer."""
    verbose = {"verbose": -1} if name.startswith("LGBM") else {}
    before = threads()
    fit(arm({"class": name, "n_estimators": 3, "n_jobs": 300, **verbose}), train_part())
    assert threads() <= before + 2 * CORES


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def test_warnings_of_worker_processes_are_those_of_this_process(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What models inside a model warn of, fitted elsewhere, is recorded with its fit."""
    logistic = {"class": "LogisticRegression", "max_iter": 1}
    bags = {"class": "BaggingClassifier", "n_estimators": 4, "n_jobs": 2, "estimator": logistic}
    with recording_warnings() as warned:
        fit(arm(bags), train_part())
    assert {ConvergenceWarning} == {warning.category for warning in warned}
    assert capfd.readouterr().err == ""


def test_processes_share_one_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    """The train part is in memory once, however many folds are fitted at a time."""
    monkeypatch.setattr(running, "SECONDS_WORTH_THREADS", -1)
    monkeypatch.setattr(running, "SECONDS_WORTH_PROCESSES", -1)

    def find_file(frame: pd.DataFrame, _fold: int) -> str | None:
        """The file from which the numbers of a frame are read; None, if they are in memory."""
        numbers: np.ndarray | None = frame.to_numpy(copy=False)
        while numbers is not None and not isinstance(numbers, np.memmap):
            numbers = numbers.base
        return None if numbers is None else str(numbers.filename)

    frame = pd.DataFrame(np.ones((100_000, 5)))
    here, *others = run_fits(find_file, [frame], [[fold] for fold in range(5)], n_jobs=2)
    assert here is None
    assert None not in others
    assert len({*others}) == 1


@pytest.mark.parametrize("seconds", [0.1, 0.4, 2])
def test_ctrl_c_while_workers_load_or_work_is_one_line(tmp_path: Path, seconds: float) -> None:
    """A terminal sends it to the workers as well."""
    script = tmp_path / "long_fits.py"
    script.write_text(LONG_FITS, encoding="utf-8")
    fitting = subprocess.Popen(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with fitting:
        while not find_workers_of(fitting.pid):
            assert fitting.poll() is None
        time.sleep(seconds)
        os.killpg(fitting.pid, signal.SIGINT)
        _, said = fitting.communicate(timeout=60)
    assert said == "error: interrupted; run it again to continue from here\n"


def find_workers_of(process: int) -> list[int]:
    """The worker processes that a process has started so far."""
    started = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    commands = {int(one): Path(f"/proc/{one}/cmdline").read_bytes() for one in started}
    return [one for one, command in commands.items() if b"LokyProcess" in command]
