"""What a table was understood to be, in words."""

from collections.abc import Iterator

from equipoise.core.table_schema import TableSchema

MOST_COLUMNS = 40


def describe_table(schema: TableSchema) -> Iterator[str]:
    """Give rows, classes, and each feature's kind with an example: a line for each."""
    yield f"{schema.rows:,} rows, {len(schema.columns)} features"
    yield f"target {schema.target}: {describe_classes(schema)}"
    yield ""
    shown = [*schema.columns.items()][:MOST_COLUMNS]
    width = max(len(name) for name, _ in shown)
    for name, kind in shown:
        gaps = schema.gaps[name]
        more = f", {gaps:,} gaps" if gaps else ""
        yield f"  {name:{width}}  {kind:8}  {schema.examples[name] or 'no values'}{more}"
    if len(schema.columns) > MOST_COLUMNS:
        yield f"  and {len(schema.columns) - MOST_COLUMNS:,} more"
    yield "  If a kind is wrong, set it in params.yaml, under data: columns: {name: category}"


def describe_classes(schema: TableSchema) -> str:
    """Return the rows of each class or, of two, which is positive and how rare it is."""
    if schema.positive is None or schema.positives is None:
        return ", ".join(f"{label!r}: {count:,} rows" for label, count in schema.classes.items())
    share = schema.positives / schema.rows
    return (
        f"{schema.positive} is positive, {schema.positives:,} rows ({share:.1%});"
        f" {schema.rows - schema.positives:,} are not"
    )
