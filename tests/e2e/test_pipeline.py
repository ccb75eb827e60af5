"""The real `dvc repro`: what runs, what does not, and what it leaves."""

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.repository import Repository, clean_environment, stages_run
from tests.server import DEADLINE

SCORING = ("score", "data/split/test.parquet", "--out", "scored.csv")
EVERY_STAGE = {
    "fingerprint",
    "generate-data",
    "split",
    *(f"resample@{s}" for s in ("baseline", "smote", "class_weight")),
    *(f"train@{s}-logistic" for s in ("baseline", "smote", "class_weight")),
    *(f"decide@{s}-logistic" for s in ("baseline", "smote", "class_weight")),
    *(f"evaluate@{s}-logistic" for s in ("baseline", "smote", "class_weight")),
    "audit",
    "compare",
    "report",
    "track",
}
SMOTE_CHAIN = [
    "resample@smote",
    "train@smote-logistic",
    "decide@smote-logistic",
    "evaluate@smote-logistic",
    "audit",
    "compare",
    "report",
    "track",
]


def outputs(repository: Repository) -> dict[str, str]:
    """Return the hash of everything that the stages made, as DVC has locked it."""
    lock = yaml.safe_load((repository.path / "dvc.lock").read_text())
    return {
        out["path"]: out["md5"]
        for stage in lock["stages"].values()
        for out in stage.get("outs", [])
    }


def test_every_stage_runs_and_the_table_is_printed(finished: Repository) -> None:
    """A fresh clone goes from nothing to a comparison of three arms, and to MLflow."""
    printed = (finished.path.parent / "first_run.txt").read_text()
    assert set(stages_run(printed)) == EVERY_STAGE
    for arm in ("baseline-logistic", "smote-logistic", "class_weight-logistic"):
        assert re.search(rf"^  {arm} +0\.5 ", printed, re.MULTILINE)
    assert "Traceback" not in printed
    assert "Warning" not in printed


def test_a_second_run_does_nothing(repository: Repository) -> None:
    """`dvc repro` without a change runs no stage and makes no run in MLflow."""
    assert repository.repro() == []
    assert len(repository.trials()) == 1


def test_editing_a_strategy_runs_its_chain_only(repository: Repository) -> None:
    """An edit of SMOTE leaves the other arms as they were; taking it back makes no third run."""

    def fewer_neighbours(params: dict[str, Any]) -> None:
        params["strategies"]["smote"] = {"sampler": {"class": "SMOTE", "k_neighbors": 3}}

    before = outputs(repository)
    repository.edit_params(fewer_neighbours)
    assert repository.repro() == SMOTE_CHAIN
    assert len(repository.trials()) == 2
    repository.succeed("git", "checkout", "params.yaml")
    assert set(repository.repro()) <= {"audit", "compare", "report", "track"}
    assert outputs(repository) == before
    assert len(repository.trials()) == 2


def test_an_edit_of_the_library_runs_what_uses_it(repository: Repository) -> None:
    """And nothing else: the page comes out as it was, so it is not published again."""
    with (repository.path / "src/equipoise/page/words.py").open("a") as module:
        module.write("# a comment\n")
    assert repository.repro() == ["fingerprint", "report"]


def test_another_objective_decides_again_and_trains_nothing(repository: Repository) -> None:
    """What comes of it is one arm's decision and evaluation, both of them new."""
    before = outputs(repository)
    repository.edit_params(lambda params: params["decision"].update(objective="balanced_accuracy"))
    ran = ["decide@smote-logistic", "evaluate@smote-logistic"]
    assert repository.repro("evaluate@smote-logistic") == ran
    after = outputs(repository)
    changed = {path for path in before if before[path] != after[path]}
    assert {"decisions/smote-logistic.json", "reports/metrics/smote-logistic.json"} <= changed
    assert not any(path.startswith(("models/", "data/")) for path in changed)


@pytest.mark.slow
def test_nothing_is_written_of_a_trial_by_other_params_than_its_own(
    repository: Repository,
) -> None:
    """It would say that a threshold was tuned for what it was not; other params change nothing."""
    repository.edit_params(lambda params: params["decision"].update(objective="mcc"))
    said = (
        "error: params.yaml has been edited since the trial that lies here (decision); run"
        " `dvc repro`, or undo the edit\n"
    )
    assert_refused_by_all(repository, said)
    repository.succeed("git", "checkout", "params.yaml")
    repository.succeed("dvc", "checkout")
    repository.edit_params(lambda params: params.update(n_jobs=1, screen={"level": 1e-3}))
    repository.succeed("equipoise", *SCORING)


