"""`equipoise prune` in a project with commits, an experiment and registered models."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from tests.repository import ROOT, Repository, finished_repository

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

K = "strategies.smote.sampler.k_neighbors"


@dataclass(frozen=True)
class Pruned:
    """A project before and after."""

    repository: Repository
    commits: list[str]
    before: set[str]
    looked: set[str]
    after: set[str]
    deleted: str
    said: str


def cached(repository: Repository) -> set[str]:
    """The hash of every file in the cache."""
    folder = repository.path / ".dvc/cache/files/md5"
    return {f"{path.parent.name}{path.name}" for path in folder.glob("??/*")}


def set_neighbours(repository: Repository, k: int) -> None:
    smote = {"sampler": {"class": "SMOTE", "k_neighbors": k}}
    repository.edit_params(lambda params: params["strategies"].update({"smote": smote}))


def prune(repository: Repository, *options: str) -> str:
    return repository.succeed("equipoise", "prune", *options, PYTHONPATH=str(ROOT / "src"))


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> Pruned:
    """Three commits, an experiment, two registered models, one of a state without a commit."""
    repository = finished_repository(tmp_path_factory.mktemp("prune") / "trial")
    commits = [repository.succeed("git", "rev-parse", "HEAD").strip()]
    deleted = repository.trials()[0].info.run_id
    for k in (3, 4):
        set_neighbours(repository, k)
        repository.edit_params(lambda params: params.update(registry={"name": "churn"}))
        repository.repro()
        repository.commit(f"{k} neighbours")
        commits.append(repository.succeed("git", "rev-parse", "HEAD").strip())
    repository.succeed("dvc", "exp", "run", "--quiet", "--name", "tried", "--set-param", f"{K}=2")
    repository.succeed("git", "checkout", "--quiet", "--force", "main")
    repository.edit_params(lambda params: params.update(seed=params["seed"] + 1))
    repository.repro()  # another train part, whose model is registered and which has no commit
    repository.succeed("git", "checkout", "--quiet", "--force", "main")
    repository.succeed("dvc", "checkout", "--quiet", "--force")
    repository.client().delete_run(deleted)
    before = cached(repository)
    said = prune(repository)
    looked = cached(repository)
    assert repository.client().get_run(deleted).info.run_id == deleted
    prune(repository, "--yes")
    return Pruned(repository, commits, before, looked, cached(repository), deleted, said)


@pytest.fixture
def project(pruned: Pruned) -> Iterator[Repository]:
    """The project after it, for a test that checks out another state."""
    yield pruned.repository
    pruned.repository.succeed("git", "checkout", "--quiet", "--force", "main")
    pruned.repository.succeed("dvc", "checkout", "--quiet", "--force")


def test_a_look_removes_nothing_and_says_what_would_go(pruned: Pruned) -> None:
    gone = len(pruned.before - pruned.after)
    assert gone > 5
    assert f"DVC's cache: {gone} files (" in pruned.said
    listed = f"1 run, 0 models, 0 experiments marked deleted\n  run {pruned.deleted}\n"
    assert f"MLflow: {listed}" in pruned.said
    assert pruned.said.endswith("Nothing is removed yet; `equipoise prune --yes` does it\n")
    assert pruned.looked == pruned.before


def test_every_commit_is_checked_out_again(pruned: Pruned, project: Repository) -> None:
    for commit in pruned.commits:
        project.succeed("git", "checkout", "--quiet", "--force", commit)
        project.succeed("dvc", "checkout", "--force")
        assert project.succeed("dvc", "status", "--json").strip() == "{}"


def test_the_experiment_is_applied_again(project: Repository) -> None:
    project.succeed("dvc", "exp", "apply", "tried")
    assert project.succeed("dvc", "status", "--json").strip() == "{}"


def test_every_registered_model_is_loaded_and_has_its_train_rows(
    pruned: Pruned, project: Repository
) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{project.path / 'mlflow.db'}")
    versions = project.client().search_model_versions("name = 'churn'")
    assert len(versions) == 3
    table = pd.read_parquet(project.path / "data/split/test.parquet")
    for version in versions:
        model = mlflow.pyfunc.load_model(f"models:/churn/{version.version}")
        assert len(model.predict(table.drop(columns="target"))) == len(table)
        assert version.tags["train.md5"] in pruned.after


def test_what_was_marked_deleted_is_gone_and_all_else_there(pruned: Pruned) -> None:
    left = pruned.repository.trials()
    assert pruned.deleted not in {run.info.run_id for run in left}
    assert len(left) == 4
    assert not [*Path(pruned.repository.path / "mlartifacts").rglob(pruned.deleted)]


def test_the_files_of_a_state_without_a_name_are_computed_again(project: Repository) -> None:
    """The run cache still knows it, and finds that its files are gone."""
    project.edit_params(lambda params: params.update(seed=params["seed"] + 1))
    assert "train" in " ".join(project.repro())
