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

from equipoise.core.tables import GROUP, TARGET, TIME, format_count, name_class
from equipoise.params.trial_params import CrossValidation
from equipoise.terminal.errors import UserError

# The key of params that sets how many folds there are.
FOLDS = "cross_validation.folds"
# By time the first fold is only learned from, and two others are needed to vary.
FEWEST_BY_TIME = 3
Positions = NDArray[np.int64]
Sides = tuple[Positions, Positions]


def make_folds(
    train: pd.DataFrame, cross_validation: CrossValidation, seed: int, key: str = FOLDS
) -> list[Sides]:
    """Return the positions to fit on and those held out, repeat after repeat.

    Every class is on both sides of every fold. Where `train` has groups, none is on both
    sides; where it has times, what is held out comes after what is fitted on, and the
    earliest rows are never held out. `seed` shuffles, unless `cross_validation` has its own.
    A `UserError` names the key of params that sets how many folds there are.
    """
    y, folds = train[TARGET], cross_validation.folds
    counts = y.value_counts()
    if counts.min() < folds:
        raise UserError(
            f"{key}: {folds} is too many:"
            f" {name_class(counts.idxmin(), counts.index)} has {counts.min()} rows in train;"
            f" lower it to at most {counts.min()}"
        )
    if TIME not in train and GROUP in train:
        _check_groups(train[GROUP].nunique(), folds, key)
    splits = list(_split(train, cross_validation, seed))
    if TIME in train and len(splits) < FEWEST_BY_TIME:
        few = f"set at least {FEWEST_BY_TIME}"
        same = "most rows of train have the same time, so choose another split.method"
        raise UserError(
            f"{key}: {folds} folds by time leave {len(splits)}, and the first is only learned from;"
            f" {few if folds < FEWEST_BY_TIME else same}"
        )
    _check_classes(splits, train, folds, key)
    return splits


def count_rarest_scored(train: pd.DataFrame, cross_validation: CrossValidation) -> int:
    """Return how many rows of the rarest class folds hold out: by time, not the earliest."""
    target = train[TARGET]
    if TIME in train:
        held_out = [rows for _, rows in _split_by_time(train[TIME], cross_validation.folds)]
        target = target.iloc[np.concatenate(held_out)]
    return int(target.value_counts().min())


def _check_groups(groups: int, folds: int, key: str) -> None:
    if groups < folds:
        rest = f"lower it to at most {groups}" if groups > 1 else "choose another data.group"
        raise UserError(
            f"{key}: {folds} is too many: train has {format_count(groups, 'group')}; {rest}"
        )


def divide_once(train: pd.DataFrame, folds: int, seed: int) -> Sides | None:
    """Return one of so many folds that has every class on both sides; None if there is none.

    By time it is the last such fold, else the first. What the other folds lack does not matter.
    """
    y = train[TARGET]
    if TIME not in train and y.value_counts().min() < folds:
        return None
    splits = list(_split(train, CrossValidation(folds=folds, repeats=1), seed))
    ordered = reversed(splits) if TIME in train else splits
    codes, classes = pd.factorize(y, sort=True)
    return next((sides for sides in ordered if not _find_absent(sides, codes, len(classes))), None)


def _split(train: pd.DataFrame, cross_validation: CrossValidation, seed: int) -> Iterator[Sides]:
    """Give the folds, whatever they lack."""
    seed = seed if cross_validation.seed is None else cross_validation.seed
    y, folds = train[TARGET], cross_validation.folds
    if TIME in train:
        yield from _split_by_time(train[TIME], folds)
    elif GROUP in train:
        yield from _split_by_group(train, cross_validation, seed)
    elif not cross_validation.shuffle:
        yield from StratifiedKFold(folds).split(y, y)
    else:
        yield from RepeatedStratifiedKFold(
            n_splits=folds, n_repeats=cross_validation.repeats, random_state=seed
        ).split(y, y)


def _split_by_group(
    train: pd.DataFrame, cross_validation: CrossValidation, seed: int
) -> Iterator[Sides]:
    groups = train[GROUP]
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


def _suggest_folds(train: pd.DataFrame, folds: int) -> str:
    """Return what to do where a fold lacks a class; by time, fewer folds may not help."""
    if TIME not in train:
        return "lower the number of folds, or add more rows of it"
    codes, classes = pd.factorize(train[TARGET], sort=True)
    for fewer in range(folds - 1, FEWEST_BY_TIME - 1, -1):
        splits = [*_split_by_time(train[TIME], fewer)]
        if not any(_find_absent(sides, codes, len(classes)) for sides in splits):
            return f"by time, set at most {fewer}"
    return (
        "by time, fewer folds do not help: leave out the times that have no such row, or set"
        " another split.method"
    )


def _check_classes(splits: list[Sides], train: pd.DataFrame, folds: int, key: str) -> None:
    codes, classes = pd.factorize(train[TARGET], sort=True)
    for position, sides in enumerate(splits):
        absent = _find_absent(sides, codes, len(classes))
        if absent:
            raise UserError(
                f"{key}: fold {position + 1} lacks {name_class(classes[absent[0]], classes)} on one"
                f" side; {_suggest_folds(train, folds)}"
            )


def _find_absent(sides: Sides, codes: NDArray[np.intp], classes: int) -> list[int]:
    """Return the codes of the classes that one of the sides lacks."""
    counts = np.array([np.bincount(codes[rows], minlength=classes) for rows in sides])
    return np.flatnonzero((counts == 0).any(axis=0)).tolist()
