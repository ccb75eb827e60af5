"""The registry: what `track` registers, and what it takes to become, and stay, the champion."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from tests.repository import BIN

from equipoise.record.logged_files import check_model
from equipoise.record.published_models import read_model_id
from equipoise.record.registry import CHALLENGER, CHAMPION, find_contenders, move_champion
from equipoise.record.store import find_store
from equipoise.saved_trial import load
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.using.promote_model import promote_challenger, undo_promotion

from .conftest import ABOUT_STORE, PARAMS, ROOT, finished_job, run_all, run_stage, work_in_copy

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

NAME = "churn"
STRATEGIES = ("baseline", "class_weight")


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job whose recommended model is registered; not to be written to."""
    params = yaml.safe_load(PARAMS)
    params["data"]["n_samples"] = 1000
    params["run"]["strategies"] = [*STRATEGIES]
    params["registry"] = {"name": NAME, "at_least": {"average_precision": 0.2}}
    params["registry"]["at_most"] = {}
    folder = tmp_path_factory.mktemp("registered")
    (folder / "dvc.yaml").write_text("stages: {}\n")
    finished_job(folder, yaml.safe_dump(params), STRATEGIES)
    with pytest.MonkeyPatch.context() as patch:
        for name in ABOUT_STORE:
            patch.delenv(name, raising=False)
        patch.chdir(folder)
        for stage in ("audit", "report", "track"):
            run_stage(stage)
    return folder


