"""The project is whole: it can run, and its results are of the code that is installed."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import equipoise
from equipoise.founding.upgrading import plan_upgrade

ROOT = Path(__file__).parents[1]
COMPARISON = ROOT / "reports/comparison.json"


def test_the_trial_can_run() -> None:
    """`equipoise doctor` finds no mistake in params.yaml or in the table."""
    doctor = [sys.executable, "-m", "equipoise", "doctor"]
    done = subprocess.run(doctor, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_upgrade_is_due() -> None:
    """code.json has the code that is installed; else run `equipoise upgrade`."""
    assert not plan_upgrade(ROOT).is_due


@pytest.mark.skipif(not COMPARISON.exists(), reason="no model to score before the first run")
def test_the_recommended_arm_decides_the_test_part_as_it_did() -> None:
    """Its files are there, and make one classifier."""
    trial = equipoise.load(ROOT)
    if not trial.params.split.has_test:
        pytest.skip("split.test_size: 0 keeps no test part")
    rows = pd.read_parquet(ROOT / "data/split/test.parquet")
    model, decided = trial.recommended.classifier, trial.recommended.test["y_decided"]
    codes = model.decide(model.predict_scores(rows[model.feature_names_in_]))
    assert (model.pipeline.classes_[codes] == decided).all()
