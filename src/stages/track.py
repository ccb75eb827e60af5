"""Publish what lies on disk to MLflow."""

import os
from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import write_json
from equipoise.record.tracking import publish
from equipoise.record.trial import Cell, Trial

CHECKED = ("data/checks/table.json", "data/checks/parts.json", "reports/audit.json")
REPORTS = ("reports/report.html", "reports/curves.csv", *CHECKED)


def main(argv: Sequence[str]) -> None:
    """Bring MLflow up to date with the state of the pipeline."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    trial = Trial(
        params=params.used(),
        parts={name: Path("data/split", f"{name}.parquet") for name in ("train", "test")},
        comparison=Path("reports/comparison.json"),
        cells=[_cell(s, m) for m in params.run.models for s in params.run.strategies],
        attachments=[Path(name) for name in ("params.yaml", "dvc.yaml", "dvc.lock", *REPORTS)],
    )
    state = publish(trial, Path(os.environ.get("DVC_ROOT", ".")))
    write_json({"fingerprint": state}, Path("reports/published.json"))


def _cell(strategy: str, model: str) -> Cell:
    name = cell_name(strategy, model)
    metrics, curves = Path("reports/metrics", f"{name}.json"), Path("reports/curves", f"{name}.csv")
    resampling = Path("data/resampled", strategy, "summary.json")
    return Cell(name, strategy, model, metrics, curves, resampling, Path("models", f"{name}.skops"))


if __name__ == "__main__":
    run(main)
