"""What a table was understood to be, in words."""

from collections.abc import Iterator, Mapping

from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_count, format_number
from equipoise.terminal.errors import make_showable

MOST_COLUMNS = 40
MOST_LABELS = 6


def describe_table(schema: TableSchema) -> Iterator[str]:
    """Give rows, classes, and each feature's kind with an example: a line for each, to be shown."""
    yield from map(make_showable, _list_lines(schema))


def _list_lines(schema: TableSchema) -> Iterator[str]:
    yield f"{schema.rows:,} rows, {format_count(len(schema.columns), 'feature')}"
    yield f"target {schema.target}: {describe_classes(schema)}"
    if schema.positive is None:
        yield "  --positive LABEL makes one of them the positive class, and the others negative"
    yield ""
    shown = [*schema.columns.items()][:MOST_COLUMNS]
    width = max(len(name) for name, _ in shown)
    for name, kind in shown:
        gaps = schema.gaps[name]
        more = f", {format_count(gaps, 'gap')}" if gaps else ""
        yield f"  {name:{width}}  {kind:8}  {schema.examples[name] or 'no values'}{more}"
    if len(schema.columns) > MOST_COLUMNS:
        yield f"  and {len(schema.columns) - MOST_COLUMNS:,} more"
    yield "  If a kind is wrong, set it in params.yaml, under data: columns: {name: category}"


def describe_classes(schema: TableSchema) -> str:
    """Return how many rows, and which share, each class has and, of two, which is positive."""
    if schema.positive is None or schema.positives is None:
        return _list_counts(schema.classes, schema.rows)
    positive = f"{schema.positive} is positive, {format_count(schema.positives, 'row')}"
    others = schema.others or {str(schema.labels[0]): schema.rows - schema.positives}
    if schema.true_prevalence is None:
        return f"{positive} ({schema.positives / schema.rows:.1%}); {_list_counts(others)}"
    share = format_number(100 * schema.true_prevalence, 2)
    return (
        f"{positive} ({share}% of the file); {_list_counts(others)},"
        f" of {schema.population['0']:,} in the file"
    )


def _list_counts(counts: Mapping[str, int], total: int | None = None) -> str:
    """Return the rows of each label, and what share of a total they are, as far as they fit."""
    listed = [
        f"{label}: {format_count(count, 'row')}" + (f" ({count / total:.1%})" if total else "")
        for label, count in [*counts.items()][:MOST_LABELS]
    ]
    more = len(counts) - MOST_LABELS
    return ", ".join([*listed, *([f"and {more:,} more"] if more > 0 else [])])
