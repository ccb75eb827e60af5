"""Audit what the stages made for leaks from test into what was learned."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.audit.leakage import audit
from equipoise.audit.made import Cell, Made, Resampled
from equipoise.audit.results import as_json, stop_on_failures
from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import keep_only, read_frame, read_json, write_json
from equipoise.fitting.model_files import read_model

METRICS, MODELS, SCORES = (Path(name) for name in ("reports/metrics", "models", "predictions"))
TABLES = ("dataset", "split/train", "split/test")


def main(argv: Sequence[str]) -> None:
    """Write `reports/audit.json`; a `UserError` says what leaks."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    cells = {cell_name(s, m): s for m in params.run.models for s in params.run.strategies}
    keep_only(cells, METRICS, MODELS, SCORES)
    changed = {s: Resampled.read(Path("data/resampled", s)) for s in params.run.strategies}
    arms = {cell: _cell(cell, strategy, params.plugins) for cell, strategy in cells.items()}
    table, train, test = (read_frame(Path("data", f"{name}.parquet")) for name in TABLES)
    results = audit(Made(table, train, test, changed, arms, params.calibration))
    write_json(as_json(results), Path("reports/audit.json"))
    stop_on_failures(results)


def _cell(cell: str, strategy: str, plugins: Sequence[str]) -> Cell:
    oof, test = (read_frame(SCORES / cell / f"{name}.parquet") for name in ("oof", "test"))
    model = read_model(MODELS / f"{cell}.skops", plugins)
    metrics = read_json(METRICS / f"{cell}.json")
    return Cell(strategy, model, oof, test, metrics)


if __name__ == "__main__":
    run(main)
