"""A trial that keeps no row aside: every stage says so, and nothing is claimed of fitted models."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold

from equipoise.core.few_rows import NO_TEST_PART
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.storage.layout import Layout
from equipoise.storage.result_files import read_result
from equipoise.terminal.errors import UserError
from equipoise.using.arm_card import write_arm_card
from equipoise.using.monitor_batch import MonitorRequest, monitor_batch
from equipoise.using.promote_model import promote_challenger
from equipoise.using.score_table import ScoreRequest, score_table
from equipoise.using.scored_rows import Overrides

from .conftest import PARAMS, ROOT, Stage, finished_job, work_in_copy

ARMS = ("baseline-logistic", "smote-logistic")
TWO = (
    PARAMS.replace("test_size: 0.3", "test_size: 0")
    .replace("smote, class_weight, under, cleaned]", "smote]")
    .replace("repeats: 2", "repeats: 1, seed: 0")
    .replace("numeric: standardize", "numeric: passthrough")
)
REFUSED = r"split\.test_size: 0 keeps no test part, and"
SEVERAL = TWO.replace("[0.8, 0.2]", "[0.6, 0.25, 0.15]")


@pytest.fixture(scope="session", params=[TWO, SEVERAL], ids=["two", "several"])
def untested(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished job without a test part; not to be written to."""
    return finished_job(tmp_path_factory.mktemp("untested"), request.param, ("baseline", "smote"))


@pytest.fixture
def trial(untested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the working directory."""
    return work_in_copy(untested, tmp_path / "trial", monkeypatch)


def test_all_rows_are_train_in_the_order_of_the_table(untested: Path) -> None:
    """Folds that were published go by that order."""
    train, test = (
        read_frame(untested / f"data/split/{part}.parquet") for part in ("train", "test")
    )
    assert train.index.tolist() == [*range(400)]
    assert (len(test), [*test]) == (0, [*train])


def test_metrics_are_those_of_a_plain_loop_over_stratified_folds(untested: Path) -> None:
    """Means over folds of what scikit-learn alone finds, on folds with a seed of their own."""
    table = read_frame(untested / "data/dataset.parquet")
    X, y = table.drop(columns="target"), table["target"]
    several, found = y.nunique() > 2, []
    for fitted, held_out in StratifiedKFold(3, shuffle=True, random_state=0).split(X, y):
        model = LogisticRegression(random_state=7).fit(X.iloc[fitted], y.iloc[fitted])
        scores, actual = model.predict_proba(X.iloc[held_out]), y.iloc[held_out]
        ranked = pd.get_dummies(actual) if several else actual
        found.append(
            (
                balanced_accuracy_score(actual, model.predict(X.iloc[held_out])),
                average_precision_score(ranked, scores if several else scores[:, 1]),
            )
        )
    own = read_json(untested / "reports/metrics/baseline-logistic.json")["out_of_fold"]
    names = ("default_balanced_accuracy", "average_precision")
    assert [own[name] for name in names] == pytest.approx(np.mean(found, axis=0), rel=1e-5)


@pytest.mark.parametrize("arm", ARMS)
def test_a_metrics_file_says_that_it_is_of_no_test_part(untested: Path, arm: str) -> None:
    """It is as the published schema says, and is read again as it was written."""
    values = read_json(untested / f"reports/metrics/{arm}.json")
    schema = json.loads((ROOT / "docs/schemas/result.schema.json").read_text())
    jsonschema.validate(values, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**values, "tested": True}, schema)
    assert not read_result(untested / f"reports/metrics/{arm}.json").tested
    assert {*read_json(untested / f"scores/{arm}")} <= {
        f"out_of_fold_{n}" for n in values["out_of_fold"]
    }


def test_every_claim_is_about_a_remedy(untested: Path) -> None:
    """The comparison has no answer from a test part, and its sentences say why."""
    comparison = read_json(untested / "reports/comparison.json")
    assert {row["claim"] for row in comparison["comparisons"]} == {"remedy"}
    assert comparison["conclusions_on_test"] == [NO_TEST_PART]
    assert comparison["recommended"]["arm"] in ARMS


@pytest.mark.filterwarnings("ignore")  # MLflow warns of its own calls
def test_what_follows_says_it_plainly(
    trial: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Audit, terminal, page, MLflow, card and scores work; monitoring refuses in one line."""
    for name in ("audit", "compare", "report", "track"):
        stage(name)
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith("No test part: numbers are means over the folds")
    assert NO_TEST_PART in printed
    assert NO_TEST_PART in (trial / "reports/report.html").read_text()
    table = read_frame(trial / "data/dataset.parquet").drop(columns="target")
    table.to_csv("new.csv", index=False)
    score_table(Layout(), Path("new.csv"), ScoreRequest(Path("scored.csv"), Overrides(None, None)))
    assert NO_TEST_PART in capsys.readouterr().out
    write_arm_card(Layout(), None, Path("card.md"))
    assert NO_TEST_PART in (trial / "card.md").read_text()
    asked = MonitorRequest(None, None, mlflow=False)
    with pytest.raises(UserError, match=REFUSED):
        monitor_batch(Layout(), Path("new.csv"), asked)
    with pytest.raises(UserError, match=REFUSED):
        promote_challenger(Layout())
