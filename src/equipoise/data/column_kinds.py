"""What each column of a user's table is: pinned in params, or inferred once for all stages.

The kind of a column is told by its type from here on: `float64` is numeric, `Int64` whole
numbers, `category` a category, `datetime64` a date, `str` text. Gaps stay gaps.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from pandas.api.types import (
    infer_dtype,
    is_bool_dtype,
    is_complex_dtype,
    is_datetime64_any_dtype,
    is_float_dtype,
    is_integer_dtype,
    is_numeric_dtype,
    is_timedelta64_dtype,
)

from equipoise.checks.finding import Finding
from equipoise.core.tables import GROUP, format_count, format_label, set_columns
from equipoise.data.number_words import is_code, read_number_words
from equipoise.data.units import find_units
from equipoise.data.word_forms import (
    DATE_FORMS,
    DURATION,
    ISO,
    LOCAL,
    TIME_FORMS,
    TWELVE_HOURS,
    WITH_DIGITS,
    ZONE,
    ZONED,
    find_form,
    guess_date_form,
    parse_form,
    read_by_form,
)
from equipoise.data.written_values import LARGEST_WHOLE, convert_dates, make_word, remove_zone
from equipoise.params.data_params import Kind
from equipoise.terminal.errors import UserError

# So few different words are categories in any table: in a small one they cannot repeat much.
FEW_WORDS = 40
# Above this share of different words among the known ones a word is there less than twice, and what
# is learned of it says nothing of other rows.
MOSTLY_UNIQUE = 0.5
# Names of things (jobs, products, places) rarely have so many words. Sentences are text though some
# of them repeat; what is there ten times on average was chosen from a list.
SENTENCE_WORDS = 6
SENTENCES_UNIQUE = 0.1
# A date in digits has one of them.
YEARS, MONTHS = (1900, 2100), (1, 12)
# As dates of which one cannot tell what is the day, if it is not above 12. Between points it is.
DAY_AND_MONTH = r"^\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b"
# What may be numbers where a column can hold anything; True and False are not meant.
NUMBERS_IN_OBJECTS = frozenset(
    {"string", "integer", "mixed-integer", "floating", "mixed-integer-float", "decimal"}
)


def convert_columns(
    features: pd.DataFrame, pinned: Mapping[str, Kind], decimal: str | None = None
) -> tuple[pd.DataFrame, dict[str, Kind]]:
    """Return features with types that tell their kinds, and the kind of each column.

    A `UserError` names a column that is not what it is pinned to be. Durations are seconds.
    `decimal` is the sign before decimals in the file, where that is known.
    """
    durations = [name for name in map(str, features) if is_timedelta64_dtype(features[name])]
    raw = set_columns(features, {name: features[name].dt.total_seconds() for name in durations})
    readable = _parse_words(raw, decimal)
    kinds = {
        name: pinned.get(name, _find_kind(readable[name], raw[name]))
        for name in map(str, raw.columns)
    }
    columns = {
        name: _convert_to_kind(readable[name], raw[name], kind) for name, kind in kinds.items()
    }
    return pd.DataFrame(columns, index=features.index), kinds


def find_forms(raw: pd.DataFrame, columns: pd.DataFrame) -> dict[str, str]:
    """Return the form of each column of durations and dates, and of what was written in words."""
    forms: dict[str, str] = {}
    for name in map(str, columns):
        if is_timedelta64_dtype(raw[name]):
            forms[name] = DURATION
            continue
        numbers, dates = (
            is_kind(columns[name]) for is_kind in (is_numeric_dtype, is_datetime64_any_dtype)
        )
        if dates and is_datetime64_any_dtype(raw[name]):
            forms[name] = ZONED if isinstance(raw[name].dtype, pd.DatetimeTZDtype) else LOCAL
        elif dates or (numbers and not is_numeric_dtype(raw[name])):
            form = find_form(raw[name].map(make_word).astype("str"), columns[name])
            forms |= {} if form is None else {name: form}
    return forms


def explain_text(known: pd.Series) -> str | None:
    """Return what makes words text, in words; None if they repeat, as categories do."""
    different = known.astype("str").drop_duplicates()
    share = len(different) / max(len(known), 1)
    if len(different) <= FEW_WORDS:
        return None
    if share > MOSTLY_UNIQUE:
        return "mostly unique"
    if share <= SENTENCES_UNIQUE:
        return None
    words = different.map(lambda text: len(text.split())).median()
    return "made of sentences" if words >= SENTENCE_WORDS else None


def make_notes_on_words(
    raw: pd.DataFrame, columns: pd.DataFrame, pinned: Collection[str]
) -> tuple[Finding, ...]:
    """Return what each column of words was taken for, if that may be wrong and is not pinned."""
    free = [name for name in map(str, columns) if name not in pinned]
    several = {name: _warn_of_units(columns[name]) for name in free}
    taken = {
        name: _describe_numbers(raw[name], columns[name]) or _describe_kind(columns[name])
        for name in free
        if several[name] is None
    }
    units = tuple(warning for warning in several.values() if warning is not None)
    return units + tuple(
        Finding("note", name, f"column {format_label(name)}: {what}")
        for name, what in taken.items()
        if what
    )


def warn_of_lost_digits(raw: pd.DataFrame, columns: pd.DataFrame) -> tuple[Finding, ...]:
    """Say in which columns different whole numbers are one number to a model."""
    numbers = (column for _, column in columns.items() if is_float_dtype(column))
    found = [_warn_of_equal(raw[c.name], c) for c in numbers if c.abs().max() > LARGEST_WHOLE]
    return tuple(warning for warning in found if warning is not None)


def _warn_of_equal(raw: pd.Series, column: pd.Series) -> Finding | None:
    words = raw.dropna().map(make_word).astype("str")
    different, left = words.nunique(), column.nunique()
    if different <= left or not words.str.fullmatch(r"-?\d+").all():
        return None
    message = (
        f"column {format_label(column.name)}: a model takes 16 digits of a number, so"
        f" {different:,} different whole numbers are {left:,} to it; if they are codes, pin it in"
        " data.columns as a category, else subtract in the file what they have in common"
    )
    return Finding("warning", str(column.name), message)


def _warn_of_units(column: pd.Series) -> Finding | None:
    """Return that words are numbers with units, which no model can compare."""
    if not isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype):
        return None
    units = find_units(column.dropna().astype("str").drop_duplicates())
    if not units:
        return None
    examples = " and ".join(map(repr, [*units.values()][:2]))
    several = f"in several units ({', '.join(units)})"
    what = several if len(units) > 1 else f"with the unit {next(iter(units))}"
    remedy = "convert them to one unit" if len(units) > 1 else "leave the unit out"
    message = (
        f"column {format_label(column.name)}: numbers {what}, such as {examples}, are read as"
        f" words; {remedy} in the file, or pin it in data.columns"
    )
    return Finding("warning", str(column.name), message)


def _describe_numbers(raw: pd.Series, column: pd.Series) -> str | None:
    """Return that words were read as numbers, and how to say otherwise."""
    if _is_plain(raw) or not is_float_dtype(column) or column.isna().all():
        return None
    first = column.first_valid_index()
    written = str(raw[first])
    what = "times of day, read as hours" if ":" in written else "read as numbers"
    if is_timedelta64_dtype(raw):
        what = "durations, read as seconds"
    return (
        f"{what}: {written!r} is {column[first]:.10g}; if they are codes, pin it in data.columns as"
        " a category"
    )


def _describe_kind(column: pd.Series) -> str | None:
    """Return what a typed column of many words is taken for, and how to say otherwise."""
    known = column.dropna()
    text = isinstance(column.dtype, pd.StringDtype)
    if not text and not isinstance(column.dtype, pd.CategoricalDtype):
        return None
    different = known.nunique()
    if text:
        return (
            f"read as text, {explain_text(known)} ({different:,} different values in"
            f" {len(known):,} rows); if it is a category, pin it in data.columns as one"
        )
    if different <= FEW_WORDS:
        return None
    return f"a category with {different:,} values; if it is text, pin it in data.columns as text"


def parse_dates(column: pd.Series) -> pd.Series:
    """Return a column as dates, of UTC where it says a time zone, and gaps where it has none.

    Words are dates if all of them have one form, or forms of ISO 8601. If some say a time zone and
    others do not, those that do are gaps: nobody knows of which zone the others are.
    """
    if not is_datetime64_any_dtype(column):
        words = column.map(make_word).astype("str")
        column = _parse_words(words.to_frame())[words.name]
    if not is_datetime64_any_dtype(column):
        words = column.map(make_word).astype("str")  # also what was parsed as numbers: years
        zoned = words.str.contains(ZONE, na=False)
        column = parse_form(words, ISO)
        if not zoned[column.notna()].all():
            column = column.mask(zoned)
    return convert_dates(column)


def split_column(column: pd.Series, key: str) -> pd.Series:
    """Return what a split goes by: groups as words, times as dates or numbers."""
    if column.isna().any():
        raise UserError(
            f"{key}: '{column.name}' is empty in"
            f" {format_count(int(column.isna().sum()), 'row')}; fill or drop them"
        )
    if key == GROUP:
        return column.astype(str)
    if infer_dtype(column) == "decimal":
        column = pd.to_numeric(column.astype("str"))
    if is_numeric_dtype(column):
        if np.isinf(column).any():
            raise UserError(f"data.time: '{column.name}' has infinite values; fix or drop them")
        _refuse_months_out_of_order(column)
        exact = is_integer_dtype(column) and column.abs().max() > LARGEST_WHOLE
        return column if exact else column.astype("float64")
    times = parse_dates(column)
    if times.isna().any():
        numbers = _read_numbers(column.map(make_word))
        if numbers.notna().all():
            return split_column(numbers, key)
        raise UserError(
            f"data.time: '{column.name}' holds {column[times.isna()].iloc[0]!r}, which is neither"
            " a number nor a date written like the others; fix it"
        )
    return times


def _refuse_months_out_of_order(column: pd.Series) -> None:
    """Raise if all numbers are dates that do not follow each other as numbers.

    As 31012024, the day or the month first, or 3.2024 do, and 2024.3 beside 2024.12. No date with
    the year first, 20240131 or 2024.03, is one of these too.
    """
    first, what = column.iloc[0], "a date with the year last"
    if (column % 10_000).between(*YEARS).all() and _are_days_of_months(column // 10_000):
        shown = f"{first:.0f}"
    elif _is_year_of(column % 1 * 10_000) and (column // 1).between(*MONTHS).all():
        shown = f"{first:.4f}"
    elif _is_year_of(column // 1) and _are_months_without_zero(column % 1 * 100):
        shown, what = f"{first:.6g}", "a month after its year, with no 0 before"
    else:
        return
    raise UserError(
        f"data.time: '{column.name}' holds {shown}, {what}, which is no number that grows with"
        " time; write dates as 2024-01-31 in the file"
    )


def _is_year_of(numbers: pd.Series) -> bool:
    """Tell whole numbers, but for rounding, that are all years."""
    years = numbers.astype("float64")
    return bool(np.allclose(years, years.round(), rtol=0) and years.round().between(*YEARS).all())


def _are_months_without_zero(hundredths: pd.Series) -> bool:
    """Tell fractions such as .3 and .12 that are months: .1 may be the first or the tenth."""
    digits = hundredths.astype("float64").round(6)
    late = digits.isin([11, 12])
    return bool(late.any() and not late.all() and (late | digits.isin(range(10, 100, 10))).all())


def warn_of_either_way(column: pd.Series, times: pd.Series) -> tuple[Finding, ...]:
    """Return that dates such as 08/12/2023 may all have the day or the month first."""
    if not is_datetime64_any_dtype(times) or is_datetime64_any_dtype(column):
        return ()
    parts = column.map(make_word).astype("str").str.extract(DAY_AND_MONTH).astype("float64")
    if not parts.le(MONTHS[1]).all(axis=None) or (parts[0] == parts[1]).all():
        return ()
    read = "month" if (times.dt.month == parts[0]).all() else "day"
    message = (
        f"data.time: '{column.name}' holds dates such as {column.iloc[0]}, of which all may have"
        f" the day or the month first; the {read} is taken to be; write dates as 2024-01-31 in the"
        " file"
    )
    return (Finding("warning", "data.time", message),)


def warn_of_short_dates(times: pd.Series, name: str) -> tuple[Finding, ...]:
    """Return that times are sorted as numbers which may be dates such as 310124, the year last.

    With the year first, 240131, they do follow each other as numbers.
    """
    if not is_numeric_dtype(times) or (times % 1 != 0).any():
        return ()
    if not (times.between(10_100, 311_299).all() and _are_days_of_months(times // 100)):
        return ()
    message = (
        f"data.time: '{name}' is sorted as a number, such as {times.iloc[0]:.0f}; if it is a date"
        " with the year last, write dates as 2024-01-31 in the file"
    )
    return (Finding("warning", "data.time", message),)


def _are_days_of_months(digits: pd.Series) -> bool:
    """Tell numbers that are all a day and then a month, or all a month and then a day: 3112."""
    first, second = digits // 100, digits % 100
    in_order = (first, second), (second, first)
    return any((day.between(1, 31) & month.between(*MONTHS)).all() for day, month in in_order)


def holds_numbers_or_dates(column: pd.Series, decimal: str | None = None) -> bool:
    """Tell a column of which every known value is a number, or every one a date."""
    name = str(column.name)
    return not column.isna().all() and _is_plain(_parse_words(column.to_frame(name), decimal)[name])


def _parse_words(features: pd.DataFrame, decimal: str | None = None) -> pd.DataFrame:
    """Return features with words for "nothing" as gaps, and dates and numbers in words as such."""
    words = [name for name in features if not _is_clear(features[name], decimal)]
    if not words:
        return features
    from skrub import Cleaner  # noqa: PLC0415 - 2 s that a table of numbers saves

    raw = pd.DataFrame({name: features[name].map(make_word).astype("str") for name in words})
    cleaned = Cleaner(drop_null_fraction=None).fit_transform(raw)
    for name in words:
        known = raw[name][cleaned[name].notna()]
        if is_datetime64_any_dtype(cleaned[name]) and _is_plain(known):  # 1999 is a number
            cleaned[name] = _read_numbers(raw[name])
        elif is_datetime64_any_dtype(cleaned[name]) and not known.str.match(WITH_DIGITS).all():
            cleaned[name] = raw[name].where(cleaned[name].notna())  # `now` is a word
        elif not isinstance(features[name].dtype, pd.CategoricalDtype):
            written = raw[name].where(cleaned[name].notna())
            read = _read_times(written)
            read = read_number_words(written, decimal) if read is None else read
            cleaned[name] = cleaned[name] if read is None else read
    return set_columns(features, cleaned)


def _read_times(words: pd.Series) -> pd.Series | None:
    """Return words as dates, or times of day as hours; None unless all are of one known form."""
    known = words.dropna()
    for form in (*DATE_FORMS, *TIME_FORMS):
        if parse_form(known.head(1), form).isna().any():  # mostly the first tells
            continue
        read = read_by_form(known, form)
        if read.notna().all() and len(read):
            return read.reindex(words.index)
    return _read_clock_words(known, words.index)


def _read_clock_words(known: pd.Series, index: pd.Index) -> pd.Series | None:
    """Return words as dates, or None unless all are of one form, with a time that is AM or PM.

    pandas finds the form of what is before AM or PM, and not of both.
    """
    if not known.head(1).str.match(TWELVE_HOURS).any():  # mostly the first is none
        return None
    form = guess_date_form(known) if known.str.match(TWELVE_HOURS).all() else None
    times = None if form is None else parse_form(known, form)
    return None if times is None or times.isna().any() else times.reindex(index)


def _is_plain(column: pd.Series) -> bool:
    """Tell a column of numbers or dates, or of words that are all numbers."""
    if is_numeric_dtype(column) or is_datetime64_any_dtype(column):
        return True
    if infer_dtype(column) not in NUMBERS_IN_OBJECTS:
        return False
    known = column.dropna()
    if any(isinstance(value, bool) or is_code(value) for value in known):
        return False  # as in a CSV file, where True among numbers is a word
    return bool(_read_numbers(known).notna().all())


def _is_clear(column: pd.Series, decimal: str | None) -> bool:
    """Tell a column that is plain in a file with this decimal sign: 1.234 may be a thousand."""
    if not _is_plain(column):
        return False
    is_typed = is_numeric_dtype(column) or is_datetime64_any_dtype(column)
    return decimal != "," or is_typed or not any("." in str(value) for value in column.dropna())


def _read_numbers(column: pd.Series) -> pd.Series:
    """Return what are numbers; infinite is what has hundreds of digits."""
    try:
        return pd.to_numeric(column, errors="coerce")
    except OverflowError:
        return pd.to_numeric(column.astype("str"), errors="coerce")


def _find_kind(column: pd.Series, raw: pd.Series) -> Kind:
    """Return what a column is: of words, if its type in the file says so."""
    known = column.dropna()
    words = isinstance(raw.dtype, pd.CategoricalDtype)
    if is_bool_dtype(raw):
        return "boolean"
    if known.empty or (_is_plain(column) and not words):
        return "date" if is_datetime64_any_dtype(column) else "numeric"
    if set(known.unique()) <= {"True", "False"}:
        return "boolean"
    return "text" if explain_text(known) else "category"


def _convert_to_kind(column: pd.Series, raw: pd.Series, kind: Kind) -> pd.Series:
    """Return a column, and what it was before it was parsed, as what it is to be."""
    if kind in {"numeric", "integer"}:
        return _convert_to_numbers(column, raw, kind)
    if kind == "date":
        found = parse_dates(column if is_datetime64_any_dtype(column) else raw)
        _check_values(raw, found.isna() & column.notna(), kind, "not a date")
        return found
    words = raw.map(make_word).astype("str").where(column.notna())
    if kind == "boolean":
        two = words.dropna().unique()[:2]
        _check_values(raw, words.notna() & ~words.isin(two), kind, f"neither {' nor '.join(two)}")
    return words if kind == "text" else words.astype("category")


def _convert_to_numbers(column: pd.Series, raw: pd.Series, kind: Kind) -> pd.Series:
    if is_complex_dtype(column):
        raise UserError(f"data.path: column '{raw.name}' has complex numbers; drop it")
    plain = column.astype("str") if is_datetime64_any_dtype(column) else column
    numbers = _read_numbers(plain).astype("float64")
    _check_values(raw, numbers.isna() & column.notna(), kind, "not a number")
    if kind == "numeric":
        return numbers
    whole = (numbers == numbers.round()) & (numbers.abs() <= LARGEST_WHOLE)
    _check_values(raw, numbers.notna() & ~whole, kind, f"not a whole number up to {LARGEST_WHOLE}")
    return numbers.astype("Int64")


def _check_values(raw: pd.Series, bad: pd.Series, kind: Kind, what: str) -> None:
    if bad.any():
        shown = raw[bad]
        if is_datetime64_any_dtype(shown):
            shown = remove_zone(shown).astype("str")
        raise UserError(
            f"data.columns: '{raw.name}' cannot be {kind}: {shown.tolist()[0]!r} is {what}"
            f" ({format_count(int(bad.sum()), 'such value')}); fix them, or pin another kind"
        )
