"""A trial in memory has the numbers that the stages write."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression

import equipoise
from equipoise import Trial, load, run_trial
from equipoise.storage.comparison_files import encode_comparison
from equipoise.storage.decision_files import read_decision
from equipoise.storage.files.formats import read_frame, read_json, round_as_written
from equipoise.storage.layout import Layout
from equipoise.storage.result_files import read_result
from equipoise.terminal.params_file import load_params
from equipoise.terminal.yaml_file import read_yaml

from .conftest import ROOT


def assert_equals_stages(trial: Trial, folder: Path) -> None:
    """Numbers, verdicts, recommendation and decisions are those of the files."""
    layout = Layout(folder)
    assert round_as_written(encode_comparison(trial.comparison)) == read_json(layout.comparison)
    names = load_params(layout.params).run.arms
    assert list(trial.arms) == [str(name) for name in names]
    for name in names:
        arm = trial.arms[str(name)]
        assert arm.result == read_result(layout.metrics(name))
        decision = read_decision(layout.decision(name))
        assert arm.classifier.rule == decision.rule
        assert arm.classifier.calibrator == decision.calibrator
        pd.testing.assert_frame_equal(arm.test, read_frame(layout.test_scores(name)))


@pytest.mark.parametrize("job", ["finished", "by_time", "sampled"])
def test_a_trial_in_memory_equals_the_stages(
    job: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A made table, one split by time, one sampled; the next test has one of all kinds."""
    folder = request.getfixturevalue(job)
    monkeypatch.chdir(folder)
    assert_equals_stages(run_trial(None, "params.yaml"), folder)


