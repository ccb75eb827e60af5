"""The target: its labels, and rows enough of each class for what is asked of them."""

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.core.tables import TARGET, TWO_CLASSES, format_label, name_class
from equipoise.params.data_params import Data
from equipoise.params.trial_params import Uncertainty

POSITIVE, HALF = 1, 0.5


def find_unlabelled_rows(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find rows without a label."""
    missing = int(table[TARGET].isna().sum())
    if missing == 0:
        return []
    found = (
        f"data.target: {missing:,} of {len(table):,} rows have no label; drop them from the file"
    )
    return [Finding("error", "data.target", found)]


def find_too_few_classes(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find a target that is the same in every row."""
    labels = table[TARGET].dropna().unique()
    if len(labels) >= TWO_CLASSES:
        return []
    found = f"every label is {format_label(labels[0])}" if len(labels) else "there is no label"
    remedy = "two classes are needed, so choose another target or another data.positive"
    return [Finding("error", "data.target", f"data.target: {found}; {remedy}")]


def find_common_positives(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find a positive class with more than half of the rows: what is rare is meant to be it."""
    target = table[TARGET].dropna()
    if {*target.unique()} != {0, 1}:
        return []
    share = float((target == POSITIVE).mean())
    if share <= HALF:
        return []
    found = (
        f"data.positive: {share:.1%} of rows are of the positive class, which is meant to be the"
        " rare one; if the other one is looked for, set data.positive to its label"
    )
    return [Finding("warning", "data.positive", found)]


def find_classes_in_one_part(
    train: pd.DataFrame, test: pd.DataFrame, _uncertainty: Uncertainty
) -> list[Finding]:
    """Find a class that cannot be learned, or one that cannot be tested."""
    labels = {"train": set(train[TARGET].dropna()), "test": set(test[TARGET].dropna())}
    findings = []
    for part, other in (("train", "test"), ("test", "train")):
        for label in sorted(labels[part] - labels[other]):
            found = (
                f"data.target: {name_class(label, labels[part])} is in {part} and has no"
                f" row in {other};"
                " change the split, bring more rows of it or merge it with another class"
            )
            findings.append(Finding("error", "data.target", found))
    return findings
