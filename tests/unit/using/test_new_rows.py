"""New rows: each value is what it was in the table, whichever rows are beside it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from skrub._clean_null_strings import STR_NA_VALUES  # it has no public name

from equipoise.data.datasets import Dataset, read_frame_as_dataset
from equipoise.data.known_gaps import GAPS_AMONG_WORDS
from equipoise.data.table_files import RawTable
from equipoise.params.data_params import FileData
from equipoise.using.new_rows import read_new_rows

ROWS = 60
DAYS = pd.date_range("2019-12-30 13:05", periods=ROWS, freq="31h")
# A column as it may be in a file, and the form by which its words are read.
COLUMNS: dict[str, tuple[Any, str | None]] = {
    "number": (np.arange(ROWS) / 7, None),
    "whole": (np.arange(ROWS), None),
    "gaps": ([None, *np.arange(1.0, ROWS)], None),
    "span": (pd.to_timedelta(np.arange(ROWS), "min"), None),
    "date": (DAYS, None),
    "zoned": (DAYS.tz_localize("Europe/Berlin"), None),
    "category": (["clerk", "nurse", "N/A", " "] * 15, None),
    "flag": ([True, False] * 30, None),
    "digits": ([f"{n / 8}" for n in range(ROWS)], "number ."),
    "money": ([f"${n},000" for n in range(1, ROWS + 1)], "number ."),
    "comma": ([f"3,{n}" for n in range(ROWS)], "number ,"),
    "dotted gaps": ([".", "n.a.", *map(str, range(ROWS - 2))], "number ."),
    "iso": (DAYS.strftime("%Y-%m-%dT%H:%M:%SZ"), "ISO8601"),
    "day first": (DAYS.strftime("%d/%m/%Y"), "%d/%m/%Y"),
    "month first": (DAYS.strftime("%m/%d/%y"), "%m/%d/%y"),
    "sas": (DAYS.strftime("%d%b%Y"), "%d%b%Y"),
    "clock": (DAYS.strftime("%H:%M"), "%H:%M"),
    "halves": (DAYS.strftime("%I:%M %p"), "%I:%M %p"),
    "stamp": (DAYS.strftime("%m/%d/%Y %I:%M %p"), "%m/%d/%Y %I:%M %p"),
}


def make_dataset(raw: pd.DataFrame, **keys: Any) -> Dataset:
    """Return what a table of features becomes, with a target beside them."""
    table = raw.assign(y=np.arange(len(raw)) % 2)
    return read_frame_as_dataset(
        RawTable(table), FileData(source="file", path="", target="y", **keys)
    )


@pytest.mark.parametrize("name", COLUMNS)
def test_a_value_is_what_it_was_in_the_table(name: str) -> None:
    """Read alone, and with the others."""
    values, form = COLUMNS[name]
    raw = pd.DataFrame({name: values})
    dataset = make_dataset(raw)
    expected = dataset.table[[name]]
    assert dataset.schema.forms == ({} if form is None else {name: form})
    singly = pd.concat(read_new_rows(raw.iloc[[n]], dataset.schema).features for n in range(ROWS))
    for read in (read_new_rows(raw, dataset.schema).features, singly):
        assert_frame_equal(read.astype(object), expected.astype(object))


@pytest.mark.parametrize("kind", ["integer", "category", "text", "date", "boolean"])
def test_a_value_is_what_it_is_pinned_to_be(kind: str) -> None:
    """Numbers may be words, or years."""
    raw = pd.DataFrame({"code": [1999, 2001] * 30})
    dataset = make_dataset(raw, columns={"code": kind})
    read = read_new_rows(raw, dataset.schema).features
    assert_frame_equal(read, dataset.table[["code"]])


def test_words_in_capital_letters_are_the_same_truth() -> None:
    raw = pd.DataFrame({"flag": [True, False] * 30})
    schema = make_dataset(raw).schema
    read = read_new_rows(pd.DataFrame({"flag": ["TRUE", "false", "?"]}), schema)
    assert read.features["flag"].tolist()[:2] == ["True", "False"]
    assert read.features["flag"].isna().tolist() == [False, False, True]


def test_gaps_of_the_params_are_gaps() -> None:
    raw = pd.DataFrame({"age": np.arange(ROWS, dtype=float), "job": ["clerk", "nurse"] * 30})
    schema = make_dataset(raw).schema
    new = pd.DataFrame({"age": [-1.0, 5.0], "job": ["nobody", "clerk"]})
    read = read_new_rows(new, schema, gaps=(-1, "nobody")).features
    assert read.isna().to_numpy().tolist() == [[True, True], [False, False]]


def test_single_precision_is_kept() -> None:
    """As the model has learned it."""
    raw = pd.DataFrame({"age": np.arange(ROWS) / 7})
    schema = make_dataset(raw).schema
    half = type(schema)(**{**vars(schema), "float32": True})
    assert read_new_rows(raw, half).features["age"].dtype == "float32"


def test_words_for_a_gap_are_those_of_skrub() -> None:
    """Which reads the words of the trial's table."""
    assert set(STR_NA_VALUES) == GAPS_AMONG_WORDS
