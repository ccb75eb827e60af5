"""What stages import of what takes long to import: no more than they need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, work_in_copy

# Tenths of a second each, or more.
SLOW = {
    *(
        "altair",
        "catboost",
        "dask",
        "distributed",
        "dvc",
        "imblearn",
        "lightgbm",
        "matplotlib",
        "mlflow",
    ),
    *("scipy", "scipy.stats", "skops", "sklearn", "statsmodels", "vl_convert", "xgboost"),
}
MODELS = {"scipy", "scipy.stats", "sklearn"}
# Those that need least, or what no other one does.
STAGES: tuple[tuple[str, tuple[str, ...], set[str]], ...] = (
    ("resample", ("--strategy", "baseline"), set()),
    ("decide", ("--strategy", "smote", "--model", "logistic"), MODELS),  # which learn a calibrator
    ("compare", (), {"scipy"}),
    ("track", (), {"mlflow", "scipy", "vl_convert"}),
)


def list_imported(stage: str, arguments: tuple[str, ...]) -> set[str]:
    """Run a stage as its script does; return what it has imported."""
    script = str(ROOT / f"src/stages/{stage}.py")
    probe = f"""
import runpy, sys
sys.argv[1:] = {arguments}
runpy.run_path({script!r}, run_name="__main__")
print("\\n" + " ".join(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "EQUIPOISE_WARM": "0"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_a_stage_imports_of_what_is_slow_only_what_it_needs(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every stage is a process, so each pays for its imports."""
    job = work_in_copy(finished, tmp_path / "job", monkeypatch)
    (job / "dvc.yaml").write_text("stages: {}\n")
    found = {
        (stage, arguments): SLOW & list_imported(stage, arguments) for stage, arguments, _ in STAGES
    }
    assert found == {(stage, arguments): needed for stage, arguments, needed in STAGES}
