"""The same answer: every byte on one machine, six digits on any."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from tests.repository import ROOT, clean_environment
from tests.stages.conftest import PARAMS, STRATEGIES

# Each differs from the other in all that must not matter.
PLAIN = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "OMP_NUM_THREADS": "1"}
OTHER = {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo", "OMP_NUM_THREADS": "2"}
# What computes on processors of other kinds: older kernels of OpenBLAS, and NumPy's own without
# the newest instructions.
KERNELS = [
    {"OPENBLAS_CORETYPE": "Haswell"},
    {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX"},
]
RUN = """
import sys
from pathlib import Path
from tests.stages.conftest import finished_job
finished_job(Path(), sys.argv[1], tuple(sys.argv[2:]))
"""
# Of many numbers OpenBLAS makes a sum on several threads, if it may.
MANY_ROWS = f"{PARAMS.replace('400', '40_000')}calibration: sigmoid\n"
ARMS = ("baseline", "smote", "class_weight")
NUMBERS = ("reports/comparison.json", *(f"scores/{strategy}-logistic" for strategy in ARMS))
DIGITS = 1e-6


def run_job(folder: Path, params: str, *strategies: str, **surroundings: str) -> Path:
    """Run the stages of a job in a process of its own; return the folder."""
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", RUN, params, *strategies],
        cwd=folder,
        env=clean_environment()
        | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        | surroundings,
        check=True,
        timeout=600,
    )
    return folder


def hash_files(folder: Path) -> dict[str, str]:
    """Return the hash of each file that the stages made."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "params.yaml"]
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files
    }


def list_numbers(node: object, key: str = "") -> Iterator[tuple[str, float]]:
    """Give every number in JSON by its key."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from list_numbers(value, f"{key}.{name}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from list_numbers(value, f"{key}[{place}]")
    elif isinstance(node, int | float):
        yield key, float(node)


def test_the_same_bytes_whatever_the_surroundings(tmp_path: Path) -> None:
    """Hash seed, locale, time zone, threads, and how many processes fit."""
    one = run_job(tmp_path / "one", PARAMS, *STRATEGIES, **PLAIN)
    two_at_a_time = PARAMS.replace("n_jobs: 1", "n_jobs: 2")
    assert two_at_a_time != PARAMS
    other = run_job(tmp_path / "other", two_at_a_time, *STRATEGIES, **OTHER)
    assert hash_files(one) == hash_files(other)


def test_the_same_bytes_of_many_rows_on_any_number_of_threads(tmp_path: Path) -> None:
    """By the scripts of the stages: NumPy takes the number when it is imported."""
    folders = {"1": tmp_path / "one", "2": tmp_path / "two"}
    for threads, folder in folders.items():
        folder.mkdir()
        (folder / "params.yaml").write_text(MANY_ROWS)
        environment = {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": threads}
        for stage in ("generate_data", "split", "resample", "train", "decide", "evaluate"):
            of_arm = ("--strategy", "baseline", "--model", "logistic")
            words = {"generate_data": 0, "split": 0, "resample": 2}.get(stage, 4)
            script = (sys.executable, str(ROOT / f"src/stages/{stage}.py"), *of_arm[:words])
            subprocess.run(script, cwd=folder, env=clean_environment() | environment, check=True)
    assert hash_files(folders["1"]) == hash_files(folders["2"])


@pytest.mark.parametrize("kernels", KERNELS, ids=["Haswell", "Nehalem"])
def test_the_default_job_gives_the_committed_numbers_on_other_processors(
    kernels: dict[str, str], tmp_path: Path
) -> None:
    """And with whatever version of Python this is."""
    params = (ROOT / "params.yaml").read_text()
    job = run_job(tmp_path / "job", params, *ARMS, **kernels)
    for name in NUMBERS:
        found = dict(list_numbers(json.loads((job / name).read_text())))
        committed = dict(list_numbers(json.loads((ROOT / name).read_text())))
        assert found == pytest.approx(committed, abs=DIGITS, rel=DIGITS, nan_ok=True), name
