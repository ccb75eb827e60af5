"""Batches of a table: how many rows are to come."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from equipoise.data.table_batches import BATCH, Wanted, count_rows, read_batches
from equipoise.data.table_files import read_file
from equipoise.params.data_params import FileData
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


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("counts", [True, False])
def test_an_index_with_a_name_is_a_column_of_batches_too(
    tmp_path: Path, step: int, *, counts: bool
) -> None:
    """As it is of the whole table, whether pandas keeps its values or only how it counts."""
    index = pd.RangeIndex(7, 7 + step * (BATCH + 2), step, name="id")
    table = pd.DataFrame({"x": 1.5, "y": "no"}, index=index if counts else [*index][::-1])
    path = tmp_path / "a.parquet"
    table.rename_axis("id").to_parquet(path)
    data = FileData.model_validate({"source": "file", "path": str(path), "target": "y"})
    whole = read_file(path, data).frame
    assert [*whole] == ["id", "x", "y"]
    assert_frame_equal(pd.concat(read_batches(path, data)), whole)
    chosen = pd.concat(read_batches(path, data, Wanted(["y", "id"])))
    assert_frame_equal(chosen, whole[["y", "id"]])


def test_codes_that_folders_name_keep_their_zeros(tmp_path: Path) -> None:
    """A shop 01 is not the shop 1; a file whose name is in capitals is a part as well."""
    path = tmp_path / "table"
    none = "shop=__HIVE_DEFAULT_PARTITION__"
    for place, name in (("shop=01", "a.parquet"), ("shop=1", "b.PARQUET"), (none, "c.parquet")):
        (path / place).mkdir(parents=True)
        pd.DataFrame({"x": [1], "y": "no"}).to_parquet(path / place / name)
    data = FileData.model_validate({"source": "file", "path": str(path), "target": "y"})
    whole = read_file(path, data).frame
    assert [*whole["shop"]][:2] == ["01", "1"]
    assert whole["shop"].isna().tolist() == [False, False, True]
    assert [*pd.concat(read_batches(path, data))["shop"]][:2] == ["01", "1"]


def test_folders_that_name_a_column_give_it_in_batches_too(tmp_path: Path) -> None:
    """As Spark writes them; whatever else lies there is no part of the table."""
    for place, year in (("region=E%20U/year=2024", 1), ("region=US/year=2025", 2)):
        folder = tmp_path / "table" / place
        folder.mkdir(parents=True)
        pd.DataFrame({"x": [year], "y": "no"}).to_parquet(folder / "part.parquet")
        (folder / "_SUCCESS").touch()
        (folder / "notes.txt").write_text("by hand")
        (folder / "._part.parquet").write_text("of macOS")
    path = tmp_path / "table"
    data = FileData.model_validate({"source": "file", "path": str(path), "target": "y"})
    whole = read_file(path, data).frame
    assert whole.to_dict("list") == {
        "x": [1, 2],
        "y": ["no", "no"],
        "region": ["E U", "US"],
        "year": [2024, 2025],
    }
    assert_frame_equal(pd.concat(read_batches(path, data)), whole)
    chosen = pd.concat(read_batches(path, data, Wanted(["region"])))
    assert_frame_equal(chosen, whole[["region"]])
    assert count_rows(path) == 2


def test_a_column_that_a_file_of_a_folder_lacks_has_gaps_there(tmp_path: Path) -> None:
    """In the table and in batches alike; it is warned of."""
    for name, part in (("a", {"x": [1.0], "y": ["no"]}), ("b", {"y": ["no"], "z": ["word"]})):
        pd.DataFrame(part).to_parquet(tmp_path / f"{name}.parquet")
    data = FileData.model_validate({"source": "file", "path": str(tmp_path), "target": "y"})
    table = read_file(tmp_path, data)
    assert [str(finding) for finding in table.findings] == [
        f"warning: column '{name}' is not in 1 file of the folder, such as '{part}.parquet': their"
        " rows have gaps there"
        for name, part in (("x", "b"), ("z", "a"))
    ]
    in_batches = pd.concat(read_batches(tmp_path, data))
    assert in_batches.astype("object").where(in_batches.notna(), None).to_dict("list") == {
        "x": [1.0, None],
        "y": ["no", "no"],
        "z": [None, "word"],
    }
    assert [*pd.concat(read_batches(tmp_path, data, Wanted(["y"])))] == ["y"]


@pytest.mark.parametrize(
    "other", [{}, {"code": [2.0]}, {"code": [None]}, {"code": pd.array([2.0], "double[pyarrow]")}]
)
def test_whole_numbers_of_a_folder_are_exact_whatever_others_have(
    tmp_path: Path, other: dict[str, Sequence[object]]
) -> None:
    """A file without the column, or with floats there: beside floats, two codes would be one."""
    codes = [2**53, 2**53 + 1]
    for name, part in (("a", other), ("b", {"code": codes})):
        rows = range(len(part.get("code", "1")))
        pd.DataFrame({**part, "y": "no"}, index=rows).to_parquet(tmp_path / f"{name}.parquet")
    data = FileData.model_validate({"source": "file", "path": str(tmp_path), "target": "y"})
    for found in (read_file(tmp_path, data).frame, pd.concat(read_batches(tmp_path, data))):
        assert [*found["code"]][1:] == codes


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ([1], ["01"], "has numbers in 'a.parquet' and words in 'b.parquet'"),
        ([True], [1], "has true and false in 'a.parquet' and numbers in 'b.parquet'"),
        (["1"], pd.Categorical([1]), "has words in 'a.parquet' and numbers in 'b.parquet'"),
        ([1], [2.5], None),
        (["word"], [float("nan")], None),
    ],
)
def test_a_column_of_several_types_is_warned_of(
    tmp_path: Path, one: list[object], other: list[object], said: str | None
) -> None:
    for name, values in (("a", one), ("b", other)):
        pd.DataFrame({"x": values, "y": "no"}).to_parquet(tmp_path / f"{name}.parquet")
    data = FileData.model_validate({"source": "file", "path": str(tmp_path), "target": "y"})
    found = [finding.message for finding in read_file(tmp_path, data).findings]
    expected = [] if said is None else [f"column 'x' {said}"]
    assert [message.partition(":")[0] for message in found] == expected
