"""Publish what lies on disk to MLflow."""

import os
from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import write_json
from equipoise.record.tracking import publish
from equipoise.record.trial import Cell, Trial

FILES = ("params.yaml", "dvc.yaml", "dvc.lock", "reports/report.html", "reports/audit.json")


def main(argv: Sequence[str]) -> None:
    """Bring MLflow up to date with the state of the pipeline."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    trial = Trial(
        params=params.used(),
        parts={name: Path("data/split", f"{name}.parquet") for name in ("train", "test")},
        comparison=Path("reports/comparison.json"),
        curves=Path("reports/curves.csv"),
        cells=[_cell(s, m) for m in params.run.models for s in params.run.strategies],
        attachments=[*map(Path, FILES), *sorted(Path("data/checks").glob("*.json"))],
    )
    state = {"fingerprint": publish(trial, Path(os.environ.get("DVC_ROOT", ".")))}
    write_json(state, Path("reports/published.json"))


def _cell(strategy: str, model: str) -> Cell:
    name = cell_name(strategy, model)
    metrics, curves = Path("reports/metrics", f"{name}.json"), Path("reports/curves", f"{name}.csv")
    resampling, fitted = Path("data/resampled", strategy, "summary.json"), f"models/{name}.skops"
    return Cell(name, strategy, model, metrics, curves, resampling, Path(fitted))


if __name__ == "__main__":
    run(main)
