"""A table of three classes through every stage: numbers, words, files, and the record."""

from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from sklearn import metrics as sk
from sklearn.datasets import make_classification

from equipoise import run_trial
from equipoise.record.naming import list_metric_values
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.result_files import decode_result
from equipoise.terminal.errors import UserError

from .conftest import ROOT, Stage, run_stage, work_in_copy
from .test_compare import positives_needed
from .test_trial import assert_equals_stages

# Signs that names in MLflow may not have, and a letter that ASCII lacks.
LABELS = ("50%+", "a b", "ü")
STRATEGIES, MODELS = ("baseline", "over"), ("logistic", "bayes")
ARMS = tuple(f"{strategy}-{model}" for model in MODELS for strategy in STRATEGIES)
PARAMS = """
seed: 7
data: {source: file, path: data/raw/table.csv, target: outcome}
split: {test_size: 0.3}
preprocess: {numeric: standardize}
run: {strategies: [baseline, over], models: [logistic, bayes]}
strategies:
  baseline: {}
  over: {sampler: {class: RandomOverSampler, sampling_strategy: {50%+: 200, ü: 150}}}
models:
  logistic: {class: LogisticRegression}
  bayes: {class: GaussianNB}
cross_validation: {folds: 3, repeats: 2}
uncertainty: {confidence: 0.9, resamples: 100}
n_jobs: 1
"""


def write_table(folder: Path, labels: tuple[Any, ...]) -> None:
    """A table of 600 rows, the first label the rarest."""
    X, y = make_classification(
        600, 6, n_informative=4, n_classes=3, weights=[0.1, 0.65, 0.25], random_state=1
    )
    table = pd.DataFrame(X, columns=[f"f{i}" for i in range(6)])
    (folder / "data/raw").mkdir(parents=True)
    table = table.assign(outcome=np.array(labels)[y], day=np.arange(len(y)))
    table.to_csv(folder / "data/raw/table.csv", index=False)


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of three classes that has run; not to be written to."""
    folder = tmp_path_factory.mktemp("classes")
    write_table(folder, LABELS)
    (folder / "params.yaml").write_text(
        PARAMS.replace("target: outcome", "target: outcome, drop: [day]")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_stage("generate_data")
        run_stage("split")
        for strategy in STRATEGIES:
            run_stage("resample", "--strategy", strategy)
            for model in MODELS:
                run_stage("train", "--strategy", strategy, "--model", model)
                run_stage("decide", "--strategy", strategy, "--model", model)
                run_stage("evaluate", "--strategy", strategy, "--model", model)
        run_stage("compare")
    return folder


@pytest.fixture
def job(classes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished job, as the working directory."""
    return work_in_copy(classes, tmp_path / "job", monkeypatch)


def metrics_of(job: Path, arm: str) -> dict[str, Any]:
    return read_json(job / f"reports/metrics/{arm}.json")


@pytest.mark.parametrize("arm", ARMS)
def test_files_of_predictions_bear_out_the_numbers(classes: Path, arm: str) -> None:
    """Whoever scores the stored predictions with scikit-learn finds what the metrics say."""
    scored, metrics = (
        read_frame(classes / f"predictions/{arm}/test.parquet"),
        metrics_of(classes, arm),
    )
    scores = scored[[f"y_score_{label}" for label in LABELS]].to_numpy()
    assert metrics["classes"] == list(LABELS)
    auc = sk.roc_auc_score(scored["y_true"], scores, multi_class="ovr")
    assert metrics["test"]["roc_auc"] == pytest.approx(auc, rel=1e-5)
    matrix = sk.confusion_matrix(scored["y_true"], scored["y_pred"], labels=LABELS)
    assert metrics["confusion"]["default"] == matrix.tolist()
    weights = [metrics["tuned"]["weights"][label] for label in LABELS]
    tuned = np.array(LABELS)[(scores * weights).argmax(axis=1)]
    f1 = sk.f1_score(scored["y_true"], tuned, average="macro", zero_division=0)
    assert metrics["tuned"]["f1"] == pytest.approx(f1, rel=1e-5)


@pytest.mark.parametrize("made", ["finished", "classes"])
def test_files_are_as_the_published_schemas_say(made: str, request: pytest.FixtureRequest) -> None:
    """Of two classes and of several: whoever reads them elsewhere finds what was promised."""
    reports = request.getfixturevalue(made) / "reports"
    of_arms = [*(reports / "metrics").glob("*.json")]
    assert of_arms
    named = {"result": of_arms, "comparison": [reports / "comparison.json"]}
    for name, paths in named.items():
        schema = read_json(ROOT / f"docs/schemas/{name}.schema.json")
        for path in paths:
            jsonschema.validate(read_json(path), schema)


