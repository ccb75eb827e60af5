"""A small job made by the stage scripts themselves, and what an audit loads of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.decided import objective_of

from equipoise.audit.made import ArmMade, Made, Resampled
from equipoise.core.difference import ResamplingSummary
from equipoise.core.table_schema import TableSchema
from equipoise.metrics.classes import Classes
from equipoise.params.decision_params import Decision
from equipoise.storage.decision_files import read_decision
from equipoise.storage.files.formats import read_difference, read_frame
from equipoise.storage.files.record_files import read_record
from equipoise.storage.model_files import read_model
from equipoise.terminal.command import execute

ROOT = Path(__file__).parents[3]
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
  strategies: [baseline, smote, under, weighted]
  models: [logistic]
strategies:
  baseline: {}
  smote: {sampler: {class: SMOTE, k_neighbors: 3}}
  under: {sampler: {class: RandomUnderSampler}}
  weighted: {class_weight: balanced}
  costly: {class_weight: {0: 1, 1: 10}}
models:
  logistic: {class: LogisticRegression}
  bayes: {class: GaussianNB}
  tree: {class: DecisionTreeClassifier, max_depth: 3}
  neighbours: {class: KNeighborsClassifier}
cross_validation: {folds: 3, repeats: 2}
decision: {objective: f1}
calibration: auto
uncertainty: {confidence: 0.9, resamples: 100}
n_jobs: 1
"""
COUNTING = (
    *((s, "bayes") for s in ("under", "weighted", "costly")),
    ("under", "tree"),
    ("under", "neighbours"),
)
ARMS = (*((s, "logistic") for s in ("baseline", "smote", "under", "weighted")), *COUNTING)
SEVERAL = PARAMS.replace("[0.8, 0.2]", "[0.6, 0.3, 0.1]")
MIXED = PARAMS.replace(
    PARAMS[PARAMS.index("data:") : PARAMS.index("preprocess:")],
    """data:
  source: file
  path: data/raw/table.csv
  target: outcome
  columns: {visits: integer, remark: text}
  BY: BY
  drop: [OTHER]
split: {test_size: 0.3, method: BY}
""",
)
BY_GROUP = MIXED.replace("BY", "group").replace("OTHER", "time")
BY_TIME = (
    MIXED.replace("BY", "time")
    .replace("OTHER", "group, remark")
    .replace(", remark: text", "")
    .replace("repeats: 2", "repeats: 1")
)
N = 400

Arms = tuple[tuple[str, str], ...]
Stage = Callable[..., None]
Load = Callable[[], Made]


def run_stage(stage: str, *argv: str) -> None:
    """Run a stage in the working directory, as its script does."""
    execute(stage, argv)


def run_after_split(arms: Arms = ARMS) -> None:
    """Make everything that depends on the parts."""
    for strategy in dict(arms):
        run_stage("resample", "--strategy", strategy)
    for strategy, model in arms:
        run_stage("train", "--strategy", strategy, "--model", model)
        run_stage("decide", "--strategy", strategy, "--model", model)
        run_stage("evaluate", "--strategy", strategy, "--model", model)


def finished_job(folder: Path, params: str, arms: Arms) -> Path:
    """Return the folder with everything in it that is audited."""
    (folder / "params.yaml").write_text(params)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        if "source: file" in params:
            Path("data/raw").mkdir(parents=True)
            mixed_table().to_csv("data/raw/table.csv", index=False)
        run_stage("generate_data")
        run_stage("split")
        run_after_split(arms)
    return folder


def mixed_table() -> pd.DataFrame:
    """Numbers with gaps, whole numbers, categories, dates, text; groups of rows, and times."""
    random = np.random.default_rng(N)
    amount = random.normal(size=N)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, N), unit="D")
    words = random.choice(["late", "paid", "call", "back", "twice"], (N, 3))
    return pd.DataFrame(
        {
            "amount": np.where(random.random(N) < 0.1, np.nan, amount),
            "height": random.normal(170, 10, N),
            "visits": random.integers(0, 30, N),
            "town": random.choice(["Bern", "Oslo", "Rome", ""], N),
            "joined": days.strftime("%Y-%m-%d"),
            "remark": [" ".join(three) for three in words],
            "group": random.integers(0, 80, N),
            "time": random.permutation(N) // 2,
            "outcome": (amount + random.normal(size=N) > 1).astype(int),
        }
    )


def load_arm(name: str) -> ArmMade:
    return ArmMade(
        strategy=name.partition("-")[0],
        model=read_model(Path("models", f"{name}.skops")),
        oof=read_frame(Path("predictions", name, "oof.parquet")),
        test=read_frame(Path("predictions", name, "test.parquet")),
        decision=read_decision(Path("decisions", f"{name}.json")),
    )


def load_job() -> Made:
    """Load what lies in the working directory, as a stage does."""
    folders = sorted(Path("data/resampled").iterdir())
    schema = read_record(Path("data/schema.json"), TableSchema)
    return Made(
        dataset=read_frame(Path("data/dataset.parquet")),
        train=read_frame(Path("data/split/train.parquet")),
        test=read_frame(Path("data/split/test.parquet")),
        resampled={
            folder.name: Resampled(
                read_difference(folder), read_record(folder / "summary.json", ResamplingSummary)
            )
            for folder in folders
        },
        arms={path.stem: load_arm(path.stem) for path in sorted(Path("models").iterdir())},
        objective=objective_of(Decision(), Classes.of(schema.labels)),
        calibration="auto",
    )


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of two classes that has run; not to be written to."""
    return finished_job(tmp_path_factory.mktemp("audited"), PARAMS, ARMS)


@pytest.fixture(scope="session")
def finished_several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of three classes that has run; not to be written to."""
    return finished_job(tmp_path_factory.mktemp("several"), SEVERAL, ARMS[:3])


@pytest.fixture(scope="session")
def finished_by_group(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job on columns of every kind, split by group; not to be written to."""
    return finished_job(tmp_path_factory.mktemp("group"), BY_GROUP, ARMS[1:3])


@pytest.fixture(scope="session")
def finished_by_time(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job on columns of every kind but text, split by time; not to be written to."""
    return finished_job(tmp_path_factory.mktemp("time"), BY_TIME, ARMS[1:3])


@pytest.fixture
def job(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished job, as the working directory."""
    folder = tmp_path / "job"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def stage() -> Stage:
    """What runs a stage's `main(argv)` in the working directory."""
    return run_stage


@pytest.fixture
def rerun() -> Stage:
    """What makes again all that depends on the parts, for the strategies that change rows."""

    def remake() -> None:
        for folder in ("data/resampled", "models"):
            shutil.rmtree(folder)
        run_after_split(ARMS[1:3])

    return remake


@pytest.fixture
def load() -> Load:
    """What loads the working directory for an audit."""
    return load_job
