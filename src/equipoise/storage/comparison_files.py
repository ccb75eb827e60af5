"""`reports/comparison.json`: the records of a comparison as JSON."""

from dataclasses import fields
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from equipoise.comparing.results import Answer, Comparison
from equipoise.core.json_values import JsonObject
from equipoise.storage.files.formats import round_as_written, write_json
from equipoise.storage.files.record_files import read_record

COMPARISON = TypeAdapter(Comparison)


def encode_comparison(comparison: Comparison) -> JsonObject:
    """Return what the file has: what is None is left out."""
    values: JsonObject = COMPARISON.dump_python(comparison, mode="json", exclude_none=True)
    return values


def tabulate_answers(comparison: Comparison) -> pd.DataFrame:
    """Return what is said of remedies, a row for each answer, as the file has it."""
    written = round_as_written(encode_comparison(comparison))["comparisons"]
    return pd.DataFrame(written, columns=[field.name for field in fields(Answer)])


def write_comparison(comparison: Comparison, path: Path) -> None:
    """Write a comparison."""
    write_json(encode_comparison(comparison), path)


def read_comparison(path: Path) -> Comparison:
    """Read what `write_comparison` wrote; a `UserError` names a file that is something else."""
    return read_record(path, Comparison)
