"""The default job, number by number, as computed once by hand from scikit-learn alone."""

import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from equipoise.storage.files.formats import read_frame, read_json

from .conftest import ROOT, run_stage

MATRICES = {
    "baseline": (1331, 12, 134, 23),
    "smote": (1014, 329, 32, 125),
    "class_weight": (1017, 326, 30, 127),
}
DECISIONS = {
    "baseline": {"precision": 0.6571, "recall": 0.1465, "f1": 0.2396, "accuracy": 0.9027},
    "smote": {"precision": 0.2753, "recall": 0.7962, "f1": 0.4092, "accuracy": 0.7593},
    "class_weight": {"precision": 0.2804, "recall": 0.8089, "f1": 0.4164, "accuracy": 0.7627},
}
SCORES = {
    "baseline": (0.4534, 0.8486, 0.0740, 0.2516),
    "smote": (0.4109, 0.8533, 0.1683, 0.5121),
    "class_weight": (0.4179, 0.8546, 0.1695, 0.5147),
}
SCORE_NAMES = ("average_precision", "roc_auc", "brier_score", "log_loss")
TUNED_F1 = {"baseline": 0.456, "smote": 0.456, "class_weight": 0.446}
PRIOR_CORRECTED = {"smote": 0.077, "class_weight": 0.076}
# Effect and interval of each remedy's ranking against the baseline's.
RANKING_EFFECTS = {
    ("smote", "average_precision"): (-0.041, -0.062, -0.023),
    ("class_weight", "average_precision"): (-0.035, -0.054, -0.016),
    ("smote", "roc_auc"): (0.005, -0.003, 0.012),
    ("class_weight", "roc_auc"): (0.006, -0.001, 0.013),
}


def metrics(reference: Path, strategy: str) -> dict[str, Any]:
    return read_json(reference / f"reports/metrics/{strategy}-logistic.json")


def answer(reference: Path, strategy: str, metric: str, view: str) -> dict[str, Any]:
    """What the test part says of the fitted model of a remedy."""
    (found,) = (
        answer
        for answer in read_json(reference / "reports/comparison.json")["comparisons"]
        if (answer["arm"], answer["metric"], answer["view"], answer["source"])
        == (f"{strategy}-logistic", metric, view, "test")
    )
    return dict(found)


def test_the_parts_have_the_published_counts(reference: Path) -> None:
    """5000 rows with 522 positives: 3500 with 365 to learn from, 1500 with 157 to test."""
    counts = {
        name: (len(part), int(part["target"].sum()))
        for name in ("train", "test")
        for part in [read_frame(reference / f"data/split/{name}.parquet")]
    }
    assert counts == {"train": (3500, 365), "test": (1500, 157)}


def test_smote_makes_as_many_of_each_class(reference: Path) -> None:
    """After SMOTE there are 3135 rows of each class."""
    summary = read_json(reference / "data/resampled/smote/summary.json")
    assert (summary["before"], summary["after"]) == (
        {"0": 3135, "1": 365},
        {"0": 3135, "1": 3135},
    )


@pytest.mark.parametrize("strategy", MATRICES)
def test_the_confusion_matrix_is_exact(reference: Path, strategy: str) -> None:
    """Not one row of the test part is decided otherwise."""
    default = metrics(reference, strategy)["default"]
    assert MATRICES[strategy] == tuple(default[name] for name in ("tn", "fp", "fn", "tp"))


@pytest.mark.parametrize("strategy", DECISIONS)
def test_decisions_agree_to_four_decimals(reference: Path, strategy: str) -> None:
    """Precision, recall, F1 and accuracy at the default decision."""
    default = metrics(reference, strategy)["default"]
    actual = {name: round(default[name], 4) for name in DECISIONS[strategy]}
    assert DECISIONS[strategy] == actual


@pytest.mark.parametrize("strategy", SCORES)
def test_scores_agree_to_four_decimals(reference: Path, strategy: str) -> None:
    """Average precision, ROC-AUC, Brier score and log-loss."""
    test = metrics(reference, strategy)["test"]
    assert SCORES[strategy] == tuple(round(test[name], 4) for name in SCORE_NAMES)


