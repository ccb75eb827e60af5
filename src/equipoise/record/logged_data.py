"""The parts of the data, as MLflow shows them.

All of it is in the metadata of their files: no row is read, of which there may be millions.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import AnyType
from pyarrow.parquet import FileMetaData

from equipoise.core.tables import ROW
from equipoise.storage.files.formats import read_metadata

# A column of any other type holds words.
TYPES = (
    (pa.types.is_boolean, DataType.boolean),
    (pa.types.is_integer, DataType.long),
    (pa.types.is_floating, DataType.double),
    (pa.types.is_timestamp, DataType.datetime),
)


def make_dataset_input(name: str, path: Path, digest: str) -> DatasetInput:
    """Return a part of the data as MLflow shows it: its columns, its size, its digest."""
    metadata = read_metadata(path)
    rows, columns = metadata.num_rows, _list_columns(metadata)
    dataset = Dataset(
        name=name,
        digest=digest,
        source_type="local",
        source=json.dumps({"uri": str(path)}),
        schema=json.dumps({"mlflow_colspec": Schema(columns).to_dict()}),
        profile=json.dumps({"num_rows": rows, "num_elements": rows * len(columns)}),
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", name)])


def _list_columns(metadata: FileMetaData) -> list[Any]:
    """Return the columns that are not the index; one without gaps is required."""
    columns = []
    for position, field in enumerate(metadata.schema.to_arrow_schema()):
        gaps = _count_gaps(metadata, position)
        words = AnyType() if gaps == metadata.num_rows else DataType.string  # type: ignore[no-untyped-call]  # it has no types
        kind = next((kind for is_kind, kind in TYPES if is_kind(field.type)), words)
        if field.name != ROW:
            columns.append(ColSpec(kind, field.name, required=not gaps))
    return columns


def _count_gaps(metadata: FileMetaData, position: int) -> int:
    """Return how many rows of a column have no value."""
    groups = (metadata.row_group(group) for group in range(metadata.num_row_groups))
    return sum(group.column(position).statistics.null_count for group in groups)
