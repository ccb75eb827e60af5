"""What is written: the same bytes for the same content, and read back as it was."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pyarrow.parquet import ParquetFile

from equipoise.core.difference import POSITION, Difference
from equipoise.core.json_values import JsonObject
from equipoise.core.tables import ROW
from equipoise.storage.files.formats import (
    read_csv,
    read_difference,
    read_frame,
    read_json,
    write_csv,
    write_difference,
    write_frame,
    write_json,
)
from equipoise.terminal.errors import UserError


def frame() -> pd.DataFrame:
    columns = {"x": [0.1, 1 / 3, -2e-300], "n": [1, 2, 3], "flag": [True, False, True]}
    return pd.DataFrame(columns, index=pd.Index([7, 3, 5], name=ROW))


def written(values: dict[str, Any], folder: Path) -> str:
    write_json(values, folder / "values.json")
    return (folder / "values.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1 / 3, 0.333333),
        (2 / 3, 0.666667),
        (123456.789, 123457.0),
        (1.23456789e-12, 1.23457e-12),
        (0.5, 0.5),
        (-0.0412345678, -0.0412346),
        (np.float64(1) / 3, 0.333333),
    ],
)
def test_numbers_have_six_significant_digits(value: float, expected: float, tmp_path: Path) -> None:
    """Noise in the last bits makes no difference between two files."""
    write_json({"value": value}, tmp_path / "values.json")
    assert expected == read_json(tmp_path / "values.json")["value"]


def test_numbers_are_rounded_wherever_they_are_nested(tmp_path: Path) -> None:
    """Lists, intervals and sections are no exception."""
    write_json({"a": [{"b": (1 / 3, 2 / 3)}]}, tmp_path / "values.json")
    assert read_json(tmp_path / "values.json") == {"a": [{"b": [0.333333, 0.666667]}]}


def test_counts_are_never_rounded(tmp_path: Path) -> None:
    """A table of more than a million rows keeps its last digit; true and text stay too."""
    values: JsonObject = {"n": 123_456_789, "flag": True, "name": "ü", "none": None}
    write_json(values, tmp_path / "values.json")
    assert values == read_json(tmp_path / "values.json")


def test_keys_are_sorted_at_every_level(tmp_path: Path) -> None:
    """The order in which numbers were computed is no difference between two files."""
    one = written({"b": 1, "a": {"d": 1, "c": 2}}, tmp_path)
    assert one == written({"a": {"c": 2, "d": 1}, "b": 1}, tmp_path)
    assert list(json.loads(one)) == ["a", "b"]


def test_a_json_file_is_read_by_people_and_by_git(tmp_path: Path) -> None:
    """A value a line, and a newline at the end."""
    assert written({"b": 1, "a": 2}, tmp_path) == '{\n  "a": 2,\n  "b": 1\n}\n'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_a_number_that_json_lacks_is_refused(number: float, tmp_path: Path) -> None:
    """A metric that is not a number stops the run; no tool has to guess at `NaN`."""
    with pytest.raises(ValueError, match=r"JSON compliant"):
        write_json({"section": {"metric": [number]}}, tmp_path / "values.json")
    assert not (tmp_path / "values.json").exists()


def test_folders_are_made_as_needed(tmp_path: Path) -> None:
    """A stage runs in a fresh clone, where no output folder exists."""
    write_json({}, tmp_path / "a/b/values.json")
    write_frame(frame(), tmp_path / "c/d/frame.parquet")
    write_csv(frame(), tmp_path / "e/f/curves.csv")
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"values.json", "frame.parquet", "curves.csv"}


def test_a_frame_comes_back_with_its_row_numbers(tmp_path: Path) -> None:
    """Values to the last bit, types, and the index that says which source row it was."""
    write_frame(frame(), tmp_path / "frame.parquet")
    assert_frame_equal(frame(), read_frame(tmp_path / "frame.parquet"), check_exact=True)


def test_a_frame_without_row_numbers_gets_none(tmp_path: Path) -> None:
    """An index without a name is no content, and leaves no column behind."""
    unnamed = frame().reset_index(drop=True).iloc[::-1]
    write_frame(unnamed, tmp_path / "frame.parquet")
    actual = read_frame(tmp_path / "frame.parquet")
    assert_frame_equal(unnamed.reset_index(drop=True), actual, check_exact=True)


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_scores_are_stored_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, scores: list[float]
) -> None:
    """No score is rounded on its way between stages."""
    path = tmp_path_factory.mktemp("frame") / "scores.parquet"
    write_frame(pd.DataFrame({"y_score": scores}), path)
    assert scores == read_frame(path)["y_score"].tolist()


def test_the_same_frame_gives_the_same_bytes(tmp_path: Path) -> None:
    """A stage that computes the same again changes nothing that comes after it."""
    for name in ("one", "other"):
        write_frame(frame(), tmp_path / f"{name}.parquet")
        write_csv(frame(), tmp_path / f"{name}.csv")
    for suffix in ("parquet", "csv"):
        one, other = (tmp_path / f"{name}.{suffix}" for name in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()


def test_curves_are_written_short(tmp_path: Path) -> None:
    """Six significant digits, no index, Unix line ends on every machine."""
    curves = pd.DataFrame({"curve": ["roc"], "x": [1 / 3], "y": [1.0]}, index=[9])
    write_csv(curves, tmp_path / "curves.csv")
    assert (tmp_path / "curves.csv").read_bytes() == b"curve,x,y\nroc,0.333333,1\n"


def test_curves_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Also those of a strategy whose name means "missing" elsewhere."""
    names = ["roc", "None", "null", "NA", "nan"]
    curves = pd.DataFrame({"curve": names, "x": np.arange(5) / 4, "y": np.arange(5) / 8})
    write_csv(curves, tmp_path / "curves.csv")
    assert_frame_equal(curves, read_csv(tmp_path / "curves.csv"))


