"""The comparison: the arms that `run` names, no others, and all that was found."""

import re
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from equipoise.comparing.verdict import compare_folds
from equipoise.judging.evidence import Evidence
from equipoise.judging.positives_needed import LARGEST_MULTIPLE
from equipoise.storage.files.formats import read_frame, read_json, write_frame, write_json
from equipoise.storage.result_files import read_result
from equipoise.terminal.errors import UserError

from .conftest import Stage, run_stage

SRC = Path(__file__).parents[2] / "src"
REMEDIES = ("smote", "class_weight", "under", "cleaned")
KEYS = {
    *("arm", "against", "metric", "view", "source", "claim", "effect", "interval", "p"),
    *("p_holm", "rope", "p_equivalent", "verdict"),
}
QUESTIONS = {
    ("ranking", "average_precision"),
    ("ranking", "roc_auc"),
    ("default", "f1"),
    ("tuned", "f1"),
    ("calibrated", "brier_score"),
}


def answers(job: Path, source: str) -> list[dict[str, Any]]:
    comparisons = read_json(job / "reports/comparison.json")["comparisons"]
    return [answer for answer in comparisons if answer["source"] == source]


def question(answer: dict[str, Any]) -> tuple[str, ...]:
    return answer["view"], answer["metric"], answer["source"]


