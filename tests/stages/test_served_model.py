"""The model that MLflow has of an arm: raw rows in, what `equipoise score` says of them out."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from sklearn.linear_model import LogisticRegression

from equipoise.core.table_schema import TableSchema
from equipoise.deciding.calibrators import Uncalibrated
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.decision import ArmDecision
from equipoise.deciding.rules import ClassWeights
from equipoise.record.logged_model import ModelFiles, RawRowModel
from equipoise.record.model_code import read_model_code
from equipoise.serving.serving_notes import ServingNotes
from equipoise.storage.decision_files import write_decision
from equipoise.storage.files.record_files import write_record
from equipoise.storage.layout import Layout
from equipoise.storage.model_files import write_model
from equipoise.terminal.errors import UserError
from equipoise.using.score_table import ScoreRequest, score_table
from equipoise.using.scored_rows import Overrides

# MLflow warns of columns that a model does not take.
pytestmark = pytest.mark.filterwarnings("ignore")

ARM = "smote-logistic"


def save(folder: Path, files: ModelFiles) -> Path:
    """Write the folder of a model as `track` logs it."""
    RawRowModel.save_model(str(folder), Model(), files, validate_serving_input=False)
    return folder


def save_arm(folder: Path, job: Path, notes: ServingNotes) -> Path:
    """Write the folder of an arm's model."""
    model, decision = job / f"models/{ARM}.skops", job / f"decisions/{ARM}.json"
    return save(folder, ModelFiles(model, decision, job / "data/schema.json", notes))


@pytest.fixture(scope="module")
def folder(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of an arm of the mixed job."""
    return save_arm(tmp_path_factory.mktemp("logged") / "model", mixed, ServingNotes())


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    """The same, loaded as MLflow does."""
    return mlflow.pyfunc.load_model(str(folder))


@pytest.fixture(scope="module")
def raw(mixed: Path) -> pd.DataFrame:
    """The rows of the test part as they are in the user's file."""
    rows = pd.read_parquet(mixed / "data/split/test.parquet").index
    return pd.read_csv(mixed / "data/raw/visits.csv", dtype="str", keep_default_na=False).loc[rows]


@pytest.mark.parametrize("overrides", [{}, {"threshold": 0.9}, {"prevalence": 0.02}])
def test_raw_rows_get_what_the_command_line_gives_them(
    overrides: Mapping[str, float], model: Any, raw: pd.DataFrame, mixed: Path, tmp_path: Path
) -> None:
    """Scores, probabilities, decisions and reasons, with the same overrides as params."""
    rows = raw.copy()
    rows.loc[rows.index[3], "age"] = "old"
    rows.to_csv(tmp_path / "new.csv", index=False)
    asked = ScoreRequest(tmp_path / "scored.parquet", Overrides(**overrides), ARM)
    score_table(Layout(mixed), tmp_path / "new.csv", asked)
    expected = pd.read_parquet(tmp_path / "scored.parquet").astype(object)
    given = model.predict(rows, params=overrides)
    assert given.index.equals(rows.index)
    assert given["reason"].notna().sum() == 1
    for name, column in expected.items():
        assert given[name].tolist() == column.where(column.notna(), None).tolist(), name


def test_what_is_given_has_the_columns_of_the_signature(model: Any, raw: pd.DataFrame) -> None:
    assert [*model.predict(raw)] == model.metadata.get_output_schema().input_names()


def test_gaps_are_null_in_json(model: Any, raw: pd.DataFrame) -> None:
    """JSON has no word for what is not a number, and servers fail at pandas' gaps."""
    (record,) = model.predict(raw.head(1).assign(age="old")).to_dict("records")
    assert json.loads(json.dumps(record, allow_nan=False))["score"] is None


def test_a_column_with_gaps_may_be_left_out_and_no_other(model: Any, raw: pd.DataFrame) -> None:
    """One that is left out counts as empty."""
    without, empty = raw.drop(columns="age"), raw.assign(age="")
    pd.testing.assert_frame_equal(model.predict(without), model.predict(empty))
    with pytest.raises(MlflowException, match=r"missing inputs \['since'\]"):
        model.predict(raw.drop(columns="since"))


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"prevalence": 1.0}, "prevalence: 1.0 should be between 0 and 1"),
        ({"threshold": float("nan")}, "threshold: nan should be a number"),
    ],
)
def test_params_that_mean_nothing_are_refused(
    params: Mapping[str, float], says: str, model: Any, raw: pd.DataFrame
) -> None:
    with pytest.raises(MlflowException, match=says) as refused:
        model.predict(raw, params=params)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"  # which servers answer 400 for


def test_the_example_can_be_scored_and_is_of_no_row(model: Any, raw: pd.DataFrame) -> None:
    assert model.predict(model.input_example)["reason"].tolist() == [None]
    assert not set(model.input_example["note"]) & set(raw["note"])


