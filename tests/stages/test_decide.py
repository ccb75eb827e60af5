"""What train settles: written by a stage that sees no test row, and used as it was judged."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import confusion_matrix

from equipoise.core.table_schema import Label
from equipoise.deciding.assembling import assemble_classifier
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.rules import Threshold
from equipoise.storage.decision_files import read_decision
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.model_files import read_model

from .conftest import Stage, write_visits

ARM = "smote-logistic"
OPTIONS = ("--strategy", "smote", "--model", "logistic")
FILE_PARAMS = """
seed: 7
data: {source: file, path: data/raw/table.csv, target: outcome, positive: POSITIVE, drop: [note]}
split: {test_size: 0.3}
preprocess: {numeric: standardize}
run: {strategies: [smote], models: [logistic]}
strategies: {smote: {sampler: {class: SMOTE, k_neighbors: 3}}}
models: {logistic: {class: LogisticRegression}}
cross_validation: {folds: 3, repeats: 1}
n_jobs: 1
"""


def assembled(folder: Path, arm: str = ARM) -> DecidingClassifier:
    """The classifier that a user makes of the files of an arm."""
    model = read_model(folder / f"models/{arm}.skops")
    return assemble_classifier(model, read_decision(folder / f"decisions/{arm}.json"))


def test_no_row_of_test_settles_a_decision(job: Path, stage: Stage) -> None:
    """Without the test part the stage writes the same bytes, and the threshold that is reported."""
    path = job / f"decisions/{ARM}.json"
    before = path.read_bytes()
    path.unlink()
    for made_of_test in ("data/split/test.parquet", f"predictions/{ARM}/test.parquet"):
        (job / made_of_test).unlink()
    stage("decide", *OPTIONS)
    assert path.read_bytes() == before
    rule = read_decision(path).rule
    assert isinstance(rule, Threshold)
    said = read_json(job / f"reports/metrics/{ARM}.json")["tuned"]["threshold"]
    assert rule.threshold == pytest.approx(said, rel=1e-5)


@pytest.mark.parametrize("strategy", ["baseline", "smote", "class_weight", "under", "cleaned"])
def test_the_files_of_an_arm_are_the_classifier_that_was_judged(
    finished: Path, strategy: str
) -> None:
    """On test rows it makes just the decisions that are counted, with the probabilities on file."""
    arm = f"{strategy}-logistic"
    test = read_frame(finished / "data/split/test.parquet")
    X, y = test.drop(columns="target"), test["target"]
    classifier = assembled(finished, arm)
    tuned = read_json(finished / f"reports/metrics/{arm}.json")["tuned"]
    counts = confusion_matrix(y, classifier.predict(X)).ravel().tolist()
    assert counts == [tuned[name] for name in ("tn", "fp", "fn", "tp")]
    scored = read_frame(finished / f"predictions/{arm}/test.parquet")
    np.testing.assert_allclose(classifier.predict_proba(X)[:, 1], scored["y_probability"])
    assert clone(classifier).predict(X).tolist() == classifier.predict(X).tolist()
    assert classifier.feature_names_in_.tolist() == X.columns.tolist()


def write_job(folder: Path, negatives: list[str], positive: str) -> None:
    """A job on visits whose outcomes are called otherwise."""
    write_visits(folder)
    path = folder / "data/raw/visits.csv"
    visits = pd.read_csv(path, na_values="?")[["age", "visits", "note", "outcome"]]
    other = np.resize(negatives, len(visits))
    labels = np.where(visits["outcome"] == "ill", positive, other)
    visits.assign(outcome=labels).to_csv(folder / "data/raw/table.csv", index=False)
    (folder / "params.yaml").write_text(FILE_PARAMS.replace("POSITIVE", positive))


@pytest.mark.parametrize(
    ("negatives", "labels"),
    [
        (["kept"], ("kept", "lost")),
        (["paid", "refunded"], ("not fraud", "fraud")),
        (["1234567.25"], (1234567.25, 1234567.75)),  # the same to six digits
    ],
)
def test_what_the_table_calls_its_classes_is_what_is_predicted(
    negatives: list[str],
    labels: tuple[Label, Label],
    tmp_path: Path,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the table to the decision, and into `predict`; several negatives are one class."""
    monkeypatch.chdir(tmp_path)
    write_job(tmp_path, negatives, positive=str(labels[1]))
    stage("generate_data")
    stage("split")
    stage("resample", *OPTIONS[:2])
    stage("train", *OPTIONS)
    stage("decide", *OPTIONS)
    assert read_decision(Path(f"decisions/{ARM}.json")).labels == labels
    classifier = assembled(Path())
    test = read_frame(Path("data/split/test.parquet")).drop(columns="target")
    assert classifier.classes_.tolist() == sorted(labels)
    assert set(classifier.predict(test)) == set(labels)
