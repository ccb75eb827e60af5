"""Words for a gap: among numbers and dates, and nowhere else unless params say so."""

from typing import Any

import pandas as pd
import pytest

from equipoise.data.column_kinds import convert_columns
from equipoise.data.gap_words import clear_gap_words
from equipoise.params.data_params import FileData

WORDS = (".", "-", "n.a.", "na", "N.A.", "missing", r"\N", "#DIV/0!", "#VALUE!", "?")


def data(**more: Any) -> FileData:
    return FileData.model_validate({"source": "file", "path": "a.csv", "target": "y", **more})


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("values", [["1.5", "2"], [1.5, 2], ["01JAN2024", "13FEB2024"]])
def test_a_word_among_numbers_or_dates_is_a_gap(word: str, values: list[Any]) -> None:
    """The note names the column, the word and how many; all else is as without the word."""
    raw = pd.DataFrame({"c": [word, *values, f" {word}"]})
    found, (note,) = clear_gap_words(raw, data())
    assert note.message == (
        f"column 'c': read as gaps: {word!r} in 2 rows; if they are values, pin it in data.columns"
        " as a category"
    )
    columns, kinds = convert_columns(found, {})
    alone, alone_kinds = convert_columns(pd.DataFrame({"c": values}), {})
    assert kinds == alone_kinds
    assert columns["c"].dropna().tolist() == alone["c"].tolist()


def test_several_words_are_counted_each() -> None:
    """The commonest first."""
    raw = pd.DataFrame({"c": ["1", ".", "-", ".", "n.a."]})
    _, (note,) = clear_gap_words(raw, data())
    assert "'.' in 2 rows, '-' in 1 row, 'n.a.' in 1 row;" in note.message


@pytest.mark.parametrize(
    ("values", "columns"),
    [
        (["a", "-", "b"], {}),
        (["1", "-", "two"], {}),
        (["-", "-", None], {}),
        (["1", "-", "2"], {"c": "category"}),
    ],
)
def test_a_word_among_words_is_a_value(values: list[Any], columns: dict[str, str]) -> None:
    """So it is in a column without a single number, and where params say what the column is."""
    raw = pd.DataFrame({"c": values})
    found, notes = clear_gap_words(raw, data(columns=columns))
    assert (found["c"].isna().sum(), notes) == (raw["c"].isna().sum(), ())


def test_what_params_call_a_gap_is_one_everywhere() -> None:
    """Words in columns of words too, and numbers in those of numbers, however they are stored."""
    raw = pd.DataFrame(
        {
            "words": ["a", "not asked", "b"],
            "numbers": [-999, 1, 2],
            "in words": ["-999", "1", "2"],
            "mixed": ["not asked", "1", "."],
            "category": pd.Categorical(["a", "not asked", None]),
            "days": pd.to_datetime(["2024-01-01"] * 3),
        }
    )
    found, notes = clear_gap_words(raw, data(read={"gaps": [-999, "not asked"]}))
    gaps = {"words": 1, "numbers": 1, "in words": 1, "mixed": 2, "category": 2, "days": 0}
    assert found.isna().sum().to_dict() == gaps
    assert [note.subject for note in notes] == ["mixed"]
