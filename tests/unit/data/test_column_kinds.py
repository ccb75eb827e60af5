"""What each column of a user's table is taken for, and what is said where it cannot be that."""

import sys
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from equipoise.checks.columns import find_numbers_among_text
from equipoise.data.column_kinds import (
    FEW_WORDS,
    convert_columns,
    make_notes_on_words,
    parse_dates,
    warn_of_lost_digits,
)
from equipoise.data.written_values import DATE
from equipoise.params.data_params import FileData, Kind
from equipoise.storage.files.formats import read_frame, write_frame
from equipoise.terminal.errors import UserError

TYPES: dict[Kind, str] = {
    "numeric": "float64",
    "integer": "Int64",
    "boolean": "category",
    "category": "category",
    "date": DATE,
    "text": "str",
}
NOTHING = ("?", "", "NA", "N/A", "null", "None", "nan", None)
DAY, NEXT_DAY = pd.Timestamp("2020-01-05"), pd.Timestamp("2020-02-13")
HOURS = ["2020-03-28T10:00+01:00", "2020-03-30T10:00+02:00"]


def column(values: Any, **pinned: Kind) -> tuple[pd.Series, Kind]:
    """Return a single column as it is typed, and its kind."""
    frame, kinds = convert_columns(pd.DataFrame({"c": values}), pinned)
    return frame["c"], kinds["c"]


def refuse(values: Any, kind: Kind) -> str:
    """Return what is said of a column that cannot be what it is pinned to be."""
    with pytest.raises(UserError) as refused:
        column(values, c=kind)
    return str(refused.value)


def known(values: pd.Series) -> list[Any]:
    """Return values with gaps as None."""
    return [None if pd.isna(value) else value for value in values]


