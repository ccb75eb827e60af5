"""The memory that the strategies need, and what this machine has: for people, never for a file."""

from collections.abc import Mapping

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from equipoise.checks.finding import Finding
from equipoise.core.tables import TWO_CLASSES, split_off_target
from equipoise.fitting.preprocessing import TEXT_COMPONENTS
from equipoise.fitting.traits import DEFAULT_NEIGHBOURS, MIXED, SMOTE, find_traits
from equipoise.params.trial_params import Component, Dates, Params, Preprocess
from equipoise.terminal.errors import UserError

BYTES_PER_VALUE = 8
# Or fewer: year, month, day, weekday, hour; two numbers for each but the year on circles.
PARTS_OF_A_DATE: Mapping[Dates, int] = {"parts": 5, "cyclic": 9}
# Measured as the most that the stages `resample` and `train` ever held on Linux, with 60,000 to
# 285,000 rows by 30 to 100 columns, in copies of the train part: 6 for a fit without a sampler
# (the estimate says 8), 10 with TomekLinks (8), 10 to 14 with SMOTE, BorderlineSMOTE or random
# over-sampling to even classes (15), 15 to 18 for two such fits at a time (29). A process has
# 0.17 GB of libraries.
COPIES_PER_TABLE, COPIES_PER_FIT = 1, 7
# SMOTENC holds each value of each neighbour of all new rows at once, and some copies of parts: 1.3
# times as much was measured with 40,000 rows and up to 3 categories of 40 to 100 values.
NEIGHBOURS_HELD = 1.3
BYTES_PER_PROCESS = 200_000_000
GIGA = 1e9


def check_memory(table: pd.DataFrame, params: Params, available_bytes: int) -> list[Finding]:
    """Return a warning for each strategy that needs more than the memory that is available.

    That is so with one fit at a time: there are never more than memory allows.
    """
    findings = []
    for name in params.run.strategies:
        try:
            needed = estimate_bytes(table, params, name)
        except UserError:  # another check says so
            continue
        if needed > available_bytes:
            message = (
                f"strategies.{name}: needs about {needed / GIGA:.1f} GB, and"
                f" {available_bytes / GIGA:.1f} GB are available; take fewer rows, or put columns"
                " in data.drop"
            )
            findings.append(Finding("warning", f"strategies.{name}", message))
    return findings


def estimate_bytes(table: pd.DataFrame, params: Params, strategy: str) -> int:
    """Return an estimate of the memory that training an arm takes, mostly high rather than low.

    Rows of train x encoded columns x 8 bytes x (1 + 7 x rows after the sampler / rows before), 0.2
    GB for the process, and what SMOTENC holds of neighbours.
    """
    X, y = split_off_target(table)
    columns = sum(_count_encoded_columns(X[name], params.preprocess, y.nunique()) for name in X)
    counts = y.value_counts() * (1 - params.split.test_size)
    sampler = params.name_classes(params.strategies[strategy]).sampler
    rows, fitted = counts.sum(), _count_rows_to_fit(counts, sampler)
    values = columns * (COPIES_PER_TABLE * rows + COPIES_PER_FIT * fitted)
    values += max(fitted - rows, 0) * _count_neighbour_values(X, params, sampler)
    return int(values * BYTES_PER_VALUE + BYTES_PER_PROCESS)


def _count_encoded_columns(column: pd.Series, preprocess: Preprocess, classes: int) -> int:
    """Return how many numbers a model sees of a column."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        by_target = 1 if classes == TWO_CLASSES else classes
        return by_target if preprocess.categories == "target" else _count_values(column, preprocess)
    if is_datetime64_any_dtype(column):
        return PARTS_OF_A_DATE[preprocess.dates]
    if isinstance(column.dtype, pd.StringDtype):
        return TEXT_COMPONENTS
    return 1 + int(column.isna().any())  # and whether it is missing


def _count_values(column: pd.Series, preprocess: Preprocess) -> int:
    """Return how many values of a category are told apart."""
    values = int(column.nunique(dropna=False))
    most = preprocess.most_categories if preprocess.categories == "one_hot" else values
    return min(values, most)


def _count_neighbour_values(X: pd.DataFrame, params: Params, sampler: Component | None) -> float:
    """Return how many numbers SMOTE, with categories, holds for each new row."""
    if sampler is None or sampler.short_name not in {SMOTE, MIXED}:
        return 0
    neighbours = sampler.arguments.get(
        find_traits(sampler.class_name).neighbours, DEFAULT_NEIGHBOURS
    )
    categories = X.select_dtypes("category")
    values = sum(_count_values(categories[name], params.preprocess) for name in categories)
    return NEIGHBOURS_HELD * neighbours * values if isinstance(neighbours, int) else 0


def _count_rows_to_fit(counts: pd.Series, sampler: Component | None) -> float:
    """Return the rows after the sampler; all rows if it removes some, for it has them all first."""
    if sampler is None or _removes_rows(sampler):
        return float(counts.sum())
    asked = sampler.arguments.get("sampling_strategy")
    if isinstance(asked, Mapping):
        return float(sum({**counts.to_dict(), **asked}.values()))
    if isinstance(asked, float):
        return float(counts.max() * (1 + asked))
    return float(counts.max() * len(counts))


def _removes_rows(sampler: Component) -> bool:
    from imblearn import under_sampling  # noqa: PLC0415 - 0.5 s that runs without a sampler save

    return hasattr(under_sampling, sampler.short_name)
