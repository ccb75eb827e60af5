"""Run a trial on a sample of a large file, and read a folder that is larger than memory.

    python benchmarks/larger_than_memory.py --rows 10000000 --ratios 20 5
    python benchmarks/larger_than_memory.py --gigabytes 10

The first has the table and the six arms of `stages.py` in docs/performance.md, read from a Parquet
file of which `data.sample` keeps so many rows of the common class for each rare one; it prints
each stage's seconds of the processor and peak of memory. The second writes a folder of Parquet
files of random numbers, one row in 1,000 positive, and has `generate-data` read it in a process
that may have 2 GB of data. Linux only; both need as much space on the disk as their table.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import yaml
from measuring import Usage, measuring
from pipeline import clone, temporary_folder
from pyarrow import parquet
from sklearn.datasets import make_classification

from stages import COLUMNS, Job, run_stages

ARMS = (("baseline", "random_under", "class_weight"), ("logistic", "boosting"))
POSITIVES, FLIPPED, SEED = 1 / 200, 0.001, 42
ROWS_OF_FILE, COLUMNS_OF_FILE, ONE_IN, RATIO = 1_000_000, 30, 1_000, 10
LIMIT = 2 * 10**9
TABLES = Path("data/raw")


@dataclass(frozen=True)
class SampledJob(Job):
    """Stages on a sample of a file."""

    path: Path = Path()
    ratio: float = RATIO

    @property
    def sections(self) -> dict[str, Any]:
        """The sections of params.yaml that say so."""
        return {**super().sections, "data": describe_file(self.path.name, self.ratio)}

    def bring_table(self, folder: Path) -> None:
        """Link the file into the folder for tables, which is the only one that params allow."""
        (folder / TABLES / self.path.name).hardlink_to(self.path)


def describe_file(name: str, ratio: float) -> dict[str, Any]:
    """Return a section `data` for a sample of a file or folder."""
    sample = {"majority_per_minority": ratio}
    return {"source": "file", "path": str(TABLES / name), "target": "y", "sample": sample}


def main() -> None:
    """Print what each stage takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--ratios", type=float, nargs="+", default=[RATIO])
    parser.add_argument("--gigabytes", type=float, default=0.0)
    arguments = parser.parse_args()
    with temporary_folder() as folder:
        if arguments.rows:
            table = folder / "table.parquet"
            write_problem(table, arguments.rows)
            for ratio in arguments.ratios:
                job = SampledJob(arguments.rows, POSITIVES, *ARMS, path=table, ratio=ratio)
                print_stages(job, folder / f"ratio-{ratio:g}")
        if arguments.gigabytes:
            read_folder(arguments.gigabytes, folder)


def write_problem(path: Path, rows: int) -> None:
    """Write the table that `stages.py` generates."""
    X, y = make_classification(
        rows,
        **COLUMNS,
        weights=[1 - POSITIVES, POSITIVES],
        flip_y=FLIPPED,
        random_state=SEED,
    )
    pd.DataFrame(X).rename(columns="x{}".format).assign(y=y).to_parquet(path)


def print_stages(job: SampledJob, folder: Path) -> None:
    """Print a line for each stage, and one for all."""
    folder.mkdir()
    every: list[Usage] = []
    for stage, used in run_stages(job, folder):
        every.append(used)
        print_usage(" ".join(stage), used)
    total = Usage(processor=sum(u.processor for u in every), peak=max(u.peak for u in every))
    print_usage(f"all stages, {job.ratio:g} for each rare row", total)


def print_usage(what: str, used: Usage) -> None:
    """Print seconds of the processor and peak of memory."""
    print(what, f"{used.processor:.1f} s", f"{used.peak:,.0f} MB", sep=" | ", flush=True)


def read_folder(gigabytes: float, folder: Path) -> None:
    """Print what it takes to sample a folder of Parquet files in a process with 2 GB."""
    copy = clone(folder / "job", folder / "log.txt", {"PYTHONPATH": "src"})
    table = copy.folder / TABLES / "table"
    table.mkdir()
    written = sum(write_files(table, int(gigabytes * 10**9)))
    path = copy.folder / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    params["data"] = describe_file(table.name, RATIO)
    path.write_text(yaml.safe_dump(params), encoding="utf-8")
    limited = ("prlimit", f"--data={LIMIT}", sys.executable)
    with measuring() as used:
        copy.run(*limited, "src/stages/generate_data.py")
    kept = parquet.read_metadata(copy.folder / "data/dataset.parquet").num_rows
    print(f"{written / 10**9:.1f} GB read, {kept:,} rows kept, {used.seconds:.0f} s")
    print_usage("generate-data", used)


def write_files(folder: Path, size: int) -> Iterator[int]:
    """Write files of random numbers until there are so many bytes; give the bytes of each."""
    generator = np.random.default_rng(SEED)
    draw = partial(generator.standard_normal, ROWS_OF_FILE)
    number = written = 0
    while written < size:
        rare = generator.random(ROWS_OF_FILE) < 1 / ONE_IN
        columns = {f"x{place}": draw() + (place == 0) * rare for place in range(COLUMNS_OF_FILE)}
        file = folder / f"{number:05}.parquet"
        parquet.write_table(pa.table({**columns, "y": rare.astype("int64")}), file)
        number, bytes_here = number + 1, file.stat().st_size
        written += bytes_here
        yield bytes_here


if __name__ == "__main__":
    main()