FOUND: dict[str, tuple[Any, Kind, list[Any]]] = {
    "floats": ([0.5, None, 2], "numeric", [0.5, None, 2.0]),
    "whole": ([3, 1], "numeric", [3.0, 1.0]),
    "nullable": (pd.array([3, None], dtype="Int64"), "numeric", [3.0, None]),
    "decimals": ([Decimal("1.5"), None], "numeric", [1.5, None]),
    "years": (["1999", "2003"], "numeric", [1999.0, 2003.0]),
    "years-gap": (["1999", "?"], "numeric", [1999.0, None]),
    "eight-digits-gap": (["20200105", ""], "numeric", [20200105.0, None]),
    "duration": (pd.to_timedelta([1, None], unit="D"), "numeric", [86400.0, None]),
    "booleans": ([True, False], "boolean", ["True", "False"]),
    "booleans-gap": ([True, None, False], "boolean", ["True", None, "False"]),
    "nullable-booleans": (
        pd.array([True, None], dtype="boolean"),
        "boolean",
        ["True", None],
    ),
    "booleans-in-words": (["True", "?", "False"], "boolean", ["True", None, "False"]),
    "words": (["a", "b", "?"], "category", ["a", "b", None]),
    "constant": (["a", "a"], "category", ["a", "a"]),
    "mixed": ([1, "a", 2.5, 2.0], "category", ["1", "a", "2.5", "2"]),
    "declared": (pd.Categorical([1, 2, None]), "category", ["1", "2", None]),
    "declared-dates": (pd.Categorical(["2020-01-05"]), "category", ["2020-01-05"]),
    "lists": ([[1, 2], [3]], "category", ["[1, 2]", "[3]"]),
    "no-date-among-dates": (
        ["2020-01-05", "soon"],
        "category",
        ["2020-01-05", "soon"],
    ),
    "dates": ([DAY, None], "date", [DAY, None]),
    "dates-in-words": (["2020-01-05", "?"], "date", [DAY, None]),
    "date-objects": ([date(2020, 1, 5), None], "date", [DAY, None]),
    "days-first": (["05.01.2020", "13.02.2020"], "date", [DAY, NEXT_DAY]),
    "months-first": (["01/05/2020", "02/13/2020"], "date", [DAY, NEXT_DAY]),
    "hours-of-twelve": (
        ["01/05/2020 12:30 AM", "2/13/2020 11:05 p.m.", "?"],
        "date",
        [pd.Timestamp("2020-01-05 00:30"), pd.Timestamp("2020-02-13 23:05"), None],
    ),
    "dates-of-SAS": (["05JAN2020", "?", "13feb2020"], "date", [DAY, None, NEXT_DAY]),
    "times-of-SAS": (
        ["05JAN2020:00:00:00", "13FEB2020:12:30:00"],
        "date",
        [DAY, NEXT_DAY + pd.Timedelta("12h30min")],
    ),
    "short-times-of-SAS": (["05JAN20:00:00:00"], "date", [DAY]),
    "dates-of-Excel": (["5-Jan-20", "13-Feb-20"], "date", [DAY, NEXT_DAY]),
    "years-of-two-digits": (["01/05/20", "?", "02/13/20"], "date", [DAY, None, NEXT_DAY]),
    "days-and-points": (["05.01.20", "?", "13.02.20"], "date", [DAY, None, NEXT_DAY]),
    "days-in-front": (["05/01/20", "13/02/20"], "date", [DAY, NEXT_DAY]),
    "times-of-day": (["9:30", "?", "23:15"], "numeric", [9.5, None, 23.25]),
    "times-of-day-with-seconds": (["00:00:36", "23:00:00"], "numeric", [0.01, 23.0]),
    "times-of-day-of-twelve-hours": (["11:30 PM", "12:15 a.m."], "numeric", [23.5, 0.25]),
    "times-of-day-of-a-workbook": ([time(9, 30), None], "numeric", [9.5, None]),
    "no-time-of-day": (["9:30", "75:00"], "category", ["9:30", "75:00"]),
    "months": (["2020-01", "2020-02"], "date", list(pd.to_datetime(["2020-01", "2020-02"]))),
    "time-zone": (
        pd.to_datetime(HOURS[:1]),
        "date",
        [pd.Timestamp("2020-03-28 09:00")],
    ),
    "time-zones-in-words": (
        HOURS,
        "date",
        [pd.Timestamp("2020-03-28 09:00"), pd.Timestamp("2020-03-30 08:00")],
    ),
    "all-missing": ([np.nan, np.nan], "numeric", [None, None]),
    "all-missing-words": (["?", None], "numeric", [None, None]),
    "all-missing-declared": (pd.Categorical([None, None]), "numeric", [None, None]),
}


@pytest.mark.parametrize(("values", "kind", "expected"), FOUND.values(), ids=FOUND)
def test_a_column_is_taken_for_what_it_holds(values: Any, kind: Kind, expected: list[Any]) -> None:
    """Words for "nothing" are gaps, numbers in words are numbers and no dates; the type tells."""
    found, told = column(values)
    assert (told, str(found.dtype)) == (kind, TYPES[kind])
    assert known(found) == expected


ROWS = 3_000
TITLES = [
    f"{grade} {trade} {n}" for grade in ("junior", "senior") for trade in "ab" for n in range(50)
]
REMARKS = [f"what number {n} said to me was this" for n in range(ROWS)]
WORDS: dict[str, tuple[list[str], Kind, str]] = {
    "few": ([f"w{n}" for n in range(FEW_WORDS)], "category", ""),
    "few-and-all-different": (
        [f"remark number {n} of this table" for n in range(9)],
        "category",
        "",
    ),
    "states": ([f"s{n % 51}" for n in range(ROWS)], "category", "a category with 51 values; if"),
    "states-of-few-rows": ([f"s{n % 51}" for n in range(110)], "category", "a category with 51"),
    "codes": ([f"{n % 900:03}xx" for n in range(ROWS)], "category", "a category with 900 values"),
    "jobs": ([TITLES[n % 200] for n in range(ROWS)], "category", "a category with 200 values"),
    "said-from-a-list": ([REMARKS[n % 60] for n in range(ROWS)], "category", "a category with 60"),
    "names-of-few": ([f"s{n}" for n in range(60)], "text", "read as text, mostly unique (60"),
    "ids": ([f"{n * 2_654_435_761 % 2**32:08x}!" for n in range(ROWS)], "text", "mostly unique"),
    "remarks": (REMARKS, "text", "mostly unique (3,000 different values in 3,000 rows)"),
    "remarks-that-repeat": (
        [REMARKS[n % 900] for n in range(ROWS)],
        "text",
        "read as text, made of sentences (900 different values in 3,000 rows); if it is a",
    ),
}


