"""What a logged model takes and gives, and an example: made from the schema, never from rows."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec

from equipoise.core.table_schema import TableSchema
from equipoise.data.number_words import PERCENT
from equipoise.data.word_forms import DURATION, ISO, LOCAL, NUMBER, ZONED
from equipoise.using.scored_columns import DECISION, PROBABILITY, REASON, SCORE, name_by_class

NUMBERS = ("numeric", "integer")
LABELS = {bool: DataType.boolean, int: DataType.long, float: DataType.double}
# Of an example, which is of no user's table.
SOME_NUMBER, SOME_WORD = 1.0, "word"
SOME_TIME = datetime(2000, 1, 31, 12, 30, tzinfo=UTC)


def make_signature(schema: TableSchema) -> ModelSignature:
    """Return the columns of a raw row, those of a scored one, and what may be decided otherwise.

    A column that has gaps in the table may be left out. Numbers that are words there, dates and
    values of two kinds are words here too: they are read by the form that the table has.
    """
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec(_find_type(schema, name), name, required=not schema.gaps[name])
        for name in schema.columns
    ]
    double = DataType.double
    outputs = {
        **dict.fromkeys(name_by_class(SCORE, schema.labels), double),
        **dict.fromkeys(name_by_class(PROBABILITY, schema.labels), double),
        DECISION: _find_label_type(schema),
        REASON: DataType.string,
    }
    given: list[ColSpec | TensorSpec] = [
        ColSpec(kind, name, required=False) for name, kind in outputs.items()
    ]
    # For several classes too, where they are refused: MLflow drops what no signature has.
    params = [ParamSpec(name, double, default=None) for name in ("threshold", "prevalence")]
    return ModelSignature(Schema(inputs), Schema(given), ParamSchema(params))


def make_example(schema: TableSchema) -> pd.DataFrame:
    """Return a row that a model of such a table scores."""
    return pd.DataFrame([{name: _make_value(schema, name) for name in schema.columns}])


def _find_type(schema: TableSchema, name: str) -> DataType:
    is_number = schema.columns[name] in NUMBERS and schema.forms.get(name) in {None, DURATION}
    return DataType.double if is_number else DataType.string


def _find_label_type(schema: TableSchema) -> DataType:
    kinds = {type(label) for label in schema.labels}
    return LABELS.get(kinds.pop(), DataType.string) if len(kinds) == 1 else DataType.string


def _make_value(schema: TableSchema, name: str) -> Any:
    kind, form = schema.columns[name], schema.forms.get(name)
    if form in {None, DURATION}:
        values = {
            **dict.fromkeys(NUMBERS, SOME_NUMBER),
            "date": SOME_TIME.date().isoformat(),
            "boolean": next(iter(schema.booleans.get(name, ())), None),
        }
        return values.get(kind, SOME_WORD)
    if form.partition(" ")[0] == NUMBER:
        return f"{SOME_NUMBER:g}{PERCENT if form.endswith(PERCENT) else ''}"
    if form == ZONED:
        return SOME_TIME.isoformat()
    return SOME_TIME.date().isoformat() if form in {ISO, LOCAL} else SOME_TIME.strftime(form)