def assert_refused_by_all(repository: Repository, said: str) -> None:
    """Neither a command nor a stage takes the trial that lies here, and nothing is recorded."""
    for command in (("card",), SCORING):
        refused = repository.run("equipoise", *command)
        assert (refused.returncode, refused.stderr) == (2, said)
    for stage in ("report", "track"):
        assert said in repository.run("dvc", "repro", "--force", "--single-item", stage).stderr
    assert len(repository.trials()) == 1


@pytest.mark.slow
def test_what_a_stopped_run_made_is_not_taken_for_what_git_brings_back(
    repository: Repository,
) -> None:
    """Params and dvc.lock fit each other again then; a model of the stopped run fits neither."""
    repository.edit_params(lambda params: params["models"]["logistic"].update(C=1e-4))
    repository.succeed("dvc", "repro", "train@baseline-logistic")
    repository.succeed("git", "checkout", ".")
    said = (
        "error: dvc.lock is of one run, and models/baseline-logistic.skops of another: a run has"
        " not come to its end, or Git has other files by now; run `dvc checkout`, then"
        " `dvc repro`\n"
    )
    assert_refused_by_all(repository, said)
    repository.succeed("dvc", "checkout")
    assert repository.repro() == []
    repository.succeed("equipoise", *SCORING)


@pytest.mark.slow
def test_a_stage_that_is_frozen_is_named_as_what_a_run_leaves_out(repository: Repository) -> None:
    repository.succeed("dvc", "freeze", "split")
    repository.edit_params(lambda params: params["split"].update(test_size=0.4))
    refused = repository.run("equipoise", "card")
    assert refused.stderr.endswith(
        "(split), and DVC leaves out split; take `frozen: true` from there in dvc.yaml, then run"
        " `dvc repro`, or undo the edit\n"
    )


WAITING = '''
"""A model that is fitted once it is told to."""

import time
from pathlib import Path

from sklearn.linear_model import LogisticRegression


class Waiting(LogisticRegression):
    """A logistic regression."""

    def fit(self, X, y, sample_weight=None):
        Path("fitting").touch()
        while not Path("go").exists():
            time.sleep(0.05)
        return super().fit(X, y, sample_weight)
'''


