"""Kept fits of a screening: those of others are removed, and nothing else that lies there."""

from pathlib import Path

from equipoise.core.arms import ArmName
from equipoise.screening.shared_folds import FitInFold
from equipoise.storage.screening_files import DIGITS, FitFiles


def test_only_fits_of_this_screening_stay(tmp_path: Path) -> None:
    """A user's own files are none of ours."""
    arm, folder = ArmName("baseline", "logistic"), tmp_path / "fits"
    FitFiles(folder, {}).remove_others()
    before, after = (FitFiles(folder, {arm: {"seed": seed}}) for seed in (1, 2))
    for kept in (before, after):
        kept.keep(FitInFold(arm, 1.5, None), fold=0)
    (folder / "notes").mkdir()
    (folder / f"notes-of-{'0' * DIGITS}").touch()
    after.remove_others()
    assert after.read(arm, 0) is not None
    assert before.read(arm, 0) is None
    assert len([*folder.iterdir()]) == 3