def test_what_over_sampling_did_to_each_class_is_undone(classes: Path) -> None:
    """The shares that the sampler changed reach the evaluation, class by class."""
    assert "prior_corrected" not in metrics_of(classes, "baseline-logistic")
    over = metrics_of(classes, "over-logistic")
    assert over["prior_corrected"]["log_loss"] < over["test"]["log_loss"]
    assert {f"prior_corrected_{name}" for name in over["prior_corrected"]} < set(over["interval"])


def test_a_comparison_of_several_classes_asks_what_one_of_two_asks(classes: Path) -> None:
    """The same questions on test and over folds, with effects as in the files; models as well."""
    comparison = read_json(classes / "reports/comparison.json")
    asked = {(a["view"], a["metric"], a["source"]) for a in comparison["comparisons"]}
    questions = {
        ("ranking", "average_precision"),
        ("ranking", "roc_auc"),
        ("default", "f1"),
        ("tuned", "f1"),
        ("calibrated", "brier_score"),
    }
    assert asked == {(*question, source) for question in questions for source in ("test", "cv")}
    for answer in [*comparison["comparisons"], *comparison["models"]]:
        if answer["source"] == "test":
            section = "test" if answer["view"] == "ranking" else answer["view"]
            arm, baseline = (
                metrics_of(classes, answer[side])[section][answer["metric"]]
                for side in ("arm", "against")
            )
            assert arm - baseline == pytest.approx(answer["effect"], abs=2e-6)
    sides = {(a["arm"], a["against"]) for a in comparison["models"]}
    assert sides == {("baseline-bayes", "baseline-logistic")}
    of_models = comparison["conclusions"][-2]
    assert of_models.startswith("Without a remedy, cross-validated average precision")


def test_the_positives_needed_are_rows_of_the_rarest_class(classes: Path) -> None:
    """Tried out on that many rows more of it, for remedies and for models; at least one."""
    comparison = read_json(classes / "reports/comparison.json")
    rarest = metrics_of(classes, "baseline-logistic")["class_50%+"]["n"]
    target = read_frame(classes / "data/split/test.parquet")["target"]
    assert rarest == target.value_counts().min() == (target == "50%+").sum()
    needed = [
        more
        for key in ("comparisons", "models")
        for more in positives_needed(comparison[key], rarest, alpha=0.1)
    ]
    assert needed
    assert min(needed) >= 1


def test_the_recommendation_has_the_class_weights_of_its_arm(classes: Path) -> None:
    """To the last digit, by label; and words say what decides."""
    comparison = read_json(classes / "reports/comparison.json")
    recommended = comparison["recommended"]
    known = {"arm", "weights", "calibration", "why", "settled", "simplest", "leading"}
    assert set(recommended) == known | {"beats_guess", "can_tell"}
    assert recommended["weights"] == metrics_of(classes, recommended["arm"])["tuned"]["weights"]
    assert recommended["can_tell"] is False
    warned, *of_remedies, _, _ = comparison["conclusions"]
    assert "nothing can be said about remedies" in warned
    assert all("with tuned class weights" in said for said in of_remedies)


