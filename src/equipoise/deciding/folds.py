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
    for repeat in sorted(oof["repeat"].unique().tolist()):
        rows = oof[oof["repeat"] == repeat]
        for fold in sorted(rows["fold"].unique().tolist()):
            others = rows[rows["fold"] < fold] if forward else rows[rows["fold"] != fold]
            if not others.empty:
                yield Fold(repeat, fold, rows[rows["fold"] == fold], others)
