"""New rows as a model takes them: each value read as its column was, and by itself.

What a row means does not depend on the rows beside it, so any part of a table gives the same scores
as the whole. A row with a value that cannot be what its column is gets a reason, and no score.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import (
    is_bool_dtype,
    is_complex_dtype,
    is_datetime64_any_dtype,
    is_numeric_dtype,
    is_timedelta64_dtype,
)

from equipoise.core.table_schema import Label, TableSchema
from equipoise.core.tables import format_label
from equipoise.data.arrow_types import replace_arrow_types
from equipoise.data.known_gaps import (
    mark_asked_gaps,
    mark_gaps_among_words,
    mark_known_words,
)
from equipoise.data.number_words import PERCENT
from equipoise.data.word_forms import DURATION, ISO, LOCAL, TIME_FORMS, ZONED, read_by_form
from equipoise.data.written_values import (
    DATE,
    LARGEST_NUMBER,
    LARGEST_WHOLE,
    convert_dates,
    make_word,
    remove_zone,
)
from equipoise.terminal.errors import UserError, make_showable

LONGEST_VALUE = 40
NAMES_SHOWN = 5
# What a spreadsheet takes for a formula begins so.
FORMULAS = ("=", "+", "-", "@")
# Nobody knows of which zone a date is that says none, so it cannot stand beside those that do.
OTHER_ZONE = {
    LOCAL: "says a time zone, and the trial's table says none",
    ZONED: "says no time zone, and the trial's table says one",
}
# What a number alone may mean as well: 0.05 and 5 are both 5 %, and 2307 may be 23:07.
TIME = "time"
NEEDED = {
    PERCENT: "is not a number with a percent sign, which the trial's table has",
    TIME: "is not a time of day, as the trial's table has them",
}


@dataclass(frozen=True)
class NewRows:
    """The features of the rows that can be scored, and why each of the others cannot, by index."""

    features: pd.DataFrame
    reasons: pd.Series


@dataclass(frozen=True)
class _Read:
    """A column as it is meant, which values in it cannot be meant so, and what is said of each."""

    meant: pd.Series
    bad: pd.Series
    what: str | pd.Series = ""

    def explain(self, raw: pd.Series) -> pd.Series:
        """Return what is wrong with each bad value, by index."""
        name = f"column {raw.name}" if str(raw.name).startswith(FORMULAS) else raw.name
        shown = remove_zone(raw) if is_datetime64_any_dtype(raw) else raw
        said = pd.Series(self.what, raw.index)[self.bad]
        reasons = [
            f"{name}: {_quote(value)} {what}"
            for value, what in zip(shown[self.bad], said, strict=True)
        ]
        return pd.Series(reasons, said.index, dtype="str")


def check_new_columns(names: Sequence[str], schema: TableSchema) -> None:
    """Raise a `UserError` that names the features which a new table lacks, or has twice."""
    for name in schema.columns:
        if names.count(name) > 1:
            raise UserError(f"the table has two columns {format_label(name)}; rename one")
    missing = [name for name in schema.columns if name not in names]
    if missing:
        shown = ", ".join(map(format_label, missing[:NAMES_SHOWN]))
        more = f" and {len(missing) - NAMES_SHOWN} more" if len(missing) > NAMES_SHOWN else ""
        columns, them = ("column", "it") if len(missing) == 1 else ("columns", "them")
        raise UserError(
            f"the table lacks {columns} {shown}{more}, which the model was fitted on; add {them},"
            " empty where the value is not known"
        )


def read_new_rows(raw: pd.DataFrame, schema: TableSchema, gaps: Collection[Label] = ()) -> NewRows:
    """Return rows as the model takes them; columns that it does not know are left out.

    `gaps` are the values that params call gaps. A `UserError` names columns that are missing.
    """
    names = [*map(str, raw)]
    check_new_columns(names, schema)
    raw = replace_arrow_types(raw.set_axis(names, axis=1)[[*schema.columns]])
    columns: dict[str, pd.Series] = {}
    reasons = pd.Series(index=raw.index, dtype="str")
    for name, kind in schema.columns.items():
        column = raw[name].mask(mark_asked_gaps(raw[name], gaps)) if gaps else raw[name]
        read = READERS[kind](column, schema)
        columns[name] = read.meant
        if read.bad.any():
            reasons = reasons.fillna(read.explain(column).astype("str"))
    known = reasons.isna()
    return NewRows(pd.DataFrame(columns, index=raw.index)[known], reasons[~known])


def _quote(value: object) -> str:
    shown = make_showable(str(value))
    return f"'{shown}'" if len(shown) <= LONGEST_VALUE else f"'{shown[:LONGEST_VALUE]}...'"


def _read_numbers(column: pd.Series, schema: TableSchema) -> _Read:
    numbers = _make_numbers(column, schema)
    values = numbers.to_numpy()
    bad = numbers.isna() & ~_mark_gaps(column)
    # Not a number is neither; what is infinite is beyond.
    bad |= np.abs(values) > LARGEST_NUMBER
    kept = numbers.astype("float32") if schema.float32 else numbers
    what = NEEDED.get(_find_needed(column, schema), "is not a number that can be used")
    return _Read(kept, bad, what)


def _read_whole_numbers(column: pd.Series, schema: TableSchema) -> _Read:
    numbers = _make_numbers(column, schema)
    whole = (numbers == numbers.round()) & (numbers.abs() <= LARGEST_WHOLE)
    bad = ~whole & ~(numbers.isna() & _mark_gaps(column))
    return _Read(
        numbers.mask(bad).astype("Int64"), bad, f"is not a whole number up to {LARGEST_WHOLE}"
    )


def _make_numbers(column: pd.Series, schema: TableSchema) -> pd.Series:
    """Return a column as floats, with a gap where it holds something else."""
    form = schema.forms.get(str(column.name))
    if is_timedelta64_dtype(column) and form == DURATION:
        seconds: pd.Series = column.dt.total_seconds()
        return seconds
    needed = _find_needed(column, schema)
    if _is_typed_otherwise(column) or (is_numeric_dtype(column) and needed):
        return pd.Series(np.nan, index=column.index)
    if is_numeric_dtype(column):
        return column.astype("float64")
    words = _make_words(column)
    numbers: pd.Series = pd.to_numeric(words, errors="coerce").astype("float64")
    if form in {None, DURATION}:
        return numbers
    read = read_by_form(words, form)
    return read if needed else read.fillna(numbers)


def _is_typed_otherwise(column: pd.Series) -> bool:
    """Tell a column that the file says to be no numbers, though some could be made of it."""
    kinds = (is_bool_dtype, is_complex_dtype, is_datetime64_any_dtype, is_timedelta64_dtype)
    return any(is_kind(column) for is_kind in kinds)


def _find_needed(column: pd.Series, schema: TableSchema) -> str:
    """Return how words must be written, if a number alone would not say what is meant."""
    form = schema.forms.get(str(column.name), "")
    if form in TIME_FORMS:
        return TIME
    return PERCENT if form.endswith(PERCENT) else ""


def _read_dates(column: pd.Series, schema: TableSchema) -> _Read:
    form = schema.forms.get(str(column.name), ISO)
    if is_datetime64_any_dtype(column):
        return _read_typed_dates(column, form)
    words = _make_words(column)
    dates = pd.Series(read_by_form(words, form), dtype=DATE)
    bad = dates.isna() & ~_mark_gaps(column)
    if form not in OTHER_ZONE:
        return _Read(dates, bad, "is not a date" + ("" if form == ISO else f" written as {form}"))
    no_date = read_by_form(words, ISO).isna()
    what = pd.Series("is not a date", words.index).where(no_date, OTHER_ZONE[form])
    return _Read(dates, bad, what)


def _read_typed_dates(column: pd.Series, form: str) -> _Read:
    own = ZONED if isinstance(column.dtype, pd.DatetimeTZDtype) else LOCAL
    dates = convert_dates(column)
    if "%" in form:  # of strptime, by which words say a zone only if it has one
        form = ZONED if "%z" in form.casefold() else LOCAL
    if form in OTHER_ZONE and form != own:
        return _Read(dates.mask(dates.notna()), column.notna(), OTHER_ZONE[form])
    return _Read(dates, dates.isna() & column.notna(), "is not a date from year 1 to 9999")


def _read_booleans(column: pd.Series, schema: TableSchema) -> _Read:
    """Return a column of two values; what differs from one in capital letters alone is meant so."""
    both = schema.booleans.get(str(column.name), ())
    meant: Mapping[str, str] = {word.casefold(): word for word in both}
    words = _make_words(column)
    known = words.where(words.isin(both), words.str.casefold().map(meant))
    bad = known.isna() & words.notna()
    return _Read(known.astype("category"), bad, f"is neither {' nor '.join(both)}")


def _read_categories(column: pd.Series, schema: TableSchema) -> _Read:  # noqa: ARG001 - as the others
    return _Read(_make_words(column).astype("category"), _mark_none(column))


def _read_text(column: pd.Series, schema: TableSchema) -> _Read:  # noqa: ARG001 - as the others
    return _Read(_make_words(column), _mark_none(column))


def _make_words(column: pd.Series) -> pd.Series:
    """Return values as they would be written, with a gap for words that stand for one."""
    if isinstance(column.dtype, pd.StringDtype):
        words = column.astype("str")  # of the types of strings, some have gaps that are not equal
    else:
        words = column.map(make_word).astype("str").where(column.notna())
    return words.mask(mark_gaps_among_words(words))


def _mark_gaps(column: pd.Series) -> pd.Series:
    """Return which values among numbers or dates are not known, by a word for that or without."""
    if is_numeric_dtype(column) or is_datetime64_any_dtype(column):
        return column.isna()
    return _make_words(column).isna() | mark_known_words(column)


def _mark_none(column: pd.Series) -> pd.Series:
    return pd.Series(data=False, index=column.index)


READERS: Mapping[str, Callable[[pd.Series, TableSchema], _Read]] = {
    "numeric": _read_numbers,
    "integer": _read_whole_numbers,
    "date": _read_dates,
    "boolean": _read_booleans,
    "category": _read_categories,
    "text": _read_text,
}
