"""Make the table of the trial, or read it from the user's file."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.checks.finding import findings_as_json, tell
from equipoise.checks.suite import check_table
from equipoise.contract.command import parse, run
from equipoise.contract.params_file import load_params
from equipoise.contract.storage import write_frame, write_json
from equipoise.datasets import make_dataset


def main(argv: Sequence[str]) -> None:
    """Write `data/dataset.parquet`, `data/schema.json` and what checks found; errors stop."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    dataset = make_dataset(params.data, params.seed)
    findings = [*dataset.findings, *check_table(dataset.table, params.data)]
    tell(findings)
    write_frame(dataset.table, Path("data/dataset.parquet"))
    write_json(dataset.schema, Path("data/schema.json"))
    write_json(findings_as_json(findings), Path("data/checks/table.json"))


if __name__ == "__main__":
    run(main)
