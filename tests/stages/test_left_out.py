"""Arms that cannot be fitted are left out, named with the reason wherever arms are; others run."""

from pathlib import Path

import jsonschema
import pytest
from mlflow import MlflowClient

from equipoise import run_trial
from equipoise.core.arms import ArmName
from equipoise.storage.comparison_files import encode_comparison
from equipoise.storage.files.formats import read_json, round_as_written
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.terminal.params_file import load_params

from .conftest import ROOT, run_stage

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")
# Of 56 positives the sampler `greedy` wants more neighbours than there are, and neighbours take
# no weights.
PARAMS = """
seed: 7
data: {source: synthetic, n_samples: 400, n_features: 6, n_informative: 4, weights: [0.8, 0.2]}
split: {test_size: 0.3}
run: {strategies: [baseline, greedy, class_weight], models: [logistic, near]}
strategies:
  baseline: {}
  greedy: {sampler: {class: SMOTE, k_neighbors: 99}}
  class_weight: {class_weight: balanced}
models:
  logistic: {class: LogisticRegression}
  near: {class: KNeighborsClassifier}
cross_validation: {folds: 3, repeats: 1}
uncertainty: {resamples: 100}
n_jobs: 1
"""
REASONS = {
    "greedy-logistic": "strategies.greedy.sampler.k_neighbors: 99 is too many: the positive"
    " class has",
    "greedy-near": "strategies.greedy.sampler.k_neighbors: 99 is too many: the positive class has",
    "class_weight-near": "KNeighborsClassifier (models.near) takes no class_weight",
}
FINISHED = ["baseline-logistic", "class_weight-logistic", "baseline-near"]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished job, up to `compare`."""
    folder = tmp_path_factory.mktemp("job")
    (folder / "params.yaml").write_text(PARAMS)
    (folder / "dvc.yaml").write_text("stages: {}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_stage("generate_data")
        run_stage("split")
        run = load_params(Path("params.yaml")).run
        for strategy in run.strategies:
            run_stage("resample", "--strategy", strategy)
        for stage in ("train", "decide", "evaluate"):
            for arm in run.arms:
                run_stage(stage, "--strategy", arm.strategy, "--model", arm.model)
        run_stage("audit")
    return folder


def test_the_others_are_compared_and_the_reason_is_everywhere(
    job: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the terminal, the file, the page and MLflow, and the same in memory."""
    monkeypatch.chdir(job)
    for stage in ("compare", "report", "track"):
        run_stage(stage)
    printed = " ".join(capsys.readouterr().out.split())
    found, page = read_json(Layout().comparison), Layout().report.read_text()
    assert list(found["left_out"]) == sorted(REASONS)
    for arm, reason in REASONS.items():
        assert reason in found["left_out"][arm]
        assert f"{arm} is left out: {found['left_out'][arm]}" in printed
        assert page.count(f"left out: {found['left_out'][arm]}") >= 2
    client = MlflowClient(f"sqlite:///{job / 'mlflow.db'}")
    (experiment,) = (e for e in client.search_experiments() if e.name == "equipoise")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    failed = {name: run for name, run in runs.items() if run.info.status == "FAILED"}
    assert failed.keys() == REASONS.keys()
    for arm, run in failed.items():
        note = run.data.tags["mlflow.note.content"].replace("\\", "")  # Markdown's
        assert note == f"Left out: {found['left_out'][arm]}"
    trial = run_trial(None, "params.yaml")
    assert list(trial.arms) == FINISHED
    assert round_as_written(encode_comparison(trial.comparison)) == found


def test_who_wants_every_arm_is_told_which_is_missing(
    job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is trained again for it: no stage before goes by `run.strict`."""
    monkeypatch.chdir(job)
    params = Path("params.yaml")
    strict = PARAMS.replace("models: [logistic, near]}", "models: [logistic, near], strict: true}")
    params.write_text(strict)
    with pytest.raises(UserError, match=r"run\.strict: true needs every arm, but greedy-logistic"):
        run_stage("audit")
    params.write_text(PARAMS)


def test_files_of_an_arm_left_out_say_so(job: Path) -> None:
    """All that its stages are to make is there, for DVC to store."""
    layout, arm = Layout(job), ArmName("class_weight", "near")
    files = [*layout.list_trained(arm), layout.decision(arm), *layout.list_evaluated(arm)]
    for path in files:
        assert REASONS[str(arm)] in read_json(path)["refused"]
    schema = read_json(ROOT / "docs/schemas/result.schema.json")
    jsonschema.validate(read_json(layout.metrics(arm)), schema)
