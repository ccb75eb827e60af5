"""The table of the trial: made, or read; `tests/malformed` has what is refused, word for word."""

import gzip
from collections.abc import Callable
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pyarrow import parquet

from equipoise.checks import contents
from equipoise.core.tables import GROUP, SEGMENT, TIME
from equipoise.data.datasets import Dataset, make_dataset, read_frame_as_dataset
from equipoise.data.known_gaps import GAP_WORDS
from equipoise.data.table_files import RawTable
from equipoise.data.target import MOST_CLASSES
from equipoise.data.written_values import LARGEST_NUMBER
from equipoise.params.data_params import FileData, SyntheticData
from equipoise.terminal.errors import UserError

ROWS, POSITIVES = 20, 5
WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "table.csv": lambda frame, path: frame.to_csv(path, index=False),
    "table.csv.gz": lambda frame, path: frame.to_csv(path, index=False),
    "table.parquet": lambda frame, path: frame.to_parquet(path),
}


def user_table(**columns: object) -> pd.DataFrame:
    """Return two numeric features and a 0/1 `outcome`, with columns added or replaced."""
    outcome = [0] * (ROWS - POSITIVES) + [1] * POSITIVES
    frame = {"age": np.arange(ROWS) / 4, "visits": np.arange(ROWS) % 3, "outcome": outcome}
    return pd.DataFrame(frame | columns)


def read(path: Path | str, target: str = "outcome", **keys: Any) -> Dataset:
    """Return the data set made of the user's file."""
    return make_dataset(FileData(source="file", path=str(path), target=target, **keys), seed=0)


def read_back(raw: Path, frame: pd.DataFrame, **keys: Any) -> Dataset:
    """Return the data set made of a table, written with its types kept."""
    frame.to_parquet(raw / "table.parquet")
    return read(raw / "table.parquet", **keys)


def refuse(path: Path | str, **keys: Any) -> str:
    """Return what is said of a file that must be refused."""
    with pytest.raises(UserError) as refused:
        read(path, **keys)
    return str(refused.value)


def refuse_table(raw: Path, frame: pd.DataFrame, **keys: Any) -> str:
    """Return what is said of a table that must be refused."""
    frame.to_parquet(raw / "table.parquet")
    return refuse(raw / "table.parquet", **keys)


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_reads_the_same_from_every_format(raw: Path, name: str) -> None:
    """Features come back as floats in the file's order, then the 0/1 target."""
    WRITERS[name](user_table(), raw / name)
    features = user_table()[["age", "visits"]].astype("float64")
    expected = features.assign(target=user_table()["outcome"].astype("int64"))
    assert_frame_equal(expected, read(raw / name).table)


@pytest.mark.parametrize("name", WRITERS)
def test_the_schema_records_what_the_file_held(raw: Path, name: str) -> None:
    """What each column is taken for, the target and its label stay on record."""
    WRITERS[name](user_table(), raw / name)
    expected = {
        "rows": ROWS,
        "columns": {"age": "numeric", "visits": "numeric"},
        "target": "outcome",
        "positive": "1",
        "positives": POSITIVES,
        "classes": {"0": ROWS - POSITIVES, "1": POSITIVES},
        "labels": (0, 1),
        "examples": {"age": "0", "visits": "0"},
        "gaps": {"age": 0, "visits": 0},
        "others": {},
        "forms": {},
        "booleans": {},
        "float32": False,
        "population": {},
    }
    schema = asdict(read(raw / name).schema)
    plain = {"separator": ",", "decimal": ".", "thousands": None, "row_names": False}
    assert schema.pop("written") == (plain if ".csv" in name else None)
    assert schema == expected


def test_a_file_below_a_folder_of_data_raw_is_read(raw: Path) -> None:
    """The user may keep files in folders of their own."""
    (raw / "2026").mkdir()
    user_table().to_csv(raw / "2026/table.csv", index=False)
    assert len(read(raw / "2026/table.csv").table) == ROWS


def test_a_file_that_dvc_linked_from_its_cache_is_read(raw: Path, tmp_path: Path) -> None:
    """A link in data/raw is in data/raw, wherever DVC keeps the content."""
    cached = tmp_path / "cached"
    user_table().to_csv(cached, index=False)
    (raw / "table.csv").symlink_to(cached)
    assert len(read(raw / "table.csv").table) == ROWS


