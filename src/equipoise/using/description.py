"""What a table was understood to be, in lines for the terminal."""

from collections.abc import Iterator

import pandas as pd

from equipoise.core.table_schema import TableSchema
from equipoise.data.datasets import Dataset

LONGEST = 40


def describe_dataset(dataset: Dataset, raw: pd.DataFrame) -> Iterator[str]:
    """Give rows, classes, and each feature's kind with an example from the table as it was read."""
    schema = dataset.schema
    yield f"{schema.rows:,} rows, {len(schema.columns)} features"
    yield f"target {schema.target}: {_describe_classes(schema)}"
    yield ""
    width = max(map(len, schema.columns))
    for name, kind in schema.columns.items():
        known = raw[name].dropna()
        example = "no values" if known.empty else " ".join(str(known.iloc[0]).split())
        shown = example if len(example) <= LONGEST else f"{example[:LONGEST]}..."
        gaps = int(raw[name].isna().sum())
        more = f", {gaps:,} gaps" if gaps else ""
        yield f"  {name:{width}}  {kind:8}  {shown}{more}"


def _describe_classes(schema: TableSchema) -> str:
    if schema.positive is not None and schema.positives is not None:
        share = schema.positives / schema.rows
        return (
            f"{schema.positive} is positive, {schema.positives:,} rows ({share:.1%});"
            f" {schema.rows - schema.positives:,} are not"
        )
    return ", ".join(f"{label} {count:,}" for label, count in schema.classes.items())