def test_values_that_params_call_gaps_are_gaps(
    mixed: Path, model: Any, raw: pd.DataFrame, tmp_path: Path
) -> None:
    """The words travel with the model."""
    notes = ServingNotes(gaps=(-1, "nobody"))
    told = mlflow.pyfunc.load_model(str(save_arm(tmp_path / "model", mixed, notes)))
    marked = told.predict(raw.assign(age="-1", job="nobody"))
    pd.testing.assert_frame_equal(marked, model.predict(raw.assign(age="", job="")))


def test_the_classifier_is_there_too(model: Any, mixed: Path) -> None:
    """With the user's labels and calibrated probabilities, for rows that are read already."""
    classifier = model.get_raw_model()
    features = pd.read_parquet(mixed / "data/split/test.parquet")
    expected = pd.read_parquet(mixed / f"predictions/{ARM}/test.parquet")["y_probability"]
    assert isinstance(classifier, DecidingClassifier)
    positive = classifier.classes_.tolist().index("ill")
    given = classifier.predict_proba(features[[*classifier.feature_names_in_]])[:, positive]
    assert given.tolist() == expected.tolist()


def test_several_classes_have_a_score_and_a_probability_each(tmp_path: Path) -> None:
    """And take no threshold."""
    labels = ("a", "b", "c")
    table = pd.DataFrame({"x": np.arange(9.0)})
    fitted = LogisticRegression().fit(table, np.repeat(labels, 3))
    paths = [tmp_path / name for name in ("model.skops", "decision.json", "schema.json")]
    write_model(fitted, paths[0])
    rule, calibrator = ClassWeights((1.0, 1.0, 1.0)), Uncalibrated()
    write_decision(ArmDecision(labels, rule, calibrator, "none", {}), paths[1])
    counts = dict.fromkeys(labels, 3)
    schema = TableSchema(9, {"x": "numeric"}, "y", counts, labels, {"x": "0"}, {"x": 0})
    write_record(schema, paths[2])
    folder = save(tmp_path / "model", ModelFiles(paths[0], paths[1], paths[2], ServingNotes()))
    model = mlflow.pyfunc.load_model(str(folder))
    scored = model.predict(table)
    assert [*scored] == model.metadata.get_output_schema().input_names()
    scores = scored[[f"score_{label}" for label in labels]].to_numpy()
    assert scores.tolist() == fitted.predict_proba(table).tolist()
    assert scored["decision"].tolist() == fitted.predict(table).tolist()
    with pytest.raises(MlflowException, match="threshold: there are 3 classes"):
        model.predict(table, params={"threshold": 0.5})


def test_a_model_file_with_a_type_that_is_not_trusted_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    """The types of the file are looked at before it is loaded."""
    shutil.copytree(folder, tmp_path / "model")
    path = tmp_path / "model/model.skops"
    with ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    spoilt = contents["schema.json"].replace(b'"LogisticRegression"', b'"Popen"')
    contents["schema.json"] = spoilt.replace(b"sklearn.linear_model._logistic", b"subprocess")
    with ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    with pytest.raises(UserError, match=r"not trusted: .*subprocess\.Popen"):
        mlflow.pyfunc.load_model(str(tmp_path / "model"))


def test_nothing_in_the_folder_is_a_pickle(folder: Path) -> None:
    kinds = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert kinds - {".pyc"} == {"", ".json", ".py", ".skops", ".txt", ".yaml"}


def test_requirements_are_pinned_and_this_package_is_none(folder: Path) -> None:
    lines = (folder / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+]+", line)] == []
    names = {line.partition("==")[0] for line in lines}
    assert {"mlflow", "numpy", "pandas", "pydantic", "scikit-learn", "skops"} <= names
    assert "equipoise" not in names


def test_no_more_travels_than_scoring_needs() -> None:
    """Neither params nor checks, nor what reads tables, fits or judges."""
    names = [Path(name) for name in read_model_code()]
    assert {str(name.parent.relative_to("equipoise")) for name in names} == {
        *(".", "core", "data", "deciding", "fitting", "serving", "storage", "storage/files"),
        *("terminal", "using"),
    }
    fitting = {name.name for name in names if name.parent.name == "fitting"}
    assert fitting == {
        "__init__.py",
        "numbered_classes.py",
        "ordered_classes.py",
        "scored_classes.py",
    }


def test_a_model_that_is_loaded_first_hides_nothing_of_an_installed_package(folder: Path) -> None:
    """The travelling modules are those of the model; all others are found as before."""
    script = (
        "import sys, mlflow; mlflow.pyfunc.load_model(sys.argv[1]);"
        "import equipoise.serving.served_model as own, equipoise.trial as other;"
        "from equipoise import run_trial; print(own.__file__); print(other.__file__)"
    )
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    own, other = map(Path, done.stdout.splitlines())
    assert own.is_relative_to(folder)
    assert not other.is_relative_to(folder)
