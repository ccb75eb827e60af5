"""The verdict in each segment: that of its rows alone, corrected for all arms and segments."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score, f1_score
from statsmodels.stats.multitest import multipletests

from equipoise import run_trial
from equipoise.core.arms import ArmName
from equipoise.core.markdown import escape_text
from equipoise.storage.evidence_files import read_evidence
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.layout import Layout
from equipoise.terminal.params_file import load_params
from equipoise.using.arm_card import write_arm_card
from equipoise.using.monitor_batch import MonitorRequest, monitor_batch

from .conftest import ROOT, run_stage, work_in_copy
from .test_trial import assert_equals_stages

PARAMS = """
seed: 7
data:
  source: file
  path: data/raw/rows.csv
  target: y
  positive: 1
  drop: [region]
  segment: region
split: {test_size: 0.4}
run: {strategies: [baseline, under], models: [logistic, bayes]}
strategies:
  baseline: {}
  under: {sampler: {class: RandomUnderSampler}}
models:
  logistic: {class: LogisticRegression}
  bayes: {class: GaussianNB}
cross_validation: {folds: 3, repeats: 2}
uncertainty: {confidence: 0.9, resamples: 100}
n_jobs: 1
"""
ARMS = ("baseline-logistic", "under-logistic", "baseline-bayes", "under-bayes")


@pytest.fixture(scope="module")
def segmented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished job on rows of two regions that have enough, one that has few, and of none."""
    folder = tmp_path_factory.mktemp("segmented")
    X, y = make_classification(
        1000, 5, n_informative=4, n_redundant=0, weights=[0.7], random_state=2
    )
    region = np.random.default_rng(1).choice(
        ["north", "south", "1", "?"], 1000, p=[0.5, 0.4, 0.05, 0.05]
    )
    (folder / "data/raw").mkdir(parents=True)
    table = pd.DataFrame(X, columns=[*"abcde"]).assign(y=y, region=region)
    table.to_csv(folder / "data/raw/rows.csv", index=False)
    (folder / "params.yaml").write_text(PARAMS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_stage("generate_data")
        run_stage("split")
        for strategy in ("baseline", "under"):
            run_stage("resample", "--strategy", strategy)
            for model in ("logistic", "bayes"):
                for name in ("train", "decide", "evaluate"):
                    run_stage(name, "--strategy", strategy, "--model", model)
        for name in ("audit", "compare", "report"):
            run_stage(name)
    return folder


def read_segments(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_json(folder / "reports/comparison.json")["segments"]
    return found


def test_effects_are_those_of_the_rows_of_a_segment(segmented: Path) -> None:
    """Over the folds and on test, by models and thresholds of the whole table."""
    region = pd.read_csv(segmented / "data/raw/rows.csv", dtype="str")["region"]

    def rank(arm: str, segment: str) -> float:
        oof = read_frame(segmented / f"predictions/{arm}/oof.parquet")
        own = oof[region[oof["row"]].to_numpy() == segment]
        folds = [
            average_precision_score(fold["y_true"], fold["y_score"])
            for _, fold in own.groupby(["repeat", "fold"])
        ]
        return float(np.mean(folds))

    def decide(arm: str, segment: str) -> float:
        test = read_frame(segmented / f"predictions/{arm}/test.parquet")
        own = test[region[test["row"]].to_numpy() == segment]
        return float(f1_score(own["y_true"], own["y_decided"]))

    compared = 0
    for found in read_segments(segmented)["answers"]:
        measure = {"average_precision cv": rank, "f1 test": decide}.get(
            f"{found['metric']} {found['source']}"
        )
        if measure is not None:
            arm, against = (measure(found[key], found["segment"]) for key in ("arm", "against"))
            assert found["effect"] == pytest.approx(arm - against, abs=1e-5)
            compared += 1
    assert compared >= 8


def test_p_values_are_corrected_over_all_arms_and_segments_of_a_question(segmented: Path) -> None:
    """As statsmodels corrects them; segments with too few rows are not among them."""
    answers = read_segments(segmented)["answers"]
    for _, question in groupby(answers, key=lambda own: (own["metric"], own["source"])):
        family = [*question]
        arms, segments = ({own[key] for own in family} for key in ("arm", "segment"))
        assert len(family) == len(arms) * len(segments) > 1
        expected = multipletests([own["p"] for own in family], method="holm")[1]
        assert [own["p_holm"] for own in family] == pytest.approx(expected, rel=1e-4)
    assert {own["segment"] for own in answers} == {"north", "south"}


def test_a_segment_with_few_rows_and_one_without_a_value_are_said_to_be_small(
    segmented: Path,
) -> None:
    """Counted with the rows of the rarest class, and no verdict."""
    found, raw = read_segments(segmented), pd.read_csv(segmented / "data/raw/rows.csv", dtype="str")
    assert set(found["rarest"]) == {"north", "south", "1", "(no value)"}
    gaps = found["rarest"]["(no value)"]
    assert gaps["train"] + gaps["test"] == (raw[raw["region"] == "?"]["y"] == "1").sum()
    small = next(line for line in found["conclusions"] if line.startswith("Too few train rows"))
    assert f"(no value) ({gaps['train']}), 1 (" in small
    assert "nothing can be said about remedies" in small


def test_a_segment_where_a_part_lacks_a_class_is_said_not_to_be_judged(
    segmented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has rows enough in train, so that is not the reason."""
    job = work_in_copy(segmented, tmp_path / "job", monkeypatch)
    for path in (job / "reports/metrics").iterdir():
        metrics = read_json(path)
        metrics["segments"] |= {
            "early": {"rarest": {"train": 500, "test": 0}},
            "one by one": {"rarest": {"train": 60, "test": 60}},
        }
        path.write_text(json.dumps(metrics))
    run_stage("compare")
    train, test, lacking = read_segments(job)["conclusions"][-3:]
    assert "early" not in train
    assert "early (0)" in test
    assert "one by one" not in train + test
    assert lacking.startswith("Not judged: early, one by one; a fold or the test part has no row")


def test_a_segment_has_no_number_of_the_whole_table(segmented: Path) -> None:
    """Neither the promise of train nor what is said of a limit; models were fitted on all rows."""
    whole = read_evidence(Layout(segmented), ArmName("under", "logistic"))
    for own in whole.segments.values():
        assert own.result.out_of_fold == {}
        assert own.folds["n_train"].tolist() == whole.folds["n_train"].tolist()


def test_the_recommended_arm_is_compared_even_where_only_its_model_is_another(
    segmented: Path,
) -> None:
    """With the first arm, which has neither a remedy nor another model."""
    recommended = read_json(segmented / "reports/comparison.json")["recommended"]["arm"]
    against = {own["arm"]: own["against"] for own in read_segments(segmented)["answers"]}
    expected = {"under-logistic": "baseline-logistic", "under-bayes": "baseline-bayes"}
    assert expected.items() <= against.items()
    assert set(against) - {recommended} <= set(expected)


def test_what_is_learned_does_not_depend_on_segments(segmented: Path) -> None:
    """The parts have no such column, and a dropped column may tell segments."""
    for part in ("train", "test"):
        assert [*read_frame(segmented / f"data/split/{part}.parquet")] == [*"abcde", "target"]
    whole = read_evidence(Layout(segmented), load_params(segmented / "params.yaml").run.arms[0])
    assert len(whole.folds) == 6 == len(whole.segments["north"].folds)


def test_files_page_and_memory_say_the_same(
    segmented: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the files are as their published schema says."""
    monkeypatch.chdir(segmented)
    assert_equals_stages(run_trial(None, "params.yaml"), segmented)
    page = (segmented / "reports/report.html").read_text()
    assert all(line in page for line in read_segments(segmented)["conclusions"])
    for name, file in (("result", f"metrics/{ARMS[0]}.json"), ("comparison", "comparison.json")):
        schema = json.loads((ROOT / f"docs/schemas/{name}.schema.json").read_text())
        jsonschema.validate(read_json(segmented / f"reports/{file}"), schema)


def test_without_a_column_no_file_speaks_of_segments(finished: Path) -> None:
    """No key, and no column of a frame."""
    assert "segments" not in read_json(finished / "reports/comparison.json")
    assert "segments" not in read_json(finished / f"reports/metrics/{ARMS[0]}.json")
    assert "segment" not in read_frame(finished / f"reports/folds/{ARMS[0]}.parquet")


def test_a_labelled_batch_is_held_against_the_whole_test_part(
    segmented: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And not against a segment of it."""
    work_in_copy(segmented, tmp_path / "copy", monkeypatch)
    test = read_frame(Path("data/split/test.parquet"))
    pd.read_csv("data/raw/rows.csv").loc[test.index].to_csv("day.csv", index=False)
    asked = MonitorRequest("y", "under-bayes", mlflow=False)
    assert not monitor_batch(Layout(), Path("day.csv"), asked)
    recall = read_json(Path("reports/metrics/under-bayes.json"))["tuned"]["recall"]
    said = capsys.readouterr().out
    assert f"tuned_recall: {recall:.3f} (" in said
    assert f"promised {recall:.3f} (" in said


def test_a_card_has_the_numbers_of_each_segment(
    segmented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of those that have rows enough, and says of the others that they have not."""
    work_in_copy(segmented, tmp_path / "copy", monkeypatch)
    write_arm_card(Layout(), ARMS[0], Path("card.md"))
    card = Path("card.md").read_text()
    for name, found in read_json(Path(f"reports/metrics/{ARMS[0]}.json"))["segments"].items():
        own = found.get("result")
        if own is None:
            assert f"| {escape_text(name)} | {found['rarest']['test']} | too few rows |" in card
            continue
        low, high = own["interval"]["tuned_f1"]
        assert f"| {own['tuned']['f1']:.3f} ({low:.3f} to {high:.3f}) |" in card
    assert "for each region is said above" in card
