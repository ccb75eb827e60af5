"""`reports/comparison.json`: the records of a comparison as JSON."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from equipoise.comparing.results import Answer, Comparison, SegmentAnswer, SegmentVerdicts
from equipoise.core.json_values import JsonObject, Unchecked
from equipoise.storage.files.formats import round_as_written, write_json
from equipoise.storage.files.record_files import read_record

COMPARISON = TypeAdapter(Comparison)


def encode_comparison(comparison: Comparison) -> JsonObject:
    """Return what the file has: what is None is left out."""
    values: JsonObject = COMPARISON.dump_python(comparison, mode="json", exclude_none=True)
    return values


def tabulate_answers(comparison: Comparison) -> pd.DataFrame:
    """Return what is said of remedies, a row for each answer, as the file has it."""
    return _tabulate(round_as_written(encode_comparison(comparison))["comparisons"], Answer)


def tabulate_segments(found: SegmentVerdicts) -> pd.DataFrame:
    """Return what is said of segments, a row for each answer, as the file has it."""
    values = TypeAdapter(SegmentVerdicts).dump_python(found, mode="json")
    return _tabulate(round_as_written(values)["answers"], SegmentAnswer)


def _tabulate(answers: Sequence[Unchecked], kind: type[Answer]) -> pd.DataFrame:
    return pd.DataFrame(answers, columns=[field.name for field in fields(kind)])


def write_comparison(comparison: Comparison, path: Path) -> None:
    """Write a comparison."""
    write_json(encode_comparison(comparison), path)


def read_comparison(path: Path) -> Comparison:
    """Read what `write_comparison` wrote; a `UserError` names a file that is something else."""
    return read_record(path, Comparison)
