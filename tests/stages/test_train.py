"""Training: out-of-fold scores of every train row, and the final model."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from threadpoolctl import threadpool_limits

from equipoise.core.tables import GROUP, TIME
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.model_files import read_model
from equipoise.terminal.errors import UserError

Stage = Callable[..., None]

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "src/stages/train.py"
STRATEGIES = ("baseline", "smote", "class_weight", "under", "cleaned")


SEVERAL = """
seed: 7
data:
  source: synthetic
  n_samples: 500
  n_features: 6
  n_informative: 4
  weights: [0.6, 0.25, 0.15]
split: {test_size: 0.3}
preprocess: {numeric: standardize}
run: {strategies: [baseline, smote, cleaned, weights], models: [logistic]}
strategies:
  baseline: {}
  smote: {sampler: {class: SMOTE, k_neighbors: 3, sampling_strategy: {2: 150}}}
  cleaned: {sampler: {class: SMOTEENN}}
  weights: {class_weight: {1: 2, 2: 5}}
  wrong: {class_weight: {3: 2}}
models: {logistic: {class: LogisticRegression}}
cross_validation: {folds: 3, repeats: 2}
n_jobs: 1
"""


def oof_file(folder: Path, strategy: str) -> Path:
    return folder / f"predictions/{strategy}-logistic/oof.parquet"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_train_row_is_scored_once_a_repeat(finished: Path, strategy: str) -> None:
    """Also where rows were made or left out, those scored are the train rows, all of them."""
    train = read_frame(finished / "data/split/train.parquet")
    oof = read_frame(oof_file(finished, strategy))
    assert list(oof) == ["row", "repeat", "fold", "y_true", "y_score", "y_pred"]
    for _, repeat in oof.groupby("repeat"):
        scored = repeat.set_index("row")
        assert sorted(train.index) == scored.index.tolist()
        assert train["target"].loc[scored.index].tolist() == scored["y_true"].tolist()
    assert ({0, 1}, {0, 1, 2}) == (set(oof["repeat"]), set(oof["fold"]))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_scores_are_probabilities_and_labels_the_models_own(finished: Path, strategy: str) -> None:
    """`y_score` is between 0 and 1, and a logistic model's label follows it at a half."""
    oof = read_frame(oof_file(finished, strategy))
    assert oof["y_score"].between(0, 1).all()
    assert (oof["y_score"] > 0.5).astype("int64").tolist() == oof["y_pred"].tolist()


def test_arms_are_scored_on_the_same_folds(finished: Path) -> None:
    """Arms differ by their remedy, not by the rows that each was fitted on."""
    baseline, *others = (
        read_frame(oof_file(finished, strategy))[["row", "repeat", "fold"]]
        for strategy in STRATEGIES
    )
    assert all(baseline.equals(other) for other in others)


def test_out_of_fold_scores_are_not_those_of_the_final_model(finished: Path) -> None:
    """A row is scored by models that never saw it, so no score is the final model's."""
    train = read_frame(finished / "data/split/train.parquet").sort_index()
    model = read_model(finished / "models/baseline-logistic.skops")
    oof = read_frame(oof_file(finished, "baseline"))
    seen = model.predict_proba(train.drop(columns="target"))[:, 1]
    assert not np.isclose(seen, oof.loc[oof["repeat"] == 0, "y_score"], rtol=1e-9).any()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_model_takes_the_users_features(finished: Path, strategy: str) -> None:
    """The whole fitted pipeline is in the file: raw features in, probabilities out."""
    test = read_frame(finished / "data/split/test.parquet").drop(columns="target")
    model = read_model(finished / f"models/{strategy}-logistic.skops")
    assert list(model.feature_names_in_) == list(test)
    assert model.predict_proba(test).sum(axis=1) == pytest.approx(np.ones(len(test)))


def test_remedies_find_more_positives_than_nothing_does(finished: Path) -> None:
    """A strategy reaches the model: at the default decision each alerts more often."""
    alerts = {s: read_frame(oof_file(finished, s))["y_pred"].sum() for s in STRATEGIES}
    assert all(alerts["baseline"] < alerts[strategy] for strategy in STRATEGIES[1:])


def test_the_number_of_processors_changes_no_result(job: Path, stage: Stage) -> None:
    """`n_jobs` decides how long it takes, to the last bit nothing else."""
    before = oof_file(job, "smote").read_bytes()
    params = job / "params.yaml"
    params.write_text(params.read_text().replace("n_jobs: 1", "n_jobs: 2"))
    stage("train", "--strategy", "smote", "--model", "logistic")
    assert before == oof_file(job, "smote").read_bytes()


