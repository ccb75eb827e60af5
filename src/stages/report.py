"""Draw the page that shows what was found: nothing is computed here that decides anything."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import cell_name, load_params
from equipoise.contract.storage import read_csv, read_difference, read_frame, read_json, write_text
from equipoise.page.render import Findings, render
from equipoise.record.provenance import digest

HASHED = ("data/dataset.parquet", "data/split/train.parquet", "reports/comparison.json")


def main(argv: Sequence[str]) -> None:
    """Write `reports/report.html`."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    cells = [cell_name(s, m) for m in params.run.models for s in params.run.strategies]
    resampled = {name: Path("data/resampled", name) for name in params.run.strategies}
    checks = (read_json(Path("data/checks", f"{part}.json")) for part in ("table", "parts"))
    found = Findings(
        params=params,
        schema=read_json(Path("data/schema.json")),
        comparison=read_json(Path("reports/comparison.json")),
        arms=[read_json(Path("reports/metrics", f"{cell}.json")) for cell in cells],
        curves=read_csv(Path("reports/curves.csv")),
        confusions=read_csv(Path("reports/confusion.csv")),
        resampling={name: read_json(f / "summary.json") for name, f in resampled.items()},
        train=read_frame(Path("data/split/train.parquet")),
        differences={name: read_difference(folder) for name, folder in resampled.items()},
        checks=[finding for part in checks for finding in part["findings"]],
        audit=read_json(Path("reports/audit.json")),
        hashes={name: digest(Path(name)) for name in HASHED},
    )
    write_text(render(found), Path("reports/report.html"))


if __name__ == "__main__":
    run(main)
