"""Time each stage of a job by the number of rows, in seconds of the processor and peak memory.

    python benchmarks/stages.py --rows 100000 1000000

A table of 30 columns, one row in twenty positive; one stage after another, one process at a time
(`n_jobs: 1`), without DVC, in a copy of the last commit that is deleted.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from measuring import Usage, measuring
from pipeline import Copy, clone, temporary_folder

STRATEGIES = ("baseline", "random_under", "smote")
COLUMNS = {"n_features": 30, "n_informative": 10}


@dataclass(frozen=True)
class Job:
    """What the stages run on."""

    rows: int
    positives: float  # a share of the rows
    strategies: Sequence[str]
    models: Sequence[str]
    flipped: float = 0.01  # a share of the labels, made random

    @property
    def sections(self) -> dict[str, Any]:
        """The sections of params.yaml that say so."""
        data = {"source": "synthetic", "n_samples": self.rows, **COLUMNS}
        labels = {"weights": [1 - self.positives, self.positives], "flip_y": self.flipped}
        return {
            "data": data | labels,
            "run": {"strategies": list(self.strategies), "models": list(self.models)},
            "cross_validation": {"folds": 5, "repeats": 1},
            "n_jobs": 1,
        }

    def bring_table(self, folder: Path) -> None:
        """Put the table where the params of a job in this folder expect it: it is generated."""

    @property
    def stages(self) -> list[tuple[str, ...]]:
        """The scripts with their arguments, in an order that works."""
        resample = [("resample", "--strategy", strategy) for strategy in self.strategies]
        arms = [("--strategy", s, "--model", m) for m in self.models for s in self.strategies]
        by_arm = [(stage, *arm) for stage in ("train", "decide", "evaluate") for arm in arms]
        last = [("audit",), ("compare",), ("report",), ("track",)]
        return [("generate_data",), ("split",), *resample, *by_arm, *last]


def main() -> None:
    """Print a line for each stage and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", required=True)
    parser.add_argument("--models", nargs="+", default=["logistic", "boosting"])
    arguments = parser.parse_args()
    for rows in arguments.rows:
        with temporary_folder() as folder:
            for stage, used in run_stages(Job(rows, 0.05, STRATEGIES, arguments.models), folder):
                seconds, peak = f"{used.processor:.1f} s", f"{used.peak:,.0f} MB"
                print(f"{rows:,}", *stage, seconds, peak, sep=" | ", flush=True)


def run_stages(job: Job, folder: Path) -> Iterator[tuple[tuple[str, ...], Usage]]:
    """Run the stages of a job below a folder; give each with what it used."""
    copy = clone(folder / f"stages-{job.rows}", folder / "log.txt", {"PYTHONPATH": "src"})
    job.bring_table(copy.folder)
    path = copy.folder / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(params | job.sections), encoding="utf-8")
    for stage in job.stages:
        yield stage, _run_stage(stage, copy)


def _run_stage(stage: tuple[str, ...], copy: Copy) -> Usage:
    name, *arguments = stage
    with measuring() as usage:
        copy.run(sys.executable, f"src/stages/{name}.py", *arguments)
    return usage


if __name__ == "__main__":
    main()