@pytest.mark.parametrize("model", ["logistic", "boosted"])
def test_the_number_of_threads_changes_no_byte_of_the_model(
    job: Path, stage: Stage, model: str
) -> None:
    """A machine with more cores writes the same model, so that DVC sees no change."""
    written = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            stage("train", "--strategy", "smote", "--model", model)
        written.append((job / f"models/smote-{model}.skops").read_bytes())
    assert written[0] == written[1]


def test_a_model_of_the_catalogue_is_an_arm_of_its_own(job: Path, stage: Stage) -> None:
    """Another model writes files of its own beside the first one's."""
    before = (job / "models/smote-logistic.skops").read_bytes()
    stage("train", "--strategy", "smote", "--model", "bayes")
    assert (job / "models/smote-bayes.skops").exists()
    assert before == (job / "models/smote-logistic.skops").read_bytes()


@pytest.mark.parametrize(
    ("strategy", "model", "said"),
    [("smoote", "logistic", r"smoote.*smote"), ("smote", "logistics", r"logistics.*logistic")],
)
def test_a_name_that_is_not_in_the_catalogue_is_named(
    job: Path, stage: Stage, strategy: str, model: str, said: str
) -> None:
    """A mistyped strategy or model ends in a message with the nearest match."""
    assert job.exists()
    with pytest.raises(UserError, match=said):
        stage("train", "--strategy", strategy, "--model", model)


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Stage) -> Path:
    """A job with three classes, made and split, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(SEVERAL)
    stage("generate_data")
    stage("split")
    return tmp_path


@pytest.mark.parametrize("strategy", ["baseline", "smote", "cleaned", "weights"])
def test_several_classes_are_scored_each_and_the_model_gives_the_same_ones(
    several: Path, stage: Stage, strategy: str
) -> None:
    """One probability for each class, out of fold and from the model file."""
    stage("resample", "--strategy", strategy)
    stage("train", "--strategy", strategy, "--model", "logistic")
    train = read_frame(several / "data/split/train.parquet").sort_index()
    oof = read_frame(oof_file(several, strategy))
    scores = ["y_score_0", "y_score_1", "y_score_2"]
    assert list(oof) == ["row", "repeat", "fold", "y_true", *scores, "y_pred"]
    assert oof[scores].to_numpy().sum(axis=1) == pytest.approx(np.ones(len(oof)))
    assert oof[scores].to_numpy().argmax(axis=1).tolist() == oof["y_pred"].tolist()
    for _, repeat in oof.groupby("repeat"):
        assert repeat["y_true"].tolist() == train["target"].tolist()
    model = read_model(several / f"models/{strategy}-logistic.skops")
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(train.drop(columns="target")).shape == (len(train), 3)


def test_remedies_find_more_of_the_rarest_of_several_classes(several: Path, stage: Stage) -> None:
    """A sampler and a weight by label reach the class that they name."""
    found = {}
    for strategy in ("baseline", "smote", "weights"):
        stage("resample", "--strategy", strategy)
        stage("train", "--strategy", strategy, "--model", "logistic")
        found[strategy] = (read_frame(oof_file(several, strategy))["y_pred"] == 2).sum()
    assert found["baseline"] < min(found["smote"], found["weights"])


def test_a_weight_of_a_class_that_train_lacks_is_named(several: Path, stage: Stage) -> None:
    """Also where the resample stage was not run again."""
    stage("resample", "--strategy", "baseline")
    (several / "data/resampled/baseline").rename(several / "data/resampled/wrong")
    expected = "strategies.wrong.class_weight: 3 is not a class of train; choose from: 0, 1, 2"
    with pytest.raises(UserError, match=expected):
        stage("train", "--strategy", "wrong", "--model", "logistic")


def test_folds_of_a_mixed_table_keep_groups_together(mixed: Path) -> None:
    """In each repeat a group is in one fold, and every row is scored."""
    train = read_frame(mixed / "data/split/train.parquet")
    oof = read_frame(oof_file(mixed, "smote"))
    assert len(oof) == 2 * len(train)
    folds = oof.assign(**{GROUP: train[GROUP].loc[oof["row"]].to_numpy()})
    assert (
        not folds[["repeat", GROUP, "fold"]].drop_duplicates().duplicated(["repeat", GROUP]).any()
    )


def test_folds_that_follow_time_are_later_one_by_one(by_time: Path) -> None:
    """The earliest quarter of the rows is only learned from."""
    train = read_frame(by_time / "data/split/train.parquet")
    oof = read_frame(oof_file(by_time, "smote"))
    times = train[TIME].loc[oof["row"]].to_numpy()
    spans = pd.Series(times).groupby(oof["fold"]).agg(["min", "max"])
    assert (spans["min"].to_numpy()[1:] > spans["max"].to_numpy()[:-1]).all()
    unscored = train[~train.index.isin(oof["row"])]
    assert unscored[TIME].max() < times.min()
    assert len(unscored) == pytest.approx(len(train) / 4, abs=3)


@pytest.mark.parametrize("strategy", ["baseline", "smote"])
def test_the_model_of_a_mixed_table_takes_the_users_columns(mixed: Path, strategy: str) -> None:
    """With gaps and labels that it has never seen; group and time are none of them."""
    test = read_frame(mixed / "data/split/test.parquet").drop(columns=["target", GROUP])
    model = read_model(mixed / f"models/{strategy}-logistic.skops")
    assert list(model.feature_names_in_) == list(test)
    strange = test.astype({"job": "str"}).assign(job="pilot")
    assert np.isfinite(model.predict_proba(strange)).all()


def add_model(job: Path, entry: str) -> None:
    """Add a model to the catalogue, and the numbers as they are."""
    params = job / "params.yaml"
    text = params.read_text().replace("models:\n", f"models:\n  own: {entry}\n")
    params.write_text(text.replace("numeric: standardize", "numeric: passthrough"))


def test_fits_that_did_not_converge_are_one_line_here_and_in_what_follows(
    job: Path, stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    """Counted once, on the terminal, in a file, and in the note of the arm."""
    add_model(job, "{class: LogisticRegression, max_iter: 1}")
    said = (
        "6 of 6 fold fits did not converge, nor did the final fit (LogisticRegression, max_iter"
        " 1): raise models.own.max_iter, or set preprocess.numeric: standardize"
    )
    stage("resample", "--strategy", "baseline")
    stage("train", "--strategy", "baseline", "--model", "own")
    assert capfd.readouterr() == (f"note: baseline-own: {said}\n", "")
    fits = read_json(job / "reports/fits/baseline-own.json")
    assert fits["folds"] == {"fits": 6, "not_converged": 6}
    stage("decide", "--strategy", "baseline", "--model", "own")
    stage("evaluate", "--strategy", "baseline", "--model", "own")
    assert read_json(job / "reports/metrics/baseline-own.json")["note"].startswith(said)


def test_other_warnings_of_a_model_are_said_once_and_not_once_a_fold(
    job: Path, stage: Stage
) -> None:
    """Six folds and the final fit warn of the same."""
    add_model(job, "{class: LogisticRegression, n_jobs: 2}")
    with pytest.warns(FutureWarning, match="n_jobs") as said:
        stage("train", "--strategy", "baseline", "--model", "own")
    assert len(said) == 1


WITHOUT_END = {"max_iter": 10**9, "tol": 0, "n_iter_no_change": 10**9}
SOME_SECONDS = {"max_iter": 4000, "tol": 0, "n_iter_no_change": 4000}
FITS = {
    "inside a fit": {
        "class": "BaggingClassifier",
        "n_estimators": 2,
        "n_jobs": 2,
        "estimator": {"class": "MLPClassifier", **WITHOUT_END},
    },
    "folds": {"class": "MLPClassifier", **SOME_SECONDS},
}
TRAIN = """
import runpy, sys
from equipoise.fitting import running
running.SECONDS_WORTH_THREADS = running.SECONDS_WORTH_PROCESSES = 0
sys.argv = ["train", "--strategy", "baseline", "--model", "own"]
runpy.run_path(sys.argv.pop(), run_name="__main__")
"""
LONGEST_WAIT, LONGEST_LIFE = 60, 5


@pytest.mark.slow
@pytest.mark.parametrize("work", FITS)
def test_no_process_outlives_a_killed_training_by_more_than_seconds(job: Path, work: str) -> None:
    """Workers for folds, and those that a class starts for itself, end with what started them."""
    add_model(job, json.dumps(FITS[work]))
    params = job / "params.yaml"
    params.write_text(params.read_text().replace("n_jobs: 1", "n_jobs: 2"))
    training = subprocess.Popen(
        [sys.executable, "-c", TRAIN.replace("sys.argv.pop()", repr(str(STAGE)))],
        # A warm process would have the workers as its children.
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "EQUIPOISE_WARM": "0"},
        stderr=subprocess.DEVNULL,
    )
    try:
        assert within(LONGEST_WAIT, lambda: len(workers_of(training.pid)) >= 2)
        time.sleep(1)  # at work by then
        started = children_of(training.pid)
    finally:
        training.kill()
        training.wait()
    assert within(LONGEST_LIFE, lambda: not any(map(psutil.pid_exists, started)))


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Wait for something, no longer than that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not happened():
        time.sleep(0.1)
    return happened()


def children_of(parent: int) -> list[int]:
    return [child.pid for child in psutil.Process(parent).children()]


def workers_of(parent: int) -> list[int]:
    """The children that fit models: not those that look after files."""
    return [pid for pid in children_of(parent) if "popen_loky" in command_of(pid)]


def command_of(pid: int) -> str:
    with suppress(psutil.Error):  # it has ended
        return " ".join(psutil.Process(pid).cmdline())
    return ""