def test_nothing_is_written(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is made, wherever it runs."""
    monkeypatch.chdir(tmp_path)
    run_trial(None, finished / "params.yaml")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def given(mixed: Path) -> tuple[pd.DataFrame, Trial]:
    """A frame that a user has, and the trial on it."""
    table = pd.read_csv(mixed / "data/raw/visits.csv", dtype={"code": "str"})
    params = dict(read_yaml(mixed / "params.yaml"))
    params["data"] = {k: v for k, v in params["data"].items() if k not in {"source", "path"}}
    return table, run_trial(table, params)


def test_a_frame_is_as_good_as_a_file(mixed: Path, given: tuple[pd.DataFrame, Trial]) -> None:
    """With a frame `data` needs to say no more than what is in it."""
    _, trial = given
    assert_equals_stages(trial, mixed)


def test_a_frame_in_single_precision_is_as_good_as_a_file(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mixed)
    table = pd.read_csv("data/raw/visits.csv", dtype={"code": "str"})
    params = dict(read_yaml(Path("params.yaml")))
    params["data"] = params["data"] | {"float32": True}
    params["run"] = params["run"] | {"strategies": ["baseline"]}
    of_file = run_trial(None, params)
    params["data"] = {k: v for k, v in params["data"].items() if k not in {"source", "path"}}
    of_frame = run_trial(table, params)
    pd.testing.assert_frame_equal(of_frame.recommended.test, of_file.recommended.test)
    assert of_frame.recommended.table.schema.float32


def test_verdicts_are_the_rows_of_the_comparison(given: tuple[pd.DataFrame, Trial]) -> None:
    """The columns are the keys of `comparison.json`."""
    _, trial = given
    rows = round_as_written(encode_comparison(trial.comparison))["comparisons"]
    assert {key for row in rows for key in row} <= {*trial.verdicts}
    assert trial.verdicts["verdict"].tolist() == [row["verdict"] for row in rows]
    assert str(trial.recommended.name) == trial.comparison.recommended.arm
    assert trial.conclusions == trial.comparison.conclusions


def test_the_classifier_decides_for_rows_of_the_table(given: tuple[pd.DataFrame, Trial]) -> None:
    """In the user's labels, by the rule that the report is about."""
    _, trial = given
    arm = trial.arms["smote-logistic"]
    test = arm.test
    decided = arm.classifier.decide(
        test[["y_score"]].assign(rest=lambda t: 1 - t["y_score"])[["rest", "y_score"]].to_numpy()
    )
    assert [*arm.classifier.labels] == ["well", "ill"]
    assert arm.classifier.classes_.tolist() == ["ill", "well"]
    assert decided.tolist() == test["y_decided"].tolist()


def test_a_trial_that_lies_in_a_folder_is_the_trial_that_ran(
    mixed: Path, given: tuple[pd.DataFrame, Trial], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Wherever its files are asked for later."""
    monkeypatch.chdir(mixed)
    saved = load()
    monkeypatch.chdir(tmp_path)
    assert_equals_stages(saved, mixed)
    table, fresh = given
    rows = table.drop(columns="outcome")
    for one, other in zip(saved.arms.values(), fresh.arms.values(), strict=True):
        pd.testing.assert_frame_equal(one.score(rows), other.score(rows))
    assert saved.recommended.name == fresh.recommended.name
    assert saved.charts.keys() == fresh.charts.keys()


def test_a_notebook_shows_charts(mixed: Path) -> None:
    """As PNG, which every viewer of notebooks shows; in a terminal a chart has a name."""
    trial = load(mixed)
    charts = {**trial.charts, **trial.recommended.charts}
    assert {"precision_recall", "threshold", "confusion_matrix_tuned"} <= charts.keys()
    for chart in charts.values():
        drawn, size = chart._repr_png_()
        pixels = Image.open(BytesIO(drawn)).size
        assert (size["width"], size["height"]) == (pixels[0] // 2, pixels[1] // 2)
    assert repr(trial.charts["threshold"]) == "Chart('Objective by threshold, out of fold')"


def test_a_trial_is_shown_in_a_line(mixed: Path, given: tuple[pd.DataFrame, Trial]) -> None:
    """Its arms and what to do; an arm by its name."""
    for trial in (load(mixed), given[1]):
        name = trial.comparison.recommended.arm
        assert repr(trial) == f"Trial(arms={list(trial.arms)}, recommended={name!r})"
        assert trial.advice.startswith(("Recommended: ", "Not settled: ", "Cannot tell yet"))
        arm = trial.recommended
        assert repr(arm) == f"{type(arm).__name__}(name={arm.name!r})"


def test_a_folder_without_a_trial_is_named(tmp_path: Path) -> None:
    with pytest.raises(equipoise.UserError, match=r"params\.yaml"):
        load(tmp_path)
    (tmp_path / "params.yaml").touch()
    for path in (tmp_path / "params.yaml", tmp_path / "missing", "\0", "long" * 100):
        with pytest.raises(
            equipoise.UserError, match=r"^load takes the folder of a trial, and .{1,100} is none"
        ):
            load(path)


def test_a_trial_whose_arms_have_changed_is_not_loaded(visits: Path) -> None:
    """It recommends an arm that `run` has no more: what it says is of another trial."""
    comparison = json.loads((visits / "reports/comparison.json").read_text())
    comparison["recommended"]["arm"] = "adasyn-logistic"
    (visits / "reports/comparison.json").write_text(json.dumps(comparison))
    with pytest.raises(equipoise.UserError, match=r"'adasyn-logistic', .* run `dvc repro`"):
        load(visits)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"sede": 1}, "params: unknown key 'sede'; did you mean 'seed'?"),
        ({"data": {"target": "outcom", "positive": "ill"}}, "data.target: no column 'outcom'"),
    ],
)
def test_a_mistake_is_named(
    edit: dict[str, object], message: str, mixed: Path, given: tuple[pd.DataFrame, Trial]
) -> None:
    """As in a stage: the key, the value, what is near."""
    table, _ = given
    params = dict(read_yaml(mixed / "params.yaml")) | {"split": {"test_size": 0.3}} | edit
    with pytest.raises(equipoise.UserError, match="^" + message.replace("?", r"\?")):
        run_trial(table, params)


@pytest.mark.parametrize("table", [[[1, 2]], {"outcome": [1]}, "table.csv"])
def test_what_is_no_frame_is_refused(table: Any, given: tuple[pd.DataFrame, Trial]) -> None:
    with pytest.raises(equipoise.UserError, match="should be a DataFrame of pandas, and not"):
        run_trial(table, "params.yaml")
    with pytest.raises(equipoise.UserError, match="should be a DataFrame of pandas, and not"):
        given[1].recommended.score(table)


@pytest.mark.parametrize("params", [None, [1]])
def test_what_is_no_params_is_refused(params: Any, given: tuple[pd.DataFrame, Trial]) -> None:
    with pytest.raises(equipoise.UserError, match="params should be a mapping, or the path"):
        run_trial(given[0], params)


def test_a_number_that_python_does_not_write_out_is_refused(
    mixed: Path, given: tuple[pd.DataFrame, Trial]
) -> None:
    """Wherever it is: in params, in the table, in new rows."""
    table, trial = given
    endless = table.assign(**{str(table.columns[0]): 10**5000})
    for call in (
        lambda: run_trial(table, {"seed": 10**5000}),
        lambda: run_trial(endless, mixed / "params.yaml"),
        lambda: trial.recommended.score(endless),
    ):
        with pytest.raises(equipoise.UserError, match="more than 4300 digits is too long"):
            call()


class Unsure(LogisticRegression):  # type: ignore[misc]  # it has no types
    """A model of a plug-in that gives no number."""

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return no number for any row."""
        return np.full((len(X), 2), np.nan)


def test_what_is_wrong_with_an_arm_names_it() -> None:
    """Without the only baseline there is nothing to compare."""
    params: dict[str, Any] = {
        "seed": 1,
        "split": {"test_size": 0.3},
        "plugins": [__name__.partition(".")[0]],
        "data": {
            "source": "synthetic",
            "n_samples": 300,
            "n_features": 5,
            "n_informative": 3,
            "weights": [0.7, 0.3],
        },
        "strategies": {"baseline": {}},
        "models": {"unsure": {"class": f"{__name__}.Unsure"}},
        "run": {"strategies": ["baseline"], "models": ["unsure"]},
    }
    said = "baseline-unsure cannot be fitted: models.unsure .*: predict_proba gives nan"
    with pytest.raises(equipoise.UserError, match=said):
        run_trial(None, params)


@pytest.mark.parametrize(
    ("negative", "positive"), [(1, 0), ("no", "yes"), (2, 1), (False, True), (True, False)]
)
def test_two_classes_are_named_by_their_labels(negative: Any, positive: Any) -> None:
    """In weights, samplers, ensembles and models: whatever the labels, the same is learned."""

    def run(no: Any, yes: Any) -> list[list[float]]:
        rng = np.random.default_rng(3)
        rare = rng.random(400) < 0.2
        table = pd.DataFrame({"a": rng.normal(rare), "b": rng.normal(size=400)})
        table["label"] = [yes if is_rare else no for is_rare in rare]
        balanced = {"class": "BalancedBaggingClassifier", "n_estimators": 3}
        strategies = {
            "baseline": {},
            "heavier": {"class_weight": {no: 1, yes: 20}},
            "over": {"sampler": {"class": "RandomOverSampler", "sampling_strategy": {yes: 150}}},
            "under": {"sampler": {"class": "ClusterCentroids", "sampling_strategy": {no: 60}}},
            "bagged": {"ensemble": {**balanced, "sampling_strategy": {no: 40}}},
        }
        weighted = {"class": "LogisticRegression", "class_weight": {no: 3}}
        voting = {"class": "VotingClassifier", "voting": "soft"}
        models = {
            "plain": {"class": "LogisticRegression"},
            "voting": {**voting, "estimators": [["first", weighted]]},
        }
        params: dict[str, Any] = {
            "seed": 1,
            "data": {"target": "label", "positive": yes},
            "split": {"test_size": 0.3},
            "cross_validation": {"folds": 3, "repeats": 1},
            "uncertainty": {"resamples": 100},
            "run": {"strategies": [*strategies], "models": [*models]},
            "strategies": strategies,
            "models": models,
        }
        trial = run_trial(table, params)
        return [arm.test["y_score"].tolist() for arm in trial.arms.values()]

    assert run(negative, positive) == run(0, 1)


class Turned(LogisticRegression):  # type: ignore[misc]  # it has no types
    """A model of a plug-in that has its classes the other way round, and gives labels as floats."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "Turned":
        """Learn what its parent does."""
        self.own_ = LogisticRegression().fit(X, y, sample_weight)
        self.classes_ = self.own_.classes_[::-1]
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return what its parent does, in the order of its own classes."""
        return np.asarray(self.own_.predict_proba(X)[:, ::-1])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return what its parent does, 1 as 1.0."""
        labels = np.asarray(self.own_.predict(X))
        return labels.astype(float) if labels.dtype.kind == "i" else labels


@pytest.mark.parametrize(
    "labels", [[0, 1], [1, 2, 3], [1.5, 2.5, 10.25], ["2", "9", "10"]], ids=str
)
def test_rows_are_decided_as_they_were_judged_whatever_the_order_of_classes(
    labels: list[Any],
) -> None:
    """CatBoost sorts words that are numbers by size, and a plug-in as it likes."""
    rng = np.random.default_rng(5)
    drawn = rng.choice(len(labels), 400)
    table = pd.DataFrame(
        {"a": rng.normal(drawn), "b": rng.normal(-drawn), "c": rng.normal(size=400)}
    )
    table["label"] = [labels[place] for place in drawn]
    models = {
        "plain": {"class": "LogisticRegression"},
        "turned": {"class": f"{__name__}.Turned"},
        "boosting": {"class": "CatBoostClassifier", "iterations": 20, "verbose": False},
    }
    params: dict[str, Any] = {
        "seed": 1,
        "plugins": [__name__.partition(".")[0]],
        "data": {"target": "label"},
        "split": {"test_size": 0.3},
        "cross_validation": {"folds": 2, "repeats": 1},
        "uncertainty": {"resamples": 100},
        "run": {"strategies": ["baseline"], "models": [*models]},
        "strategies": {"baseline": {}},
        "models": models,
    }
    arms = run_trial(table, params).arms
    for arm in arms.values():
        scored = arm.score(table).loc[arm.test["row"]]
        assert scored["decision"].astype(str).tolist() == arm.test["y_decided"].astype(str).tolist()
    plain, turned = (arms[f"baseline-{model}"].test for model in ("plain", "turned"))
    pd.testing.assert_frame_equal(plain, turned)


@pytest.mark.parametrize("costs", [[[5, 6], [7, 5]], [[0, 1], [12, 10]]], ids=str)
def test_what_every_decision_costs_changes_no_verdict(costs: list[list[float]]) -> None:
    """A cost that no decision saves is nothing to gain, and makes no difference a small one."""
    rng = np.random.default_rng(8)
    rare = rng.random(600) < 0.3
    table = pd.DataFrame({"a": rng.normal(rare), "b": rng.normal(size=600), "label": rare})

    def run(matrix: list[list[float]]) -> pd.DataFrame:
        params: dict[str, Any] = {
            "seed": 1,
            "data": {"target": "label"},
            "split": {"test_size": 0.4},
            "decision": {"objective": "cost", "costs": matrix},
            "cross_validation": {"folds": 3, "repeats": 1},
            "uncertainty": {"resamples": 100},
            "run": {"strategies": ["baseline", "heavier"], "models": ["logistic"]},
            "strategies": {"baseline": {}, "heavier": {"class_weight": {True: 2}}},
            "models": {"logistic": {"class": "LogisticRegression"}},
        }
        answers = run_trial(table, params).verdicts
        return answers[answers["metric"] == "cost"].reset_index(drop=True)

    plain, raised = run([[0, 1], [2, 0]]), run(costs)
    assert raised["verdict"].tolist() == plain["verdict"].tolist()
    for column in ("effect", "rope"):
        assert raised[column].tolist() == pytest.approx(plain[column].tolist(), abs=1e-6)
    assert (plain["rope"] > 0).any()


def test_the_package_is_there_without_a_search_path(tmp_path: Path) -> None:
    """And little of it is imported: a stage that needs no model should not wait for one."""
    code = "import sys, equipoise; print(equipoise.__all__, 'pandas' in sys.modules)"
    environment = {"PATH": "", "HOME": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    assert found.stdout == "['Trial', 'TrialArm', 'UserError', 'load', 'run_trial'] False\n"
    assert (ROOT / "src/equipoise/py.typed").exists()


def test_an_arm_restated_for_another_prevalence_scores_as_it_was_judged(finished: Path) -> None:
    """New rows get the probabilities of the test part; those of the table are given on request."""
    params = load_params(finished / "params.yaml")
    decision = params.decision.model_copy(update={"prevalence": 0.02})
    as_is, restated = (
        run_trial(None, p) for p in (params, params.model_copy(update={"decision": decision}))
    )
    rows = read_frame(finished / "data/split/test.parquet")
    table = as_is.recommended.table.schema
    assert table.positives is not None
    for name, arm in restated.arms.items():
        scored = arm.score(rows)
        judged, before = arm.test["y_probability"], as_is.arms[name]
        assert scored["probability"].to_numpy() == pytest.approx(judged.to_numpy())
        assert (scored["decision"] == arm.test["y_decided"].to_numpy()).all()
        at_request = before.score(rows, prevalence=0.02)["probability"]
        assert at_request.to_numpy() == pytest.approx(judged.to_numpy())
        of_train = read_decision(finished / f"decisions/{name}.json").share
        assert of_train is not None
        assert of_train != table.positives / table.rows  # here by a few rows; by time, by far more
        again = arm.score(rows, prevalence=of_train)["probability"]
        assert again.to_numpy() == pytest.approx(before.test["y_probability"].to_numpy())
        assert arm.result.tuned.rule.threshold != before.result.tuned.rule.threshold
