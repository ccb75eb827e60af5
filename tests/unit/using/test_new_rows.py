"""New rows: each value is what it was in the table, whichever rows are beside it."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal
from skrub._clean_null_strings import STR_NA_VALUES  # it has no public name

from equipoise.data.datasets import Dataset, read_frame_as_dataset
from equipoise.data.known_gaps import GAPS_AMONG_WORDS
from equipoise.data.table_files import RawTable
from equipoise.params.data_params import FileData
from equipoise.terminal.errors import UserError
from equipoise.using.new_rows import read_new_rows

ROWS = 60
DAYS = pd.date_range("2019-12-30 13:05", periods=ROWS, freq="31h")
# A column as it may be in a file, and the form by which its words are read.
COLUMNS: dict[str, tuple[Any, str | None]] = {
    "number": (np.arange(ROWS) / 7, None),
    "whole": (np.arange(ROWS), None),
    "gaps": ([None, *np.arange(1.0, ROWS)], None),
    "span": (pd.to_timedelta(np.arange(ROWS), "min"), "duration"),
    "date": (DAYS, "ISO8601 local"),
    "zoned": (DAYS.tz_localize("Europe/Berlin"), "ISO8601 zoned"),
    "category": (["clerk", "nurse", "N/A", " "] * 15, None),
    "flag": ([True, False] * 30, None),
    "digits": ([f"{n / 8}" for n in range(ROWS)], "number ."),
    "money": ([f"${n},000" for n in range(1, ROWS + 1)], "number . $"),
    "share": ([f"{n} %" for n in range(ROWS)], "number . %"),
    "comma": ([f"3,{n}" for n in range(ROWS)], "number ,"),
    "dotted gaps": ([".", "n.a.", *map(str, range(ROWS - 2))], "number ."),
    "iso": (DAYS.strftime("%Y-%m-%dT%H:%M:%SZ"), "ISO8601 zoned"),
    "iso local": (DAYS.strftime("%Y-%m-%dT%H:%M"), "ISO8601 local"),
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


@pytest.mark.parametrize("value", [2307, 23.5, "2307", "7"])
@pytest.mark.parametrize("clock", ["clock", "halves"])
def test_a_number_is_no_time_of_day(value: object, clock: str) -> None:
    """2307 may be 23:07, and was 2307 hours."""
    dataset = make_dataset(pd.DataFrame({clock: COLUMNS[clock][0]}))
    read = read_new_rows(pd.DataFrame({clock: [value]}), dataset.schema)
    assert len(read.features) == 0
    assert "is not a time of day, as the trial's table has them" in read.reasons.iloc[0]


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


@pytest.mark.parametrize(
    "values", [[True, False], pd.to_timedelta([5, 6], "s"), [1j, 2j], pd.to_datetime([5, 6])]
)
def test_what_a_file_says_to_be_something_else_is_no_number(values: Any) -> None:
    """Though one could be made of it, as of True beside a gap none is."""
    schema = make_dataset(pd.DataFrame({"age": np.arange(ROWS) / 7})).schema
    read = read_new_rows(pd.DataFrame({"age": values}), schema)
    assert read.features.empty
    assert read.reasons.str.endswith("is not a number that can be used").all()


ZONED = ["2024-06-01T00:00+02:00", "2024-06-01 12:30:00Z"]
LOCAL = ["2024-06-01", "2024-06-01 12:30:00"]


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("typed_before", [False, True])
@pytest.mark.parametrize(
    ("before", "new", "said"),
    [(ZONED, LOCAL, "says no time zone, and"), (LOCAL, ZONED, "says a time zone, and")],
)
def test_dates_with_a_time_zone_are_not_those_without(
    before: list[str], new: list[str], said: str, *, typed: bool, typed_before: bool
) -> None:
    """In words or in a type; nobody knows of which zone a date is that says none."""

    def make(words: list[str], *, is_typed: bool) -> pd.Series:
        read = pd.to_datetime(pd.Series(words), format="ISO8601", utc=words is ZONED)
        return read if is_typed else pd.Series(words)

    raw = pd.DataFrame({"day": make(before, is_typed=typed_before)}).loc[[0, 1] * 9]
    schema = make_dataset(raw, columns={"day": "date"}).schema
    read = read_new_rows(pd.DataFrame({"day": [*make(before, is_typed=typed)]}), schema)
    assert read.reasons.empty
    read = read_new_rows(pd.DataFrame({"day": make(new, is_typed=typed)}), schema)
    shown = "2024-05-31 22:00:00" if typed and new is ZONED else new[0]
    assert read.reasons.iloc[0].startswith(f"day: '{shown}")
    assert read.reasons.iloc[1].partition("' ")[2].startswith(said)
    odd = read_new_rows(pd.DataFrame({"day": ["31/31/2024"]}), schema)
    assert odd.reasons.tolist() == ["day: '31/31/2024' is not a date"]


@pytest.mark.parametrize("form", ["%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d/%m/%Y"])
def test_dates_in_words_that_name_no_zone_are_not_those_of_a_type_that_does(form: str) -> None:
    """Whatever their form is, and the other way round. A type without a zone means the same."""
    schema = make_dataset(pd.DataFrame({"day": DAYS.strftime(form)})).schema
    assert schema.forms["day"] == form
    assert read_new_rows(pd.DataFrame({"day": DAYS}), schema).reasons.empty
    zoned = pd.DataFrame({"day": DAYS.tz_localize("Europe/Berlin")})
    read = read_new_rows(zoned, schema)
    assert read.features.empty
    assert read.reasons.str.endswith("says a time zone, and the trial's table says none").all()
    zoned_words = pd.DataFrame({"day": zoned["day"].dt.strftime(f"{form} %z")})
    schema = make_dataset(zoned_words).schema
    assert read_new_rows(zoned, schema).reasons.empty
    read = read_new_rows(pd.DataFrame({"day": DAYS}), schema)
    assert read.reasons.str.endswith("says no time zone, and the trial's table says one").all()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_date_of_a_year_that_no_calendar_has_spoils_its_row_alone(zone: str) -> None:
    """Seconds that were milliseconds make such dates."""
    seconds = np.array([0, 10**13, -(10**12)], dtype="datetime64[s]")
    zoned = pd.Series(seconds).dt.tz_localize("UTC").dt.tz_convert(zone)
    for days in (pd.Series(seconds), zoned):
        before = pd.DataFrame({"day": days.iloc[:1].repeat(ROWS).array})
        schema = make_dataset(before).schema
        read = read_new_rows(pd.DataFrame({"day": days}), schema)
        assert read.features.index.tolist() == [0]
        assert read.reasons.str.endswith("is not a date from year 1 to 9999").all()


def test_single_precision_is_kept() -> None:
    """As the model has learned it."""
    raw = pd.DataFrame({"age": np.arange(ROWS) / 7})
    schema = make_dataset(raw).schema
    half = type(schema)(**{**vars(schema), "float32": True})
    assert read_new_rows(raw, half).features["age"].dtype == "float32"


def test_words_for_a_gap_are_those_of_skrub() -> None:
    """Which reads the words of the trial's table."""
    assert set(STR_NA_VALUES) == GAPS_AMONG_WORDS


