"""Compare every arm that `run` names with the baseline, and print the verdict."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from equipoise.contract.command import parse, run
from equipoise.contract.params import cell_name, load_params
from equipoise.contract.storage import read_frame, read_json, write_csv, write_json
from equipoise.report import print_comparison
from equipoise.verdict import compare_cells


def main(argv: Sequence[str]) -> None:
    """Write `reports/comparison.json` and `reports/curves.csv`; print the table."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    cells = [cell_name(s, m) for m in params.run.models for s in params.run.strategies]
    metrics = {cell: read_json(Path("reports/metrics", f"{cell}.json")) for cell in cells}
    replicates = {cell: read_frame(Path("reports/replicates", f"{cell}.parquet")) for cell in cells}
    curves = [pd.read_csv(Path("reports/curves", f"{cell}.csv")) for cell in cells]
    comparison = compare_cells(metrics, replicates, params.run, params.decision, params.uncertainty)
    write_json(comparison, Path("reports/comparison.json"))
    write_csv(pd.concat(curves), Path("reports/curves.csv"))
    print_comparison(list(metrics.values()), comparison, params.uncertainty.confidence)


if __name__ == "__main__":
    run(main)