@pytest.mark.parametrize("strategy", TUNED_F1)
def test_tuned_thresholds_level_the_arms(reference: Path, strategy: str) -> None:
    """With a threshold tuned on train rows the gain in F1 is gone, whichever folds tuned it."""
    tuned, expected = metrics(reference, strategy)["tuned"]["f1"], TUNED_F1[strategy]
    assert expected == pytest.approx(tuned, abs=0.025)


@pytest.mark.parametrize("strategy", ["smote", "class_weight"])
def test_recalibration_corrects_the_probabilities_of_a_remedy(
    reference: Path, strategy: str
) -> None:
    """Worse than a constant guess before, about .075 after."""
    evaluated = metrics(reference, strategy)
    assert evaluated["test"]["brier_score"] > 0.094
    assert "this fitted model's probabilities are worse than a constant guess" in evaluated["note"]
    assert "note" not in metrics(reference, "baseline")
    assert evaluated["calibrated"]["brier_score"] == pytest.approx(0.075, abs=0.001)


@pytest.mark.parametrize(("strategy", "metric"), RANKING_EFFECTS)
def test_ranking_effects_and_intervals_agree(reference: Path, strategy: str, metric: str) -> None:
    """Effects and the ends of intervals, as far as the published figures settle them."""
    effect, low, high = RANKING_EFFECTS[strategy, metric]
    actual = answer(reference, strategy, metric, "ranking")
    assert effect == pytest.approx(actual["effect"], abs=2e-3)
    assert (low, high) == pytest.approx(actual["interval"], abs=0.005)


@pytest.mark.parametrize("strategy", ["smote", "class_weight"])
def test_the_verdicts_are_the_published_ones(reference: Path, strategy: str) -> None:
    """Recall is bought: average precision falls, ROC-AUC does not move, default F1 gains."""
    verdicts = {
        (view, metric): answer(reference, strategy, metric, view)["verdict"]
        for view, metric in [
            ("ranking", "average_precision"),
            ("ranking", "roc_auc"),
            ("default", "f1"),
            ("tuned", "f1"),
        ]
    }
    assert verdicts["ranking", "average_precision"] == "worse"
    assert verdicts["ranking", "roc_auc"] in {"undecided", "equivalent"}
    assert verdicts["default", "f1"] == "better"
    assert verdicts["tuned", "f1"] != "better"


def test_the_baseline_with_its_threshold_tuned_is_recommended(reference: Path) -> None:
    """No remedy is worth its trouble here, and the reason given is the folds' own."""
    recommended = read_json(reference / "reports/comparison.json")["recommended"]
    assert recommended["arm"] == "baseline-logistic"
    assert recommended["threshold"] == metrics(reference, "baseline")["tuned"]["threshold"]


def test_the_gain_is_called_the_thresholds(reference: Path) -> None:
    """Both remedies decide better by default only, and are told so in words, over the folds."""
    smote, class_weight = read_json(reference / "reports/comparison.json")["conclusions"]
    assert "allows a gain of at most 0.014" in smote
    assert class_weight.endswith("a tuned threshold leaves no gain that matters.")


@pytest.mark.parametrize(("strategy", "corrected"), PRIOR_CORRECTED.items())
def test_probabilities_are_worse_than_a_constant_and_can_be_mended(
    reference: Path, strategy: str, corrected: float
) -> None:
    """A guess of the prevalence loses .094; the prior undone brings .169 down, as does isotonic."""
    evaluated = metrics(reference, strategy)
    brier = {
        name: evaluated[name]["brier_score"]
        for name in ("test", "constant_guess", "prior_corrected", "calibrated")
    }
    assert brier["constant_guess"] == pytest.approx(0.094, abs=5e-4)
    assert brier["test"] > brier["constant_guess"]
    assert brier["prior_corrected"] == pytest.approx(corrected, abs=1e-3)
    assert brier["calibrated"] == pytest.approx(0.075, abs=1.5e-3)


