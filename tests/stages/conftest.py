"""A small finished job, made by the stage scripts themselves."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.made_once import make_once

from equipoise.terminal.command import execute

ROOT = Path(__file__).parents[2]
PARAMS = """
seed: 7
data:
  source: synthetic
  n_samples: 400
  n_features: 6
  n_informative: 4
  weights: [0.8, 0.2]
split: {test_size: 0.3}
preprocess: {numeric: standardize}
run:
  strategies: [baseline, smote, class_weight, under, cleaned]
  models: [logistic]
strategies:
  baseline: {}
  smote: {sampler: {class: SMOTE, k_neighbors: 3}}
  class_weight: {class_weight: balanced}
  under: {sampler: {class: RandomUnderSampler}}
  cleaned: {sampler: {class: SMOTEENN}}
models:
  logistic: {class: LogisticRegression}
  bayes: {class: GaussianNB}
  boosted: {class: HistGradientBoostingClassifier, max_iter: 3}
cross_validation: {folds: 3, repeats: 2}
decision: {objective: f1}
uncertainty: {confidence: 0.9, resamples: 100}
n_jobs: 1
"""
MIXED_PARAMS = """
seed: 7
data:
  source: file
  path: data/raw/visits.csv
  target: outcome
  positive: ill
  columns: {visits: integer, code: category}
  group: customer
split: {test_size: 0.3, method: group}
preprocess: {numeric: standardize}
run: {strategies: [baseline, smote], models: [logistic]}
strategies:
  baseline: {}
  smote: {sampler: {class: SMOTE, k_neighbors: 3}}
models:
  logistic: {class: LogisticRegression}
cross_validation: {folds: 3, repeats: 2}
uncertainty: {confidence: 0.9, resamples: 100}
n_jobs: 1
"""
PARAMS_BY_TIME = (
    MIXED_PARAMS.replace("group: customer", "time: since\n  drop: [customer, note]")
    .replace("method: group", "method: time")
    .replace("repeats: 2", "repeats: 1")
)
STRATEGIES = ("baseline", "smote", "class_weight", "under", "cleaned")

Stage = Callable[..., None]
# By which a user, DVC and MLflow say where the store is, and for what.
ABOUT_STORE = ("MLFLOW_TRACKING_URI", "DVC_ROOT", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV")


@pytest.fixture(autouse=True)
def default_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is in the working directory: MLflow leaves that of an earlier test in `environ`."""
    for name in ABOUT_STORE:
        monkeypatch.delenv(name, raising=False)


def run_stage(stage: str, *argv: str) -> None:
    """Run a stage in the working directory, as its script does."""
    execute(stage, argv)


def run_all(strategies: tuple[str, ...]) -> None:
    """Run every stage but the last in the working directory."""
    run_stage("generate_data")
    run_stage("split")
    for strategy in strategies:
        run_stage("resample", "--strategy", strategy)
        run_stage("train", "--strategy", strategy, "--model", "logistic")
        run_stage("decide", "--strategy", strategy, "--model", "logistic")
        run_stage("evaluate", "--strategy", strategy, "--model", "logistic")
    run_stage("compare")


def finished_job(folder: Path, params: str, strategies: tuple[str, ...]) -> Path:
    """Return the folder with everything in it that the stages make of `params`."""
    (folder / "params.yaml").write_text(params)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_all(strategies)
    return folder


def work_in_copy(job: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of a job that a test may change; it is the working directory."""
    shutil.copytree(job, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small job that has run; not to be written to."""
    return make_once(
        tmp_path_factory, "job", lambda folder: finished_job(folder, PARAMS, STRATEGIES)
    )


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job on a table with every kind of column, split by group; not to be written to."""

    def make(folder: Path) -> None:
        write_visits(folder)
        finished_job(folder, MIXED_PARAMS, ("baseline", "smote"))

    return make_once(tmp_path_factory, "visits", make)


@pytest.fixture(scope="session")
def by_time(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same table, split by time."""
    folder = tmp_path_factory.mktemp("by_time")
    write_visits(folder)
    return finished_job(folder, PARAMS_BY_TIME, ("baseline", "smote"))


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a table with half of those who are well left out; not to be written to."""
    folder = tmp_path_factory.mktemp("sampled")
    write_visits(folder, rows=1200)
    sample = "data:\n  sample: {majority_per_minority: 1.5}\n"
    return finished_job(folder, MIXED_PARAMS.replace("data:\n", sample), ("baseline", "smote"))


def write_visits(folder: Path, rows: int = 300) -> None:
    """Write a table of visits, four a customer, with gaps in every column but three."""
    rng = np.random.default_rng(0)
    ill = rng.random(rows) < 0.25
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, rows) + 8 * ill,
            "visits": rng.poisson(3, rows) + ill,
            "job": rng.choice(["admin", "clerk", "retired"], rows),
            "smoker": np.where(rng.random(rows) < 0.2 + 0.5 * ill, "True", "False"),
            "code": rng.choice(["007", "7"], rows),
            "note": [f"said {n * n} on {n % 7}" for n in range(rows)],
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 99, rows), "D"),
        }
    )
    table = table.mask(rng.random(table.shape) < 0.1)
    table["since"] = pd.Timestamp("2021-01-01") + pd.to_timedelta(np.arange(rows) // 3, "D")
    table["customer"] = rng.permutation(rows) // 4
    table["outcome"] = np.where(ill, "ill", "well")
    (folder / "data/raw").mkdir(parents=True)
    table.to_csv(folder / "data/raw/visits.csv", index=False, na_rep="?")


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same job, run a second time from nothing."""
    return finished_job(tmp_path_factory.mktemp("again"), PARAMS, STRATEGIES)


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's own params.yaml, run."""
    params = (ROOT / "params.yaml").read_text()
    strategies = ("baseline", "smote", "class_weight")
    return make_once(
        tmp_path_factory, "reference", lambda folder: finished_job(folder, params, strategies)
    )


@pytest.fixture
def job(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished job, as the working directory."""
    return work_in_copy(finished, tmp_path / "job", monkeypatch)


@pytest.fixture
def visits(mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the job on a table with every kind of column, as the working directory."""
    return work_in_copy(mixed, tmp_path / "trial", monkeypatch)


def list_test_rows() -> pd.DataFrame:
    """Return the rows of the test part of `visits` as they are written in the user's file."""
    rows = pd.read_parquet("data/split/test.parquet").index
    return pd.read_csv("data/raw/visits.csv", dtype="str", keep_default_na=False).loc[rows]


@pytest.fixture
def stage() -> Stage:
    """What runs a stage's `main(argv)` in the working directory."""
    return run_stage
