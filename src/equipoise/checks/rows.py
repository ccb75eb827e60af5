"""Rows that are there more than once."""

from collections.abc import Hashable
from dataclasses import replace

import pandas as pd
from pandas.util import hash_pandas_object

from equipoise.checks.finding import Finding
from equipoise.core.tables import TARGET, name_class, split_off_target
from equipoise.params.data_params import Data
from equipoise.params.trial_params import Uncertainty

# What its findings are about.
ROWS = "rows"
# Less than this share of every class is a matter for a note.
WORTH_A_WARNING = 0.01
# Copying rows of one class, however often, does not make different rows so few.
FEW_DIFFERENT = 0.1


def find_repeated_rows(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find rows that repeat an earlier one in everything: label, group and time included."""
    return _make_finding(
        table,
        _hash_rows(table).duplicated(),
        "repeat an earlier row, label included",
        "if they are copies of one case, keep one of them in the file",
    )


def find_contested_rows(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find rows whose features are there with different labels."""
    X, y = split_off_target(table)
    rows = _hash_rows(X)
    labels = pd.DataFrame({"row": rows, "label": y}).drop_duplicates()["row"]
    return _make_finding(
        table,
        rows.isin(labels[labels.duplicated()]),
        "have the same features as a row with another label",
        "no model can tell them apart, so correct the labels or add a column that does",
    )


def find_rows_in_both_parts(
    train: pd.DataFrame, test: pd.DataFrame, _uncertainty: Uncertainty
) -> list[Finding]:
    """Find test rows whose features are those of a train row."""
    features = list(split_off_target(train)[0])
    seen, learned = (
        find_shared_rows(train, test, names) for names in (features, [*features, TARGET])
    )
    findings = _make_finding(
        test,
        seen,
        f"test rows have the same features as a train row ({learned.sum():,} the same label too)",
        "models have seen them, so remove repeats from the file, or split by group",
    )
    return [replace(finding, leak=finding.level == "warning") for finding in findings]


def find_shared_rows(train: pd.DataFrame, test: pd.DataFrame, names: list[Hashable]) -> pd.Series:
    """Return which test rows are in train, as far as these columns tell."""
    return _hash_rows(test[names]).isin(_hash_rows(train[names]))


def _hash_rows(table: pd.DataFrame) -> pd.Series:
    """Return 64 bits for each row, the same for equal rows (and, very rarely, for others)."""
    return hash_pandas_object(table, index=False)


def _make_finding(table: pd.DataFrame, rows: pd.Series, found: str, remedy: str) -> list[Finding]:
    """Return what is said of these rows of the table: a warning where they weigh in a class."""
    if not rows.any():
        return []
    shares = rows.groupby(table[TARGET], dropna=False).mean()
    by_chance = _are_coarse(split_off_target(table)[0])
    message = (
        f"rows: {int(rows.sum()):,} of {len(table):,} {found}, most often in"
        f" {name_class(shares.idxmax(), shares.index)} ({shares.max():.2%} of it); "
        + ("with so few different values some rows are equal by chance" if by_chance else remedy)
    )
    warning = shares.max() >= WORTH_A_WARNING and not by_chance
    return [Finding("warning" if warning else "note", ROWS, message)]


def _are_coarse(X: pd.DataFrame) -> bool:
    """Tell columns in which some rows must be equal, by chance alone.

    Either few rows are different, or the values of those that are would make a pair of rows equal
    if they were drawn for each column on its own.
    """
    different = X[~_hash_rows(X).duplicated()]
    pairs, expected = (max(1, n * (n - 1) / 2) for n in (len(different), len(X)))
    for name in X if len(different) > FEW_DIFFERENT * len(X) else ():
        if expected < 1:  # more columns make it less, and take long
            return False
        counts = different[name].value_counts(dropna=False).to_numpy()
        expected *= float((counts * (counts - 1) / 2).sum()) / pairs
    return expected >= 1