def test_rows_are_numbered_from_zero_whatever_index_the_file_had(raw: Path) -> None:
    """`row` means the position in the data set."""
    frame = user_table().set_index(np.arange(ROWS) + 100)
    assert read_back(raw, frame).table.index.tolist() == list(range(ROWS))


def test_dropped_columns_are_not_features(raw: Path) -> None:
    """A column that is listed in `drop` may hold anything."""
    frame = user_table(name=["x"] * ROWS, visits=[np.nan] * ROWS)
    dataset = read_back(raw, frame, drop=["name", "visits"])
    assert dataset.table.columns.tolist() == ["age", "target"]


@pytest.mark.parametrize("dtype", ["int8", "Int64", "float32"])
def test_numeric_columns_of_every_width_become_floats(raw: Path, dtype: str) -> None:
    """Small or nullable numbers are numbers."""
    frame = user_table(flag=np.arange(ROWS) % 2).astype({"flag": dtype})
    table = read_back(raw, frame).table
    assert table["flag"].tolist() == [float(position % 2) for position in range(ROWS)]
    assert table["flag"].dtype == np.float64


@pytest.mark.parametrize(
    ("rare", "common", "positive"),
    [
        (1, 0, None),
        (1.0, 0.0, None),
        (True, False, None),
        (1, 0, 1),
        (0, 1, 0),
        ("yes", "no", "yes"),
        ("1", "0", 1),
        (1, 0, "1"),
        (True, False, True),
        (False, True, False),
        (2, 1, 2),
        (-1, 1, -1),
        (1, 0, 1.0),
    ],
)
def test_the_positive_label_becomes_one(
    raw: Path, rare: object, common: object, positive: object
) -> None:
    """Labels of any type are told apart, the positive one as `data.positive` has it."""
    outcome = [common] * (ROWS - POSITIVES) + [rare] * POSITIVES
    dataset = read_back(raw, user_table(outcome=outcome), positive=positive)
    expected = [0] * (ROWS - POSITIVES) + [1] * POSITIVES
    assert dataset.table["target"].tolist() == expected


def test_a_named_label_stands_against_all_others(raw: Path) -> None:
    """With several labels, the positive one is set against the rest."""
    outcome = ["a", "b", "c", "d"] * POSITIVES
    dataset = read_back(raw, user_table(outcome=outcome), positive="c")
    assert dataset.table["target"].tolist() == [0, 0, 1, 0] * POSITIVES


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (["no", "yes"] * 10, "'no', 'yes'"),
        ([2, 1] * 10, "1, 2"),
        ([-1, 1] * 10, "-1, 1"),
        (["1", "0"] * 10, "'0', '1'"),
    ],
)
def test_labels_that_do_not_tell_the_positive_need_it_named(
    raw: Path, outcome: list[object], shown: str
) -> None:
    """Only the numbers 0 and 1 say by themselves which is positive; else the labels are shown."""
    message = refuse_table(raw, user_table(outcome=outcome))
    assert message == (
        f"data.positive is required: 'outcome' holds {shown}; set it to the rare one of them"
    )


def test_many_labels_are_not_all_listed(raw: Path) -> None:
    """A continuous column does not fill the terminal."""
    assert "and 15 more" in refuse_table(raw, user_table(outcome=np.arange(ROWS)), positive=-1)