@pytest.fixture(scope="module")
def boosted(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default problem with one remedy, logistic regression and boosting; few folds are fast."""
    folder = tmp_path_factory.mktemp("boosted")
    shutil.copytree(reference / "data", folder / "data")
    params = (reference / "params.yaml").read_text()
    for before, after in {
        "strategies: [baseline, smote, class_weight]": "strategies: [baseline, class_weight]",
        "models: [logistic]": "models: [logistic, boosting]",
        "cross_validation: {folds: 5, repeats: 2}": "cross_validation: {folds: 2, repeats: 1}",
        "resamples: 2000": "resamples: 200",
    }.items():
        assert before in params
        params = params.replace(before, after)
    (folder / "params.yaml").write_text(params)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        arms = product(("baseline", "class_weight"), ("logistic", "boosting"))
        for (strategy, model), name in product(arms, ("train", "decide", "evaluate")):
            run_stage(name, "--strategy", strategy, "--model", model)
        run_stage("compare")
    return folder


def test_another_model_does_more_than_any_remedy(boosted: Path) -> None:
    """Without a remedy boosting ranks at .82 where logistic regression has .45; it is said so."""
    logistic, boosting, weighted = (
        read_json(boosted / f"reports/metrics/{arm}.json")["test"]["average_precision"]
        for arm in ("baseline-logistic", "baseline-boosting", "class_weight-logistic")
    )
    assert logistic == pytest.approx(0.4534, abs=5e-5)
    assert boosting == pytest.approx(0.82, abs=0.015)
    comparison = read_json(boosted / "reports/comparison.json")
    (gain,) = (
        answer
        for answer in comparison["models"]
        if (answer["metric"], answer["source"]) == ("average_precision", "test")
    )
    assert gain["verdict"] == "better"
    assert gain["interval"][0] > 0.25 > 5 * abs(weighted - logistic)
    (over_folds,) = (
        answer["effect"]
        for answer in comparison["models"]
        if (answer["metric"], answer["claim"]) == ("average_precision", "remedy")
    )
    assert over_folds == pytest.approx(boosting - logistic, abs=0.05)
    *_, said, decided = comparison["conclusions"]
    assert said.startswith("Without a remedy, cross-validated average precision is ")
    assert f"({over_folds:+.3f}) for baseline-boosting (" in said
    assert "; the largest change found with a remedy is" in said
    assert decided.startswith("Without a remedy, cross-validated F1 with a tuned threshold is ")


def test_the_better_model_is_recommended_whatever_the_remedy(boosted: Path) -> None:
    """By folds alone: with nothing done to the classes, or with what may be a little better."""
    recommended = read_json(boosted / "reports/comparison.json")["recommended"]
    assert recommended["simplest"] == "baseline-boosting"
    assert recommended["arm"].endswith("-boosting")
    assert recommended["settled"] is (recommended["arm"] == "baseline-boosting")


def test_the_docs_show_how_a_run_ends(reference: Path, tmp_path: Path) -> None:
    """Word for word, for the default job."""
    folder = Path(shutil.copytree(reference, tmp_path / "job"))
    track = [sys.executable, str(ROOT / "src/stages/track.py")]
    here = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "DVC_ROOT": str(folder)}
    ended = subprocess.run(
        track, cwd=folder, env=here, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    for page in ("README.md", "docs/index.md"):
        assert f"```\n{ended}```" in (ROOT / page).read_text(encoding="utf-8")


def test_the_guides_example_uses_the_model_as_it_was_judged(reference: Path) -> None:
    """`docs/getting-started.md`: as many labels of each class as the tuned decisions on test."""
    guide = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
    code = guide.partition("## Use the model")[2].partition("```python\n")[2].partition("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=reference,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    tuned = metrics(reference, "baseline")["tuned"]
    counted = dict(line.split() for line in done.stdout.splitlines() if line[0] in "01")
    expected = {"0": tuned["tn"] + tuned["fn"], "1": tuned["tp"] + tuned["fp"]}
    assert {label: int(count) for label, count in counted.items()} == expected
