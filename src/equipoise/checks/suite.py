"""Every check, and what it can look at: the table, its two parts."""

from collections.abc import Callable

import pandas as pd

from equipoise.checks.class_counts import (
    class_in_one_part_only,
    too_few_classes,
    unlabelled_rows,
)
from equipoise.checks.columns import (
    constant_columns,
    empty_columns,
    id_columns,
    infinite_columns,
    mostly_missing_columns,
    numbers_among_text,
)
from equipoise.checks.copies import copied_columns
from equipoise.checks.drift import missing_drift, prevalence_drift
from equipoise.checks.finding import Finding
from equipoise.checks.leaks import leaking_columns
from equipoise.checks.power import detectable_differences
from equipoise.checks.rows import contested_rows, repeated_rows, rows_in_both_parts
from equipoise.checks.values import readable
from equipoise.params.data_params import Data
from equipoise.params.trial_params import Uncertainty

TABLE_CHECKS: tuple[Callable[[pd.DataFrame, Data], list[Finding]], ...] = (
    unlabelled_rows,
    too_few_classes,
    empty_columns,
    constant_columns,
    mostly_missing_columns,
    infinite_columns,
    numbers_among_text,
    id_columns,
    copied_columns,
    repeated_rows,
    contested_rows,
)
PARTS_CHECKS: tuple[Callable[[pd.DataFrame, pd.DataFrame, Uncertainty], list[Finding]], ...] = (
    class_in_one_part_only,
    rows_in_both_parts,
    leaking_columns,
    prevalence_drift,
    missing_drift,
    detectable_differences,
)


def check_table(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Return what features and target together show, whatever their types."""
    prepared = readable(table)
    return [finding for check in TABLE_CHECKS for finding in check(prepared, data)]


def check_parts(train: pd.DataFrame, test: pd.DataFrame, uncertainty: Uncertainty) -> list[Finding]:
    """Return what shows once train and test are told apart."""
    parts = readable(train), readable(test)
    return [finding for check in PARTS_CHECKS for finding in check(*parts, uncertainty)]
