"""What a model takes and gives, and its example: from the schema of the table alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow.types import DataType

from equipoise.core.table_schema import Label, TableSchema
from equipoise.data.datasets import read_frame_as_dataset
from equipoise.data.table_files import RawTable
from equipoise.params.data_params import FileData
from equipoise.record.model_signature import make_example, make_signature
from equipoise.using.new_rows import read_new_rows

ROWS = 60
DAYS = pd.date_range("2019-12-30 13:05", periods=ROWS, freq="31h")
COLUMNS: dict[str, Any] = {
    "number": np.arange(ROWS) / 7,
    "whole": np.arange(ROWS),
    "gaps": [None, *np.arange(1.0, ROWS)],
    "date": DAYS,
    "category": ["clerk", "nurse", "N/A", " "] * 15,
    "flag": [True, False] * 30,
    "money": [f"${n},000" for n in range(1, ROWS + 1)],
    "comma": [f"3,{n}" for n in range(ROWS)],
    "iso": DAYS.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "day first": DAYS.strftime("%d/%m/%Y"),
    "clock": DAYS.strftime("%H:%M"),
    "stamp": DAYS.strftime("%m/%d/%Y %I:%M %p"),
}


def schema_of(columns: dict[str, Any]) -> TableSchema:
    """Return the schema of a table with these features."""
    table = pd.DataFrame(columns).assign(y=np.arange(ROWS) % 2)
    data = FileData(source="file", path="", target="y")
    return read_frame_as_dataset(RawTable(table), data).schema


def test_numbers_are_numbers_and_all_that_is_read_by_its_form_is_words() -> None:
    """A number takes gaps; of words, any form that the table has can be sent."""
    inputs = make_signature(schema_of(COLUMNS)).inputs.input_dict()
    numbers = {name for name, column in inputs.items() if column.type == DataType.double}
    assert numbers == {"number", "whole", "gaps"}
    assert {inputs[name].type for name in COLUMNS if name not in numbers} == {DataType.string}


def test_a_column_with_gaps_may_be_left_out() -> None:
    inputs = make_signature(schema_of(COLUMNS)).inputs
    assert set(inputs.optional_input_names()) == {"gaps", "category"}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_example_can_be_scored(name: str) -> None:
    """Whatever the form in which the table has a column."""
    schema = schema_of({name: COLUMNS[name], "beside": np.arange(ROWS)})
    read = read_new_rows(make_example(schema), schema)
    assert (len(read.features), read.reasons.tolist()) == (1, [])


@pytest.mark.parametrize(
    ("labels", "columns", "kind"),
    [
        ((0, 1), ["score", "probability"], DataType.long),
        (("a", "b"), ["score", "probability"], DataType.string),
        (
            (1.5, 2.5, 3.5),
            [f"{name}_{label}" for name in ("score", "probability") for label in (1.5, 2.5, 3.5)],
            DataType.double,
        ),
    ],
)
def test_what_is_given_is_told_by_the_labels(
    labels: tuple[Label, ...], columns: list[str], kind: DataType
) -> None:
    schema = TableSchema(9, {"x": "numeric"}, "y", {}, labels, {}, {"x": 0})
    outputs = make_signature(schema).outputs.input_dict()
    assert [*outputs] == [*columns, "decision", "reason"]
    assert outputs["decision"].type == kind
