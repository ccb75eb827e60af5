"""A model that only scores: it ranks, and says something of probabilities after calibration."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from equipoise.core.tables import split_off_target
from equipoise.storage.files.formats import read_frame, read_json

from .conftest import PARAMS, Stage, finished_job, work_in_copy

ARM = "class_weight-logistic"
OF_PROBABILITIES = {"brier_score", "log_loss", "calibration_error"}
SCORING = (
    PARAMS.replace("class: LogisticRegression", "class: LinearSVC")
    .replace("smote, class_weight, under, cleaned]", "class_weight]")
    .replace("decision:", "calibration: sigmoid\ndecision:")
)


@pytest.fixture(scope="session")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished job of support vectors; not to be written to."""
    return finished_job(tmp_path_factory.mktemp("scoring"), SCORING, ("baseline", "class_weight"))


def test_ranking_is_that_of_the_models_own_scores(scoring: Path) -> None:
    """Weighted once, by the argument that the model has for that."""
    (X, y), (X_test, y_test) = (
        split_off_target(read_frame(scoring / f"data/split/{part}.parquet"))
        for part in ("train", "test")
    )
    scaler = StandardScaler().fit(X)
    model = LinearSVC(class_weight="balanced", random_state=7).fit(scaler.transform(X), y)
    scores = model.decision_function(scaler.transform(X_test))
    found = read_json(scoring / f"reports/metrics/{ARM}.json")["test"]
    expected = average_precision_score(y_test, scores), roc_auc_score(y_test, scores)
    assert (found["average_precision"], found["roc_auc"]) == pytest.approx(expected, rel=1e-5)


def test_probabilities_are_measured_only_after_calibration(scoring: Path) -> None:
    """Neither on the test part nor out of fold has a score a Brier score of its own."""
    metrics = read_json(scoring / f"reports/metrics/{ARM}.json")
    assert OF_PROBABILITIES.isdisjoint({*metrics["test"], *metrics["out_of_fold"]})
    assert OF_PROBABILITIES.isdisjoint(metrics["interval"])
    assert {*metrics["calibrated"]} == OF_PROBABILITIES
    assert "prior_corrected" not in metrics


def test_a_sigmoid_is_the_scaling_of_platt(scoring: Path) -> None:
    """A logistic regression of the label on the scores."""
    oof = read_frame(scoring / f"predictions/{ARM}/oof.parquet")
    scores = logit(oof[["y_score"]].to_numpy())
    platt = LogisticRegression(C=np.inf).fit(scores, oof["y_true"])
    test = read_frame(scoring / f"predictions/{ARM}/test.parquet")
    expected = platt.predict_proba(logit(test[["y_score"]].to_numpy()))[:, 1]
    assert test["y_probability"].to_numpy() == pytest.approx(expected, abs=0.01)


@pytest.mark.filterwarnings("ignore")  # MLflow warns of its own calls
def test_all_that_follows_takes_such_an_arm(
    scoring: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    """Audit, page and MLflow, which keeps the model."""
    trial = work_in_copy(scoring, tmp_path / "trial", monkeypatch)
    for name in ("audit", "report", "track"):
        stage(name)
    assert read_json(trial / "reports/audit.json")["passed"] is True
    assert "reliability-" not in (trial / "reports/curves.csv").read_text()