@pytest.fixture
def job(registered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the job and its store, as the working directory."""
    return work_in_copy(registered, tmp_path / "job", monkeypatch)


@pytest.fixture
def store(job: Path) -> MlflowClient:
    """A client of the job's store."""
    return MlflowClient(f"sqlite:///{job / 'mlflow.db'}")


def edit_params(**sections: object) -> None:
    """Write other values into sections of params.yaml."""
    path = Path("params.yaml")
    params = yaml.safe_load(path.read_text())
    for name, values in sections.items():
        params[name] = {**params[name], **values} if isinstance(values, dict) else values
    path.write_text(yaml.safe_dump(params))


def run_again() -> None:
    """Run all stages, the last too, and have another challenger."""
    run_all(STRATEGIES)
    for stage in ("audit", "report", "track"):
        run_stage(stage)


def champion_in(store: MlflowClient) -> str | None:
    """Return the version that is champion."""
    number = store.get_registered_model(NAME).aliases.get(CHAMPION)
    return None if number is None else str(number)


def test_the_recommended_model_is_registered_once_with_its_card_and_where_it_is_from(
    job: Path, store: MlflowClient
) -> None:
    run_stage("track")
    [version] = store.search_model_versions(f"name = '{NAME}'")
    assert store.get_model_version_by_alias(NAME, CHALLENGER).version == version.version
    tags = version.tags
    run = store.get_run(tags["run"])
    assert run.info.run_name == tags["arm"] == load(job).comparison.recommended.arm
    assert version.source == f"models:/{read_model_id(run)}"
    assert tags["dvc.lock"] == f"runs:/{run.data.tags['mlflow.parentRunId']}/dvc.lock"
    card = store.download_artifacts(tags["run"], "model_card.md", str(job))
    assert Path(card).read_text().startswith("# Model card: ")
    assert "<table>" in Path(store.download_artifacts(tags["run"], "model_card.html")).read_text()
    assert str(version.description).startswith("**What it decides.**")


def test_the_first_champion_passes_the_gates_and_is_undone_in_one_step(
    store: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert promote_challenger(Layout())
    assert champion_in(store) == "1"
    assert "met: registry.at_least.average_precision" in capsys.readouterr().out
    assert promote_challenger(Layout())
    assert "version 1 is the champion already" in capsys.readouterr().out
    undo_promotion(Layout())
    assert champion_in(store) is None
    with pytest.raises(UserError, match="churn has no champion, so there is no promotion to undo"):
        undo_promotion(Layout())


def test_a_gate_that_refuses_says_by_how_much_and_nothing_moves(
    store: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_params(registry={"at_least": {"average_precision": 0.99}})
    assert not promote_challenger(Layout())
    told = capsys.readouterr().out
    assert "refused: registry.at_least.average_precision" in told
    assert "0.99 is asked for" in told
    assert "Not promoted: registry.at_least.average_precision" in told
    assert champion_in(store) is None


def test_a_model_that_is_worse_on_the_same_split_is_refused(
    store: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was trained on the same rows, so the whole test part is new to both."""
    promote_challenger(Layout())
    constant = {"class": "DummyClassifier", "strategy": "prior"}
    edit_params(models={"logistic": constant}, registry={"at_least": {}})
    run_again()
    assert not promote_challenger(Layout())
    assert "credibly worse" in capsys.readouterr().out
    assert champion_in(store) == "1"
    edit_params(registry={"champion": "not_asked"})
    assert promote_challenger(Layout())
    undo_promotion(Layout())
    assert champion_in(store) == "1"
    promote_challenger(Layout())
    store.delete_model_version(NAME, "1")
    with pytest.raises(UserError, match=r"version 1 of churn, the one before, is not in MLflow"):
        undo_promotion(Layout())
    assert champion_in(store) == "2"


def test_rows_of_another_split_count_where_neither_model_was_trained_on_them(
    store: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """DVC's cache has the rows that the champion learned from; without it nothing is known."""
    promote_challenger(Layout())
    former = Path("former.parquet")
    shutil.copy("data/split/train.parquet", former)
    learned = pd.read_parquet(former)
    edit_params(split={"test_size": 0.5})
    run_again()
    assert not promote_challenger(Layout())
    assert "DVC's cache does not have the rows" in capsys.readouterr().out
    for command in (("init", "--no-scm", "--force", "--quiet"), ("add", "--quiet", str(former))):
        subprocess.run([str(BIN / "dvc"), *command], check=True)
    cached = next(path for path in Path(".dvc/cache/files/md5").rglob("*") if path.is_file())
    cached.chmod(0o644)
    cached.write_bytes(cached.read_bytes()[:300])
    assert not promote_challenger(Layout())
    told = capsys.readouterr().out
    assert f"cut short or changed; remove them with `rm -f {cached.resolve()}`: if a" in told
    subprocess.run(["rm", "-f", cached], check=True)
    subprocess.run([str(BIN / "dvc"), "commit", "--force", "--quiet"], check=True)
    assert promote_challenger(Layout())
    test = pd.read_parquet("data/split/test.parquet")
    unseen = test.index.difference(learned.index)
    told = f"on {len(unseen)} of {len(test)} test rows: those that neither was trained on"
    assert told in capsys.readouterr().out
    assert champion_in(store) == "2"


@pytest.fixture
def artifacts(store: MlflowClient, job: Path) -> Path:
    """The files of version 1."""
    model = store.get_model_version(NAME, "1").tags["model"]
    return job / f"mlartifacts/models/{model}/artifacts"


SPOILT: dict[str, Callable[[Path], object]] = {
    "model.skops": Path.unlink,
    "decision.json": lambda path: path.write_text(path.read_text()[:-40]),
    "schema.json": lambda path: path.write_text("{}"),
    "code/equipoise/serving/served_model.py": lambda path: path.write_text(path.read_text()[:99]),
    "requirements.txt": lambda path: path.write_text(""),
    "MLmodel": lambda path: path.write_text(
        re.sub(r"(?m)^metadata:", "metadata: 1\nm:", path.read_text())
    ),
    ".": shutil.rmtree,
}


def track_anew() -> str:
    """Run `track` in a process of its own: MLflow remembers where artifacts were before a move."""
    command = (sys.executable, str(ROOT / "src/stages/track.py"))
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", SPOILT)
def test_a_version_with_spoilt_files_is_not_promoted_until_they_are_put_back(
    name: str, artifacts: Path, store: MlflowClient
) -> None:
    SPOILT[name](artifacts / name)
    version = f"models:/{NAME}/1"
    with pytest.raises(UserError, match=f" of {version} (is|are) .*, which puts them back"):
        promote_challenger(Layout())
    assert champion_in(store) is None
    assert "Put back:    files of the model of" in track_anew()
    assert promote_challenger(Layout())
    check_model(version, find_store())
    assert "Put back" not in track_anew()


@pytest.mark.parametrize("name", SPOILT)
def test_of_a_champion_with_spoilt_files_it_is_not_known_whether_it_is_better(
    name: str, artifacts: Path, store: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    promote_challenger(Layout())
    edit_params(models={"logistic": {"class": "LogisticRegression", "C": 0.01}})
    run_again()
    SPOILT[name](artifacts / name)
    assert not promote_challenger(Layout())
    told = capsys.readouterr().out
    assert re.search(rf"known: (the )?(files|MLmodel) of models:/{NAME}/1 (is|are) ", told)
    assert tempfile.gettempdir() not in told
    assert champion_in(store) == "1"


def test_a_model_that_was_deleted_is_logged_again_and_has_another_version(
    store: MlflowClient,
) -> None:
    """Its version stays without one: it is no champion that another can be held against."""
    promote_challenger(Layout())
    run = store.get_model_version(NAME, "1").tags["run"]
    store.delete_logged_model(store.get_model_version(NAME, "1").tags["model"])
    for attempt in (promote_challenger, undo_promotion):
        with pytest.raises(UserError, match=f"model of models:/{NAME}/1 .* was deleted there; run"):
            attempt(Layout())
        store.set_model_version_tag(NAME, "1", "champion_before", "1")
    told = track_anew()
    assert "Published:   the model of" in told
    assert "Registered:  version 2 of" in told
    assert store.get_model_version(NAME, "2").tags["run"] == run
    assert not promote_challenger(Layout())
    edit_params(registry={"champion": "not_asked"})
    assert promote_challenger(Layout())
    check_model(f"models:/{NAME}@{CHAMPION}", find_store())
    store.delete_model_version(NAME, "1")
    assert "Published" not in track_anew()


def test_a_tag_that_is_no_hash_names_no_file(
    store: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever may edit tags could have somebody remove a file, or read one."""
    promote_challenger(Layout())
    edit_params(split={"test_size": 0.5})
    run_again()
    subprocess.run([str(BIN / "dvc"), "init", "--no-scm", "--force", "--quiet"], check=True)
    store.set_model_version_tag(NAME, "1", "train.md5", "../../../../params.yaml")
    assert not promote_challenger(Layout())
    assert "so what it was trained on is not known" in capsys.readouterr().out


@pytest.mark.usefixtures("job")
def test_only_the_model_of_the_trial_that_lies_here_is_judged_by_it() -> None:
    edit_params(seed=8)
    run_all(STRATEGIES)
    with pytest.raises(UserError, match=r"has no model of .* as it lies here; publish the trial"):
        promote_challenger(Layout())


def test_an_experiment_registers_nothing_until_it_is_asked_to(
    store: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "wild-idea")
    edit_params(models={"logistic": {"class": "LogisticRegression", "C": 0.01}})
    run_again()
    assert len(store.search_model_versions(f"name = '{NAME}'")) == 1
    with pytest.raises(UserError, match="`dvc repro --force --single-item track` makes that the"):
        promote_challenger(Layout())
    monkeypatch.delenv("DVC_EXP_NAME")
    run_stage("track")
    assert promote_challenger(Layout())
    assert champion_in(store) == "2"


def test_a_champion_that_changed_meanwhile_stays(store: MlflowClient) -> None:
    """Another promotion came between the gates and the move."""
    seen = find_contenders(NAME, find_store())
    store.set_registered_model_alias(NAME, CHAMPION, "1")
    with pytest.raises(UserError, match=r"it was version none, and is version 1 by now"):
        move_champion(seen, find_store())
    with pytest.raises(UserError, match="was not made so by `equipoise promote`"):
        undo_promotion(Layout())
    assert champion_in(store) == "1"


def test_without_a_name_nothing_is_registered_or_promoted(store: MlflowClient) -> None:
    store.delete_registered_model(NAME)
    edit_params(registry={"name": None})
    run_stage("track")
    with pytest.raises(MlflowException):
        store.get_registered_model(NAME)
    for attempt in (promote_challenger, undo_promotion):
        with pytest.raises(UserError, match=r"registry\.name: no model is registered without a"):
            attempt(Layout())
