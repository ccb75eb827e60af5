"""Numbers in words, as they are written in different places."""

import math

import pandas as pd
import pytest

from equipoise.data.number_words import mark_number_words, read_number_words

READ = {
    "dollars": (["$1,234.50", "-$7", "($3.25)"], [1234.5, -7, -3.25]),
    "euros": (["€ 1.234,50", "€ -7", "€ 3"], [1234.5, -7, 3]),
    "a code after": (["1 234,5 kr", "7 kr"], [1234.5, 7]),
    "percent": (["12.3%", "5 %", "-1%"], [12.3, 5, -1]),
    "decimal commas": (["3,14", "1,234", "7"], [3.14, 1.234, 7]),
    "thousands": (["1,234", "999", "1,234,567"], [1234, 999, 1234567]),
    "points in thousands": (["1.234.567", "2,5"], [1234567, 2.5]),
    "Switzerland": (["1\u2019234.50", "1'000"], [1234.5, 1000]),
    "accounts": (["$(1,234.50)", "$ 5.00-", "$3"], [-1234.5, -5, 3]),
    "accounts without a unit": (["(1,234.50)", "7-", "3"], [-1234.5, -7, 3]),
    "India": (["\u20b91,23,456.00", "\u20b912,34,567", "\u20b9999"], [123456, 1234567, 999]),
    "a country's dollars": (["US$5", "-US$7.50"], [5, -7.5]),
    "points in billions": (["1.234.567.890", "1.100.200.100"], [1234567890, 1100200100]),
    "a minus sign": (["\u22125", "6.5"], [-5, 6.5]),
}


@pytest.mark.parametrize("name", READ)
def test_words_of_one_form_are_numbers(name: str) -> None:
    """Gaps stay gaps."""
    words, numbers = READ[name]
    read = read_number_words(pd.Series([*words, None]))
    assert read is not None
    assert read.tolist()[:-1] == pytest.approx(numbers)
    assert math.isnan(read.iloc[-1])


@pytest.mark.parametrize(
    "words",
    [
        *(["$5", "€6"], ["12.3%", "5"], ["1", "a"], ["12.05.2020"], ["1.2.3"], ["(5"]),
        *(["$5%"], ["1,23,4"], ["1.5", "2,5"], [None]),
        *(["192.168.100.200", "192.168.101.201"], ["-5-"], ["$5 EUR"], ["US$5", "$5"], ["$-(5)"]),
    ],
)
def test_other_words_are_none(words: list[str | None]) -> None:
    """Two currencies, shares among numbers, dates, addresses, commas beside points."""
    assert read_number_words(pd.Series(words, dtype="str")) is None


def test_a_known_sign_before_decimals_goes_first() -> None:
    """The same word is a thousand in one file and one in another."""
    words = pd.Series(["€1,234"])
    assert [float(read_number_words(words, sign).iloc[0]) for sign in (".", ",", None)] == [  # type: ignore[union-attr]
        *(1234.0, 1.234, 1234.0)
    ]


def test_words_among_numbers_are_told() -> None:
    """By the form that most have: a decimal comma among points is none."""
    words = ["3.14", "2.5", "3,14", "ten", "$1,000.5", ""]
    assert mark_number_words(words).tolist() == [True, True, False, False, True, False]