@pytest.mark.parametrize(("words", "kind", "said"), WORDS.values(), ids=WORDS)
def test_words_that_repeat_are_categories_however_many(
    words: list[str], kind: Kind, said: str
) -> None:
    """Text is mostly unique or made of sentences; what is not obvious is said, unless pinned."""
    frame, kinds = convert_columns(pd.DataFrame({"c": [*words, "?"]}), {})
    assert (kinds["c"], int(frame["c"].isna().sum())) == (kind, 1)
    notes = make_notes_on_words(frame, frame, ())
    assert [said in note.message for note in notes] == ([True] if said else [])
    assert all(str(note).startswith("note: column 'c': ") for note in notes)
    assert make_notes_on_words(frame, frame, {"c"}) == ()


UNITS = {
    "weights": (["5 kg", "300 g", "7 KG"], "in several units (kg, g), such as '5 kg' and '300 g'"),
    "currencies": (
        ["12 USD", "$3", None, "5 USD"],
        "in several units (USD, $)",
    ),
    "one, spelt in two ways": (["1 year", "2.5 years"], "with the unit year, such as"),
    "codes": (["12A", "12B", "1st", "2nd"], None),
    "one": (["5 kg", "7 kg"], "with the unit kg, such as '5 kg'"),
}


@pytest.mark.parametrize(("words", "said"), UNITS.values(), ids=UNITS)
@pytest.mark.parametrize("rows", [5, 100])
def test_numbers_with_units_are_words_and_warned_of_once(
    words: list[str | None], said: str | None, rows: int
) -> None:
    """Taken for a category or for text; no check says it again, and none if it is pinned."""
    more = [f"{n}{str(words[0]).lstrip('0123456789')}" for n in range(10, rows)]
    raw = pd.DataFrame({"c": words + more, "d": 1})
    frame, kinds = convert_columns(raw, {})
    assert kinds["c"] == ("text" if rows > FEW_WORDS else "category")
    data = FileData(source="file", path="a.csv", target="target")
    notes = make_notes_on_words(raw, frame, ())
    found = [*notes, *find_numbers_among_text(frame.assign(target=0), data)]
    if said is None:
        assert not any("unit" in finding.message for finding in found)
    else:
        (warning,) = found
        assert warning.level == "warning"
        assert f"column 'c': numbers {said}" in warning.message
        assert "read as words" in warning.message
    assert make_notes_on_words(raw, frame, {"c", "d"}) == ()


@settings(max_examples=30, deadline=None)
@given(
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8),
    gaps=st.lists(st.sampled_from(NOTHING), max_size=3),
)
def test_numbers_in_words_are_those_numbers(numbers: list[float], gaps: list[str | None]) -> None:
    """To the last bit, whatever else in the column says that there is nothing."""
    found, kind = column([*map(repr, numbers), *gaps])
    assert kind == "numeric"
    assert found.head(len(numbers)).tolist() == numbers
    assert found.tail(len(gaps)).isna().all()


@settings(max_examples=30, deadline=None)
@given(
    days=st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=1, max_size=8),
    gaps=st.lists(st.sampled_from(NOTHING), max_size=3),
    form=st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S"]),
)
def test_dates_in_words_are_those_dates(
    days: list[date], gaps: list[str | None], form: str
) -> None:
    """The year stands first, so that there is nothing to guess."""
    words = [datetime.combine(day, datetime.min.time()).strftime(form) for day in days]
    found, kind = column([*words, *gaps])
    assert kind == "date"
    assert known(found) == [*map(pd.Timestamp, days), *(None for _ in gaps)]


