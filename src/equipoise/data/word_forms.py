"""The form that words have for dates, times of day and numbers: found once, and read by it later.

A form is that of ISO 8601, with a time zone or without, one of `strptime`, `duration`, or `number`
with the sign before decimals and the unit, if there is one: a currency or percent. Words of other
rows are read by it one by one, so that a row means the same whichever rows are beside it.
"""

from collections.abc import Iterator

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from equipoise.data.number_words import DIGITS, list_units, read_numbers_by_sign

ISO = "ISO8601"
# As dates of ISO 8601 are in a table, words or not. What has no form, or that of pandas, was made
# before these two were told apart.
LOCAL, ZONED = f"{ISO} local", f"{ISO} zoned"
# How a time ends that says how far from UTC it is.
ZONE = r"\d[Tt ]\d{2}.*(?:[zZ]|[+-]\d{2}(?::?\d{2})?)\s*$"
YEAR, WITH_DIGITS = r"\s*\d{4}", r".*\d"
NUMBER = "number"
# Not of words: what a file says is a duration, in seconds.
DURATION = "duration"
# As 11:30 PM or 11:30 p.m. ends.
TWELVE_HOURS = r"(?i)^\s*(?P<time>.*\d)\s*(?P<half>[ap])\.?m\.?\s*$"
# Dates of SAS, of Excel in English, and with years of two digits, that nothing else finds the form
# of. Where no day is above 12, the month is taken to be in front, as it is with years of four; but
# nobody writes it so between points.
DATE_FORMS = (
    *("%d%b%Y", "%d%b%y", "%d%b%Y:%H:%M:%S", "%d%b%y:%H:%M:%S", "%d-%b-%y"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y"),
    *("%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"),
)
TIME_FORMS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
# Beside those that skrub would find in words that are all dates.
COMMON_DATE_FORMS = (ISO, *DATE_FORMS, "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d/%m/%Y %H:%M")
FIRST_WORDS, MOSTLY = 50, 0.5
# Before it, skrub finds no date: it says mostly that there is none.
FIRST_FOUND = pd.Timestamp("1000-01-01")
# A time of day means the same with seconds, as workbooks have it, and without.
OTHER_TIMES = {
    "%H:%M": "%H:%M:%S",
    "%H:%M:%S": "%H:%M",
    "%I:%M %p": "%I:%M:%S %p",
    "%I:%M:%S %p": "%I:%M %p",
}


def read_by_form(words: pd.Series, form: str) -> pd.Series:
    """Return words as dates, hours or numbers, with a gap where one has another form.

    >>> read_by_form(pd.Series(["31.12.24", "soon"]), "%d.%m.%y").tolist()
    [Timestamp('2024-12-31 00:00:00'), NaT]
    """
    if form in OTHER_TIMES:
        return count_hours(parse_form(words, form).fillna(parse_form(words, OTHER_TIMES[form])))
    kind, *signs = form.split(" ")
    return read_numbers_by_sign(words, *signs) if kind == NUMBER else parse_form(words, form)


def mark_dates(words: pd.Series) -> pd.Series:
    """Return which words are dates of the common form that most of the first ones have.

    >>> mark_dates(pd.Series(["2024-02-29", "2024-02-30", "2024-03-01"])).tolist()
    [True, False, True]
    """
    first = words.head(FIRST_WORDS)
    none = pd.Series(data=False, index=words.index)
    if first.str.contains(r"\d\D+\d", na=False).mean() < MOSTLY:
        return none
    found = {form: parse_form(first, form).notna().mean() for form in COMMON_DATE_FORMS}
    form = max(found, key=lambda form: found[form])
    if found[form] < MOSTLY:
        return none
    return (parse_form(words, form) >= FIRST_FOUND) & words.str.contains(r"\D", na=False)


def parse_form(words: pd.Series, form: str) -> pd.Series:
    """Return words as dates, of UTC where they say a time zone, with a gap where one is none.

    To pandas, `now` is a date, and -1 the year before 1.

    >>> parse_form(pd.Series(["2024-06-01T00:00+02:00", "2024-06-01"]), ZONED).tolist()
    [Timestamp('2024-05-31 22:00:00'), NaT]
    """
    if form in {LOCAL, ZONED}:
        zoned = words.str.contains(ZONE, na=False)
        return parse_form(words.where(zoned if form == ZONED else ~zoned), ISO)
    words = words.where(words.str.match(YEAR if form == ISO else WITH_DIGITS, na=False))
    if "%p" in form:
        words = words.str.replace(TWELVE_HOURS, r"\g<time> \g<half>m", regex=True)
    times: pd.Series = pd.to_datetime(words, format=form, errors="coerce", utc=True)
    local: pd.Series = times.dt.tz_localize(None)
    return local


def count_hours(times: pd.Series) -> pd.Series:
    """Return the time of day, in hours."""
    hours: pd.Series = (times - times.dt.normalize()).dt.total_seconds() / 3600
    return hours


def find_form(words: pd.Series, column: pd.Series) -> str | None:
    """Return the form by which words become what they were read as; None if no form does."""
    known = words[column.notna().to_numpy()].drop_duplicates()
    if known.empty:
        return None
    meant = column.loc[known.index]
    dates = is_datetime64_any_dtype(column)
    forms = _list_date_forms(known) if dates else _list_number_forms(known)
    for form in forms:
        if _agree(read_by_form(known.head(1), form), meant.head(1)) and _agree(  # mostly tells
            read_by_form(known, form), meant
        ):
            return form
    return None


def _agree(read: pd.Series, meant: pd.Series) -> bool:
    return bool((read == meant).all())


def _list_number_forms(known: pd.Series) -> Iterator[str]:
    units = list_units(known)
    yield from (" ".join([NUMBER, sign, *units]) for sign in DIGITS)
    yield from TIME_FORMS


def _list_date_forms(known: pd.Series) -> Iterator[str]:
    """Give forms that dates may have; the last is guessed from all of them."""
    yield from (LOCAL, ZONED, *DATE_FORMS)
    form = guess_date_form(known)
    if form is not None:
        yield form


def guess_date_form(words: pd.Series) -> str | None:
    """Return the form of dates that skrub finds, with or without AM and PM; None if it has none."""
    from skrub import ToDatetime  # noqa: PLC0415 - 2 s that a table of numbers saves
    from skrub.core import RejectColumn  # noqa: PLC0415 - as above

    parts = words.str.extract(TWELVE_HOURS)
    halves = bool(len(words)) and bool(parts.notna().all(axis=None))
    try:
        form = str(ToDatetime().fit(parts["time"] if halves else words).format_)
    except RejectColumn:
        return None
    return f"{form} %p".replace("%H", "%I") if halves else form
