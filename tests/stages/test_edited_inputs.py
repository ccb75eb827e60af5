"""What a user edits while a run is at work is never taken for what results were made of."""

import shutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

import equipoise
from equipoise.storage.files.formats import hash_with_md5, read_json, write_json
from equipoise.terminal.errors import UserError

from .conftest import ROOT

Stage = Callable[..., None]
ARM = ("--strategy", "smote", "--model", "logistic")
STAGES = (
    *("generate-data", "split", "compare", "resample@baseline", "resample@smote"),
    *(f"{stage}@baseline-logistic" for stage in ("train", "decide", "evaluate")),
    *(f"{stage}@smote-logistic" for stage in ("train", "decide", "evaluate")),
)


def replace_in(path: str, old: str, new: str) -> None:
    """Edit a file as an editor would."""
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def add_a_row(path: str) -> None:
    """Replace a table by another one."""
    lines = Path(path).read_text().splitlines(keepends=True)
    Path(path).write_text("".join([*lines, lines[-1]]))


def edit_beside(stage_name: str, monkeypatch: pytest.MonkeyPatch, edit: Callable[[], None]) -> None:
    """Have a stage's inputs edited once it has read them."""
    module = import_module(f"equipoise.stages.{stage_name}")
    whole = module.run

    def run_beside_an_editor(*arguments: Any, **chosen: Any) -> None:
        whole(*arguments, **chosen)
        edit()

    monkeypatch.setattr(module, "run", run_beside_an_editor)


EDITS: dict[str, tuple[str, Callable[[], None]]] = {
    "models.logistic in params.yaml: edited while the stage train ran, so what it has made does": (
        "train",
        partial(replace_in, "params.yaml", "class: LogisticR", "C: 0.1, class: LogisticR"),
    ),
    "data/raw/visits.csv: edited while the stage generate-data ran": (
        "generate_data",
        partial(add_a_row, "data/raw/visits.csv"),
    ),
    "data/schema.json: edited while the stage decide ran": (
        "decide",
        partial(replace_in, "data/schema.json", "visits", "visit"),
    ),
    "params.yaml: edited while the stage report ran": (
        "report",
        partial(replace_in, "params.yaml", "seed", "# the page shows this file\nseed"),
    ),
}


@pytest.fixture
def piped(visits: Path, stage: Stage) -> Path:
    """A finished job of which DVC knows the stages, as the working directory."""
    shutil.copy(ROOT / "dvc.yaml", visits)
    stage("audit")  # the page shows it
    write_lock({name: {} for name in STAGES})
    return visits


@pytest.mark.usefixtures("piped")
@pytest.mark.parametrize("said", EDITS)
def test_a_stage_whose_inputs_are_edited_fails(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """DVC would note the edit for what was made before it."""
    stage_name, edit = EDITS[said]
    edit_beside(stage_name, monkeypatch, edit)
    with pytest.raises(UserError) as refused:
        stage(stage_name, *(ARM if stage_name in {"train", "decide"} else ()))
    assert str(refused.value).startswith(said)


@pytest.mark.usefixtures("piped")
def test_what_a_stage_does_not_read_may_be_edited(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_beside(
        "train", monkeypatch, partial(replace_in, "params.yaml", "n_jobs: 1", "verdict: {}")
    )
    stage("train", *ARM)


def write_lock(params: dict[str, dict[str, object]]) -> None:
    """Have DVC's word for the params of each stage."""
    stages = {name: {"params": {"params.yaml": known}} for name, known in params.items()}
    Path("dvc.lock").write_text(yaml.safe_dump({"stages": stages}))


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize("late_stage", ["audit", "compare"])
def test_arms_of_other_params_are_not_compared(stage: Stage, late_stage: str) -> None:
    """As after an edit between two arms; what `compare` itself goes by may be new."""
    folds = {"folds": 3, "repeats": 2}
    then: dict[str, dict[str, object]] = {
        "train@baseline-logistic": {"cross_validation": folds},
        "train@smote-logistic": {"cross_validation": folds},
        "compare": {"verdict": {"rope": 0.9}},
    }
    write_lock(then)
    stage(late_stage)
    then["train@smote-logistic"] = {"cross_validation": folds | {"repeats": 30}}
    write_lock(then)
    with pytest.raises(UserError, match=r"edited since .* \(cross_validation\); run `dvc repro`"):
        stage(late_stage)


def test_a_recommendation_is_not_used_for_arms_of_a_later_run(visits: Path, stage: Stage) -> None:
    """Which has ended before `compare`: another arm may be the better one now."""
    stage("audit")
    metrics = visits / "reports/metrics/smote-logistic.json"
    numbers = read_json(metrics)
    numbers["test"]["average_precision"] += 1e-5
    write_json(numbers, metrics)
    said = r"comparison\.json is of one run, and .*smote-logistic\.json of another"
    with pytest.raises(UserError, match=said):
        equipoise.load(visits)
    for late_stage in ("report", "track"):
        with pytest.raises(UserError, match=said):
            stage(late_stage)
    stage("compare")
    equipoise.load(visits)


@pytest.mark.usefixtures("piped")
def test_a_trial_is_not_used_if_dvc_does_not_know_the_runs_that_made_it() -> None:
    """A kill that left dvc.lock cut short may have left files of two runs as well."""
    equipoise.load()
    for known in (STAGES[:-1], ()):
        write_lock({name: {} for name in known})
        with pytest.raises(UserError, match=rf"dvc\.lock knows no run of {STAGES[len(known)]},"):
            equipoise.load()
    write_lock({"compare": {"run": {}}})
    with pytest.raises(UserError, match=r"params\.yaml has been edited .* \(run\)"):
        equipoise.load()
    Path("dvc.lock").unlink()
    with pytest.raises(UserError, match=r"dvc\.lock knows no run"):
        equipoise.load()


def test_a_file_that_is_made_again_is_not_taken_with_those_of_the_last_run(visits: Path) -> None:
    """By a run that goes on beside what has loaded the trial."""
    name = "decisions/smote-logistic.json"
    decision = visits / name
    made = {"path": name, "md5": hash_with_md5(decision)}
    write_json({"stages": {"decide@smote-logistic": {"outs": [made]}}}, visits / "dvc.lock")
    trial = equipoise.load(visits)
    decision.write_bytes(decision.read_bytes() + b"\n")
    with pytest.raises(UserError, match=rf"dvc\.lock is of one run, and {name} of another"):
        _ = trial.arms["smote-logistic"].classifier
