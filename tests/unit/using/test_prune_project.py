"""`equipoise prune` in a project with commits, an experiment and a registered model."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import mlflow
import pytest
import yaml
from mlflow.exceptions import MlflowException
from sklearn.dummy import DummyClassifier
from tests.repository import ROOT, Repository, clean_environment

from equipoise.record.store import Store, open_store
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.using.prune_project import prune_project

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

STAGE = """
stages:
  make: {cmd: python make.py, params: [k], deps: [make.py], outs: [rows.csv]}
"""
SCRIPT = """
import yaml
k = yaml.safe_load(open("params.yaml"))["k"]
open("rows.csv", "w").write(f"rows of {k}")
"""


OF_DVC_2 = ".dvc/cache/01/23456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Pruned:
    """A project that was looked at, and then pruned."""

    project: Repository
    said: str
    looked_at: set[str]
    before: set[str]
    after: set[str]
    trained_on: str
    in_conflict: str
    unnamed: str
    deleted: str


def cached(project: Repository) -> set[str]:
    """The hash of every file in the cache."""
    folder = project.path / ".dvc/cache/files/md5"
    return {f"{path.parent.name}{path.name}" for path in folder.glob("??/*")}


def run(project: Repository, k: int) -> str:
    """Run the stage with a param; return the hash of what it makes."""
    (project.path / "params.yaml").write_text(f"k: {k}\n")
    project.succeed("dvc", "repro", "--quiet")
    lock = yaml.safe_load((project.path / "dvc.lock").read_text())
    return str(lock["stages"]["make"]["outs"][0]["md5"])


def run_twice(folder: Path) -> Repository:
    """Return a project that has run with two params, of which only the first are committed."""
    project = Repository(folder)
    project.start_git()
    project.succeed("dvc", "init", "--quiet")
    (folder / "dvc.yaml").write_text(STAGE)
    (folder / "make.py").write_text(SCRIPT)
    run(project, 1)
    project.commit("State")
    run(project, 2)
    return project


def go_to(project: Repository, commit: str) -> str:
    """Check out a commit with its data; return the rows."""
    project.succeed("git", "checkout", "--quiet", "--force", commit)
    project.succeed("dvc", "checkout", "--quiet", "--force")
    return (project.path / "rows.csv").read_text()


def record(project: Repository, trained_on: str) -> str:
    """Have a registered model that names rows, and a run that is marked deleted: return its id."""
    store = Store(f"sqlite:///{project.path / 'mlflow.db'}", project.path)
    client = open_store(store)
    with mlflow.start_run(
        experiment_id="0"
    ):  # an earlier test of this process may have set another
        model = DummyClassifier().fit([[0], [1]], [0, 1])
        mlflow.sklearn.log_model(model, name="model", registered_model_name="churn")
    client.set_model_version_tag("churn", "1", "train.md5", trained_on)
    deleted: str = client.create_run("0").info.run_id
    client.delete_run(deleted)
    return deleted


def have_table_of_dvc_2(project: Repository) -> None:
    """Have a commit with a table as DVC 2 kept it: elsewhere in the cache."""
    place = project.path / OF_DVC_2
    place.parent.mkdir(parents=True)
    place.write_text("rows")
    table = project.path / "table.csv.dvc"
    table.write_text(f"outs: [{{md5: {''.join(place.parts[-2:])}, size: 4, path: table.csv}}]\n")
    project.commit("A table of DVC 2")
    table.unlink()


def prune(project: Repository, *, confirmed: bool) -> str:
    """Prune the project; return what is said."""
    said = StringIO()
    with chdir(project.path), redirect_stdout(said):
        prune_project(Layout(), confirmed=confirmed)
    return said.getvalue()


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Pruned:
    """Five commits, an experiment, and rows without a commit, some of a registered model.

    One of the commits has a conflict in params.yaml, so DVC cannot read it.
    """
    project = Repository(tmp_path_factory.mktemp("pruned"))
    project.start_git()
    project.succeed("dvc", "init", "--quiet")
    (project.path / "dvc.yaml").write_text(STAGE)
    (project.path / "make.py").write_text(SCRIPT)
    have_table_of_dvc_2(project)
    in_conflict = run(project, 0)
    params = project.path / "params.yaml"
    params.write_text("k: 0\n<<<<<<< HEAD\nj: 1\n=======\nj: 2\n>>>>>>> theirs\n")
    project.commit("Conflict")
    for k in (1, 2, 3):
        run(project, k)
        project.commit(f"State {k}")
        project.succeed("git", "tag", f"state-{k}")
    project.succeed("dvc", "exp", "run", "--quiet", "--name", "tried", "--set-param", "k=4")
    trained_on, unnamed = run(project, 5), run(project, 6)
    go_to(project, "main")
    deleted = record(project, trained_on)
    before = cached(project)
    said = prune(project, confirmed=False)
    looked_at = cached(project)
    prune(project, confirmed=True)
    after = cached(project)
    return Pruned(
        project, said, looked_at, before, after, trained_on, in_conflict, unnamed, deleted
    )


def test_a_look_says_what_would_go_and_removes_nothing(pruned: Pruned) -> None:
    cache, *rest = pruned.said.splitlines()
    assert cache.startswith("DVC's cache: 1 file (0.0 MB) needed by no commit, stash, ")
    assert rest == [
        "MLflow: 1 run, 0 models, 0 experiments marked deleted",
        f"  run {pruned.deleted}",
        "Nothing is removed yet; `equipoise prune --yes` does it",
    ]
    assert pruned.looked_at == pruned.before


def test_what_nothing_names_is_gone_and_nothing_else(pruned: Pruned) -> None:
    assert pruned.before - pruned.after == {pruned.unnamed}
    with pytest.raises(MlflowException, match="not found"):
        pruned.project.client().get_run(pruned.deleted)


def test_every_commit_and_the_experiment_are_checked_out_again(pruned: Pruned) -> None:
    for k in (1, 2, 3):
        assert go_to(pruned.project, f"state-{k}") == f"rows of {k}"
    go_to(pruned.project, "main")
    pruned.project.succeed("dvc", "exp", "apply", "tried")
    assert (pruned.project.path / "rows.csv").read_text() == "rows of 4"


def test_what_a_commit_names_that_dvc_cannot_read_stays(pruned: Pruned) -> None:
    assert pruned.in_conflict in pruned.after


def test_a_table_of_dvc_2_stays(pruned: Pruned) -> None:
    assert (pruned.project.path / OF_DVC_2).read_text() == "rows"


def test_the_registered_model_is_loaded_again_and_its_rows_are_there(pruned: Pruned) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{pruned.project.path / 'mlflow.db'}")
    model = mlflow.sklearn.load_model("models:/churn/1")
    assert model.predict([[0]]).tolist() == [0]
    assert pruned.trained_on in pruned.after


def test_what_is_gone_is_computed_again(pruned: Pruned) -> None:
    """The run cache still has the state, and DVC sees that its files are gone."""
    go_to(pruned.project, "main")
    assert run(pruned.project, 6) == pruned.unnamed
    assert pruned.unnamed in cached(pruned.project)


def test_without_a_record_only_the_cache_is_looked_at(tmp_path: Path) -> None:
    """No store is made for the question."""
    project = Repository(tmp_path)
    project.start_git()
    project.succeed("dvc", "init", "--quiet")
    said = project.succeed("equipoise", "prune", PYTHONPATH=str(ROOT / "src"))
    assert "MLflow: 0 runs" in said
    assert not (tmp_path / "mlflow.db").exists()


def remove_lock_from_git(project: Repository) -> None:
    """Remove dvc.lock of the last commit from what Git has."""
    blob = project.succeed("git", "rev-parse", "HEAD:dvc.lock").strip()
    (project.path / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()


def have_broken_table(project: Repository) -> None:
    """Have a .dvc file that is not YAML."""
    (project.path / "table.dvc").write_text("outs: [\n")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (remove_lock_from_git, "nothing was pruned: git grep: error: .* unable to read"),
        (
            have_broken_table,
            "gc --workspace failed: Failed to collect 'workspace': .*'table.dvc'",
        ),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_removed(
    damage: Callable[[Repository], None], message: str, tmp_path: Path
) -> None:
    project = run_twice(tmp_path)
    damage(project)
    before = cached(project)
    with pytest.raises(UserError, match=message):
        prune(project, confirmed=True)
    assert cached(project) == before


def test_what_a_killed_run_had_finished_stays_until_it_is_named_again(tmp_path: Path) -> None:
    """Whoever has restored dvc.lock, and however often it is tried."""
    project = run_twice(tmp_path)
    before = cached(project)
    (tmp_path / "dvc.lock").write_text("")
    for _ in range(2):
        with pytest.raises(UserError, match="nothing names yet what the killed run had finished"):
            prune(project, confirmed=True)
    project.repro()
    assert "Removed\n" in prune(project, confirmed=True)
    assert cached(project) == before


def test_a_prune_that_is_stopped_leaves_nothing_behind(tmp_path: Path) -> None:
    """Its folder, in which DVC finds what to keep, goes with it."""
    project, temporary = Repository(tmp_path / "project"), tmp_path / "temporary"
    project.path.mkdir()
    temporary.mkdir()
    project.start_git()
    project.succeed("dvc", "init", "--quiet")
    own = {"PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(temporary), "DVC_NO_ANALYTICS": "true"}
    command = (sys.executable, "-m", "equipoise", "prune")
    with subprocess.Popen(command, cwd=project.path, env=clean_environment() | own) as running:
        while not [*temporary.glob("tmp*")]:  # others are how Python looks for a place
            assert running.poll() is None
            time.sleep(0.01)
        running.terminate()
    assert running.returncode == 128 + signal.SIGTERM
    assert [*temporary.iterdir()] == []
