"""Time `equipoise score` by the number of rows, in seconds of the processor and peak memory.

    python benchmarks/scoring.py --rows 1000000 10000000

A table of 30 columns, as Parquet and as CSV. The model is a logistic regression, of a trial on
100,000 rows in a copy of the last commit that is deleted; the rows to score are the trial's own,
over and over.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import yaml
from measuring import measuring
from pipeline import Copy, clone, temporary_folder
from pyarrow import parquet

from stages import Job

TRIAL = Job(100_000, 0.05, ("baseline",), ("logistic",))
NEEDED = ("generate_data", "split", "resample", "train", "decide", "evaluate", "compare")
ARM = "baseline-logistic"


def main() -> None:
    """Print a line for each format and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", required=True)
    arguments = parser.parse_args()
    with temporary_folder() as folder:
        copy = _run_trial(folder)
        table = pd.read_parquet(copy.folder / "data/dataset.parquet").drop(columns="target")
        for rows in arguments.rows:
            for ending in (".parquet", ".csv"):
                path = folder / f"new{ending}"
                _write_rows(table, rows, path)
                with measuring() as used:
                    score = ("-m", "equipoise", "score", str(path), "--arm", ARM)
                    copy.run(sys.executable, *score, "--out", str(folder / "scored.parquet"))
                seconds, peak = f"{used.processor:.1f} s", f"{used.peak:,.0f} MB"
                print(f"{rows:,}", ending, seconds, peak, sep=" | ", flush=True)


def _run_trial(folder: Path) -> Copy:
    """Return a copy of the repository in which a trial has come as far as scoring needs."""
    copy = clone(folder / "trial", folder / "log.txt", {"PYTHONPATH": "src"})
    path = copy.folder / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(params | TRIAL.sections), encoding="utf-8")
    for name, *options in TRIAL.stages:
        if name in NEEDED:
            copy.run(sys.executable, f"src/stages/{name}.py", *options)
    return copy


def _write_rows(table: pd.DataFrame, rows: int, path: Path) -> None:
    """Write as many rows, in groups of a million at most."""
    if path.suffix == ".csv":
        for part, piece in enumerate(_repeat_rows(table, rows)):
            piece.to_csv(path, index=False, header=part == 0, mode="a" if part else "w")
        return
    with parquet.ParquetWriter(path, pa.Table.from_pandas(table).schema) as writer:
        for piece in _repeat_rows(table, rows):
            writer.write_table(pa.Table.from_pandas(piece))


def _repeat_rows(table: pd.DataFrame, rows: int) -> Iterator[pd.DataFrame]:
    for start in range(0, rows, len(table)):
        yield table.head(rows - start)


if __name__ == "__main__":
    main()
