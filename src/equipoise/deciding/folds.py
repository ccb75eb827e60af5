"""The folds of an arm's out-of-fold rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Fold:
    """The rows of one fold, and those of the other folds of its repeat, which alone settle it."""

    repeat: int
    fold: int
    held_out: pd.DataFrame
    others: pd.DataFrame


def split_by_fold(oof: pd.DataFrame, *, forward: bool = False) -> Iterator[Fold]:
    """Give every fold of every repeat.

    Where folds go `forward` in time the others are the earlier ones, and the first fold, which
    has none, is left out.
    """
    _check_oof(oof)
    for repeat in sorted(oof["repeat"].unique().tolist()):
        rows = oof[oof["repeat"] == repeat]
        for fold in sorted(rows["fold"].unique().tolist()):
            others = rows[rows["fold"] < fold] if forward else rows[rows["fold"] != fold]
            if not others.empty:
                yield Fold(repeat, fold, rows[rows["fold"] == fold], others)


def _check_oof(oof: pd.DataFrame) -> None:
    missing = int(oof.filter(regex="^y_score").isna().any(axis=1).sum())
    if missing:
        raise ValueError(f"y_score: NaN in {missing} of {len(oof)} out-of-fold rows")
    if oof.groupby("repeat")["fold"].nunique().min() == 1:
        raise ValueError("fold: a repeat has a single fold; at least 2 are needed")
    if oof.groupby(["repeat", "fold"])["y_true"].nunique().min() < oof["y_true"].nunique():
        raise ValueError("y_true: a fold lacks rows of a class; each fold needs every class")
