"""What `make doctor` says before any work is done."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from equipoise.founding.project_files import make_files
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

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

LOGISTIC = "{class: LogisticRegression}"


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
    """It opens with the table, and notes what test can show, what SMOTE becomes, and that F1 is a
    choice; nothing is written.
    """
    loans(defaults=180).to_csv(desk / "data/raw/loans.csv", index=False)
    before = files(desk)
    stage("doctor")
    first, *lines, last = capsys.readouterr().out.splitlines()
    assert first == "400 rows, 2 features"
    told = " ".join(line.strip() for line in lines).split("note: ")[1:]
    assert ["SMOTENC is used instead of SMOTE" in told[1], "Which objective?" in told[2]] == [
        *(True, True)
    ]
    assert len(told) == 3
    assert last == "No errors and no warnings. The trial can run: dvc repro"
    assert files(desk) == before


@pytest.mark.parametrize("job", [ROOT / "params.yaml"])
def test_the_default_job_can_run(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str], job: Path
) -> None:
    """The repository's own params give no warning."""
    (desk / "params.yaml").write_text(job.read_text())
    stage("doctor")
    assert "No errors and no warnings." in capsys.readouterr().out


def test_warnings_are_said_in_plain_lines(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each, from the table as well as from its parts; they stop nothing."""
    table = loans(defaults=180).assign(loan=range(400))
    table = table.assign(closed=np.where(table["outcome"] == "default", "bailiff", "bank"))
    table.to_csv(desk / "data/raw/loans.csv", index=False)
    stage("doctor")
    *lines, last = capsys.readouterr().out.splitlines()
    warnings = [line for line in lines if line.startswith("warning: ")]
    assert ["'loan'" in warnings[0], "'closed'" in warnings[1]] == [True, True]
    assert last == "No errors, 2 warnings. The trial can run: dvc repro"


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


def run_until_refused(stage: Stage) -> str | None:
    """Run the stages of the job as `dvc repro` does; return what one of them refuses."""
    run = load_params(Path("params.yaml")).run
    try:
        for name in ("generate_data", "split"):
            stage(name)
        for strategy in run.strategies:
            stage("resample", "--strategy", strategy)
        for name in ("train", "decide", "evaluate"):
            for strategy, model in product(run.strategies, run.models):
                stage(name, "--strategy", strategy, "--model", model)
        stage("audit")
    except UserError as mistake:
        return str(mistake)
    return None


def write_job(desk: Path, strategy: str = "{}", model: str = LOGISTIC, **sections: Any) -> None:
    """Write the job of one strategy beside the baseline, with one model, on numbers alone."""
    params = yaml.safe_load(PARAMS)
    params["data"]["drop"] = ["kind"]
    params["strategies"] = {"baseline": {}, "remedy": yaml.safe_load(strategy)}
    params["models"] = {"learner": yaml.safe_load(model)}
    params["run"] = {"strategies": ["baseline", "remedy"], "models": ["learner"], "strict": True}
    params["uncertainty"] = {"resamples": 100}
    params["cross_validation"] = {"folds": 3, "repeats": 1}
    params["n_jobs"] = 1  # so that the first fold is the one that is refused
    (desk / "params.yaml").write_text(yaml.safe_dump(params | sections))


# What looks right, and is refused once there are rows: 280 of them in train, 42 positive.
REFUSED: dict[str, dict[str, Any]] = {
    "a ratio below what is there": {
        "strategy": "{sampler: {class: SMOTE, sampling_strategy: 0.05}}"
    },
    "a ratio that a fold alone forbids": {
        "strategy": "{sampler: {class: RandomUnderSampler, sampling_strategy: 0.176}}"
    },
    "more rows than there are": {
        "strategy": "{sampler: {class: RandomUnderSampler, sampling_strategy: {paid: 239}}}"
    },
    "a ratio inside": {
        "strategy": "{sampler: {class: SMOTEENN, smote: {class: SMOTE, sampling_strategy: 0.05}}}"
    },
    "a ratio for a cleaning": {
        "strategy": "{sampler: {class: SMOTETomek, tomek: {class: TomekLinks,"
        " sampling_strategy: 0.5}}}"
    },
    "clusters that are not there": {
        "strategy": "{sampler: {class: KMeansSMOTE, cluster_balance_threshold: 0.99}}"
    },
    "a ratio of a model": {
        "model": "{class: BalancedRandomForestClassifier, sampling_strategy: 0.05}"
    },
    "a package that is not there": {"model": "{class: lightgbm.dask.DaskLGBMClassifier}"},
    "a solver that cannot": {"model": "{class: LogisticRegression, l1_ratio: 0.5}"},
    "more neighbours than a sampler leaves": {
        "strategy": "{sampler: {class: RandomUnderSampler}}",
        "model": "{class: KNeighborsClassifier, n_neighbors: 80}",
    },
    "more folds inside than rows": {
        "model": "{class: CalibratedClassifierCV, estimator: {class: LinearSVC}, cv: 30}"
    },
    "an ensemble that needs weights": {
        "strategy": "{ensemble: {class: RUSBoostClassifier}}",
        "model": "{class: KNeighborsClassifier}",
    },
    "no probabilities inside": {
        "model": "{class: VotingClassifier, voting: soft, estimators: [[a, {class: LinearSVC}]]}"
    },
    "a type that no file may hold": {"model": "{class: KNeighborsClassifier, metric: manhattan}"},
    "a sampler in a model": {
        "model": "{class: imblearn.pipeline.Pipeline, steps:"
        " [[over, {class: SMOTE}], [model, {class: LogisticRegression}]]}"
    },
}


@pytest.mark.parametrize("job", REFUSED.values(), ids=REFUSED)
def test_what_a_stage_refuses_the_doctor_finds_in_the_same_words(
    desk: Path, stage: Stage, job: dict[str, Any]
) -> None:
    """Before anything is made, however late the stage would come."""
    write_job(desk, **job)
    before = files(desk)
    with pytest.raises(UserError) as found:
        stage("doctor")
    assert files(desk) == before
    assert str(found.value) in (run_until_refused(stage) or "")


def test_scores_that_are_no_probabilities_are_found(desk: Path, stage: Stage) -> None:
    """Of how many rows, only all of them can tell."""
    write_job(desk, model="{class: XGBClassifier, objective: 'binary:logitraw'}")
    with pytest.raises(UserError) as found:
        stage("doctor")
    for said in (str(found.value), run_until_refused(stage)):
        assert re.search(r"predict_proba gives [-.\d]+ in \d+ of \d+ rows, and should", said or "")


@pytest.mark.parametrize(
    "job",
    [
        {"model": "{class: KNeighborsClassifier, n_neighbors: 1200}"},
        {"strategy": "{sampler: {class: RandomUnderSampler, sampling_strategy: {paid: 1500}}}"},
        {"model": "{class: CalibratedClassifierCV, estimator: {class: GaussianNB}, cv: 60}"},
        {"strategy": "{sampler: {class: SMOTE, k_neighbors: 55}}"},
        {
            "strategy": "{ensemble: {class: BalancedBaggingClassifier,"
            " sampling_strategy: {paid: 1100}, n_estimators: 2}}"
        },
    ],
)
def test_a_few_rows_raise_no_false_alarm(
    desk: Path, stage: Stage, capsys: pytest.CaptureFixture[str], job: dict[str, Any]
) -> None:
    """What a thousand rows are too few for, and all rows are not, can run."""
    loans(4_000, 130).to_csv(desk / "data/raw/loans.csv", index=False)
    write_job(desk, **job)
    stage("doctor")
    assert "The trial can run" in capsys.readouterr().out
    assert run_until_refused(stage) is None


def test_a_section_that_dvc_asks_for_is_found_missing(desk: Path, stage: Stage) -> None:
    """It has a default here; DVC stops at the first stage that declares it, `train` say."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    only_params = {name: {"params": about.get("params", [])} for name, about in stages.items()}
    (desk / "dvc.yaml").write_text(yaml.safe_dump({"stages": only_params}))
    (desk / ".dvc").mkdir()
    (desk / "reports").mkdir()
    (desk / "reports/code.json").touch()
    with pytest.raises(UserError) as stopped:
        stage("doctor")
    lines = str(stopped.value).splitlines()
    assert (
        "plugins is missing from params.yaml, and DVC asks for it; add the line plugins: []"
        in lines
    )
    with (desk / "params.yaml").open("a") as params:
        params.writelines(f"{line.partition('the line ')[2]}\n" for line in lines)
    stage("doctor")


def test_what_dvc_would_miss_is_named_with_what_brings_it_back(desk: Path, stage: Stage) -> None:
    """Not what stages make, nor a file of the user's that a stage of theirs finds elsewhere."""
    (desk / "src/stages").mkdir(parents=True)
    for script in (ROOT / "src/stages").glob("*.py"):
        (desk / "src/stages" / script.name).touch()
    (desk / "src/stages/train.py").unlink()
    own = "{cmd: 'true', deps: ['s3://mine/table.csv', '${run.strict}', data/raw/one.csv]}"
    text = make_files("trial")["dvc.yaml"]
    (desk / "dvc.yaml").write_text(text.replace("stages:\n", f"stages:\n  mine: {own}\n"))
    (desk / "data/raw/one.csv.dvc").touch()
    (desk / ".git").mkdir()
    (desk / ".git/index").touch()
    with pytest.raises(UserError) as stopped:
        stage("doctor")
    lines = [line.partition(" is ") for line in str(stopped.value).splitlines()]
    named = [name for name, _, _ in lines]
    assert named == [".dvc", f"{desk / '.git/index'}", "src/stages/train.py", "code.json"]
    assert lines[-1][2] == "missing, and DVC asks for it; bring it back: git checkout code.json"


def test_an_error_ends_the_script_with_status_1(desk: Path) -> None:
    """So that a script that calls it stops."""
    loans(defaults=4).to_csv(desk / "data/raw/loans.csv", index=False)
    command = [sys.executable, str(ROOT / "src/stages/doctor.py")]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "can run" not in done.stdout
