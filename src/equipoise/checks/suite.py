"""Every check, and what it can look at: the table, its two parts."""

from collections.abc import Callable

import pandas as pd

from equipoise.checks.class_counts import find_common_positives, find_few_rows, find_small_sample
from equipoise.checks.columns import (
    find_codes,
    find_constant_columns,
    find_dates_among_words,
    find_empty_columns,
    find_id_columns,
    find_many_columns,
    find_mostly_missing_columns,
    find_numbers_among_text,
)
from equipoise.checks.copies import find_copied_columns
from equipoise.checks.drift import find_missing_drift, find_prevalence_drift
from equipoise.checks.finding import Finding
from equipoise.checks.kept_share import find_other_share
from equipoise.checks.leaks import find_leaking_columns
from equipoise.checks.power import find_detectable_differences
from equipoise.checks.rows import find_contested_rows, find_repeated_rows, find_rows_in_both_parts
from equipoise.checks.spelling import find_values_alike
from equipoise.checks.values import make_readable
from equipoise.core.few_rows import NO_TEST_PART
from equipoise.params.data_params import Data
from equipoise.params.trial_params import Params, Uncertainty

TABLE_CHECKS: tuple[Callable[[pd.DataFrame, Data], list[Finding]], ...] = (
    find_many_columns,
    find_common_positives,
    find_small_sample,
    find_empty_columns,
    find_constant_columns,
    find_mostly_missing_columns,
    find_dates_among_words,
    find_numbers_among_text,
    find_id_columns,
    find_codes,
    find_values_alike,
    find_copied_columns,
    find_repeated_rows,
    find_contested_rows,
)
PARTS_CHECKS: tuple[Callable[[pd.DataFrame, pd.DataFrame, Uncertainty], list[Finding]], ...] = (
    find_rows_in_both_parts,
    find_leaking_columns,
    find_prevalence_drift,
    find_missing_drift,
    find_few_rows,
    find_detectable_differences,
)
# Those that need no test part.
TRAIN_CHECKS = (find_leaking_columns, find_few_rows)


def check_table(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Return what features and target together show, whatever their types."""
    prepared = make_readable(table)
    return [finding for check in TABLE_CHECKS for finding in check(prepared, data)]


def check_parts(train: pd.DataFrame, test: pd.DataFrame, params: Params) -> list[Finding]:
    """Return what shows once train and test are told apart, or that there is no test part."""
    parts = make_readable(train), make_readable(test)
    checks = TRAIN_CHECKS if test.empty else PARTS_CHECKS
    found = find_other_share(train, test, params.split)
    found += [finding for check in checks for finding in check(*parts, params.uncertainty)]
    return [Finding("note", "split.test_size", NO_TEST_PART), *found] if test.empty else found
