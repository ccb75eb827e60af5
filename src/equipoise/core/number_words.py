"""Numbers in words: with signs of currency or percent, between thousands, before decimals."""

import re
from collections.abc import Iterable, Mapping
from itertools import takewhile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CURRENCY = r"[$€£¥₹₩₽]|R\$|USD|EUR|GBP|CHF|JPY|INR|kr\.?|zł"
SPACES = " \u00a0\u202f"
# How digits are written, by the sign before decimals; the other one, or a space, parts thousands.
DIGITS: Mapping[str, str] = {
    ".": rf"\d{{1,3}}(?:[,'\u2019{SPACES}]\d{{3}})+(?:\.\d+)?|\d*\.\d+|\d+\.?",
    ",": rf"\d{{1,3}}(?:[.'\u2019{SPACES}]\d{{3}})+(?:,\d+)?|\d*,\d+|\d+",
}
PERCENT = "%"
# With a zero in front, as 00501, digits are a code and no number.
CODE = re.compile(r"\s*0\d")


def read_number_words(words: pd.Series, decimal: str | None = None) -> pd.Series | None:
    """Return words as numbers, or None unless every one of them is a number in one form.

    Known values alone are looked at, and gaps stay gaps. `decimal` is the sign that the file has
    before decimals, if that is known; else the first that suits all words: 1,234 is a thousand and
    3,14 is three. All are of one currency, and all or none are shares in percent, which stay in
    percent. In brackets a number is negative.

    >>> read_number_words(pd.Series(["$1,234.50", "$7"])).tolist()
    [1234.5, 7.0]
    """
    different = words.dropna().drop_duplicates()
    if different.str.match(CODE).any():
        return None
    for sign in (",", ".") if decimal == "," else (".", ","):
        read = (_read_number(word, sign) for word in different)
        numbers = [*takewhile(lambda number: number is not None, read)]  # mostly the first is none
        if 0 < len(numbers) == len(different) and _are_of_one_unit(different):
            return words.map(dict(zip(different, numbers, strict=True))).astype("float64")
    return None


def mark_number_words(words: Iterable[str]) -> NDArray[np.bool_]:
    """Return which words are numbers in the one form that most of them have."""
    known = [*words]
    by_form = [
        np.array([_read_number(word, sign) is not None for word in known], np.bool_)
        for sign in DIGITS
    ]
    return max(by_form, key=np.count_nonzero)


def _read_number(word: str, sign: str) -> float | None:
    found = FORMS[sign].fullmatch(word.strip())
    if found is None or (found["open"] is None) != (found["close"] is None):
        return None
    if (found["before"] and found["after"]) or (found["minus"] and found["inner"]):
        return None
    digits = re.sub(rf"[^\d{re.escape(sign)}]", "", found["digits"]).replace(sign, ".")
    negative = found["open"] or found["inner"] or found["minus"] in {"-", "\u2212"}
    return -float(digits) if negative else float(digits)


def _are_of_one_unit(words: pd.Series) -> bool:
    units = words.str.extract(f"({PERCENT}|{CURRENCY})", expand=False)
    shares = units == PERCENT
    return len(set(units.dropna())) <= 1 and bool(shares.all() or not shares.any())


def _make_form(digits: str) -> re.Pattern[str]:
    unit, space = f"{CURRENCY}|{PERCENT}", f"[{SPACES}]?"
    return re.compile(
        rf"(?P<open>\()?(?P<minus>[-+\u2212])?{space}(?P<before>{CURRENCY})?{space}"
        rf"(?P<inner>[-\u2212])?(?P<digits>{digits}){space}(?P<after>{unit})?(?P<close>\))?"
    )


FORMS: Mapping[str, re.Pattern[str]] = {sign: _make_form(form) for sign, form in DIGITS.items()}
