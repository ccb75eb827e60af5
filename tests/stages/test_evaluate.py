"""Evaluation: the test part, scored once, with what train settled."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from equipoise.assessment.metrics import DECISION_METRICS
from equipoise.assessment.thresholds import decide
from equipoise.contract.errors import UserError
from equipoise.contract.storage import read_frame, read_json

Stage = Callable[..., None]

CELL = "smote-logistic"
STRATEGIES = ("baseline", "smote", "class_weight", "under", "cleaned")
PROBABILITY = {"brier_score", "log_loss", "calibration_error"}
DECISION = {"threshold", "tn", "fp", "fn", "tp", *DECISION_METRICS}
KEYS = {
    "test": {"n", "prevalence", "average_precision", "roc_auc"} | PROBABILITY,
    "default": DECISION,
    "tuned": DECISION,
    "calibrated": PROBABILITY,
    "out_of_fold": {"average_precision", "roc_auc", "default_f1", "tuned_f1"},
    "interval": {"average_precision", "roc_auc", "brier_score", "log_loss"}
    | {"calibrated_brier_score", "calibrated_log_loss"}
    | {f"{view}_{name}" for view in ("default", "tuned") for name in DECISION_METRICS},
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_predictions_are_of_the_test_rows(finished: Path, strategy: str) -> None:
    """Every row kept aside is scored once, known by its number in the user's table."""
    test = read_frame(finished / "data/split/test.parquet")
    predicted = read_frame(finished / f"predictions/{strategy}-logistic/test.parquet")
    assert list(predicted) == ["row", "y_true", "y_score", "y_pred"]
    assert test.index.tolist() == predicted["row"].tolist()
    assert test["target"].tolist() == predicted["y_true"].tolist()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_metrics_file_has_every_key(finished: Path, strategy: str) -> None:
    """Tools that read metrics find each section, and whose it is."""
    metrics = read_json(finished / f"reports/metrics/{strategy}-logistic.json")
    names = [metrics.pop(key) for key in ("cell", "strategy", "model")]
    assert names == [f"{strategy}-logistic", strategy, "logistic"]
    assert {name: set(section) for name, section in metrics.items()} == KEYS


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_default_matrix_is_that_of_the_predictions(finished: Path, strategy: str) -> None:
    """The stored predictions give the stored counts."""
    predicted = read_frame(finished / f"predictions/{strategy}-logistic/test.parquet")
    stored = read_json(finished / f"reports/metrics/{strategy}-logistic.json")["default"]
    expected = confusion_matrix(predicted["y_true"], predicted["y_pred"]).ravel().tolist()
    assert expected == [stored[name] for name in ("tn", "fp", "fn", "tp")]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_threshold_that_is_stored_is_the_one_that_was_tuned(
    finished: Path, strategy: str
) -> None:
    """Whoever decides by the stored threshold gets the stored numbers, on train and on test."""
    stored = read_json(finished / f"reports/metrics/{strategy}-logistic.json")
    threshold, folder = stored["tuned"]["threshold"], finished / f"predictions/{strategy}-logistic"
    test, oof = (read_frame(folder / f"{part}.parquet") for part in ("test", "oof"))
    counts = confusion_matrix(test["y_true"], decide(test["y_score"], threshold)).ravel()
    assert counts.tolist() == [stored["tuned"][name] for name in ("tn", "fp", "fn", "tp")]
    tuned_f1 = f1_score(oof["y_true"], decide(oof["y_score"], threshold))
    assert stored["out_of_fold"]["tuned_f1"] == pytest.approx(tuned_f1, rel=1e-5)


def test_curves_say_whose_they_are(finished: Path) -> None:
    """Curves of all arms can be put under one another and told apart."""
    curves = pd.read_csv(finished / f"reports/curves/{CELL}.csv")
    assert list(curves) == ["curve", "x", "y", "cell", "strategy", "model"]
    names = curves[["cell", "strategy", "model"]].drop_duplicates().to_numpy().tolist()
    assert names == [[CELL, "smote", "logistic"]]
    assert set(curves["curve"]) == {"precision_recall", "roc", "reliability", "threshold"}


def test_replicates_are_those_behind_the_intervals(finished: Path) -> None:
    """The stored replicates give the stored intervals, at the user's level."""
    replicates = read_frame(finished / f"reports/replicates/{CELL}.parquet")
    stored = read_json(finished / f"reports/metrics/{CELL}.json")["interval"]
    assert (100, set(stored)) == (len(replicates), set(replicates))
    for name, interval in stored.items():
        expected = np.quantile(replicates[name], [0.05, 0.95])
        assert expected.tolist() == pytest.approx(interval, rel=1e-5)


def test_the_level_changes_intervals_only(job: Path, stage: Stage) -> None:
    """Asking for more confidence moves no point estimate and widens no interval inwards."""
    path = job / f"reports/metrics/{CELL}.json"
    before, params = read_json(path), job / "params.yaml"
    params.write_text(params.read_text().replace("confidence: 0.9", "confidence: 0.91"))
    stage("evaluate", "--strategy", "smote", "--model", "logistic")
    after = read_json(path)
    narrow, wide = before.pop("interval"), after.pop("interval")
    assert before == after
    for name, (low, high) in narrow.items():
        assert wide[name][0] <= low <= high <= wide[name][1]


def test_an_arm_that_was_not_trained_is_named(job: Path, stage: Stage) -> None:
    """Run by hand before its model is there, the stage says which file is missing."""
    assert job.exists()
    with pytest.raises(UserError, match="smote-bayes"):
        stage("evaluate", "--strategy", "smote", "--model", "bayes")
