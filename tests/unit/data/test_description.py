"""What a table was understood to be, as a user reads it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from equipoise.core.table_schema import TableSchema
from equipoise.data.datasets import read_frame_as_dataset
from equipoise.data.description import describe_classes, describe_table
from equipoise.data.table_files import RawTable
from equipoise.params.data_params import FileData


def understand(labels: list[Any], **asked: Any) -> TableSchema:
    """Return what a table with these labels is read as."""
    data = {"source": "file", "path": str(Path("a.csv")), "target": "y", **asked}
    table = pd.DataFrame({"x": [None, *range(1, len(labels))], "y": labels})
    return read_frame_as_dataset(RawTable(table), FileData.model_validate(data)).schema


@pytest.mark.parametrize(
    ("labels", "asked", "said"),
    [
        (["no"] * 9 + ["yes"], {"positive": "yes"}, "yes is positive, 1 row (10.0%); no: 9 rows"),
        ([0, 0, 0, 1], {}, "1 is positive, 1 row (25.0%); 0: 3 rows"),
        (
            [*"aabbbc", "c "],
            {"positive": ["c", "c "]},
            "c or c  is positive, 2 rows (28.6%); b: 3 rows, a: 2 rows",
        ),
        ([*"aabbbc"], {}, "a: 2 rows (33.3%), b: 3 rows (50.0%), c: 1 row (16.7%)"),
        (
            [*"abcdefgh"],
            {"positive": "h"},
            "h is positive, 1 row (12.5%); "
            + ", ".join([*(f"{label}: 1 row" for label in "abcdef"), "and 1 more"]),
        ),
    ],
)
def test_each_label_is_named_with_its_rows(labels: list[Any], asked: Any, said: str) -> None:
    """Of several labels that are not positive each has its own rows."""
    assert describe_classes(understand(labels, **asked)) == said


def test_how_to_make_one_of_several_positive_is_said() -> None:
    """Only where none is; a single gap is one gap."""
    lines = [*describe_table(understand([*"aabbbc"]))]
    assert (
        lines[2]
        == "  --positive LABEL makes one of them the positive class, and the others negative"
    )
    assert "  x  numeric   1, 1 gap" in lines
    assert not any("--positive" in line for line in describe_table(understand([0, 1])))


def test_a_label_moves_no_cursor() -> None:
    """What a terminal would obey is written out."""
    lines = [*describe_table(understand(["no\x1b[2J\n"] * 4 + ["yes"], positive="yes"))]
    assert lines[1].isprintable()
    assert r"no\x1b[2J\n: 4 rows" in lines[1]