PINNED: dict[str, tuple[Any, Kind, list[Any]]] = {
    "gap-in-whole": ([3, None, 7], "integer", [3, None, 7]),
    "whole-in-words": (["3", "?"], "integer", [3, None]),
    "flags": ([0.0, None, 1.0], "boolean", ["0", None, "1"]),
    "codes": ([1.0, None, 2.0], "category", ["1", None, "2"]),
    "days-as-words": (["2020-01-05", "?"], "category", ["2020-01-05", None]),
    "few-texts": (["a b", "a b", "?"], "text", ["a b", "a b", None]),
    "numbers-as-text": ([1.5, None], "text", ["1.5", None]),
    "years": ([1999.0, None], "date", [pd.Timestamp("1999-01-01"), None]),
    "eight-digits": ([20200105, 20200213], "date", [DAY, NEXT_DAY]),
    "more-or-less-exact": (
        ["2020-01-05", "2020-02-13 00:00:00.0"],
        "date",
        [DAY, NEXT_DAY],
    ),
    "declared-words": (pd.Categorical(["1", "2"]), "numeric", [1.0, 2.0]),
    "far": (["9999-12-31", "2020-01-05"], "date", [pd.Timestamp("9999-12-31"), DAY]),
}


@pytest.mark.parametrize(("values", "kind", "expected"), PINNED.values(), ids=PINNED)
def test_a_pinned_column_is_what_it_is_pinned_to_be(
    values: Any, kind: Kind, expected: list[Any]
) -> None:
    """Also where it looks like something else; 1.0 is how a column with gaps has 1."""
    found, told = column(values, c=kind)
    assert (told, str(found.dtype)) == (kind, TYPES[kind])
    assert known(found) == expected


WRONG: dict[str, tuple[Any, Kind, str]] = {
    "words": (["1", "x", "y"], "numeric", "'x' is not a number (2 such values)"),
    "dates": (["2020-01-05"], "numeric", "'2020-01-05' is not a number (1 such value)"),
    "typed-dates": ([DAY], "integer", "'2020-01-05' is not a number (1 such value)"),
    "parts": ([1, 1.5], "integer", "1.5 is not a whole number up to 9007199254740991 (1"),
    "infinite": ([1, np.inf], "integer", "inf is not a whole number"),
    "too-large": ([1, 2**53 + 1], "integer", "9007199254740993 is not a whole number"),
    "no-dates": (["2020-01-05", "soon"], "date", "'soon' is not a date (1 such value)"),
    "three": (["no", "yes", "maybe"], "boolean", "'maybe' is neither no nor yes (1 such"),
}


@pytest.mark.parametrize(("values", "kind", "said"), WRONG.values(), ids=WRONG)
def test_a_column_that_is_not_what_it_is_pinned_to_be_is_refused(
    values: Any, kind: Kind, said: str
) -> None:
    """One line with the column, how many values are wrong, the first, and what to do."""
    message = refuse(values, kind)
    assert message.startswith(f"data.columns: 'c' cannot be {kind}: ")
    assert said in message
    assert message.endswith("; fix them, or pin another kind")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("kind", [None, "numeric"])
def test_complex_numbers_are_refused(kind: Kind | None) -> None:
    """No model takes them, and no number comes near."""
    with pytest.raises(UserError, match=r"data\.path: column 'c' has complex numbers; drop"):
        column([1j, 2j], **({} if kind is None else {"c": kind}))


def every_kind() -> tuple[pd.DataFrame, dict[str, Kind]]:
    """Return a raw column of each kind with a gap, and pinned ones without a value."""
    raw: dict[str, Any] = {
        "numeric": [1.5, None, 2.0],
        "integer": [1, None, 2],
        "boolean": [True, None, False],
        "category": ["b", None, "a"],
        "date": ["2020-01-05", None, "2020-02-13"],
        "text": ["one", None, "two"],
    }
    empty = {f"empty_{kind}": [None] * 3 for kind in TYPES}
    pinned = {name: name for name in TYPES} | {f"empty_{kind}": kind for kind in TYPES}
    return pd.DataFrame(raw | empty), pinned


