"""Columns from which little can be learned, or which are not what they seem."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_float_dtype
from pandas.util import hash_pandas_object

from equipoise.checks.finding import Finding
from equipoise.checks.values import Floats, convert_to_numbers, has_few_values, quote_value
from equipoise.core.tables import TWO_CLASSES, format_count, format_label, split_off_target
from equipoise.data.number_words import mark_number_words
from equipoise.data.units import find_units
from equipoise.data.word_forms import mark_dates
from equipoise.data.written_values import LARGEST_WHOLE
from equipoise.params.data_params import Data, FileData

# Above this share of missing values a column is a matter for a warning.
MOSTLY_MISSING = 0.9
# From this share on, a text column's numbers are what was meant.
MOSTLY_NUMBERS = 0.5
WORDS_SHOWN = 3
# From this share of different values on a column numbers its rows. What is measured in whole
# units reaches it too, where there are few rows.
ALMOST_ALL = 0.999
FEWEST_ROWS = 50
# Codes have as many digits each, and at least three; there are many of them, and they repeat.
SMALLEST_CODE, FEW_CODES, MOSTLY_CODES = 100, 20, 0.5
# In a small file codes hardly repeat, and are known by what people call them.
CODE_NAMES = re.compile(r"(?i)zip|plz|postal|post_?code|postleitzahl|fips|(?<![a-z])code(?![a-z])")
YEARS = (1800, 2100)
MANY_COLUMNS = 5_000
# Texts of several words are said by someone; ids are not.
MOSTLY_WORDS = 0.5


def find_many_columns(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Say that so many columns take their time."""
    columns = split_off_target(table)[0].shape[1]
    if columns < MANY_COLUMNS:
        return []
    key = "data.drop" if isinstance(data, FileData) else "data.n_features"
    found = (
        f"{key}: {columns:,} columns are slow: reading them and fitting each arm may take minutes;"
        " leave out those that cannot help"
    )
    return [_make_warning(key, found)]


