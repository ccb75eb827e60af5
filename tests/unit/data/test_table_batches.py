"""Batches of a table: how many rows are to come."""

from pathlib import Path

import pandas as pd
import pytest

from equipoise.data.table_batches import count_rows
from equipoise.terminal.errors import UserError


def test_parquet_says_how_many_rows_there_are(tmp_path: Path) -> None:
    """One file, or all of a folder; text does not say."""
    table = pd.DataFrame({"a": range(7)})
    for name in ("one.parquet", "two.parquet"):
        table.to_parquet(tmp_path / name)
    table.to_csv(tmp_path / "text.csv")
    assert count_rows(tmp_path / "one.parquet") == 7
    assert count_rows(tmp_path) == 14
    assert count_rows(tmp_path / "text.csv") is None


def test_a_file_that_only_has_the_name_of_parquet_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_text("a\n1\n")
    with pytest.raises(UserError, match=r"rows\.parquet"):
        count_rows(tmp_path / "rows.parquet")
