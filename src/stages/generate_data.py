"""Make the table of the trial, or read it from the user's file."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import load_params
from equipoise.contract.storage import write_frame, write_json
from equipoise.datasets import make_dataset


def main(argv: Sequence[str]) -> None:
    """Write `data/dataset.parquet` and `data/schema.json`."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    dataset = make_dataset(params.data, params.seed)
    write_frame(dataset.table, Path("data/dataset.parquet"))
    write_json(dataset.schema, Path("data/schema.json"))


if __name__ == "__main__":
    run(main)