@pytest.mark.parametrize(
    ("trial", "new", "meant"),
    [
        ("5 %", ["7%", "7", "7 €", "x"], [7, None, None, None]),
        ("5 %", [7.0, 0.07], [None, None]),
        ("$5", ["$7", "7", "7 €", "7%"], [7, 7, None, None]),
        ("5,000", ["7,000", "7%"], [7000, None]),
        ("12:30", ["12:30", "12:30:00", "0:30 pm"], [12.5, 12.5, None]),
        ("12:30:00", ["12:30", "12:30:36"], [12.5, 12.51]),
    ],
)
def test_a_number_with_another_unit_is_another_number(
    trial: str, new: list[object], meant: list[float | None]
) -> None:
    """A time of day is the same without seconds; a share without a sign may mean two things."""
    schema = make_dataset(pd.DataFrame({"x": [trial] * ROWS})).schema
    read = read_new_rows(pd.DataFrame({"x": new}), schema)
    assert read.features["x"].to_dict() == {n: x for n, x in enumerate(meant) if x is not None}
    assert all(read.reasons.str.startswith("x: "))


def test_columns_of_arrow_are_read_as_others() -> None:
    """As pandas has them after `convert_dtypes`, and in a Parquet file that was written so."""
    raw = pd.DataFrame(
        {
            "job": ["clerk", "nurse", None] * 20,
            "age": [*range(59), None],
            "price": [Decimal(n) / 4 for n in range(60)],
            "since": DAYS,
            "member": [True, False, None] * 20,
        }
    )
    arrow = pa.Table.from_pandas(raw).to_pandas(types_mapper=pd.ArrowDtype)
    known, found = make_dataset(raw), make_dataset(arrow)
    assert_frame_equal(found.table, known.table)
    assert found.schema.columns == known.schema.columns
    for rows in (raw, arrow):
        assert_frame_equal(read_new_rows(rows, found.schema).features, found.table[[*raw]])


def test_names_that_are_numbers_are_names_and_none_is_there_twice() -> None:
    raw = pd.DataFrame({0: np.arange(ROWS)})
    schema = make_dataset(raw).schema
    assert read_new_rows(raw, schema).features["0"].tolist() == [*range(ROWS)]
    with pytest.raises(UserError, match="two columns '0'; rename one"):
        read_new_rows(pd.concat([raw, raw], axis=1), schema)


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"])
@pytest.mark.parametrize("word", ["now", "today"])
def test_no_word_is_the_date_of_today(word: str, form: str) -> None:
    """As pandas would have it: a trial would be another one tomorrow."""
    dates = pd.Series(DAYS.strftime(form))
    schema = make_dataset(pd.DataFrame({"since": dates})).schema
    assert schema.columns == {"since": "date"}
    assert len(read_new_rows(pd.DataFrame({"since": [word]}), schema).reasons) == 1
    dates[3] = word
    assert make_dataset(pd.DataFrame({"since": dates})).table["since"].iloc[3] == word
