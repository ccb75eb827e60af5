"""Records as JSON files that a person can read."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from equipoise.storage.files.formats import read_json, write_text
from equipoise.terminal.errors import UserError
from equipoise.terminal.remaking import describe_remaking

Record = TypeVar("Record")


def write_record(record: Any, path: Path) -> None:
    """Write a record, a key for each field: labels and ratios to the last digit."""
    text = json.dumps(asdict(record), indent=2, sort_keys=True, allow_nan=False)
    write_text(f"{text}\n", path)


def read_record(path: Path, kind: type[Record]) -> Record:
    """Read a record; a `UserError` names the key that is not as it should be."""
    try:
        return TypeAdapter(kind).validate_python(read_json(path))
    except ValidationError as invalid:
        first = invalid.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise UserError(f"{path}: {key}: {first['msg']}; {describe_remaking(path)}") from invalid
