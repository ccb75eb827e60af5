"""Values that look alike, and are different to every stage."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.core.tables import GROUP, SEGMENT, format_label, split_off_target
from equipoise.data.alike import find_alike, list_counts
from equipoise.params.data_params import Data, FileData

ALIKE_SHOWN = 3


def find_values_alike(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Find values that differ in spaces, capitals or signs only: groups, segments, categories."""
    features, _ = split_off_target(table)
    columns = {
        str(name): (f"column {format_label(name)}", column)
        for name, column in features.items()
        if isinstance(column.dtype, pd.CategoricalDtype)
    }
    if isinstance(data, FileData):
        keys = {key: name for key, name in ((GROUP, data.group), (SEGMENT, data.segment)) if name}
        named = {key: (f"{key}: {format_label(name)}", table[key]) for key, name in keys.items()}
        columns = {**named, **columns}
    findings = (_describe(subject, *column) for subject, column in columns.items())
    return [finding for finding in findings if finding is not None]


def _describe(subject: str, what: str, column: pd.Series) -> Finding | None:
    """Return that some values of a column look alike, and how many rows have each."""
    counts: Mapping[Any, int] = column.value_counts().to_dict()
    alike = find_alike(sorted(value for value in counts if counts[value]))
    if not alike:
        return None
    shown = "; ".join(list_counts(values, counts) for values in alike[:ALIKE_SHOWN])
    more = f"; and {len(alike) - ALIKE_SHOWN} more" if len(alike) > ALIKE_SHOWN else ""
    message = (
        f"{what}: values look alike, and are taken to be different: {shown}{more}; if they are one,"
        " spell them the same way in the file"
    )
    return Finding("warning", subject, message)
