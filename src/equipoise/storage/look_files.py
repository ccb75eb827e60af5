"""The looks at batches of new rows, a line of JSON for each."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from equipoise.monitoring.looks import Look
from equipoise.terminal.environment import replacing, require_regular
from equipoise.terminal.errors import UserError

LOOK = TypeAdapter(Look)


def read_looks(path: Path) -> Sequence[Look]:
    """Return the looks in a file, none if it is not there; a `UserError` says which is spoilt."""
    if not path.exists():
        return ()
    require_regular(path)
    lines = path.read_bytes().splitlines()
    return [_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def append_look(look: Look, path: Path) -> None:
    """Add a line for a look, whole or not at all; what was there stays."""
    line = json.dumps(asdict(look), sort_keys=True, ensure_ascii=False)
    with replacing(path) as part:
        before = path.read_bytes().splitlines() if path.exists() else []
        part.write_bytes(b"\n".join([*before, line.encode(), b""]))


def _read_line(path: Path, number: int, line: bytes) -> Look:
    try:
        return LOOK.validate_json(line)
    except ValidationError as invalid:
        raise UserError(
            f"{path}: line {number} is not a look: {invalid.errors()[0]['msg']}; restore the file,"
            " or looks would be counted wrong"
        ) from invalid