SEVERAL: dict[str, tuple[list[object], list[object]]] = {
    "whole": ([1, 2, 5], [1, 2, 5]),
    "negative": ([-1, 0, 1], [-1, 0, 1]),
    "whole-floats": ([1.0, 2.0, 5.0], [1, 2, 5]),
    "floats": ([0.5, 1.0, 2.0], ["0.5", "1.0", "2.0"]),
    "large-floats": ([1.0, 2.0, 1e300], ["1.0", "2.0", "1e+300"]),
    "large-whole": ([1, 2, 2**63 + 1], ["1", "2", str(2**63 + 1)]),
    "infinite": ([1.0, 2.0, float("inf")], ["1.0", "2.0", "inf"]),
    "words": (["low", "mid", "top"], ["low", "mid", "top"]),
    "digits": (["1", "2", "5"], ["1", "2", "5"]),
    "dates": (
        list(pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"])),
        ["2026-01-01", "2026-01-02", "2026-01-03"],
    ),
    "lists": ([[1], [2], [5]], ["[1]", "[2]", "[5]"]),
}


@pytest.mark.parametrize(("found", "kept"), SEVERAL.values(), ids=SEVERAL)
def test_several_labels_are_classes_of_their_own(
    raw: Path, found: list[object], kept: list[object]
) -> None:
    """Whole numbers stay numbers, anything else becomes text; nothing is renumbered."""
    target = read_back(raw, user_table(outcome=[found[n % 3] for n in range(ROWS)])).table["target"]
    assert target.tolist() == [kept[n % 3] for n in range(ROWS)]
    assert target.dtype == (np.int64 if isinstance(kept[0], int) else "str")


@pytest.mark.parametrize("dtype", ["int8", "Int64", "Float64", "float32", "category"])
def test_whole_numbers_of_every_width_are_whole_numbers(raw: Path, dtype: str) -> None:
    """How the file stores a label does not change what the label is."""
    labels = [3, 1, 7, 1] * 5
    frame = user_table(outcome=labels).astype({"outcome": dtype})
    target = read_back(raw, frame).table["target"]
    assert target.tolist() == labels
    assert target.dtype == np.int64


def test_words_of_a_category_are_words(raw: Path) -> None:
    """A categorical column of words is as good as one of strings."""
    frame = user_table(outcome=["low", "mid", "top", "low"] * 5).astype({"outcome": "category"})
    target = read_back(raw, frame).table["target"]
    assert target.tolist() == frame["outcome"].tolist()
    assert target.dtype == "str"


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("labels", [[1, 2, 5], ["low", "mid", "top"]], ids=str)
def test_several_classes_read_the_same_from_every_format(
    raw: Path, name: str, labels: list[object]
) -> None:
    """The schema counts each class by its label, and has no positive one."""
    outcome = [labels[0]] * 12 + [labels[1]] * 5 + [labels[2]] * 3
    WRITERS[name](user_table(outcome=outcome), raw / name)
    dataset = read(raw / name)
    assert dataset.table["target"].tolist() == outcome
    assert asdict(replace(dataset.schema, written=None)) == {
        "rows": ROWS,
        "columns": {"age": "numeric", "visits": "numeric"},
        "target": "outcome",
        "positive": None,
        "positives": None,
        "classes": {str(labels[0]): 12, str(labels[1]): 5, str(labels[2]): 3},
        "labels": tuple(labels),
        "examples": {"age": "0", "visits": "0"},
        "gaps": {"age": 0, "visits": 0},
        "others": {},
        "forms": {},
        "booleans": {},
        "float32": False,
        "population": {},
        "written": None,
    }


def test_a_parquet_file_with_one_name_twice_names_it(raw: Path) -> None:
    """Also where an index has the name of a column."""
    columns = [pa.array([1, 2]), pa.array([3, 4])]
    parquet.write_table(pa.Table.from_arrays(columns, ["age", "age"]), raw / "table.parquet")
    with pytest.raises(UserError, match=r"data\.path: column 'age' is duplicated; rename one"):
        read(raw / "table.parquet")
    named = user_table().set_index("age", drop=False)
    named.to_parquet(raw / "table.parquet")
    with pytest.raises(UserError, match=r"data\.path: column 'age' is duplicated; rename one"):
        read(raw / "table.parquet")


def test_a_label_of_a_large_csv_is_the_same_in_all_of_it(raw: Path) -> None:
    """A word at the end does not leave 1 a number before it and make it text after it."""
    rows = [f"{row},{row % 2 + 1}" for row in range(400_000)] + ["0,x", "1,1", "2,2"]
    (raw / "table.csv").write_text("\n".join(["age,outcome", *rows]))
    assert read(raw / "table.csv").schema.classes == {"1": 200_001, "2": 200_001, "x": 1}
    assert read(raw / "table.csv", positive=1).schema.positives == 200_001


def test_a_csv_has_labels_as_they_are_written_and_gaps_elsewhere(raw: Path) -> None:
    """What pandas takes for a gap may be a class; in a feature, one called NA too, it is a gap."""
    words = [word for word in GAP_WORDS if word]
    rows = [f"{word},{n},{word}" for n, word in enumerate(words)]
    (raw / "table.csv").write_text("\n".join(["NA,age,outcome", *rows, ",1,x", "2,1,x"]))
    dataset = read(raw / "table.csv", distinct_labels=words)
    assert dataset.table["target"].tolist() == [*words, "x", "x"]
    assert dataset.table["NA"].isna().tolist() == [True] * (len(words) + 1) + [False]
    pandas_reads = pd.read_csv(raw / "table.csv")["outcome"]
    assert pandas_reads.isna().tolist() == [True] * len(words) + [False] * 2


def test_a_csv_has_a_gap_in_the_target_where_a_cell_is_empty(raw: Path) -> None:
    """Numbers stay numbers, and what is not there is no label."""
    (raw / "table.csv").write_text('age,outcome\n1,0\n2,1\n3,\n4,""\n')
    assert (
        refuse(raw / "table.csv")
        == "data.target: 'outcome' has no label in 2 rows; set data.unlabelled:"
        " drop to leave them out"
    )


def test_the_schema_of_one_class_against_the_rest_counts_both(raw: Path) -> None:
    """With a positive label there are two classes, however many labels."""
    dataset = read_back(raw, user_table(outcome=["a", "b", "c", "d"] * POSITIVES), positive="c")
    assert dataset.schema.classes == {"0": 15, "1": 5}
    assert (dataset.schema.positive, dataset.schema.positives) == ("c", 5)


def many_rows(labels: int) -> pd.DataFrame:
    """Return a table whose `outcome` has this many labels, each twice."""
    return pd.DataFrame({"age": np.arange(2 * labels) / 4, "outcome": np.arange(2 * labels) // 2})


def test_a_column_of_very_many_values_is_no_label(raw: Path) -> None:
    """The message has the count, and three ways out."""
    assert refuse_table(raw, many_rows(MOST_CLASSES + 1)) == (
        "data.target: 'outcome' has 101 different values, too many for classes (at most"
        " 100); choose another column, group its values, or set data.positive"
    )


def test_as_many_labels_as_are_allowed_are_taken(raw: Path) -> None:
    """The limit itself is a number of classes."""
    assert read_back(raw, many_rows(MOST_CLASSES)).table["target"].nunique() == MOST_CLASSES


def test_very_many_labels_may_be_the_rest(raw: Path) -> None:
    """Setting data.positive, as the message proposes, fixes the mistake."""
    assert read_back(raw, many_rows(MOST_CLASSES + 1), positive=7).schema.positives == 2


@pytest.mark.parametrize(
    ("positive", "remedy"),
    [
        ("yess", "did you mean 'yes'?"),
        ("maybe", "set it to one of them"),
        (True, "put words in quotes, or YAML may read them as something else"),
    ],
)
def test_an_unknown_positive_is_answered_with_the_labels(
    raw: Path, positive: object, remedy: str
) -> None:
    """A label that the column lacks is refused beside those that it has, and with what to do."""
    message = refuse_table(raw, user_table(outcome=["no", "yes"] * 10), positive=positive)
    assert message == (
        f"data.positive: {positive!r} is not in 'outcome', which holds 'no', 'yes'; {remedy}"
    )


@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
def test_every_column_with_infinite_values_is_named(raw: Path, infinity: float) -> None:
    """Two such columns do not take two runs to find; a gap is no matter, nor is a whole number."""
    values = [infinity, np.nan, *[1.0] * (ROWS - 2)]
    frame = user_table(visits=values, weight=values, gaps=[np.nan] * ROWS)
    message = refuse_table(raw, frame, columns={"age": "numeric"})
    assert message == "data.path: infinite values in 'visits', 'weight'; fix or drop them"


def test_every_number_too_large_for_single_precision_is_shown_with_its_column(raw: Path) -> None:
    """The largest of each, whole numbers too; the limit itself is taken."""
    most = [LARGEST_NUMBER, -LARGEST_NUMBER, *[1.0] * (ROWS - 2)]
    assert read_back(raw, user_table(visits=most)).table["visits"].tolist() == most
    wrong = {"visits": [1e31, -1e200, *most[2:]], "weight": [2 * 10**30, *most[1:]]}
    (raw / "table.csv").write_text(user_table(**wrong).to_csv(index=False))
    assert refuse(raw / "table.csv").splitlines() == [
        f"data.path: column '{name}' holds {value}, and models in single precision cannot use"
        " a number beyond 1e+30; fix or drop it"
        for name, value in (("visits", "-1e+200"), ("weight", "2e+30"))
    ]


MIXED = """age,visits,job,member,since,code,note,outcome
1.5,3,clerk,True,2020-01-05,007,one,0
,,?,,,,,1
2.5,4,,False,2020-02-13,7,two,0
"""
MIXED_KINDS = {
    "age": "numeric",
    "visits": "integer",
    "job": "category",
    "member": "boolean",
    "since": "date",
    "code": "category",
    "note": "text",
}


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_a_mixed_table_keeps_its_kinds_and_its_gaps(raw: Path, name: str) -> None:
    """Pinned where the user pins them, else as they look; the schema has every kind."""
    (raw / "table.csv").write_text(MIXED)
    if name == "table.parquet":
        pd.read_csv(raw / "table.csv", dtype={"code": "str"}).to_parquet(raw / name)
    dataset = read(raw / name, columns={n: MIXED_KINDS[n] for n in ("visits", "code", "note")})
    types = ["float64", "Int64", "category", "category", "datetime64[us]", "category", "str"]
    assert dataset.schema.columns == MIXED_KINDS
    assert [str(dtype) for dtype in dataset.table.dtypes] == [*types, "int64"]
    assert dataset.table.drop(columns="target").isna().loc[1].all()
    assert dataset.table["code"].tolist()[::2] == ["007", "7"]


def test_decimals_take_half_the_room_if_asked(raw: Path) -> None:
    """Whole numbers stay whole, and times exact."""
    frame = user_table(age=np.arange(ROWS) / 7, second=1e9 + np.arange(ROWS))
    keys: dict[str, Any] = {"columns": {"visits": "integer"}, "time": "second"}
    whole, half = (read_back(raw, frame, float32=on, **keys).table for on in (False, True))
    assert [str(dtype) for dtype in half.dtypes] == ["float32", "Int64", "int64", "float64"]
    assert half["age"].tolist() == whole["age"].astype("float32").tolist()
    assert half.drop(columns="age").equals(whole.drop(columns="age"))
    assert (synthetic(float32=True).table.dtypes.iloc[:-1] == "float32").all()


def test_group_and_time_are_no_features(raw: Path) -> None:
    """They stand under names of their own, groups as words and times as dates or numbers."""
    frame = user_table(
        customer=np.arange(ROWS) // 4,
        day=pd.date_range("2020-01-01", periods=ROWS).astype(str),
        year=2000 + np.arange(ROWS),
    )
    by_day = read_back(raw, frame, group="customer", time="day")
    assert list(by_day.table) == ["age", "visits", "year", "target", GROUP, TIME]
    assert list(by_day.schema.columns) == ["age", "visits", "year"]
    assert by_day.table[GROUP].tolist() == [str(row // 4) for row in range(ROWS)]
    assert by_day.table[TIME].tolist() == list(pd.date_range("2020-01-01", periods=ROWS))
    for years in (frame["year"], [Decimal(int(year)) for year in frame["year"]]):
        user_table(year=years).to_parquet(raw / "years.parquet")
        by_year = read(raw / "years.parquet", time="year")
        assert by_year.table[TIME].tolist() == [2000.0 + row for row in range(ROWS)]


def test_a_feature_may_be_called_self(raw: Path) -> None:
    """As in tables of loans, where it says who is self-employed: pandas takes some names apart."""
    for values in (["$1,000", "?"], ["1.5 %", "2 %"], ["yes", "no"], ["2020-01-05", "2020-02-13"]):
        frame = user_table(self=np.resize(values, ROWS))
        named = user_table(other=np.resize(values, ROWS))
        table, expected = (read_back(raw, each).table for each in (frame, named))
        pd.testing.assert_frame_equal(table, expected.rename(columns={"other": "self"}))


def test_features_may_be_called_group_and_time(raw: Path) -> None:
    """Beside the columns that a split goes by, which have names of their own."""
    frame = user_table(group=np.arange(ROWS) % 7, time=np.arange(ROWS) / 4, who=np.arange(ROWS))
    table = read_back(raw, frame, group="who").table
    assert list(table) == ["age", "visits", "group", "time", "target", GROUP]


def test_times_with_the_day_first_are_in_their_order(raw: Path) -> None:
    """Read one by one, the days up to the twelfth would be taken for months."""
    days = pd.date_range("2020-01-01", periods=ROWS)
    frame = user_table(day=days.strftime("%d/%m/%Y"))
    assert read_back(raw, frame, time="day").table[TIME].tolist() == list(days)


def test_dates_that_all_may_have_the_day_first_are_warned_of(raw: Path) -> None:
    """Of those with a day above the twelfth one knows."""

    def count_warnings(times: pd.DatetimeIndex, form: str) -> int:
        user_table(day=times.strftime(form)).to_csv(raw / "table.csv", index=False)
        findings = read(raw / "table.csv", time="day").findings
        return sum("the day or the month first" in finding.message for finding in findings)

    days = pd.date_range("2020-01-01", periods=ROWS)
    early = days[days.day <= 12][[*range(12)] * (ROWS // 12) + [*range(ROWS % 12)]]
    assert count_warnings(early, "%d/%m/%Y") == count_warnings(early, "%m/%d/%y") == 1
    assert count_warnings(days, "%d/%m/%Y") == count_warnings(early, "%d.%m.%Y") == 0


def test_whole_numbers_of_any_size_keep_their_order(raw: Path) -> None:
    """As floats, neighbours beyond 2^53 would be one time; in words they are numbers as well."""
    ids = 2**60 + np.arange(ROWS)
    for written in (ids, ids.astype(str)):
        table = read_back(raw, user_table(day=written), time="day").table
        assert table[TIME].tolist() == ids.tolist()


def test_dates_in_six_digits_are_warned_of_where_the_year_may_be_last(raw: Path) -> None:
    """As numbers they are in their order only with the year first; eight digits tell which."""

    def read_times(times: object) -> tuple[bool, bool]:
        """Return whether they are in order, and whether there is a warning."""
        user_table(day=times).to_csv(raw / "table.csv", index=False)
        dataset = read(raw / "table.csv", time="day")
        warned = any(finding.message.startswith("data.time") for finding in dataset.findings)
        return dataset.table[TIME].is_monotonic_increasing, warned

    days = pd.date_range("2024-01-25", periods=ROWS)
    assert read_times(days.strftime("%d%m%y")) == (False, True)
    assert read_times(days.strftime("%y%m%d")) == (True, True)
    assert read_times(days.strftime("%Y%m%d")) == (True, False)
    assert read_times(10_100 + 200 * np.arange(ROWS)) == (True, False)


def test_words_are_read_by_their_form_where_rows_are_left_out(raw: Path) -> None:
    """Or have an index of the user's own, in which two rows have one name."""
    prices = pd.Series([f"${row},000" for row in range(1, ROWS + 1)])
    days = pd.date_range("2024-01-05", periods=ROWS).strftime("%d.%m.%Y")
    frame = user_table(price=prices, day=days, outcome=["no", "yes"] * (ROWS // 2))
    frame.loc[0, "outcome"] = None
    keys: dict[str, Any] = {"positive": "yes", "unlabelled": "drop"}
    expected = read_back(raw, frame.iloc[1:].reset_index(drop=True), **keys)
    assert {*expected.schema.forms} == {"price", "day"}
    repeated = frame.set_axis([0] * ROWS)
    for dataset in (read_back(raw, frame, **keys), read_back(raw, repeated, **keys)):
        assert dataset.schema.forms == expected.schema.forms
        pd.testing.assert_frame_equal(dataset.table, expected.table)


def test_a_sparse_target_has_the_classes_of_a_dense_one() -> None:
    labels = np.arange(ROWS) % 2
    data = FileData(source="file", path="table.csv", target="outcome", positive=1)
    for column in (labels, pd.arrays.SparseArray(labels), pd.arrays.SparseArray(labels == 1)):
        found = read_frame_as_dataset(RawTable(user_table(outcome=column)), data)
        assert found.table["target"].tolist() == labels.tolist()


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
@pytest.mark.parametrize("gaps", [0, 1])
def test_labels_and_groups_of_many_digits_are_exact(raw: Path, gaps: int, name: str) -> None:
    """Also beside a gap, and with decimals: as floats, neighbours would be one."""
    words = pd.Series([str(10**18 + row % 3) for row in range(ROWS)])
    frame = user_table(outcome=words, customer=words + ".00", region=words)
    frame.loc[frame.index[:gaps], ["outcome", "customer", "region"]] = None
    write = frame.to_excel if name.endswith("xlsx") else frame.to_csv
    write(raw / name, index=False)
    keys: dict[str, Any] = {"group": "customer", "segment": "region", "unlabelled": "drop"}
    dataset = read(raw / name, **keys)
    assert [*map(str, dataset.schema.labels)] == [str(10**18 + code) for code in range(3)]
    assert dataset.table[GROUP].nunique() == 3
    assert dataset.table[SEGMENT].nunique() == 3
    assert len(dataset.table) == ROWS - gaps


@pytest.mark.parametrize("name", ["target", "row", GROUP, TIME])
def test_the_target_may_have_a_reserved_name(raw: Path, name: str) -> None:
    """A user whose target is called `target` has nothing to rename."""
    frame = user_table().rename(columns={"outcome": name})
    dataset = read_back(raw, frame, target=name)
    assert dataset.table.columns.tolist() == ["age", "visits", "target"]


def test_columns_named_by_numbers_are_known_by_their_digits(raw: Path) -> None:
    """A Parquet file may name columns by numbers; params name them in quotes."""
    frame = user_table().set_axis([0, 1, 2], axis="columns")
    frame.to_parquet(raw / "table.parquet")
    data = FileData(source="file", path="data/raw/table.parquet", target="2", positive=1)
    assert list(make_dataset(data, seed=0).table.columns) == ["0", "1", "target"]


@pytest.mark.parametrize(
    "path", ["table.csv", "data/table.csv", "data/raw/../table.csv", "/etc/table.csv"]
)
def test_a_path_outside_data_raw_is_refused(raw: Path, path: str) -> None:
    """Only data/raw is tracked, so only a file there makes the pipeline run again."""
    assert raw.exists()
    message = refuse(path)
    assert f"data.path: '{path}' is not within data/raw/; put the table there" in message


def test_a_missing_file_in_an_empty_folder_is_named(raw: Path) -> None:
    """Where there is no file at all, that is said."""
    expected = "data.path: 'data/raw/table.csv' does not exist; choose from: nothing"
    assert refuse(raw / "table.csv") == expected


def corrupt_gzip() -> bytes:
    """Return a compressed table with a byte flipped in its middle."""
    content = bytearray(gzip.compress(user_table().to_csv(index=False).encode(), mtime=0))
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [("table.csv.gz", corrupt_gzip()), ("table.csv.xz", b"age,outcome\n1,0\n")],
    ids=["corrupt-gzip", "not-xz"],
)
def test_a_file_that_cannot_be_read_is_named_on_one_line(
    raw: Path, name: str, content: bytes
) -> None:
    """A broken file is the user's to fix, and no traceback tells how."""
    (raw / name).write_bytes(content)
    message = refuse(raw / name)
    assert message.startswith(f"data.path: 'data/raw/{name}' cannot be read: ")
    assert message.endswith("; fix the file or save it again")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_a_folder_is_not_a_table(raw: Path, name: str) -> None:
    """A folder with a table's name is refused by its path."""
    (raw / name).mkdir()
    assert f"data.path: 'data/raw/{name}'" in refuse(raw / name)


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_without_rows_is_refused(raw: Path, name: str) -> None:
    """A header alone is no data."""
    WRITERS[name](user_table().head(0), raw / name)
    assert refuse(raw / name) == f"data.path: 'data/raw/{name}' has no rows; put the table there"


def synthetic(seed: int = 0, **keys: Any) -> Dataset:
    """Return a made problem."""
    problem: dict[str, Any] = {
        "n_samples": 200,
        "n_features": 6,
        "n_informative": 3,
        "weights": (0.9, 0.1),
    }
    return make_dataset(SyntheticData(source="synthetic", **(problem | keys)), seed)


@settings(max_examples=15, deadline=None)
@given(
    n_samples=st.integers(50, 300),
    n_features=st.integers(5, 12),
    share=st.floats(0.05, 0.5),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_made_problem_has_the_size_and_share_asked_for(
    n_samples: int, n_features: int, share: float, seed: int
) -> None:
    """Rows, features and, without noise, the positives are those of the params."""
    table = synthetic(
        seed,
        n_samples=n_samples,
        n_features=n_features,
        weights=(1 - share, share),
        flip_y=0.0,
        n_clusters_per_class=1,
    ).table
    assert table.shape == (n_samples, n_features + 1)
    assert table.columns[-1] == "target"
    assert abs(int(table["target"].sum()) - n_samples * share) <= 2


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_same_seed_makes_the_same_bytes(seed: int) -> None:
    """A made problem can be made again."""
    first, second = synthetic(seed).table, synthetic(seed).table
    assert first.to_numpy().tobytes() == second.to_numpy().tobytes()


def test_another_seed_makes_another_problem() -> None:
    """The seed of the params reaches the data."""
    assert not synthetic(0).table.equals(synthetic(1).table)


def test_the_schema_of_a_made_problem_counts_its_positives() -> None:
    """The record agrees with the table."""
    dataset = synthetic()
    positives = int(dataset.table["target"].sum())
    assert (dataset.schema.positive, dataset.schema.positives) == ("1", positives)
    assert dataset.schema.classes == {"0": 200 - positives, "1": positives}
    assert list(dataset.schema.columns) == dataset.table.columns[:-1].tolist()


@settings(max_examples=15, deadline=None)
@given(shares=st.lists(st.integers(1, 9), min_size=3, max_size=5), seed=st.integers(0, 2**32 - 1))
def test_a_made_problem_has_a_class_for_each_share(shares: list[int], seed: int) -> None:
    """Classes are numbered from 0 and, without noise, as frequent as was asked for."""
    weights = tuple(share / sum(shares) for share in shares)
    made = synthetic(seed, weights=weights, flip_y=0.0, n_informative=4)
    counts = made.table["target"].value_counts().sort_index()
    assert counts.index.tolist() == list(range(len(shares)))
    assert (abs(counts - 200 * np.array(weights)) <= len(shares)).all()
    assert made.schema.classes == {str(label): count for label, count in counts.items()}
    assert (made.schema.positive, made.schema.positives) == (None, None)


@pytest.mark.parametrize(
    ("weights", "label"), [((0.6, 0.399, 0.001), 2), ((0.34, 0.33, 0.329, 0.001), 3)]
)
def test_a_share_that_makes_no_row_is_named(weights: tuple[float, ...], label: int) -> None:
    """A problem never has fewer classes than asked for."""
    with pytest.raises(UserError) as refused:
        synthetic(n_samples=20, weights=weights, flip_y=0.0)
    assert str(refused.value) == (
        f"data.weights: 0.001 of n_samples = 20 makes no row of class {label}; raise one of them"
    )


def test_a_table_that_no_memory_can_hold_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "measure_available_memory", lambda: 25_000)
    data = {"source": "synthetic", "n_features": 10, "n_informative": 3, "weights": [0.9, 0.1]}
    made = make_dataset(SyntheticData.model_validate({**data, "n_samples": 96}), seed=0)
    assert len(made.table) == 96
    with pytest.raises(
        UserError, match=r"^data\.n_samples: 97 rows of 10 features take about 0\.0"
    ):
        make_dataset(SyntheticData.model_validate({**data, "n_samples": 97}), seed=0)
