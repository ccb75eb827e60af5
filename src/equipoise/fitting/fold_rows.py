"""The rows of each fold, the same for every arm: shuffled, by group, or by time."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import (
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from equipoise.core.tables import GROUP, TARGET, TIME, name_class
from equipoise.params.trial_params import CrossValidation
from equipoise.terminal.errors import UserError

# By time the first fold is only learned from, and two others are needed to vary.
FEWEST_BY_TIME = 3
Positions = NDArray[np.int64]
Sides = tuple[Positions, Positions]


def make_folds(train: pd.DataFrame, cross_validation: CrossValidation, seed: int) -> list[Sides]:
    """Return the positions to fit on and those held out, repeat after repeat.

    Every class is on both sides of every fold. Where `train` has groups, none is on both
    sides; where it has times, what is held out comes after what is fitted on, and the
    earliest rows are never held out. `seed` shuffles, unless `cross_validation` has its own.
    """
    seed = seed if cross_validation.seed is None else cross_validation.seed
    y, folds = train[TARGET], cross_validation.folds
    counts = y.value_counts()
    if counts.min() < folds:
        raise UserError(
            f"cross_validation.folds: {folds} is too many:"
            f" {name_class(counts.idxmin(), counts.index)} has {counts.min()} rows in train;"
            f" lower it to at most {counts.min()}"
        )
    if TIME in train:
        splits = list(_split_by_time(train[TIME], folds))
        if len(splits) < FEWEST_BY_TIME:
            raise UserError(
                f"cross_validation.folds: {folds} folds by time leave {len(splits)}, and the first"
                f" is only learned from; set at least {FEWEST_BY_TIME}, or, if most rows of train"
                " have the same time, another split.method"
            )
    elif GROUP in train:
        splits = list(_split_by_group(train, cross_validation, seed))
    elif not cross_validation.shuffle:
        splits = list(StratifiedKFold(folds).split(y, y))
    else:
        splitter = RepeatedStratifiedKFold(
            n_splits=folds, n_repeats=cross_validation.repeats, random_state=seed
        )
        splits = list(splitter.split(y, y))
    _check_classes(splits, y)
    return splits


def _split_by_group(
    train: pd.DataFrame, cross_validation: CrossValidation, seed: int
) -> Iterator[Sides]:
    groups = train[GROUP]
    if groups.nunique() < cross_validation.folds:
        raise UserError(
            f"cross_validation.folds: {cross_validation.folds} is too many: train has"
            f" {groups.nunique()} groups; lower it"
        )
    shuffles = np.random.RandomState(seed)  # scikit-learn takes no Generator
    shuffle = cross_validation.shuffle
    for _ in range(cross_validation.repeats):
        splitter = StratifiedGroupKFold(
            cross_validation.folds, shuffle=shuffle, random_state=shuffles if shuffle else None
        )
        yield from splitter.split(train, train[TARGET], groups)


def _split_by_time(times: pd.Series, folds: int) -> Iterator[Sides]:
    """Give folds of about equal size that follow time; rows of one time stay together."""
    ordered = np.sort(times.to_numpy())
    edges = np.unique(ordered[[len(ordered) * k // (folds + 1) for k in range(1, folds + 1)]])
    block = np.searchsorted(edges, times.to_numpy(), side="right")
    for position in range(1, len(edges) + 1):
        yield np.flatnonzero(block < position), np.flatnonzero(block == position)


def _check_classes(splits: list[Sides], y: pd.Series) -> None:
    codes, classes = pd.factorize(y, sort=True)
    for position, sides in enumerate(splits):
        counts = np.array([np.bincount(codes[rows], minlength=len(classes)) for rows in sides])
        absent = classes[(counts == 0).any(axis=0)]
        if len(absent):
            raise UserError(
                f"cross_validation.folds: fold {position + 1} lacks"
                f" {name_class(absent[0], classes)} on one side; lower the number of folds, or"
                " add more rows of it"
            )
