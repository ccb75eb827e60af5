"""The rows that models may learn from, and those kept for the test."""

from collections.abc import Hashable
from fractions import Fraction

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from equipoise.core.tables import GROUP, ROW, SEGMENT, TARGET, TIME, format_count, name_class
from equipoise.params.trial_params import Split
from equipoise.terminal.errors import UserError

FEWEST_PER_CLASS = 2
MOST_FOLDS = 20  # of which some are the test part, where groups stay together
# A fold with so many times the rows of an even one has a group that is too large for it.
TOO_LARGE = 1.25
# Rows enough of a class do not help where what keeps rows together has them all on one side.
REMEDIES = {
    "stratified": f": both parts need at least {FEWEST_PER_CLASS}; add more",
    "group": (
        f" by group: both parts need at least {FEWEST_PER_CLASS}; add more groups with rows of"
        " it, or set another split.method"
    ),
    "time": (
        f" by time: both parts need at least {FEWEST_PER_CLASS}; set another split.test_size or"
        " split.method"
    ),
}

Parts = tuple[pd.DataFrame, pd.DataFrame]


def split_dataset(table: pd.DataFrame, split: Split, seed: int) -> Parts:
    """Return train and test: disjoint, every row in one, index `row`, both with every class.

    `stratified` keeps class shares; `group` keeps every group on one side, and class shares as
    far as that allows; `time` puts the latest rows into test, those of one time on one side.
    Without a share for it, test has no row, and train those of the table in its order.
    """
    table = (table.drop(columns=SEGMENT) if SEGMENT in table else table).rename_axis(ROW)
    if not split.has_test:
        return table, table.iloc[:0]
    parts = {"stratified": _split_stratified, "group": _split_by_group, "time": _split_by_time}[
        split.method
    ](table, split.test_size, seed)
    for part, rows in zip(("train", "test"), parts, strict=True):
        counts = rows[TARGET].value_counts().reindex(table[TARGET].unique()).fillna(0).astype(int)
        if counts.min() < FEWEST_PER_CLASS:
            where = f", {counts.min()} of them in {part}"
            raise _make_shortage_error(table, split, counts.idxmin(), where)
    return parts


def _split_stratified(table: pd.DataFrame, test_size: float, seed: int) -> Parts:
    try:
        train, test = train_test_split(
            table, test_size=test_size, stratify=table[TARGET], random_state=seed
        )
    except ValueError as unsplittable:
        rarest = table[TARGET].value_counts().idxmin()
        raise _make_shortage_error(table, Split(test_size=test_size), rarest) from unsplittable
    return train, test


def _split_by_group(table: pd.DataFrame, test_size: float, seed: int) -> Parts:
    """Hold out folds whose share of rows comes nearest to the one that is asked for.

    There are as few folds as can make up that share. One that is larger than the others, for a
    group in it is too large for a fold, is the last to be held out.
    """
    groups, rarest = table[GROUP].nunique(), int(table[TARGET].value_counts().min())
    folds = min(MOST_FOLDS, groups, rarest)
    share = Fraction(test_size).limit_denominator(folds)
    if share in {0, 1}:
        raise UserError(
            f"split.test_size: {test_size} leaves a part without a group:"
            f" {format_count(groups, 'group')} ('data.group') and {format_count(rarest, 'row')} of"
            f" the rarest class allow {format_count(folds, 'fold')}; choose a share nearer to a"
            " half, or add more of both"
        )
    splitter = StratifiedGroupKFold(share.denominator, shuffle=True, random_state=seed)
    made = [test for _, test in splitter.split(table, table[TARGET], table[GROUP])]
    even = len(table) / share.denominator
    held_out = sorted(made, key=lambda rows: len(rows) > TOO_LARGE * even)
    shares = np.cumsum([len(rows) for rows in held_out[:-1]]) / len(table)
    nearest = int(np.abs(shares - test_size).argmin())
    chosen = table.index.isin(table.index[np.concatenate(held_out[: nearest + 1])])
    return table[~chosen], table[chosen]


def _split_by_time(table: pd.DataFrame, test_size: float, seed: int) -> Parts:  # noqa: ARG001 - time decides
    ordered = table[TIME].sort_values()
    first = ordered.iloc[min(round(len(ordered) * (1 - test_size)), len(ordered) - 1)]
    late = table[TIME] >= first
    return table[~late], table[late]


def _make_shortage_error(
    table: pd.DataFrame, split: Split, label: Hashable, where: str = ""
) -> UserError:
    count = int((table[TARGET] == label).sum())
    nearer = ", or set split.test_size nearer to a half" if count >= 2 * FEWEST_PER_CLASS else ""
    remedy = REMEDIES[split.method] + (nearer if split.method == "stratified" else "")
    return UserError(
        f"data.target: {name_class(label, table[TARGET])} has {format_count(count, 'row')}{where},"
        f" too few for split.test_size = {split.test_size}{remedy}"
    )
