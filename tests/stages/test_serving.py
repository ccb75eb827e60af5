"""`equipoise serve`: over HTTP the same as on the command line, and a reason for what is not."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from tests.repository import BIN, clean_environment
from tests.server import DEADLINE, free_port, serving

from equipoise.record.mlflow_page import require_page_port
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.using.score_table import ScoreRequest, score_table
from equipoise.using.scored_rows import Overrides
from equipoise.using.serve_model import serve_model

from .conftest import ABOUT_STORE, ROOT, run_stage

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

JSON, CSV = "application/json", "text/csv"
SERVE = (str(BIN / "python"), "-m", "equipoise", "serve", "--port")


@pytest.fixture(scope="module")
def published(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mixed job with its record; not to be written to."""
    folder = tmp_path_factory.mktemp("published") / "job"
    shutil.copytree(mixed, folder)
    (folder / "dvc.yaml").write_text("stages: {}\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in ABOUT_STORE:
            patch.delenv(name, raising=False)
        patch.chdir(folder)
        run_stage("track")
    return folder


@pytest.fixture(scope="module")
def server(published: Path) -> Iterator[str]:
    """The address of a server of the recommended arm, on 127.0.0.1."""
    port = free_port()
    environment = clean_environment() | {"PYTHONPATH": str(ROOT / "src")}
    with serving([*SERVE, str(port)], port, published, environment) as address:
        yield address


@pytest.fixture(scope="module")
def rows(published: Path) -> pd.DataFrame:
    """The rows of the test part as they are in the user's file."""
    index = pd.read_parquet(published / "data/split/test.parquet").index
    raw = pd.read_csv(published / "data/raw/visits.csv", dtype="str", keep_default_na=False)
    return raw.drop(columns=["outcome", "customer"]).loc[index]


@pytest.fixture(scope="module")
def offline(
    published: Path, rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> pd.DataFrame:
    """What `equipoise score` writes for the same rows."""
    folder = tmp_path_factory.mktemp("offline")
    rows.to_csv(folder / "new.csv", index=False)
    asked = ScoreRequest(folder / "scored.parquet", Overrides())
    score_table(Layout(published), folder / "new.csv", asked)
    return pd.read_parquet(folder / "scored.parquet")


def post(server: str, body: str | bytes, kind: str = JSON) -> tuple[int, str]:
    """Return the status and the text of an answer."""
    connection = HTTPConnection(urlsplit(server).netloc, timeout=DEADLINE)
    content = body if isinstance(body, bytes) else body.encode()
    connection.request("POST", "/invocations", content, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def refuse_constant(word: str) -> None:
    """Fail at what is no JSON, though Python would read it."""
    pytest.fail(f"{word} is no JSON")


def predict(server: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the predictions for a request that is answered."""
    status, text = post(server, json.dumps(body))
    assert status == 200, text
    predictions: list[dict[str, Any]] = json.loads(text, parse_constant=refuse_constant)[
        "predictions"
    ]
    return predictions


def assert_as_offline(predictions: list[dict[str, Any]], offline: pd.DataFrame) -> None:
    """Hold predictions to the offline scores."""
    given = pd.DataFrame(predictions)
    for name in ("score", "probability"):
        assert np.allclose(given[name], offline[name], rtol=0, atol=1e-12)
    assert given["decision"].tolist() == offline["decision"].tolist()
    assert given["reason"].isna().all()


@pytest.mark.parametrize("form", ["dataframe_split", "dataframe_records", "instances", "inputs"])
def test_json_gives_the_same_as_the_command_line(
    form: str, server: str, rows: pd.DataFrame, offline: pd.DataFrame
) -> None:
    split = rows.to_dict(orient="split", index=False)
    body = split if form == "dataframe_split" else rows.to_dict("records")
    assert_as_offline(predict(server, {form: body}), offline)


def test_csv_gives_the_same_as_the_command_line(
    server: str, rows: pd.DataFrame, offline: pd.DataFrame
) -> None:
    status, text = post(server, rows.to_csv(index=False), CSV)
    assert status == 200
    assert_as_offline(json.loads(text)["predictions"], offline)


def test_numbers_and_truth_values_may_be_those_of_json(
    server: str, rows: pd.DataFrame, offline: pd.DataFrame
) -> None:
    """Gaps are null, whatever the column."""
    typed = rows.astype(object).where(rows != "?", None).to_dict("records")
    for record in typed:
        for name, read in (("age", float), ("visits", float), ("smoker", lambda w: w == "True")):
            record[name] = None if record[name] is None else read(record[name])
    assert_as_offline(predict(server, {"dataframe_records": typed}), offline)


def test_ten_thousand_rows_are_one_request(
    server: str, rows: pd.DataFrame, offline: pd.DataFrame
) -> None:
    many = pd.concat([rows] * (10_000 // len(rows) + 1))[:10_000]
    split = many.to_dict(orient="split", index=False)
    predictions = predict(server, {"dataframe_split": split})
    assert len(predictions) == 10_000
    assert_as_offline(predictions[: len(rows)], offline)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"job": "pilot", "code": "8"}, None),
        ({"age": None, "smoker": None, "seen": None, "note": None}, None),
        ({"age": float("nan")}, None),
        ({"age": "old"}, "age: 'old' is not a number that can be used"),
        ({"age": float("inf")}, "age: 'inf' is not a number that can be used"),
        ({"age": 10**400}, "age: '1000000000000000000000000000000000000000...' is not a number"),
        ({"age": {"years": 40}}, "age: '{'years': 40}' is not a number that can be used"),
        ({"visits": 2.5}, "visits: '2.5' is not a whole number"),
        ({"smoker": "maybe"}, "smoker: 'maybe' is neither False nor True"),
        ({"since": "31/31/2020"}, "since: '31/31/2020' is not a date"),
    ],
)
def test_a_row_has_a_score_or_a_reason(
    values: dict[str, Any], reason: str | None, server: str, rows: pd.DataFrame
) -> None:
    """An unseen category and a gap are scored; what cannot be read costs no other row."""
    good = rows.iloc[0].to_dict()
    odd, other = predict(server, {"dataframe_records": [{**good, **values}, good]})
    assert other["score"] is not None
    assert (odd["score"] is None) == (odd["decision"] is None) == (reason is not None)
    assert str(odd["reason"]).startswith(str(reason))


def test_an_empty_table_has_no_predictions(server: str, rows: pd.DataFrame) -> None:
    assert predict(server, {"dataframe_split": {"columns": [*rows], "data": []}}) == []
    assert post(server, rows.head(0).to_csv(index=False), CSV) == (200, '{"predictions": []}')


MALFORMED: dict[str, tuple[str | bytes, str, int, str]] = {
    "a column is missing": ('{"dataframe_records": [{"age": 4}]}', JSON, 400, "['since']"),
    "so it is in CSV": ("age,job\n4,clerk\n", CSV, 400, "['since']"),
    "no rows": ('{"dataframe_records": []}', JSON, 400, "['since']"),
    "no instances": ('{"instances": []}', JSON, 400, "['since']"),
    "rows without names": ('{"instances": [[1, 2]]}', JSON, 400, "['since']"),
    "not a table": ('{"dataframe_split": "x"}', JSON, 400, "must be a dictionary"),
    "values too few": (
        '{"dataframe_split": {"columns": ["a", "b"], "data": [[1]]}}',
        JSON,
        400,
        "2 columns passed",
    ),
    "an unknown form": ('{"rows": []}', JSON, 400, "exactly one of the input fields"),
    "a list": ("[1, 2]", JSON, 400, "Received a list"),
    "not JSON": ("{age: 4", JSON, 400, "valid JSON"),
    "nothing": ("", JSON, 400, "valid JSON"),
    "no UTF-8": (b"\xff\xfe\x00", JSON, 400, "valid JSON"),
    "an empty CSV": ("", CSV, 400, "No columns to parse"),
    "a quote that does not end": ('age,"job\n4,5', CSV, 400, "tokenizing"),
    "another kind": ("<row/>", "text/xml", 415, "content types"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_refused_with_a_reason(name: str, server: str) -> None:
    body, kind, status, says = MALFORMED[name]
    given, text = post(server, body, kind)
    assert given == status
    assert says in text


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"prevalence": 3}, "prevalence: 3.0 should be between 0 and 1"),
        ({"threshold": "high"}, "threshold"),
        ("high", "must be a dictionary"),
    ],
)
def test_params_that_mean_nothing_are_refused(
    params: object, says: str, server: str, rows: pd.DataFrame
) -> None:
    body = {"dataframe_records": rows.head(1).to_dict("records"), "params": params}
    status, text = post(server, json.dumps(body))
    assert status == 400
    assert says in text


def test_params_decide_otherwise(server: str, rows: pd.DataFrame) -> None:
    body = {"dataframe_records": rows.to_dict("records"), "params": {"threshold": 0}}
    assert {row["decision"] for row in predict(server, body)} == {"ill"}


def test_a_model_is_served_where_nothing_but_its_requirements_is(
    published: Path, rows: pd.DataFrame, offline: pd.DataFrame, tmp_path: Path
) -> None:
    """A new environment of its own `requirements.txt`, and MLflow's server in it."""
    folder = shutil.copytree(find_recommended(published), tmp_path / "model")
    environment = tmp_path / "venv"
    uv = [str(BIN / "uv"), "--quiet"]
    subprocess.run([*uv, "venv", str(environment), "--python", str(BIN / "python")], check=True)
    python = environment / "bin/python"
    requirements = str(folder / "requirements.txt")
    subprocess.run([*uv, "pip", "install", "-p", str(python), "-r", requirements], check=True)
    listed = [*uv, "pip", "list", "-p", str(python)]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    assert "mlflow" in names
    assert "equipoise" not in names
    port = free_port()
    command = [str(python), "-m", "mlflow", "models", "serve", "--model-uri", str(folder)]
    where = ["--host", "127.0.0.1", "--port", str(port), "--env-manager", "local"]
    path = f"{environment / 'bin'}:/usr/bin:/bin"
    own = {**clean_environment(), "PATH": path}
    with serving([*command, *where], port, tmp_path, own) as address:
        body = {"dataframe_records": rows.to_dict("records")}
        assert_as_offline(predict(address, body), offline)


def find_recommended(published: Path) -> Path:
    """Return the folder of the recommended arm's model."""
    arm = json.loads((published / "reports/comparison.json").read_text())["recommended"]["arm"]
    client = MlflowClient(f"sqlite:///{published / 'mlflow.db'}")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    (model,) = [m for m in client.search_logged_models(experiments) if m.name == arm]
    return Path(model.artifact_location.removeprefix("file://"))


def test_a_port_that_is_taken_is_one_line(server: str) -> None:
    port = urlsplit(server).port
    assert port is not None
    with pytest.raises(UserError, match=f"--port: 127.0.0.1:{port} cannot be used: Address"):
        serve_model(Layout(), port)
    with pytest.raises(UserError, match=r"; choose another$"):
        require_page_port(port)


def test_a_model_that_is_not_there_is_one_line(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(published)
    with pytest.raises(
        UserError, match=r"the model of models:/m-0 is not in MLflow, or was deleted there; run"
    ):
        serve_model(Layout(), free_port(), "models:/m-0")


@pytest.mark.parametrize("place", ["http://me:secret@127.0.0.1:9", "s3://me:secret@b", "nowhere"])
def test_a_model_that_is_not_in_mlflow_is_refused_without_a_login(place: str) -> None:
    """The libraries that would look for it there raise what they like."""
    with pytest.raises(UserError, match=r"^--model-uri: '[^@]*/m' is not in MLflow; give models"):
        serve_model(Layout(), free_port(), f"{place}/m")


def test_a_trial_that_is_not_in_mlflow_cannot_be_served(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that changed since are another trial: an older model would decide otherwise."""
    shutil.copytree(published, tmp_path / "job")
    monkeypatch.chdir(tmp_path / "job")
    params = Path("params.yaml")
    params.write_text(params.read_text().replace("resamples: 100", "resamples: 120"))
    with pytest.raises(UserError, match=r"has no model of .* as it lies here; publish the trial"):
        serve_model(Layout(), free_port())
