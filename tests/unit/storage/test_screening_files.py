"""Kept fits of a screening: those of others are removed, and nothing else that lies there."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from equipoise.core.arms import ArmName
from equipoise.screening.shared_folds import FitInFold
from equipoise.storage.screening_files import DIGITS, FitFiles

SCORES = pd.DataFrame({"row": [0, 1], "y_true": [0, 1], "y_score": [0.2, 0.7], "y_pred": [0, 1]})


def test_only_fits_of_this_screening_stay(tmp_path: Path) -> None:
    """A user's own files are none of ours."""
    arm, folder = ArmName("baseline", "logistic"), tmp_path / "fits"
    FitFiles(folder, {}).remove_others()
    before, after = (FitFiles(folder, {arm: {"seed": seed}}) for seed in (1, 2))
    for kept in (before, after):
        kept.keep(FitInFold(arm, 1.5, SCORES), fold=0)
    (folder / "notes").mkdir()
    (folder / f"notes-of-{'0' * DIGITS}").touch()
    after.remove_others()
    assert after.read(arm, 0) is not None
    assert before.read(arm, 0) is None
    assert len([*folder.iterdir()]) == 3


@pytest.mark.parametrize(
    "edit",
    [
        {"seconds": "x"},
        {"chosen": 3},
        {"frames": 3},
        {"frames": {}},
        {"frames": {"../../../raw/x": "0"}},
    ],
)
def test_a_kept_fit_that_was_edited_is_none(edit: dict[str, Any], tmp_path: Path) -> None:
    """Its JSON file by hand, or the table beside it, which has its hash there."""
    arm = ArmName("baseline", "logistic")
    kept = FitFiles(tmp_path, {arm: {"seed": 1}})
    kept.keep(FitInFold(arm, 1.5, SCORES), fold=0)
    (path,) = tmp_path.rglob("0.json")
    written = path.read_text()
    path.write_text(json.dumps(json.loads(written) | edit))
    assert kept.read(arm, 0) is None
    path.write_text(written)
    assert kept.read(arm, 0) is not None
    SCORES.head(1).to_parquet(path.with_name("0-scores.parquet"))
    assert kept.read(arm, 0) is None
