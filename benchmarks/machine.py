"""The machine that a measurement was made on, without its name or any path."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
SECONDS_OF_OTHERS = 5
PACKAGES = ("dvc", "mlflow", "scikit-learn", "imbalanced-learn", "pandas", "numpy")


def describe_machine() -> dict[str, str]:
    """Return the processor, memory and versions, the commit, and what else ran as it began."""
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True)
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": f"{_name_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": platform.system(),
        "Python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "commit": commit.strip(),
        "cores in use by others as it began": f"{_measure_busy_cores():.1f}",
    }


def _measure_busy_cores() -> float:
    """Return how many cores are in use before anything is measured."""
    return float(psutil.cpu_percent(SECONDS_OF_OTHERS)) / 100 * (os.cpu_count() or 1)


def _name_processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip().replace("(R)", "")
    return platform.machine()
