"""`reports/comparison.json`: the records of a comparison as JSON, and the schema of the file."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from equipoise.comparing.results import Comparison
from equipoise.storage.files import write_json
from equipoise.storage.record_files import read_record

COMPARISON = TypeAdapter(Comparison)


def encode_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return what the file has: what is None is left out."""
    values: dict[str, Any] = COMPARISON.dump_python(comparison, mode="json", exclude_none=True)
    return values


def write_comparison(comparison: Comparison, path: Path) -> None:
    """Write a comparison."""
    write_json(encode_comparison(comparison), path)


def read_comparison(path: Path) -> Comparison:
    """Read what `write_comparison` wrote; a `UserError` names a file that is not such."""
    return read_record(path, Comparison)


def make_comparison_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return COMPARISON.json_schema(mode="serialization")