def edit(job: Path, key: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Edit a list of names in `run` of the job's params."""
    params = job / "params.yaml"
    listed, named = (f"{key}: [{', '.join(names)}]" for names in (before, after))
    assert listed in params.read_text()
    params.write_text(params.read_text().replace(listed, named))


def run_only(job: Path, *strategies: str) -> None:
    """Edit `run.strategies` of the job's params."""
    edit(job, "strategies", ("baseline", *REMEDIES), strategies)


def is_clear(answer: dict[str, Any], positives: int, more: int, level: float, alpha: float) -> bool:
    """Whether so many positives more bring the interval inside the region, or clear of 0.

    With fewer than 50 in all nothing is decided.

    The interval, written for `alpha`, is stretched to the level at which it is to be clear.
    """
    wider = stats.t.isf(level / 2, positives - 1) / stats.t.isf(alpha / 2, positives - 1)
    narrower = (positives / (positives + more)) ** 0.5
    effect, rope = answer["effect"], answer["rope"]
    low, high = (effect + wider * narrower * (end - effect) for end in answer["interval"])
    return positives + more >= 50 and bool((-rope <= low and high <= rope) or low > 0 or high < 0)


def positives_needed(answers: list[dict[str, Any]], positives: int, alpha: float) -> list[int]:
    """What is said to be needed, once it is held against trying that many, and fewer."""
    needed = []
    for answer in answers:
        if answer["source"] == "test" and answer["verdict"] == "undecided":
            level = alpha / [question(other) for other in answers].count(question(answer))
            tried = (answer, positives)
            more = answer.get("positives_needed")
            if more is None:
                assert not is_clear(*tried, (LARGEST_MULTIPLE - 2) * positives, level, alpha)
                continue
            rounding = 1 + more // 1000  # effects and bounds are written with six digits
            assert is_clear(*tried, more + rounding, level, alpha)
            fewer = more - 1 - rounding
            assert fewer < 0 or not is_clear(*tried, fewer, level, alpha)
            needed.append(more)
    return needed


def test_a_comparison_has_every_key(finished: Path) -> None:
    """Tools that read the comparison find every remedy's answer to every question."""
    comparison = read_json(finished / "reports/comparison.json")
    assert (comparison["baseline"], comparison["objective"]) == ("baseline", "f1")
    for answer in comparison["comparisons"]:
        enough = answer["view"] != "calibrated"  # of 56 train rows, nothing is claimed of it
        more = {"probability"} if answer["source"] == "cv" and enough else set()
        undecided = (answer["source"], answer["verdict"]) == ("test", "undecided")
        needed = {name for name in answer if name.startswith("positives_needed")}
        assert undecided or not needed
        assert set(answer) == KEYS | more | needed
    asked = [(a["arm"], a["view"], a["metric"], a["source"]) for a in comparison["comparisons"]]
    expected = {
        (f"{remedy}-logistic", view, metric, source)
        for remedy in REMEDIES
        for view, metric in QUESTIONS
        for source in ("test", "cv")
    }
    assert (expected, len(expected)) == (set(asked), len(asked))


def test_an_effect_is_the_difference_of_two_metrics_files(finished: Path) -> None:
    """What the comparison says is what the arms' own files say, subtracted."""
    for answer in answers(finished, "test"):
        section = "test" if answer["view"] == "ranking" else answer["view"]
        arm, baseline = (
            read_json(finished / f"reports/metrics/{answer[side]}.json")[section][answer["metric"]]
            for side in ("arm", "against")
        )
        assert arm - baseline == pytest.approx(answer["effect"], abs=2e-6)
        assert answer["interval"][0] <= answer["interval"][1]


def test_an_effect_over_folds_is_the_mean_difference_of_two_fold_files(finished: Path) -> None:
    """Folds are compared in pairs, with the p-value of what is on disk."""
    for answer in answers(finished, "cv"):
        view = "" if answer["view"] == "ranking" else f"{answer['view']}_"
        arm, baseline = (
            Evidence(
                read_result(finished / f"reports/metrics/{answer[side]}.json"),
                read_frame(finished / f"reports/folds/{answer[side]}.parquet"),
                read_frame(finished / f"reports/fold_replicates/{answer[side]}.parquet"),
                read_frame(finished / f"reports/replicates/{answer[side]}.parquet"),
            )
            for side in ("arm", "against")
        )
        column = f"{view}{answer['metric']}"
        difference = (arm.folds[column] - baseline.folds[column]).mean()
        assert difference == pytest.approx(answer["effect"], rel=1e-5, abs=1e-12)
        assert compare_folds(arm, baseline, column).p == pytest.approx(answer["p"], rel=1e-5)


def test_the_recommendation_is_an_arm_with_its_threshold(finished: Path) -> None:
    """What to use: the arm, its tuned threshold to the last digit, the calibration, and why."""
    recommended = read_json(finished / "reports/comparison.json")["recommended"]
    known = {"arm", "threshold", "calibration", "why", "settled", "simplest", "leading"}
    assert set(recommended) == known | {"beats_guess", "can_tell"}
    metrics = read_json(finished / f"reports/metrics/{recommended['arm']}.json")
    assert recommended["threshold"] == metrics["tuned"]["threshold"]
    assert recommended["calibration"] == "auto"


def test_every_remedy_has_a_conclusion(finished: Path) -> None:
    """In words: each is named in one sentence, by itself or with others of which the same holds."""
    comparison = read_json(finished / "reports/comparison.json")
    few, *on_test = comparison["conclusions_on_test"]
    assert few.startswith("There are 25 test rows of the rarest class")
    of_remedies = comparison["conclusions"]
    for said, about in ((of_remedies, "in cross-validation"), (on_test, "fitted model")):
        openings = [conclusion.partition(": ")[0] for conclusion in said]
        named = [arm for opening in openings for arm in re.findall(r"\w+-logistic", opening)]
        assert sorted(named) == sorted(f"{remedy}-logistic" for remedy in REMEDIES)
        assert all(about in conclusion for conclusion in said)


def test_the_test_part_does_not_recommend(job: Path, stage: Stage) -> None:
    """With every test number and replicate of the arms swapped, the same arm is taken."""
    before = read_json(job / "reports/comparison.json")["recommended"]
    kept = {"arm", "strategy", "model", "treatment", "out_of_fold"}
    paths = [job / f"reports/metrics/{s}-logistic.json" for s in ("baseline", *REMEDIES)]
    metrics = [read_json(path) for path in paths]
    for path, own, other in zip(paths, metrics, [*metrics[1:], metrics[0]], strict=True):
        swapped = other | {key: own[key] for key in kept}
        swapped["tuned"] = other["tuned"] | {"threshold": own["tuned"]["threshold"]}
        write_json(swapped, path)
    replicates = job / "reports/replicates"
    for path in replicates.iterdir():
        write_frame(1 - read_frame(path), path)
    stage("compare")
    assert before == read_json(job / "reports/comparison.json")["recommended"]


def test_the_region_of_no_difference_is_the_users(job: Path, stage: Stage) -> None:
    """As many times wider as params ask, and a difference inside it never counts as one."""
    params = job / "params.yaml"
    before = read_json(job / "reports/comparison.json")["comparisons"]
    params.write_text(params.read_text() + "verdict: {rope: 0.5}\n")
    stage("compare")
    after = read_json(job / "reports/comparison.json")["comparisons"]
    for narrow, wide in zip(before, after, strict=True):
        assert wide["rope"] == pytest.approx(10 * narrow["rope"], rel=1e-4)
    equivalent = [
        [answer["verdict"] for answer in said].count("equivalent") for said in (before, after)
    ]
    assert equivalent[0] < equivalent[1]


def test_what_is_undecided_says_how_many_positives_more_would_decide(finished: Path) -> None:
    """Tried out at the level that Holm asks of the surest arm: that many do, fewer do not.

    At least one is needed, for what is there has not decided.
    """
    positives = int(read_frame(finished / "data/split/test.parquet")["target"].sum())
    comparisons = read_json(finished / "reports/comparison.json")["comparisons"]
    needed = positives_needed(comparisons, positives, alpha=0.1)
    assert needed
    assert min(needed) >= 1


@pytest.fixture(scope="module")
def two_models(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job with one remedy, and a second model beside the first; not to be written to."""
    folder = tmp_path_factory.mktemp("two_models") / "job"
    shutil.copytree(finished, folder)
    run_only(folder, "baseline", "smote")
    edit(folder, "models", ("logistic",), ("logistic", "bayes"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for strategy, name in product(("baseline", "smote"), ("train", "decide", "evaluate")):
            run_stage(name, "--strategy", strategy, "--model", "bayes")
        run_stage("compare")
    return folder


def test_the_choice_of_model_is_set_beside_the_choice_of_remedy(two_models: Path) -> None:
    """A sentence says what another model changes and what remedies change, over the folds."""
    precision = {
        arm: read_frame(two_models / f"reports/folds/{arm}.parquet")["average_precision"].mean()
        for arm in (f"{s}-{m}" for s in ("baseline", "smote") for m in ("logistic", "bayes"))
    }
    gain = precision["baseline-bayes"] - precision["baseline-logistic"]
    moved = max(
        abs(precision[f"smote-{m}"] - precision[f"baseline-{m}"]) for m in ("logistic", "bayes")
    )
    *of_remedies, of_models, decided = read_json(two_models / "reports/comparison.json")[
        "conclusions"
    ]
    assert len(of_remedies) == 2
    assert of_models.startswith("Without a remedy, cross-validated average precision is")
    for number in (f"({gain:+.3f})", f"found with a remedy is {moved:.3f}"):
        assert number in of_models
    assert decided.startswith("Without a remedy, cross-validated F1 with a tuned threshold is")


def test_another_model_is_compared_with_the_first_and_a_remedy_with_its_own(
    two_models: Path,
) -> None:
    """The same questions of both; models are no remedies, so that neither pays for the other."""
    comparison = read_json(two_models / "reports/comparison.json")
    models, remedies = (comparison[key] for key in ("models", "comparisons"))
    assert {*map(question, models)} == {*map(question, remedies)}
    assert {(a["arm"], a["against"]) for a in models} == {("baseline-bayes", "baseline-logistic")}
    sides = {(a["arm"], a["against"]) for a in remedies}
    assert sides == {(f"smote-{m}", f"baseline-{m}") for m in ("logistic", "bayes")}
    assert all(answer["p_holm"] == answer["p"] for answer in models)
    assert any(answer["p_holm"] > answer["p"] for answer in remedies)


def test_one_model_is_beside_no_other(finished: Path) -> None:
    """There is nothing to choose, and nothing is said of it."""
    comparison = read_json(finished / "reports/comparison.json")
    assert comparison["models"] == []
    assert not any("Without a remedy" in said for said in comparison["conclusions"])


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
    """Its files are not read, but removed, and what they were of is said in one line.

    That is so if only dvc.lock knows it. A user's own files stay.
    """
    (job / "dvc.lock").write_text(
        "stages: {train@gone-logistic: {}, resample@gone: {}, train@../scores/up-logistic: {}}"
    )
    for made in ("models/gone-logistic.skops", "data/resampled/gone/summary.json"):
        (job / made).parent.mkdir(exist_ok=True)
        (job / made).touch()
    own = [job / "scores/monday.csv", job / "predictions/mine/notes.txt", job / "models/old.skops"]
    own += [job / "scores/up-logistic.skops"]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    run_only(job, "baseline", "smote")
    (job / "reports/metrics/under-logistic.json").write_text("not JSON")
    stage("compare")
    compared = {a["arm"] for a in read_json(job / "reports/comparison.json")["comparisons"]}
    assert compared == {"smote-logistic"}
    arms = set(pd.read_csv(job / "reports/curves.csv")["arm"])
    assert arms == {"baseline-logistic", "smote-logistic"}
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("Removed the files of what `run` no longer names: class_weight, ")
    assert "under" not in "".join(others)
    assert not list(job.rglob("under-logistic*"))
    assert not list(job.rglob("gone*"))
    assert all(path.exists() for path in own)


def comparisons_of(job: Path, arm: str) -> list[dict[str, Any]]:
    return [a for source in ("test", "cv") for a in answers(job, source) if a["arm"] == arm]


def test_the_first_strategy_is_the_one_to_beat(job: Path, stage: Stage) -> None:
    """Listed first, any strategy is the baseline, and its effect turns its sign."""
    before = {question(a): a["effect"] for a in comparisons_of(job, "smote-logistic")}
    run_only(job, "smote", "baseline")
    stage("compare")
    comparison = read_json(job / "reports/comparison.json")
    assert comparison["baseline"] == "smote"
    after = {question(a): -a["effect"] for a in comparisons_of(job, "baseline-logistic")}
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


def test_an_arm_that_was_not_evaluated_is_named(job: Path, stage: Stage) -> None:
    """Run by hand before its arms are there, the stage says which file is missing."""
    (job / "reports/metrics/smote-logistic.json").unlink()
    with pytest.raises(UserError, match=r"smote-logistic"):
        stage("compare")


def files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_the_same_job_gives_the_same_bytes(finished: Path, again: Path) -> None:
    """Run again from nothing, every file of every stage is what it was."""
    one, other = files(finished), files(again)
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name]] == []
