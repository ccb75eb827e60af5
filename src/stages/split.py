"""Keep some rows aside for the test."""

from collections.abc import Sequence
from pathlib import Path

from equipoise.contract.command import parse, run
from equipoise.contract.params_file import load_params
from equipoise.contract.storage import read_frame, write_frame
from equipoise.splitting import split_dataset


def main(argv: Sequence[str]) -> None:
    """Write `data/split/train.parquet` and `data/split/test.parquet`."""
    parse(__doc__, argv)
    params = load_params(Path("params.yaml"))
    table = read_frame(Path("data/dataset.parquet"))
    train, test = split_dataset(table, params.split.test_size, params.seed)
    write_frame(train, Path("data/split/train.parquet"))
    write_frame(test, Path("data/split/test.parquet"))


if __name__ == "__main__":
    run(main)
