"""What `make doctor` says before any work is done."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from equipoise.contract.errors import UserError

ROOT = Path(__file__).parents[2]
Stage = Callable[..., None]

PARAMS = """
seed: 1
data: {source: file, path: data/raw/loans.csv, target: outcome, positive: default}
split: {test_size: 0.3}
run: {strategies: [baseline, smote], models: [logistic]}
strategies: {baseline: {}, smote: {sampler: {class: SMOTE, k_neighbors: 5}}}
models: {logistic: {class: LogisticRegression}}
"""


def loans(rows: int = 400, defaults: int = 60) -> pd.DataFrame:
    """Return loans so many of which were not paid back."""
    rng = np.random.default_rng(0)
    outcome = rng.permutation(np.repeat(["default", "paid"], [defaults, rows - defaults]))
    income, kind = rng.lognormal(size=rows), rng.choice(["car", "house"], rows)
    return pd.DataFrame({"income": income, "kind": kind, "outcome": outcome})


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a user's own table and no fault."""
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "params.yaml").write_text(PARAMS)
    loans().to_csv(tmp_path / "data/raw/loans.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[Path, bytes]:
    """Return every file below a folder, with what is in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_job_without_fault_can_run(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """What test can show and what SMOTE becomes is noted, without a warning; nothing is written."""
    before = files(desk)
    stage("doctor")
    *notes, last = capsys.readouterr().out.splitlines()
    assert [note.partition(":")[0] for note in notes] == ["note", "note"]
    assert "SMOTENC takes the place of SMOTE" in notes[1]
    assert last == "No errors; warnings: 0. The job can run: dvc repro"
    assert files(desk) == before


@pytest.mark.parametrize("job", [ROOT / "params.yaml"])
def test_the_default_job_can_run(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str], job: Path
) -> None:
    """The repository's own params give no warning."""
    (desk / "params.yaml").write_text(job.read_text())
    stage("doctor")
    assert "No errors; warnings: 0." in capsys.readouterr().out


def test_warnings_are_said_in_plain_lines(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each, from the table as well as from its parts; they stop nothing."""
    table = loans().assign(loan=range(400))
    table = table.assign(closed=np.where(table["outcome"] == "default", "bailiff", "bank"))
    table.to_csv(desk / "data/raw/loans.csv", index=False)
    stage("doctor")
    *lines, last = capsys.readouterr().out.splitlines()
    warnings = [line for line in lines if line.startswith("warning: ")]
    assert ["'loan'" in warnings[0], "'closed'" in warnings[1]] == [True, True]
    assert last == "No errors; warnings: 2. The job can run: dvc repro"


def test_errors_are_all_said_after_the_warnings(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two samplers that cannot work are two lines of one error; what else was found is printed."""
    loans(defaults=6).assign(loan=range(400)).to_csv(desk / "data/raw/loans.csv", index=False)
    (desk / "params.yaml").write_text(
        PARAMS.replace("[baseline, smote]", "[smote, other]").replace(
            "{baseline: {},", "{other: {sampler: {class: SMOTE, neighbours: 3}},"
        )
        + "cross_validation: {folds: 2}\n"
    )
    with pytest.raises(UserError) as stopped:
        stage("doctor")
    smote, other = str(stopped.value).splitlines()
    assert smote.startswith("strategies.smote.sampler.k_neighbors: 5 is too many")
    assert "has no argument 'neighbours'" in other
    assert "warning: column 'loan'" in capsys.readouterr().out


def test_an_arm_that_would_stop_the_job_late_is_an_error_at_once(desk: Path, stage: Stage) -> None:
    """Models and what arms are judged by, which stages after the first fits would refuse."""
    wrong = PARAMS.replace("LogisticRegression", "LogisticRegresion")
    (desk / "params.yaml").write_text(wrong + "decision: {objective: weighted_f1}\n")
    with pytest.raises(UserError) as stopped:
        stage("doctor")
    model, objective = str(stopped.value).splitlines()
    assert model.endswith("did you mean 'LogisticRegression'?")
    assert objective.startswith("decision.objective: 'weighted_f1' is for several classes")


def test_an_error_ends_the_script_with_status_1(desk: Path) -> None:
    """So that a script that calls it stops."""
    loans(defaults=4).to_csv(desk / "data/raw/loans.csv", index=False)
    command = [sys.executable, str(ROOT / "src/stages/doctor.py")]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "can run" not in done.stdout