@pytest.mark.slow
def test_an_edit_while_a_stage_runs_does_not_count_for_it(repository: Repository) -> None:
    """DVC notes params as they are when a stage ends: they must be those that it ran with."""
    (repository.path / "src/waiting.py").write_text(WAITING)
    model = {"class": "waiting.Waiting", "max_iter": 500}
    repository.edit_params(
        lambda params: params.update(plugins=["waiting"], models={"logistic": model})
    )
    command = ("dvc", "repro", "train@baseline-logistic")
    begun = subprocess.Popen(
        command,
        cwd=repository.path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + DEADLINE
    while not (repository.path / "fitting").exists():
        assert begun.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    repository.edit_params(lambda params: params["models"]["logistic"].update(max_iter=600))
    (repository.path / "go").touch()
    said, _ = begun.communicate(timeout=DEADLINE)
    assert begun.returncode != 0
    (line,) = [line for line in said.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: models.logistic in params.yaml: edited while the stage train")
    assert stages_run(repository.succeed(*command)) == ["train@baseline-logistic"]
    assert repository.run("dvc", "status", "--quiet", "train@baseline-logistic").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["strategies", "models"])
def test_a_name_in_params_is_no_command(repository: Repository, kind: str) -> None:
    """DVC starts a shell before any stage can check names, if the table has not changed."""
    for name in ("x$(touch harm)", "x; touch harm; echo", "-rf"):

        def add_name(params: dict[str, Any], name: str = name) -> None:
            first, *_ = params["run"][kind]
            params[kind] |= {name: params[kind][first]}
            params["run"][kind] = [first, name]

        repository.succeed("git", "checkout", "params.yaml")
        repository.edit_params(add_name)
        failed = repository.run("dvc", "repro")
        assert failed.returncode != 0
        assert f"params.yaml: run.{kind}.1: '{name}' should be letters, digits" in failed.stderr
        assert not (repository.path / "harm").exists()


def test_n_jobs_changes_no_result(repository: Repository) -> None:
    """One processor or all of them: only the page and the record look again, no run is added."""
    repository.edit_params(lambda params: params.update(n_jobs=1))
    assert repository.repro() == ["report", "track"]
    before = outputs(repository)
    repository.repro("--force", "train@smote-logistic", "--single-item")
    assert outputs(repository) == before
    assert len(repository.trials()) == 1


@pytest.mark.slow
def test_a_strategy_taken_out_of_run_leaves_no_trace_in_the_comparison(
    repository: Repository,
) -> None:
    """Files of an arm that `run` no longer names are not read."""
    repository.edit_params(
        lambda params: params["run"].update({"strategies": ["baseline", "smote"]})
    )
    assert repository.repro() == ["audit", "compare", "report", "track"]
    assert "class_weight" not in (repository.path / "reports/comparison.json").read_text()
    *_, last = repository.trials()
    assert set(repository.arms_of(last)) == {"baseline-logistic", "smote-logistic"}
    repository.succeed("git", "checkout", "params.yaml")
    assert repository.repro() == ["audit", "compare", "track"]
    assert repository.succeed("git", "status", "--porcelain") == ""


def user_table(rows: int, seed: int) -> pd.DataFrame:
    """Return a table as a user might bring it: integers, floats, an id, a label in words."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    churned = x[:, 0] + rng.normal(size=rows) > 1.2
    return pd.DataFrame(
        {
            "customer": np.arange(rows),
            "age": (40 + 10 * x[:, 0]).astype(int),
            "spend": x[:, 1] * 100,
            "visits": rng.poisson(3, rows),
            "outcome": np.where(churned, "left", "stayed"),
        }
    )


def test_a_table_of_ones_own(repository: Repository) -> None:
    """A CSV in data/raw is compared the same way; replacing it runs the chain again.

    What has run so far of the chain is no trial: a model would decide by the threshold of another.
    """
    raw = repository.path / "data/raw/customers.csv.gz"
    user_table(500, seed=1).to_csv(raw, index=False)
    own = {
        "source": "file",
        "path": "data/raw/customers.csv.gz",
        "target": "outcome",
        "positive": "left",
        "drop": ["customer"],
    }
    repository.edit_params(lambda params: params.update({"data": own}))
    repository.edit_params(lambda params: params.update({"preprocess": {"numeric": "standardize"}}))
    both = {"strategies": ["baseline", "smote"], "models": ["logistic"]}
    repository.edit_params(lambda params: params.update(run=both))
    others = {"fingerprint", *(stage for stage in EVERY_STAGE if "weight" in stage)}
    assert set(repository.repro()) == EVERY_STAGE - others
    first = pd.read_parquet(repository.path / "data/dataset.parquet")
    assert list(first.columns) == ["age", "spend", "visits", "target"]
    user_table(500, seed=2).to_csv(raw, index=False)
    assert repository.repro("split") == ["generate-data", "split"]
    second = pd.read_parquet(repository.path / "data/dataset.parquet")
    assert not first.equals(second)
    refused = repository.run("equipoise", "card")
    assert "of another: a run has not come to its end, or Git has other files" in refused.stderr
    repository.succeed("dvc", "repro")
    repository.succeed("equipoise", "card")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            {"data": {"source": "file", "path": "data/raw/none.csv", "target": "y"}},
            "error: data.path: 'data/raw/none.csv' does not exist",
        ),
        (
            {"splitt": {"test_size": 0.3}},
            "error: params.yaml: unknown key 'splitt'; did you mean 'split'?",
        ),
        (
            {"models": {"logistic": {"class": "LogisticRegression", "max_itr": 5}}},
            "models.logistic.max_itr: LogisticRegression has no argument 'max_itr'; it has: ",
        ),
    ],
)
def test_a_mistake_is_said_in_one_line_and_loses_nothing(
    repository: Repository, edit: dict[str, Any], message: str
) -> None:
    """A wrong param stops the run without a traceback; taking it back restores every result."""
    before = outputs(repository)
    repository.edit_params(lambda params: params.update(edit))
    failed = repository.run("dvc", "repro")
    assert failed.returncode != 0
    assert message in failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
    repository.succeed("git", "checkout", "params.yaml")
    repository.repro()
    assert outputs(repository) == before
    assert Path(repository.path / "reports/comparison.json").exists()
