"""Compare every arm that `run` names with the baseline, and print the verdict."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import concat_csv, keep_only, read_frame, read_json, write_json
from equipoise.recommendation import conclusions, recommend
from equipoise.report import print_comparison
from equipoise.verdict import Evidence, Rules, compare_cells

METRICS, CURVES, FOLDS = (Path("reports", name) for name in ("metrics", "curves", "folds"))
REPLICATES = Path("reports/replicates")


def main(argv: Sequence[str]) -> None:
    """Write `reports/comparison.json` and `reports/curves.csv`; print the table."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    cells = [cell_name(s, m) for m in params.run.models for s in params.run.strategies]
    keep_only(cells, METRICS, CURVES, FOLDS, REPLICATES, Path("models"))
    keep_only(params.run.strategies, Path("data/resampled"))
    evidence = {cell: _evidence(cell) for cell in cells}
    rules = Rules(params.run, params.decision, params.uncertainty, params.verdict)
    comparison = compare_cells(evidence, rules)
    comparison["conclusions"] = conclusions(comparison, evidence)
    comparison["recommended"] = recommend(evidence, rules) | {"calibration": params.calibration}
    write_json(comparison, Path("reports/comparison.json"))
    concat_csv([CURVES / f"{cell}.csv" for cell in cells], Path("reports/curves.csv"))
    print_comparison([evidence[cell].metrics for cell in cells], comparison, params.uncertainty)


def _evidence(cell: str) -> Evidence:
    frames = (read_frame(folder / f"{cell}.parquet") for folder in (FOLDS, REPLICATES))
    return Evidence(read_json(METRICS / f"{cell}.json"), *frames)


if __name__ == "__main__":
    run(main)