def find_empty_columns(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find columns without a single value."""
    return [
        _make_warning(name, f"column {format_label(name)}: no row has a value; put it in data.drop")
        for name, column in split_off_target(table)[0].items()
        if column.isna().all()
    ]


def find_constant_columns(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find columns with the same value in every row."""
    return [
        _make_warning(
            name,
            f"column {format_label(name)}: every row has {_quote_only(column)}, so nothing can be"
            " learned from it; put it in data.drop",
        )
        for name, column in split_off_target(table)[0].items()
        if has_few_values(column, 1) and not column.isna().all()
    ]


def _quote_only(column: pd.Series) -> str:
    value = column.iloc[0]
    rounded = is_float_dtype(column) and abs(value) > LARGEST_WHOLE
    return f"{quote_value(value)}{', in 16 digits' if rounded else ''}"


def find_mostly_missing_columns(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find columns with a value in a few rows only."""
    missing = split_off_target(table)[0].isna().mean()
    return [
        _make_warning(
            name,
            f"column {format_label(name)}: {share:.1%} of rows have no value; fill it in the file,"
            " or put it in data.drop",
        )
        for name, share in missing[missing.between(MOSTLY_MISSING, 1, inclusive="left")].items()
    ]


def find_numbers_among_text(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find text that is mostly numbers; what is all numbers may be codes, so it is noted only."""
    findings = []
    for name, column in split_off_target(table)[0].items():
        if convert_to_numbers(column) is not None or column.isna().all():
            continue
        counts = column.astype("str").value_counts()
        if len(find_units(counts.index)) > 1:  # said where they were taken for words
            continue
        is_number = mark_number_words(counts.index)
        share = counts[is_number].sum() / counts.sum()
        if MOSTLY_NUMBERS <= share < 1:
            findings.append(_describe_mixed_column(name, counts, is_number, "numbers"))
        elif share == 1 and not isinstance(column.dtype, pd.CategoricalDtype):
            found = (
                f"column {format_label(name)}: text that is all numbers, such as"
                f" {quote_value(counts.index[0])}; unless they are codes, store them as numbers in"
                " the file"
            )
            findings.append(Finding("note", str(name), found))
    return findings


def find_dates_among_words(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Find columns of words that are mostly dates: a day that no month has makes words of them.

    So do two forms of ISO 8601. What is pinned is in no doubt if all are dates.
    """
    findings = []
    pinned = data.columns if isinstance(data, FileData) else {}
    for name, column in split_off_target(table)[0].items():
        if not isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype):
            continue
        counts = column.astype("str").value_counts()
        is_date = mark_dates(counts.index.to_series()).to_numpy()
        share = counts[is_date].sum() / max(counts.sum(), 1)
        if MOSTLY_NUMBERS <= share < 1:
            findings.append(_describe_mixed_column(name, counts, is_date, "dates"))
        elif share == 1 and name not in pinned:
            found = (
                f"column {format_label(str(name))}: read as words though all values are dates, as"
                " they are written in more than one way or are categories in the file; pin it in"
                " data.columns as a date, or write them alike"
            )
            findings.append(_make_warning(name, found))
    return findings


def find_id_columns(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find columns that seem to number rows: whole numbers or text, (almost) all different.

    A row that is there again, id included, hides no id.
    """
    findings = []
    different_rows = table[~hash_pandas_object(table, index=False).duplicated()]
    for name, column in split_off_target(different_rows)[0].items():
        values = column.dropna()
        if len(values) < FEWEST_ROWS or not _could_be_ids(values):
            continue
        different = values.nunique()
        if different >= ALMOST_ALL * len(values):
            found = (
                f"column {format_label(name)}: looks like an id ({different:,} different values in"
                f" {len(values):,} rows); if it is one, put it in data.drop"
            )
            findings.append(_make_warning(name, found))
    return findings


def find_codes(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Find whole numbers that may be codes, as postal codes are: their order says nothing.

    What is pinned is in no doubt.
    """
    findings = []
    pinned = data.columns if isinstance(data, FileData) else {}
    for name, column in split_off_target(table)[0].drop(columns=[*pinned], errors="ignore").items():
        if not pd.api.types.is_numeric_dtype(column) or has_few_values(column, TWO_CLASSES):
            continue
        numbers = column.dropna().to_numpy("float64")
        different = np.unique(numbers)
        if (different != different.round()).any():
            continue
        if CODE_NAMES.search(str(name)):
            why = "by its name"
        elif _are_of_one_length(different, len(numbers)):
            digits = len(str(int(different[0])))
            why = f"whole numbers of {digits} digits with {len(different):,} values"
        else:
            continue
        found = (
            f"column {format_label(str(name))}: may hold codes ({why}); if so, pin it in"
            " data.columns as a category"
        )
        findings.append(Finding("note", str(name), found))
    return findings


def _are_of_one_length(different: Floats, rows: int) -> bool:
    """Tell many whole numbers of one length that repeat; years have one length too."""
    if not FEW_CODES < len(different) <= MOSTLY_CODES * rows:
        return False
    first, last = int(different[0]), int(different[-1])
    years = YEARS[0] <= first and last <= YEARS[1]
    return first >= SMALLEST_CODE and len(str(first)) == len(str(last)) and not years


def _could_be_ids(values: pd.Series) -> bool:
    """Tell whole numbers, and text that is not prose."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return False
    as_numbers = convert_to_numbers(values)
    if as_numbers is not None:
        return bool((as_numbers == np.floor(as_numbers)).all())
    return bool(values.astype("str").str.contains(" ", regex=False).mean() < MOSTLY_WORDS)


def _describe_mixed_column(
    name: object, counts: pd.Series, is_meant: NDArray[np.bool_], meant: str
) -> Finding:
    """Return that a few values make words of numbers or dates: which, how many, what to do."""
    others = counts[~is_meant]
    shown = ", ".join(
        f"{quote_value(word)} in {format_count(count, 'row')}"
        for word, count in others.head(WORDS_SHOWN).items()
    )
    if len(others) > WORDS_SHOWN:
        shown += f" and {format_count(len(others) - WORDS_SHOWN, 'other word')}"
    if meant == "numbers" and mark_number_words(others.index).all():
        sign = "commas" if others.index.str.contains(",").all() else "points"
        rest = f"look like numbers with decimal {sign}, {shown}: write them like the others"
    else:
        rest = f"are {shown}: correct them, or list them in data.read.gaps if they stand for a gap"
    return _make_warning(
        name,
        f"column {format_label(str(name))}: read as words though"
        f" {counts[is_meant].sum():,} of {counts.sum():,} values are {meant}; the others {rest}",
    )


def _make_warning(name: object, message: str) -> Finding:
    return Finding("warning", str(name), message)
