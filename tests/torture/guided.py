"""Bytes that Atheris makes of whole files, looking for code that has not run yet.

    python -m tests.torture.guided params params.yaml --runs 2000 --seed 1

The file is where it begins; files are made in the working directory. It ends with status 0 if each
answer was a result or a `UserError`, and else with the traceback and the bytes that led there.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import atheris

from equipoise.terminal.errors import UserError

# Longer files have no other code.
LONGEST = 8192


def read_params(path: Path) -> None:
    """Check a file as params.yaml."""
    import_module("equipoise.terminal.params_file").load_params(path)


def read_table(path: Path) -> None:
    """Read a file as a user's table, with what a trial then looks at."""
    data: Any = import_module("equipoise.params.data_params").FileData
    section = {"source": "file", "path": "data/raw/odd.csv", "target": "y"}
    datasets = import_module("equipoise.data.datasets")
    raw = import_module("equipoise.data.table_files").read_file(path, data.model_validate(section))
    datasets.read_frame_as_dataset(raw, data.model_validate(section))


def read_model(path: Path) -> None:
    """Read a file as a model."""
    import_module("equipoise.storage.model_files").read_model(path)


# What reads a file, and the name that the file needs.
READERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "params": (read_params, "odd.yaml"),
    "tables": (read_table, "odd.csv"),
    "model files": (read_model, "odd.skops"),
}


def main() -> None:
    """Read as many files as are asked for."""
    parser = ArgumentParser(prog="python -m tests.torture.guided", description=__doc__)
    parser.add_argument("kind", choices=READERS)
    parser.add_argument("first", type=Path, help="the file to begin with")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    read, name = READERS[asked.kind]
    path, begins = Path(name), Path("begins")
    begins.mkdir(exist_ok=True)
    (begins / name).write_bytes(asked.first.read_bytes())

    def attempt(content: bytes) -> None:
        path.write_bytes(content)
        with suppress(UserError):
            read(path)

    with atheris.instrument_imports(include=["equipoise"]):
        attempt(asked.first.read_bytes())  # which imports what is needed
    options = (f"-runs={asked.runs}", f"-seed={asked.seed}", f"-max_len={LONGEST}")
    atheris.Setup([sys.argv[0], *options, str(begins)], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
