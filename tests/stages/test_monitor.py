"""`equipoise monitor` on batches of a finished trial: what it says, writes and ends with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from mlflow import MlflowClient

from equipoise.cli import commands
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.using.monitor_batch import MonitorRequest, monitor_batch

from .conftest import ROOT, list_test_rows, run_stage

pytestmark = pytest.mark.usefixtures("visits")
HISTORY = Path("reports/monitor/history.jsonl")
MONITOR = (sys.executable, "-m", "equipoise", "monitor", "--no-mlflow")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "src")}


def make_older(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of people thirty years older."""
    return rows.assign(age=[str(float(age) + 30) if age != "?" else age for age in rows["age"]])


def write(rows: pd.DataFrame, name: str) -> Path:
    rows.to_csv(name, index=False)
    return Path(name)


def read_history() -> list[dict[str, object]]:
    return [json.loads(line) for line in HISTORY.read_text().splitlines()]


def look_at(rows: pd.DataFrame, name: str = "day.csv", labels: str | None = None) -> bool:
    asked = MonitorRequest(labels, "smote-logistic", mlflow=False)
    return monitor_batch(Layout(), write(rows, name), asked)


def test_rows_like_those_of_the_test_part_do_not_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    """The test part itself: the shares of its labels, no drift, and metrics as promised."""
    rows = list_test_rows()
    assert not look_at(rows, labels="outcome")
    said = capsys.readouterr().out
    result = json.loads(Path("reports/metrics/smote-logistic.json").read_text())
    share = (rows["outcome"] == "ill").mean()
    assert f"About {share:.1%} are ill" in said
    assert f"tuned_recall: {result['tuned']['recall']:.3f} (" in said
    assert f"promised {result['tuned']['recall']:.3f} (" in said
    assert said.endswith("No alarm\nWritten: reports/monitor/day.html\n")
    page = Path("reports/monitor/day.html").read_text()
    assert "<title>Monitor: day.csv</title>" in page
    assert "label shift" in page
    assert "promises little" in page


def test_a_drifted_column_alarms_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A row that cannot be scored is told apart."""
    older = make_older(list_test_rows())
    older.loc[older.index[3], "visits"] = "2.5"
    assert look_at(older)
    said = capsys.readouterr().out
    assert "Alarm: age: not as on the test part (size 0.9" in said
    assert "Alarm: job" not in said
    assert "Left out: 1 row that could not be scored; the first: visits: '2.5' is not" in said
    (look,) = read_history()
    assert look["alarms"]


def test_the_same_batch_again_is_the_same_look(capsys: pytest.CaptureFixture[str]) -> None:
    """With labels that have come by now, too; another batch is the next look, at a lower level."""
    rows = list_test_rows()
    look_at(rows, "monday.csv")
    look_at(rows, "monday.csv", labels="outcome")
    assert len(read_history()) == 1
    look_at(rows.tail(70), "tuesday.csv")
    assert [look["number"] for look in read_history()] == [1, 2]
    said = capsys.readouterr().out
    assert said.count("Look 1 at this model. A false alarm has a chance of at most 6.1 %") == 2
    assert said.count("Look 2 at this model. A false alarm has a chance of at most 1.5 %") == 1


def test_an_alarm_that_labels_raise_stays_and_so_does_its_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In the history; a look without labels says nothing of them, and adds no line."""
    rows = list_test_rows()
    rows["outcome"] = rows["outcome"].to_numpy()[::-1]  # so decisions are no better than chance
    assert not look_at(rows)
    assert look_at(rows, labels="outcome")
    assert [bool(look["alarms"]) for look in read_history()] == [False, True]
    assert not look_at(rows)
    assert look_at(rows, labels="outcome")
    assert [look["number"] for look in read_history()] == [1, 1]
    assert "day.html was of these rows with their labels, and is" in capsys.readouterr().out
    (kept,) = HISTORY.parent.glob("day-*-labels.html")
    assert "tuned_recall" in kept.read_text()


def test_a_look_of_another_model_has_a_page_of_its_own() -> None:
    rows = list_test_rows()
    look_at(rows)
    first = Path("reports/monitor/day.html").read_text()
    monitor_batch(Layout(), Path("day.csv"), MonitorRequest(arm="baseline-logistic", mlflow=False))
    (kept,) = HISTORY.parent.glob("day-*.html")
    assert kept.read_text() == first
    assert "baseline-logistic" in Path("reports/monitor/day.html").read_text()


def test_files_of_one_name_have_a_page_each(capsys: pytest.CaptureFixture[str]) -> None:
    """As where each day has a folder: the page by the name alone is of the last look."""
    rows = list_test_rows()
    for batch in (rows, rows.tail(80), rows.tail(70), rows.tail(70)):
        look_at(batch, "rows.csv")
    first, second, third = (str(look["batch"]) for look in read_history())
    model = str(read_history()[0]["model"])[:8]
    pages = {path.name: path.read_text() for path in HISTORY.parent.glob("*.html")}
    assert [*sorted(pages)] == sorted(
        [f"rows-{first[:8]}-{model}.html", f"rows-{second[:8]}-{model}.html", "rows.html"]
    )
    assert third in pages["rows.html"]
    moved = f"was of other rows, and is reports/monitor/rows-{first[:8]}-{model}.html now"
    assert moved in capsys.readouterr().out