def rows(positions: list[int], **columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(positions, name=POSITION))


KEPT, SYNTHETIC = rows([0, 2], row=[5, 7]), rows([1], x=[0.5], target=[1])


@pytest.mark.parametrize("kept", [None, KEPT])
@pytest.mark.parametrize("synthetic", [None, SYNTHETIC])
def test_a_difference_comes_back_as_it_was(
    kept: pd.DataFrame | None, synthetic: pd.DataFrame | None, tmp_path: Path
) -> None:
    """What is absent has no file, and is absent again when read."""
    write_difference(Difference(kept, synthetic), tmp_path)
    parts = {"kept.parquet": kept, "synthetic.parquet": synthetic}
    expected = {name for name, part in parts.items() if part is not None}
    assert expected == {path.name for path in tmp_path.iterdir()}
    actual = read_difference(tmp_path)
    for one, other in [(kept, actual.kept), (synthetic, actual.synthetic)]:
        if one is None or other is None:
            assert one is other
        else:
            assert_frame_equal(one, other, check_exact=True)


def test_a_difference_replaces_the_one_that_was_there(tmp_path: Path) -> None:
    """A strategy that no longer makes rows does not go on training on the old ones."""
    write_difference(Difference(KEPT, SYNTHETIC), tmp_path)
    write_difference(Difference(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_hardly_repeat_are_written_without_a_dictionary(tmp_path: Path) -> None:
    """It takes four times as long to write and to read; labels and words are shorter with one."""
    numbers = np.random.default_rng(0).normal(size=500)
    written = pd.DataFrame({"number": numbers, "label": [0, 1] * 250, "word": ["a", "b"] * 250})
    write_frame(written, tmp_path / "frame.parquet")
    columns = ParquetFile(tmp_path / "frame.parquet").metadata.row_group(0).to_dict()["columns"]
    listed = {c["path_in_schema"] for c in columns if "RLE_DICTIONARY" in c["encodings"]}
    assert listed == {"label", "word"}
    assert_frame_equal(written, read_frame(tmp_path / "frame.parquet"), check_exact=True)


PROBE = """
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from equipoise.storage.files.formats import read_frame

read_frame(Path(sys.argv[1]))
before = getrusage(RUSAGE_SELF).ru_maxrss
read_frame(Path(sys.argv[2]), ["c7"])
print((getrusage(RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_a_file_is_not_copied_to_memory_for_one_of_its_columns(tmp_path: Path) -> None:
    """Of 50 MB a column of 1 MB is read."""
    small, large = tmp_path / "small.parquet", tmp_path / "large.parquet"
    numbers = np.random.default_rng(0).normal(size=(125_000, 50))
    for path, rows in ((small, 1), (large, len(numbers))):
        write_frame(pd.DataFrame(numbers[:rows]).add_prefix("c"), path)
    command = [sys.executable, "-c", PROBE, str(small), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert large.stat().st_size > 45e6
    assert int(done.stdout) < 10e6


def test_a_folder_in_the_place_of_a_table_is_refused(tmp_path: Path) -> None:
    """pandas would read it as one table of all that is in it."""
    with pytest.raises(UserError, match="is a folder, and a file is needed; remove it"):
        read_frame(tmp_path)