def test_the_printed_table_speaks_of_classes(
    job: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rarest class by name, recall by class, class weights; within a hundred columns."""
    stage("compare")
    output = capsys.readouterr().out
    metrics = metrics_of(job, "baseline-logistic")
    share, rows = metrics["test"]["prevalence"], metrics["test"]["n"]
    assert f"{rows} rows, {share:.2%} of class 50%+, the rarest of 3 classes" in output
    assert max(map(len, output.splitlines())) <= 100
    _, recalls = output.split("recall, default")
    shown = [line.split() for line in recalls.splitlines() if line.split()[:1] == ["over-bayes"]][
        :2
    ]
    for line, view in zip(shown, ("default", "tuned"), strict=True):
        own = metrics_of(job, "over-bayes")
        expected = [own[f"class_{label}"][f"{view}_recall"] for label in LABELS]
        assert [float(number) for number in line[1:]] == pytest.approx(expected, abs=5.1e-5)
    weights = read_json(job / "reports/comparison.json")["recommended"]["weights"]
    named = ", ".join(f"{label}: {weight:.3g}" for label, weight in weights.items())
    assert f"class weights ({named})" in " ".join(output.split())
    assert "Without a remedy, cross-validated average precision is" in output


def test_curves_name_their_class(classes: Path) -> None:
    """Every arm has each curve of every class in the file that plots are drawn from."""
    curves = pd.read_csv(classes / "reports/curves.csv")
    found = set(curves[["arm", "class", "curve"]].itertuples(index=False, name=None))
    kinds = ("precision_recall", "roc", "reliability", "reliability_calibrated")
    assert found >= {(arm, label, kind) for arm in ARMS for label in LABELS for kind in kinds}


def test_an_objective_that_goes_by_one_class_is_refused_before_anything_is_written(
    job: Path, stage: Stage
) -> None:
    """One line says what can be asked of several classes."""
    params = job / "params.yaml"
    params.write_text(params.read_text() + "decision: {objective: alerts, per_thousand: 10}\n")
    before = (job / "reports/metrics/baseline-bayes.json").read_bytes()
    with pytest.raises(UserError, match=r"decision\.objective: 'alerts' has no meaning") as refused:
        stage("decide", "--strategy", "baseline", "--model", "bayes")
    assert len(str(refused.value).splitlines()) == 1
    assert (job / "reports/metrics/baseline-bayes.json").read_bytes() == before


def test_costs_and_folds_in_time_with_classes_that_are_numbers(
    tmp_path: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A baseline alone: classes in order of size, Elkan's view, no score of the first fold."""
    write_table(tmp_path, (10, 2, 9))
    monkeypatch.chdir(tmp_path)
    costs = "decision: {objective: cost, costs: [[0, 1, 2], [1, 0, 2], [9, 9, 0]]}\n"
    edits = {
        "target: outcome": "target: outcome, time: day",
        "{test_size: 0.3}": "{test_size: 0.3, method: time}",
        "[baseline, over]": "[baseline]",
        "[logistic, bayes]": "[bayes]",
        "repeats: 2": "repeats: 1",
    }
    params = PARAMS + costs
    for before, after in edits.items():
        assert before in params
        params = params.replace(before, after)
    Path("params.yaml").write_text(params)
    strategy = ("--strategy", "baseline")
    arm = (*strategy, "--model", "bayes")
    stage("generate_data")
    stage("split")
    stage("resample", *strategy)
    stage("train", *arm)
    stage("decide", *arm)
    stage("evaluate", *arm)
    stage("compare")
    metrics = metrics_of(tmp_path, "baseline-bayes")
    assert metrics["classes"] == ["2", "9", "10"]
    assert set(metrics["tuned"]["weights"]) == {"2", "9", "10"}
    scored = read_frame(tmp_path / "predictions/baseline-bayes/test.parquet")
    matrix = np.array(metrics["confusion"]["elkan"])
    assert matrix.sum(axis=1).tolist() == [
        (scored["y_true"] == label).sum() for label in (2, 9, 10)
    ]
    cost = (matrix * [[0, 1, 2], [1, 0, 2], [9, 9, 0]]).sum() / len(scored)
    assert metrics["elkan"]["cost"] == pytest.approx(cost, rel=1e-5)
    assert metrics["elkan"]["cost"] < metrics["default"]["cost"]
    folds = read_frame(tmp_path / "reports/folds/baseline-bayes.parquet")
    assert folds["fold"].min() > 0
    assert read_json(tmp_path / "reports/comparison.json")["comparisons"] == []


@pytest.mark.filterwarnings("ignore")  # MLflow warns of its own calls
def test_the_record_has_every_number_of_every_class(job: Path, stage: Stage) -> None:
    """In a real store: names that MLflow takes whatever the labels, pictures, params, verdicts."""
    (job / "dvc.yaml").write_text("stages: {}\n")
    stage("track")
    store = MlflowClient(f"sqlite:///{job / 'mlflow.db'}")
    (experiment,) = [e for e in store.search_experiments() if e.name != "Default"]
    runs = {run.info.run_name: run for run in store.search_runs([experiment.experiment_id])}
    assert set(ARMS) < set(runs)
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    for arm in ARMS:
        run, metrics = runs[arm], metrics_of(job, arm)
        assert run.data.metrics == list_metric_values(decode_result(metrics), "f1")
        counted = [
            value
            for name, value in run.data.metrics.items()
            if name.startswith("class_") and name.endswith("/n")
        ]
        assert sorted(counted) == sorted(metrics[f"class_{label}"]["n"] for label in LABELS)
        pictures = {file.path for file in store.list_artifacts(run.info.run_id, "plots")}
        assert {"plots/confusion_matrix_default.svg", "plots/roc.svg"} < pictures
    assert {"200", "150"} < set(runs["over-bayes"].data.params.values())


def test_a_trial_in_memory_equals_the_stages(job: Path) -> None:
    """Also with several classes."""
    assert_equals_stages(run_trial(None, "params.yaml"), job)
