"""`equipoise screen`: a ranking that the trial confirms, written once, logged once."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from equipoise.record.store import find_store, open_store
from equipoise.record.trial_files import PARENT
from equipoise.screening.screen import leave_unwatched
from equipoise.screening.screened import Screened
from equipoise.screening.shared_folds import FitInFold
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.files.record_files import read_record
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params
from equipoise.using import screen_catalogue as screening
from equipoise.using.screen_catalogue import screen_catalogue

from .conftest import PARAMS, ROOT, work_in_copy

SCREEN = "screen: {models: [logistic]}\n"
PAGE = "A trial of the best arms"


def make_job(finished: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of a finished trial, with a screening of its arms in params."""
    work_in_copy(finished, folder, monkeypatch)
    params = folder / "params.yaml"
    params.write_text(params.read_text() + SCREEN)
    return folder


@pytest.fixture
def job(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small finished trial; it is the working directory."""
    return make_job(finished, tmp_path / "job", monkeypatch)


@pytest.mark.parametrize("split", ["finished", "mixed", "by_time"])
def test_the_ranking_has_the_numbers_that_a_trial_gives_its_arms(
    split: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every arm that was in all folds: its objective, rules settled on the other folds."""
    job = make_job(request.getfixturevalue(split), tmp_path / "job", monkeypatch)
    screen_catalogue(Layout(), mlflow=False)
    found = read_record(Layout().screening, Screened)
    whole = [arm for arm in found.arms if arm.folds == found.folds]
    assert len(whole) > 1
    for arm in whole:
        trial = read_json(job / f"reports/metrics/{arm.arm}.json")
        assert arm.value == pytest.approx(trial["out_of_fold"]["tuned_f1"], rel=1e-5)


def test_a_second_screening_writes_the_same_bytes_and_logs_no_second_run(job: Path) -> None:
    written = []
    for _ in range(2):
        screen_catalogue(Layout(), mlflow=True)
        written.append(Layout().screening.read_bytes())
    assert written[0] == written[1]
    assert b"seconds" not in written[0]
    assert PAGE in (job / "reports/screening.html").read_text()
    client: MlflowClient = open_store(find_store())
    (experiment,) = [own for own in client.search_experiments() if own.name == "equipoise"]
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if PARENT not in run.data.tags]
    children = [run for run in runs if run.data.tags.get(PARENT) == parent.info.run_id]
    found = read_record(Layout().screening, Screened)
    assert {run.info.run_name for run in children} == {arm.arm for arm in found.arms}
    assert all(run.info.status == "FINISHED" for run in runs)


def test_the_run_that_is_offered_is_a_trial_with_the_baseline_first(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screen_catalogue(Layout(), mlflow=False)
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("  run:")
    offered = yaml.safe_load("\n".join(lines[start : start + 3]))
    (job / "params.yaml").write_text(yaml.safe_dump(yaml.safe_load(PARAMS) | offered))
    run = load_params(job / "params.yaml").run
    assert run.strategies[0] == "baseline"
    assert len(run.strategies) > 1


def test_without_a_train_part_the_command_that_makes_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a project, that is; elsewhere something else is missing."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"params\.yaml is missing; run from the repository's"):
        screen_catalogue(Layout(), mlflow=False)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    with pytest.raises(UserError, match=r"train\.parquet is missing; run `dvc repro split`"):
        screen_catalogue(Layout(), mlflow=False)


def test_a_train_part_of_a_former_data_section_is_refused(job: Path) -> None:
    """By what DVC knows of the stages that made it."""
    (job / "dvc.yaml").write_text(
        "stages:\n"
        "  generate-data: {cmd: 'true', params: [data], outs: [data/schema.json]}\n"
        "  split: {cmd: 'true', deps: [data/schema.json], outs: [data/split/train.parquet]}\n"
    )
    for command in (("init", "--no-scm", "--quiet"), ("commit", "--force", "--quiet")):
        subprocess.run([sys.executable, "-m", "dvc", *command], cwd=job, check=True)
    screen_catalogue(Layout(), mlflow=False)
    before = Layout().screening.read_bytes()
    edited = yaml.safe_load((job / "params.yaml").read_text())
    edited["data"]["n_redundant"] = 1
    (job / "params.yaml").write_text(yaml.safe_dump(edited))
    said = r"train\.parquet may be of .*\(data in params\.yaml\); run `dvc repro split`"
    with pytest.raises(UserError, match=said):
        screen_catalogue(Layout(), mlflow=False)
    assert Layout().screening.read_bytes() == before


@pytest.mark.parametrize("name", ["params.yaml", "data/split/train.parquet"])
def test_an_edit_while_it_runs_is_noticed_and_the_next_one_goes_on(
    name: str, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit_and_watch(title: str, fits: Iterable[FitInFold], number: int) -> Iterable[FitInFold]:
        if name == "params.yaml":
            (job / name).write_text(f"{params}plugins: [pandas]\n")
        else:
            read_frame(job / name).iloc[1:].to_parquet(job / name)
        return leave_unwatched(title, fits, number)

    params = (job / "params.yaml").read_text()
    with monkeypatch.context() as patch:
        patch.setattr(screening, "watch_fits", edit_and_watch)
        with pytest.raises(UserError, match=rf"{name}: edited while the screening ran"):
            screen_catalogue(Layout(), mlflow=True)
    assert not Layout().screening.exists()
    assert not (job / "mlflow.db").exists()
    screen_catalogue(Layout(), mlflow=False)


def test_no_stage_reads_or_writes_what_a_screening_writes() -> None:
    """So `dvc status` is the same before and after one."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    named = [part for stage in stages for key in ("deps", "outs") for part in stage.get(key, ())]
    paths = {Path(next(iter(part)) if isinstance(part, dict) else part) for part in named}
    layout = Layout()
    ranking = (layout.screening, layout.screening_seconds, layout.screening_page)
    for written in (*ranking, layout.screening_fits):
        assert paths.isdisjoint((written, *written.parents))
