"""Numbers in words: with signs of currency or percent, between thousands, before decimals."""

import re
from collections.abc import Iterable, Mapping
from itertools import takewhile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CURRENCY = r"[A-Z]{0,2}\$|[€£¥₹₩₽]|USD|EUR|GBP|CHF|JPY|INR|kr\.?|zł"
SPACES = " \u00a0\u202f"
# How digits are written, by the sign before decimals; the other one, or a space, parts thousands.
INDIAN = r"\d{1,2}(?:,\d{2})+,\d{3}"  # hundreds of thousands: 1,23,456
DIGITS: Mapping[str, str] = {
    ".": rf"(?:{INDIAN}|\d{{1,3}}(?:[,'\u2019{SPACES}]\d{{3}})+)(?:\.\d+)?|\d*\.\d+|\d+\.?",
    ",": rf"\d{{1,3}}(?:[.'\u2019{SPACES}]\d{{3}})+(?:,\d+)?|\d*,\d+|\d+",
}
PERCENT = "%"
# With a zero in front, as 00501, digits are a code and no number.
CODE = re.compile(r"\s*0\d")
# Of a machine on the internet: 192.168.100.200 is no number with points between thousands.
OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
ADDRESS = re.compile(rf"{OCTET}(?:\.{OCTET}){{3}}")


def is_code(value: object) -> bool:
    """Tell a text that begins as a code does, with a zero in front."""
    return isinstance(value, str) and CODE.match(value) is not None


def read_number_words(words: pd.Series, decimal: str | None = None) -> pd.Series | None:
    """Return words as numbers, or None unless every one of them is a number in one form.

    Known values alone are looked at, and gaps stay gaps. `decimal` is the sign that the file has
    before decimals, if that is known; else the first that suits all words: 1,234 is a thousand and
    3,14 is three. All are of one currency, and all or none are shares in percent, which stay in
    percent. In brackets or with a minus sign behind a number is negative. Words that are all
    addresses of machines are none.

    >>> read_number_words(pd.Series(["$1,234.50", "$7"])).tolist()
    [1234.5, 7.0]
    """
    different = words.dropna().drop_duplicates()
    if different.str.match(CODE).any() or _are_addresses(different):
        return None
    for sign in (",", ".") if decimal == "," else (".", ","):
        read = (_read_number(word, sign) for word in different)
        numbers = [*takewhile(lambda number: number is not None, read)]  # mostly the first is none
        if 0 < len(numbers) == len(different) and _are_of_one_unit(different):
            return words.map(dict(zip(different, numbers, strict=True))).astype("float64")
    return None


def read_numbers_by_sign(words: pd.Series, decimal: str, unit: str | None = None) -> pd.Series:
    """Return words as numbers, word by word, with a gap where one is none or a code.

    What has another unit than this one is none: 5 € is not 5 %. What has no unit is taken to be in
    it, but for percent: 0.05 and 5 may both be meant so.
    """
    different = words.dropna().drop_duplicates()
    units = _extract_units(different)
    plain = different[
        ~different.str.match(CODE) & ((units == unit) | (units.isna() & (unit != PERCENT)))
    ]
    read = (_read_number(word, decimal) for word in plain)
    return words.map(dict(zip(plain, read, strict=True))).astype("float64")


def list_units(words: pd.Series) -> list[str]:
    """Return the different signs of currencies and of percent that numbers in words have."""
    return [*_extract_units(words).dropna().unique()]


def mark_number_words(words: Iterable[str]) -> NDArray[np.bool_]:
    """Return which words are numbers in the one form that most of them have."""
    known = [*words]
    if _are_addresses(known):
        return np.zeros(len(known), np.bool_)
    by_form = [
        np.array([_read_number(word, sign) is not None for word in known], np.bool_)
        for sign in DIGITS
    ]
    return max(by_form, key=np.count_nonzero)


def _read_number(word: str, sign: str) -> float | None:
    found = FORMS[sign].fullmatch(word.strip())
    if found is None or (found["open"] is None) != (found["close"] is None):
        return None
    units = [found[place] for place in ("outside", "before", "after") if found[place]]
    signs = [found[place] for place in ("minus", "inner", "behind") if found[place]]
    if len(units) > 1 or len(signs) > 1:
        return None
    digits = re.sub(rf"[^\d{re.escape(sign)}]", "", found["digits"]).replace(sign, ".")
    negative = found["open"] or signs not in ([], ["+"])
    return -float(digits) if negative else float(digits)


def _are_addresses(words: Iterable[str]) -> bool:
    return all(ADDRESS.fullmatch(word.strip()) for word in words)


def _are_of_one_unit(words: pd.Series) -> bool:
    units = _extract_units(words)
    shares = units == PERCENT
    return len(set(units.dropna())) <= 1 and bool(shares.all() or not shares.any())


def _extract_units(words: pd.Series) -> pd.Series:
    units: pd.Series = words.str.extract(f"({PERCENT}|{CURRENCY})", expand=False)
    return units


def _make_form(digits: str) -> re.Pattern[str]:
    unit, space = f"{CURRENCY}|{PERCENT}", f"[{SPACES}]?"
    return re.compile(
        rf"(?:(?:(?P<outside>{CURRENCY}){space})?(?P<open>\())?"
        rf"(?P<minus>[-+\u2212])?{space}(?P<before>{CURRENCY})?{space}(?P<inner>[-\u2212])?"
        rf"(?P<digits>{digits})(?P<behind>[-\u2212])?{space}(?P<after>{unit})?(?P<close>\))?"
    )


FORMS: Mapping[str, re.Pattern[str]] = {sign: _make_form(form) for sign, form in DIGITS.items()}
