"""Where the commonest class was sampled, all numbers are those of the whole file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
)

from equipoise.core.arms import ArmName
from equipoise.storage.files.formats import read_frame
from equipoise.storage.layout import Layout
from equipoise.storage.result_files import read_result
from equipoise.terminal.command import execute

from .conftest import work_in_copy

ARM = ArmName("smote", "logistic")


@pytest.fixture
def share(sampled: Path) -> float:
    """The share of those who are ill in the whole file."""
    return float((pd.read_csv(sampled / "data/raw/visits.csv")["outcome"] == "ill").mean())


def test_metrics_are_those_of_rows_that_weigh_what_they_stand_for(
    sampled: Path, share: float
) -> None:
    """As scikit-learn has them, if each kept row counts for as many as were in the file."""
    layout = Layout(sampled)
    test, result = read_frame(layout.test_scores(ARM)), read_result(layout.metrics(ARM))
    y_true, probability = test["y_true"], test["y_probability"]
    kept = y_true.mean()
    weight = np.where(y_true == 1, share / kept, (1 - share) / (1 - kept))
    assert kept > share + 0.1
    assert result.test["prevalence"] == pytest.approx(share, rel=1e-5)
    expected = {
        "precision": precision_score(y_true, test["y_decided"], sample_weight=weight),
        "recall": recall_score(y_true, test["y_decided"], sample_weight=weight),
        "f1": f1_score(y_true, test["y_decided"], sample_weight=weight),
    }
    for name, value in expected.items():
        assert result.tuned.numbers[name] == pytest.approx(value, rel=1e-5)
    assert result.test["average_precision"] == pytest.approx(
        average_precision_score(y_true, test["y_score"], sample_weight=weight), rel=1e-5
    )
    assert result.calibrated["brier_score"] == pytest.approx(
        brier_score_loss(y_true, probability, sample_weight=weight), rel=1e-5
    )


def test_probabilities_are_those_of_the_whole_file(sampled: Path, share: float) -> None:
    """Their weighted mean is the share of positives there, within what few test rows allow."""
    test = read_frame(Layout(sampled).test_scores(ARM))
    kept = test["y_true"].mean()
    weight = np.where(test["y_true"] == 1, share / kept, (1 - share) / (1 - kept))
    assert np.average(test["y_probability"], weights=weight) == pytest.approx(share, abs=0.03)


def test_the_audit_settles_the_same_decisions(
    sampled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It learns them again from the files, for the whole file too."""
    work_in_copy(sampled, tmp_path / "job", monkeypatch)
    execute("audit", [])
