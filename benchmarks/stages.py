"""Time each stage of a job by the number of rows, in seconds of the processor and peak memory.

    PYTHONPATH=src python benchmarks/stages.py --rows 100000 1000000

A table of 30 columns, one row in twenty positive; one strategy after another, one process at a
time (`n_jobs: 1`), in a folder that is deleted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
STRATEGIES, MEGA = ("baseline", "random_under", "smote"), 1024
DATA = {"source": "synthetic", "n_features": 30, "n_informative": 10, "weights": [0.95, 0.05]}


def main() -> None:
    """Print a line for each stage and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", required=True)
    parser.add_argument("--models", nargs="+", default=["logistic", "boosting"])
    arguments = parser.parse_args()
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
    params |= {"n_jobs": 1, "cross_validation": {"folds": 5, "repeats": 1}}
    params["run"] = {"strategies": list(STRATEGIES), "models": arguments.models}
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as folder:
            params["data"] = DATA | {"n_samples": rows}
            Path(folder, "params.yaml").write_text(yaml.safe_dump(params))
            for stage in stages(arguments.models):
                print(f"{rows:,}", *stage, timed(stage, folder), sep=" | ", flush=True)


def stages(models: list[str]) -> list[list[str]]:
    """Return the scripts of a job with their arguments, in an order that works."""
    first = [["generate_data"], ["split"]]
    resample = [["resample", "--strategy", strategy] for strategy in STRATEGIES]
    arms = [["--strategy", s, "--model", m] for m in models for s in STRATEGIES]
    later = [[stage, *arm] for stage in ("train", "decide", "evaluate") for arm in arms]
    return [*first, *resample, *later, ["audit"], ["compare"]]


def timed(stage: list[str], folder: str) -> str:
    """Run a stage and return its seconds and its peak, workers included in the seconds."""
    name, *arguments = stage
    script = str(ROOT / "src/stages" / f"{name}.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(
        [sys.executable, script, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(stage)} failed")
    return f"{used.ru_utime + used.ru_stime:.1f} s | {used.ru_maxrss / MEGA:,.0f} MB"


if __name__ == "__main__":
    main()
