"""Publish what lies on disk to MLflow."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import write_json
from equipoise.record.store import find_store
from equipoise.record.tracking import publish
from equipoise.record.trial import Cell, Trial

FILES = ("params.yaml", "dvc.yaml", "reports/report.html", "reports/audit.json")


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
        lock=Path("dvc.lock"),
        attachments=[*map(Path, FILES), *sorted(Path("data/checks").glob("*.json"))],
    )
    write_json({"fingerprint": publish(trial, find_store())}, Path("reports/published.json"))


def _cell(strategy: str, model: str) -> Cell:
    name = cell_name(strategy, model)
    metrics, curves = Path("reports/metrics", f"{name}.json"), Path("reports/curves", f"{name}.csv")
    resampling, fitted = Path("data/resampled", strategy, "summary.json"), f"models/{name}.skops"
    return Cell(name, strategy, model, metrics, curves, resampling, Path(fitted))


if __name__ == "__main__":
    run(main)
