"""Keep some rows aside for the test."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.checks.finding import findings_as_json, tell
from equipoise.checks.suite import check_parts
from equipoise.contract.command import parse, run
from equipoise.contract.params_file import load_params
from equipoise.contract.storage import read_frame, write_frame, write_json
from equipoise.splitting import split_dataset


def main(argv: Sequence[str]) -> None:
    """Write both parts to `data/split` and what checks found of them; errors stop."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    table = read_frame(Path("data/dataset.parquet"))
    train, test = split_dataset(table, params.split, params.seed)
    findings = check_parts(train, test, params.uncertainty)
    tell(findings)
    write_frame(train, Path("data/split/train.parquet"))
    write_frame(test, Path("data/split/test.parquet"))
    write_json(findings_as_json(findings), Path("data/checks/parts.json"))


if __name__ == "__main__":
    run(main)
