"""A package of one's own, allowed in `plugins`: its classes go through every stage."""

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from numpy.typing import NDArray

from equipoise.core.tables import split_off_target
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.model_files import read_model
from equipoise.terminal.errors import UserError

from .conftest import run_stage

OWN_PACKAGE = '''
"""A model that holds an object of its own, and a sampler."""

from imblearn.under_sampling import RandomUnderSampler
from sklearn.linear_model import LogisticRegression


class Memory:
    """Something that only this package knows."""

    def __init__(self, rows):
        self.rows = rows


class Remembering(LogisticRegression):
    """A logistic regression that knows how many rows it has seen."""

    def fit(self, X, y, sample_weight=None):
        self.memory_ = Memory(len(y))
        return super().fit(X, y, sample_weight)


class Halving(RandomUnderSampler):
    """An under-sampler by another name."""
'''
PARAMS = """
seed: 7
data: {source: synthetic, n_samples: 300, n_features: 5, n_informative: 3, weights: [0.7, 0.3]}
split: {test_size: 0.3}
run: {strategies: [baseline, halved], models: [remembering]}
strategies: {baseline: {}, halved: {sampler: {class: own_models.Halving}}}
models: {remembering: {class: own_models.Remembering}}
cross_validation: {folds: 2, repeats: 1}
uncertainty: {resamples: 100}
plugins: [own_models]
n_jobs: 1
"""
ARMS = ("baseline-remembering", "halved-remembering")

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns of its own calls


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A finished job of the package's classes, as the working directory."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "packages").mkdir()
    (folder / "packages/own_models.py").write_text(OWN_PACKAGE)
    (folder / "params.yaml").write_text(PARAMS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(str(folder / "packages"))
        run_stage("generate_data")
        run_stage("split")
        for strategy in ("baseline", "halved"):
            run_stage("resample", "--strategy", strategy)
            run_stage("train", "--strategy", strategy, "--model", "remembering")
            run_stage("decide", "--strategy", strategy, "--model", "remembering")
            run_stage("evaluate", "--strategy", strategy, "--model", "remembering")
        yield folder


def test_its_sampler_and_its_model_are_evaluated_audited_and_compared(job: Path) -> None:
    """The model file keeps the package's own object; the audit reads it too."""
    run_stage("audit")
    run_stage("compare")
    seen = {
        arm: read_model(job / "models" / f"{arm}.skops", ["own_models"])[-1].memory_.rows
        for arm in ARMS
    }
    train = read_frame(job / "data/split/train.parquet")
    assert seen[ARMS[0]] == len(train)
    assert seen[ARMS[1]] == 2 * train["target"].sum()
    assert {c["arm"] for c in read_json(job / "reports/comparison.json")["comparisons"]} == {
        ARMS[1]
    }


def test_a_model_that_gives_no_probabilities_is_left_out(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is so where it gives some for the folds, and none for the test part."""
    shutil.copytree(job, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    model = importlib.import_module("own_models").Remembering

    def give_gaps(model: object, X: NDArray[np.float64]) -> NDArray[np.float64]:
        del model
        return np.full((len(X), 2), np.nan)

    with monkeypatch.context() as patch:
        patch.setattr(model, "predict_proba", give_gaps)
        run_stage("evaluate", "--strategy", "halved", "--model", "remembering")
        reason = "Remembering cannot score these rows: predict_proba gives nan in 90 of 90 rows"
        assert capsys.readouterr().out.startswith(f"left out: {ARMS[1]}: {reason}")
        run_stage("train", "--strategy", "baseline", "--model", "remembering")
        where = "models.remembering with strategies.baseline"
        assert f"left out: {ARMS[0]}: {where}: predict_proba gives nan" in capsys.readouterr().out
    shutil.copytree(job / "models", "models", dirs_exist_ok=True)
    shutil.copytree(job / "predictions" / ARMS[0], f"predictions/{ARMS[0]}", dirs_exist_ok=True)
    run_stage("audit")
    run_stage("compare")
    left_out = read_json(Path("reports/comparison.json"))["left_out"]
    assert left_out[ARMS[1]].startswith(reason)


def test_a_file_with_such_a_model_is_refused_by_who_does_not_allow_it(job: Path) -> None:
    """A model file from a cache that others write to brings no code of another package along."""
    with pytest.raises(UserError, match=r"own_models\.Memory.*add their package to `plugins`"):
        read_model(job / "models" / f"{ARMS[0]}.skops")


def test_mlflow_loads_it_and_scores_the_same(job: Path) -> None:
    """What the record trusts beside the usual types are the package's that the file names."""
    run_stage("compare")
    run_stage("track")
    uri = f"sqlite:///{job / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    (experiment,) = [e for e in client.search_experiments() if e.name != "Default"]
    models = {m.name: m for m in client.search_logged_models([experiment.experiment_id])}
    X, _ = split_off_target(read_frame(job / "data/split/test.parquet"))
    scores = mlflow.sklearn.load_model(models[ARMS[1]].model_uri).predict_proba(X)[:, 1]
    written = read_frame(job / "predictions" / ARMS[1] / "test.parquet")
    assert scores.tolist() == written["y_score"].tolist()
