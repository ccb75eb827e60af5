"""The comparison: the arms that `run` names, no others, and all that was found."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from equipoise.contract.errors import UserError
from equipoise.contract.storage import read_json

Stage = Callable[..., None]

SRC = Path(__file__).parents[2] / "src"
REMEDIES = ("smote", "class_weight", "under", "cleaned")
KEYS = {
    *("cell", "against", "metric", "view", "source", "effect", "interval", "p"),
    *("p_holm", "verdict"),
}
QUESTIONS = {
    ("ranking", "average_precision"),
    ("ranking", "roc_auc"),
    ("default", "f1"),
    ("tuned", "f1"),
    ("calibrated", "brier_score"),
}


def run_only(job: Path, *strategies: str) -> None:
    """Edit `run.strategies` of the job's params."""
    params = job / "params.yaml"
    listed = "strategies: [baseline, smote, class_weight, under, cleaned]"
    assert listed in params.read_text()
    named = f"strategies: [{', '.join(strategies)}]"
    params.write_text(params.read_text().replace(listed, named))


def test_a_comparison_has_every_key(finished: Path) -> None:
    """Tools that read the comparison find every remedy's answer to every question."""
    comparison = read_json(finished / "reports/comparison.json")
    assert (comparison["baseline"], comparison["objective"]) == ("baseline", "f1")
    assert {frozenset(answer) for answer in comparison["comparisons"]} == {frozenset(KEYS)}
    asked = [(a["cell"], a["view"], a["metric"]) for a in comparison["comparisons"]]
    expected = {(f"{r}-logistic", view, metric) for r in REMEDIES for view, metric in QUESTIONS}
    assert (expected, len(expected)) == (set(asked), len(asked))


def test_an_effect_is_the_difference_of_two_metrics_files(finished: Path) -> None:
    """What the comparison says is what the arms' own files say, subtracted."""
    for answer in read_json(finished / "reports/comparison.json")["comparisons"]:
        section = "test" if answer["view"] == "ranking" else answer["view"]
        arm, baseline = (
            read_json(finished / f"reports/metrics/{answer[side]}.json")[section][answer["metric"]]
            for side in ("cell", "against")
        )
        assert arm - baseline == pytest.approx(answer["effect"], abs=2e-6)
        assert answer["interval"][0] <= answer["interval"][1]


def test_curves_of_all_arms_are_in_one_file(finished: Path) -> None:
    """A plot of one file overlays every arm, none thinned further."""
    together = pd.read_csv(finished / "reports/curves.csv")
    each = [
        pd.read_csv(finished / f"reports/curves/{strategy}-logistic.csv")
        for strategy in ("baseline", *REMEDIES)
    ]
    pd.testing.assert_frame_equal(pd.concat(each, ignore_index=True), together)


def test_an_arm_that_is_no_longer_run_is_left_out(
    job: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files of a strategy that was taken out stay on disk, and are not read."""
    run_only(job, "baseline", "smote")
    (job / "reports/metrics/under-logistic.json").write_text("not JSON")
    stage("compare")
    compared = {a["cell"] for a in read_json(job / "reports/comparison.json")["comparisons"]}
    assert compared == {"smote-logistic"}
    cells = set(pd.read_csv(job / "reports/curves.csv")["cell"])
    assert cells == {"baseline-logistic", "smote-logistic"}
    assert "under" not in capsys.readouterr().out


def test_the_first_strategy_is_the_one_to_beat(job: Path, stage: Stage) -> None:
    """Listed first, any strategy is the baseline, and its effect turns its sign."""
    comparisons = read_json(job / "reports/comparison.json")["comparisons"]
    before = {a["metric"]: a["effect"] for a in comparisons if a["cell"] == "smote-logistic"}
    run_only(job, "smote", "baseline")
    stage("compare")
    comparison = read_json(job / "reports/comparison.json")
    assert comparison["baseline"] == "smote"
    after = {answer["metric"]: -answer["effect"] for answer in comparison["comparisons"]}
    assert before == after


def test_the_baseline_alone_is_compared_with_nothing(
    job: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """A first look at the data, without a remedy, is a job that finishes."""
    run_only(job, "baseline")
    stage("compare")
    assert read_json(job / "reports/comparison.json")["comparisons"] == []
    assert "baseline-logistic" in capsys.readouterr().out


def test_every_arm_is_printed(job: Path, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The table at the end of a run shows each arm, within 100 columns."""
    assert job.exists()
    stage("compare")
    output = capsys.readouterr().out
    assert all(f"{strategy}-logistic" in output for strategy in ("baseline", *REMEDIES))
    assert max(map(len, output.splitlines())) <= 100


def test_a_cell_that_was_not_evaluated_is_named(job: Path, stage: Stage) -> None:
    """Run by hand before its arms are there, the stage says which file is missing."""
    (job / "reports/metrics/smote-logistic.json").unlink()
    with pytest.raises(UserError, match=r"smote-logistic"):
        stage("compare")


def modules_after(code: str, job: Path) -> set[str]:
    """The top-level packages that a process has imported once `code` has run in the job."""
    probe = (
        f"{code}\nimport sys\nprint('\\n' + ' '.join({{n.partition('.')[0] for n in sys.modules}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=job,
        env=os.environ | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_comparing_imports_neither_scikit_learn_nor_mlflow(job: Path) -> None:
    """The table is there in an instant: it needs numbers, not models."""
    script = str(SRC / "stages/compare.py")
    imported = modules_after(f"import runpy; runpy.run_path({script!r}, run_name='__main__')", job)
    assert set() == {"sklearn", "imblearn", "scipy", "mlflow", "matplotlib"} & imported


def test_no_stage_before_the_last_imports_mlflow(job: Path) -> None:
    """Only the publisher pays for MLflow, and only it can fail with the server."""
    cell = ["--strategy", "smote", "--model", "logistic"]
    stages = [("generate_data", []), ("split", []), ("resample", cell[:2])]
    stages += [("train", cell), ("evaluate", cell), ("compare", [])]
    lines = ["import runpy, sys"]
    for name, argv in stages:
        script = str(SRC / f"stages/{name}.py")
        lines.append(f"sys.argv[1:] = {argv}; runpy.run_path({script!r}, run_name='__main__')")
    imported = modules_after("\n".join(lines), job)
    assert "sklearn" in imported
    assert set() == {"mlflow", "matplotlib"} & imported


def files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_the_same_job_gives_the_same_bytes(finished: Path, again: Path) -> None:
    """Run again from nothing, every file of every stage is what it was."""
    one, other = files(finished), files(again)
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name]] == []
