"""The folds of out-of-fold rows, each beside those that settle it."""

import numpy as np
import pandas as pd
from numpy.random import default_rng
from pandas.testing import assert_frame_equal

from equipoise.deciding.folds import split_by_fold


def oof_frame(decimals: int, rows: int = 120, folds: int = 4, repeats: int = 2) -> pd.DataFrame:
    """Out-of-fold rows, a quarter of them positive; few decimals make ties common."""
    rng = default_rng(3)
    y_true = np.arange(rows) % 4 == 0
    frames = []
    for repeat in range(repeats):
        y_score = rng.beta(np.where(y_true, 3, 2), 3).round(decimals)
        fold = np.empty(rows, dtype=np.int64)
        for label in (True, False):
            members = rng.permutation(np.flatnonzero(y_true == label))
            fold[members] = np.arange(len(members)) % folds
        columns = {"repeat": repeat, "fold": fold, "y_true": y_true.astype(np.int64)}
        decisions = {"y_score": y_score, "y_pred": (y_score >= 0.5).astype(np.int64)}
        frames.append(pd.DataFrame({"row": np.arange(rows)} | columns | decisions))
    return pd.concat(frames, ignore_index=True)


def test_a_fold_is_settled_by_the_other_folds_of_its_repeat_alone() -> None:
    """Every fold of every repeat, in their order; no row is on both sides."""
    oof = oof_frame(15).sample(frac=1, random_state=4)
    found = list(split_by_fold(oof))
    assert [(each.repeat, each.fold) for each in found] == [
        (r, f) for r in (0, 1) for f in range(4)
    ]
    for each in found:
        own = oof["repeat"] == each.repeat
        assert_frame_equal(each.held_out, oof[own & (oof["fold"] == each.fold)])
        assert_frame_equal(each.others, oof[own & (oof["fold"] != each.fold)])


def test_folds_that_go_forward_in_time_are_settled_by_earlier_ones_alone() -> None:
    """The first of each repeat has none and is left out."""
    found = list(split_by_fold(oof_frame(15), forward=True))
    assert [each.fold for each in found] == [1, 2, 3, 1, 2, 3]
    assert all(sorted(each.others["fold"].unique()) == [*range(each.fold)] for each in found)
    assert all((each.others["repeat"] == each.repeat).all() for each in found)
