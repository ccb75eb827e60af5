"""Columns that say what another one says already."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.checks.finding import Finding
from equipoise.checks.values import Floats, convert_to_numbers, has_few_values
from equipoise.core.tables import format_label, split_off_target
from equipoise.params.data_params import Data

# |correlation| above this is a copy, or the same in another unit.
SAME = 0.9999
# It must not be a few far values that make it so: ranks agree as well.
SAME_RANKS = 0.99
# Fewer rows, or a smaller share, in which both have a value say nothing.
FEWEST_ROWS, SMALLEST_SHARE = 30, 0.1
# Pairs are first looked for in rows spread evenly over the table, at most so many products of
# values in all and at least so many rows; those found must hold in all rows.
MOST_PRODUCTS, FEWEST_SPREAD = 20_000_000, 1_000
MOST_VALUES, ROWS_OF_A_VALUE = 100, 3
COLUMNS_AT_A_TIME = 500

# A column, and which earlier one it copies.
Copies = dict[str, str]


def find_copied_columns(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Find columns that are near-copies of an earlier one: numbers, or values one to one."""
    X, _ = split_off_target(table)
    synthetic = data.source == "synthetic"
    drop = "put one of them in data.drop"
    remedy = "lower data.n_repeated or data.n_redundant" if synthetic else drop
    how = {
        name: f"has the same information as {format_label(first)}, value for value"
        for name, first in _find_same_values(X).items()
    }
    for name, first in _find_same_numbers(X).items():
        how[name] = (
            f"has the same information as {format_label(first)}, perhaps in other units"
            f" (correlation above {SAME})"
        )
    return [
        Finding("warning", name, f"column {format_label(name)}: {how[name]}; {remedy}")
        for name in map(str, X)
        if name in how
    ]


def _find_same_numbers(X: pd.DataFrame) -> Copies:
    """Return columns that are linear functions of an earlier one."""
    found = {str(name): convert_to_numbers(column) for name, column in X.items()}
    finite = {
        name: pd.Series(np.where(np.isinf(values), np.nan, values))
        for name, values in found.items()
        if values is not None
    }
    names, alike, copies = list(finite), _find_alike_pairs(pd.DataFrame(finite)), {}
    for position, name in enumerate(names):
        earlier = (names[first] for first in np.flatnonzero(alike[:position, position]))
        first = next((e for e in earlier if _are_alike_in_all_rows(finite[e], finite[name])), None)
        if first is not None:
            copies[name] = first
    return copies


def _find_alike_pairs(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which pairs of columns correlate as copies do."""
    most = max(FEWEST_SPREAD, MOST_PRODUCTS // max(1, table.shape[1] ** 2))
    spread = np.linspace(0, len(table) - 1, num=min(most, len(table)), dtype=np.int64)
    rows = table.iloc[spread]
    if len(rows) >= FEWEST_ROWS and rows.notna().all(axis=None):
        return _find_alike_complete(rows.to_numpy("float64"))
    correlations = rows.corr(min_periods=max(FEWEST_ROWS, int(SMALLEST_SHARE * len(rows))))
    alike: NDArray[np.bool_] = np.abs(correlations.to_numpy()) > SAME
    return alike


def _find_alike_complete(values: Floats) -> NDArray[np.bool_]:
    """Return the same for columns without gaps: by matrix products, of some columns at a time."""
    centred = values - values.mean(axis=0)
    lengths = np.sqrt((centred**2).sum(axis=0))
    unit = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    width = unit.shape[1]
    alike = np.empty((width, width), dtype=np.bool_)
    for start in range(0, width, COLUMNS_AT_A_TIME):
        own = slice(start, start + COLUMNS_AT_A_TIME)
        alike[own] = np.abs(unit[:, own].T @ unit) > SAME
    return alike


def _are_alike_in_all_rows(first: pd.Series, second: pd.Series) -> bool:
    return abs(first.corr(second)) > SAME and abs(first.rank().corr(second.rank())) > SAME_RANKS


def _find_same_values(X: pd.DataFrame) -> Copies:
    """Return columns of few values that go one to one with those of an earlier one.

    Where hardly any value comes twice, any two columns do.
    """
    copies, known = {}, dict[bytes, str]()
    most = min(MOST_VALUES, len(X) // ROWS_OF_A_VALUE)
    few = [n for n in X if has_few_values(X[n], most) and not has_few_values(X[n], 1)]
    for name in few if len(X) >= FEWEST_ROWS else []:
        first = known.setdefault(pd.factorize(X[name])[0].tobytes(), str(name))
        if first != name:
            copies[str(name)] = first
    return copies