@pytest.mark.parametrize("table", ["", ".", ".."])
def test_the_project_itself_is_no_batch(table: str) -> None:
    with pytest.raises(UserError, match=r"is a folder with the whole project; name a table of new"):
        monitor_batch(Layout(), Path(table), MonitorRequest(mlflow=False))


def test_an_address_is_no_batch() -> None:
    """It is said as it was given, though a path has one slash less."""
    with pytest.raises(
        UserError, match=r"^http://127\.0\.0\.1/new\.csv is an address; fetch the table"
    ):
        monitor_batch(Layout(), Path("http://127.0.0.1/new.csv"), MonitorRequest(mlflow=False))


def test_looks_at_once_have_numbers_of_their_own() -> None:
    """A look that another one overwrote would be missing when the next level is worked out."""
    rows = list_test_rows()
    batches = [write(rows.tail(len(rows) - n), f"{n}.csv") for n in range(3)]
    looks = [subprocess.Popen([*MONITOR, str(batch)], env=ENVIRONMENT) for batch in batches]
    assert [look.wait(timeout=300) for look in looks] == [0, 0, 0]
    assert [look["number"] for look in read_history()] == [1, 2, 3]


def test_labels_may_have_gaps(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list_test_rows().astype({"outcome": object})
    rows.loc[rows.index[:10], "outcome"] = ""
    look_at(rows, labels="outcome")
    assert f"{len(rows) - 10} rows with a label" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("labels", "arm", "said"),
    [
        ("outcme", None, "--labels: the table has no column 'outcme'; did you mean 'outcome'?"),
        ("job", None, "--labels: 'job' holds 'clerk', no label of the trial; choose from"),
        ("", None, "--labels: the table has no column ''; choose from"),
        (None, "smot-logistic", "--arm: the trial has no 'smot-logistic'; did you mean"),
    ],
)
def test_what_is_refused_is_one_line_and_nothing_is_written(
    labels: str | None, arm: str | None, said: str
) -> None:
    table = write(list_test_rows().query("job == 'clerk'"), "day.csv")
    with pytest.raises(UserError) as refused:
        monitor_batch(Layout(), table, MonitorRequest(labels, arm, mlflow=False))
    assert said in str(refused.value)
    assert not Path("reports/monitor").exists()


@pytest.mark.parametrize(
    "line",
    [
        b'{"number": 1}',
        b'{"number": -4, "batch": "b", "name": "n", "model": "m"}',
        b'{"number": 1, "batch": "b", "name": "caf\xe9", "model": "m"}',
    ],
    ids=["incomplete", "counted backwards", "not UTF-8"],
)
def test_a_spoilt_history_is_refused_with_its_line(line: bytes) -> None:
    HISTORY.parent.mkdir()
    HISTORY.write_bytes(line + b"\n")
    with pytest.raises(UserError, match=r"history\.jsonl: line 1 is not a look"):
        look_at(list_test_rows())


def test_the_exit_status_is_for_cron() -> None:
    """0 without an alarm, 3 with one, 2 for a mistake."""
    write(list_test_rows(), "same.csv")
    write(make_older(list_test_rows()), "older.csv")
    for name, status in (("same.csv", 0), ("older.csv", 3), ("none.csv", 2)):
        done = subprocess.run(
            [*MONITOR, name],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert done.stderr.count("\n") == (status == 2)


@pytest.mark.filterwarnings("ignore")
def test_a_look_is_whole_whoever_reads_what_it_says() -> None:
    """As `equipoise monitor older.csv | head -1` has a reader that goes early."""
    write(make_older(list_test_rows()), "older.csv")
    run_stage("track")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        (*(word for word in MONITOR if word != "--no-mlflow"), "older.csv"),
        env=ENVIRONMENT | {"PYTHONUNBUFFERED": "1"},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (3, "")
    client = MlflowClient(f"sqlite:///{Path('mlflow.db').absolute()}")
    experiment = client.get_experiment_by_name("visits")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    assert "monitor older.csv" in [run.info.run_name for run in runs]


@pytest.mark.filterwarnings("ignore")
def test_mlflow_has_a_run_of_the_batch_beside_that_of_the_trial() -> None:
    """Asked again it is the same run, and a publication leaves it alone."""
    write(list_test_rows(), "day.csv")
    refused = CliRunner().invoke(commands, ["monitor", "day.csv"])
    assert "so MLflow does not have the trial; run `dvc repro`, or add --no-mlflow" in str(
        refused.exception
    )
    run_stage("track")
    for _ in range(2):
        done = CliRunner().invoke(commands, ["monitor", "day.csv", "--labels", "outcome"])
        assert done.exit_code == 0, done.output
        run_stage("track")
    client = MlflowClient(f"sqlite:///{Path('mlflow.db').absolute()}")
    experiment = client.get_experiment_by_name("visits")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    (trial,) = [run for run in runs if "recommended" in run.data.tags]
    (look,) = [run for run in runs if "monitored_batch" in run.data.tags]
    assert look.info.run_name == "monitor day.csv"
    assert look.info.status == "FINISHED"
    assert look.data.tags["trial_run"] == trial.info.run_id
    assert look.data.tags["trial_fingerprint"] == trial.data.tags["fingerprint"]
    assert "strategy" not in look.data.tags  # or it would be taken for an arm
    assert look.data.tags["alarm"] == "false"
    assert look.data.metrics["alarms"] == 0
    assert "tuned_recall" in look.data.metrics