def test_a_kind_survives_parquet(tmp_path: Path) -> None:
    """Stages after the first know a column by its type, gaps and columns of gaps included."""
    raw, pinned = every_kind()
    frame, kinds = convert_columns(raw, pinned)
    assert kinds == pinned
    write_frame(frame, tmp_path / "table.parquet")
    found = read_frame(tmp_path / "table.parquet")
    for name in ("empty_boolean", "empty_category"):  # of labels that are not there, any type
        assert isinstance(found.pop(name).dtype, pd.CategoricalDtype)
    assert_frame_equal(frame[list(found)], found)


def test_what_has_been_typed_is_taken_for_the_same_again() -> None:
    """Kinds that were inferred are no accident of how the file was written."""
    raw = every_kind()[0][["numeric", "boolean", "category", "date"]]
    frame, kinds = convert_columns(raw, {})
    again, kinds_again = convert_columns(frame, {})
    assert_frame_equal(frame, again)
    assert kinds == kinds_again


def test_rows_and_columns_keep_their_order_and_the_table_is_left_as_it_was() -> None:
    """Nothing is lost, moved or renumbered."""
    raw, pinned = every_kind()
    raw = raw.set_index(pd.Index([7, 3, 5]))
    frame, _ = convert_columns(raw, pinned)
    assert (list(frame), frame.index.tolist()) == (list(raw), [7, 3, 5])
    assert_frame_equal(raw, every_kind()[0].set_index(pd.Index([7, 3, 5])))


def test_a_table_of_numbers_pays_for_no_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds that a table without words can do without."""
    monkeypatch.setitem(sys.modules, "skrub", None)
    _, kinds = convert_columns(
        pd.DataFrame({"age": [1.5, None], "visits": [1, 2], "flag": [True, False]}), {}
    )
    assert kinds == {"age": "numeric", "visits": "numeric", "flag": "boolean"}


SAME_TIMES: dict[str, Callable[[pd.Series], Any]] = {
    "words": lambda times: times.astype(str),
    "objects": lambda times: times.dt.date,
    "digits": lambda times: times.dt.strftime("%Y%m%d").astype(int),
    "time-zone": lambda times: times.dt.tz_localize("UTC"),
    "days-first": lambda times: times.dt.strftime("%d/%m/%Y"),
}


@pytest.mark.parametrize("form", SAME_TIMES)
def test_dates_are_the_same_however_they_are_written(form: str) -> None:
    """In UTC and without a time zone; the order of days follows from all of them."""
    times = pd.Series(pd.date_range("2020-01-05", periods=40), dtype=DATE, name="when")
    assert_series_equal(parse_dates(SAME_TIMES[form](times)), times, check_freq=False)


@pytest.mark.parametrize("zone", ["Z", "+02:00", "-0330", " +01"])
def test_dates_with_a_zone_are_none_beside_others_without(zone: str) -> None:
    """Nobody knows of which zone the others are; a day ends as an offset does."""
    words = ["2020-01-05", f"2020-01-05T12:30:00{zone}", "2020-01-05 00:00:00"]
    assert known(parse_dates(pd.Series(words, name="when"))) == [DAY, None, DAY]


def test_what_is_no_date_is_a_gap() -> None:
    """So that who asks can name it."""
    found = parse_dates(pd.Series(["2020-01-05", "soon", None], name="when"))
    assert known(found) == [DAY, None, None]


@pytest.mark.parametrize("as_read", ["int64", "str", "object"])
def test_whole_numbers_that_become_equal_are_named(
    as_read: Literal["int64", "str", "object"],
) -> None:
    """A float has 53 bits: neighbours above are one number, and multiples of 2^12 are not."""
    rows = np.arange(100)
    raw = pd.DataFrame({"next": 2**62 + rows, "far": 2**62 + rows * 2**12, "small": rows})
    raw = pd.DataFrame({name: raw[name].astype(as_read) for name in raw})
    columns, _ = convert_columns(raw, dict.fromkeys(map(str, raw), "numeric"))
    (found,) = warn_of_lost_digits(raw, columns)
    assert found.subject == "next"
    assert "so 100 different whole numbers are 1 to it" in found.message
