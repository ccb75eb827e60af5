"""Replicates of folds: what scikit-learn says of the rows that were drawn."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from numpy.random import default_rng
from sklearn import metrics as sk
from sklearn.model_selection import RepeatedStratifiedKFold
from tests.decided import objective_of, two_classes

from equipoise.judging.bootstrap import LARGEST_CLASS, draw_counts, make_strata
from equipoise.judging.fold_replicates import REPLICATES, FoldRows, replicate_folds
from equipoise.params.decision_params import Decision

F1 = objective_of(Decision())
SEED = 5


def folds_of(y_true: np.ndarray, repeats: int = 2, folds: int = 3) -> list[FoldRows]:
    """Rows scored by a model of each fold's own, calibrated by halving and decided at 0.4."""
    rng, found = default_rng(SEED), []
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=SEED)
    for number, (_, held_out) in enumerate(splitter.split(y_true, y_true)):
        score = rng.beta(1 + 2 * y_true[held_out], 2).round(2)
        sections = {"test": score, "calibrated": score / 2}
        views = {"default": score >= 0.5, "tuned": score >= 0.4}
        rows = two_classes(y_true[held_out], sections, views)
        # Row numbers as tables have them, neither from 0 nor without gaps.
        found.append(FoldRows(number // folds, number % folds, 10 + 3 * held_out, rows))
    return found


def drawn_rows(y_true: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """How often each replicate has each row: replicates x rows."""
    strata = make_strata(y_true, SEED, groups)
    counts = draw_counts(strata, REPLICATES, SEED, together=groups is not None)
    found = np.zeros((REPLICATES, len(y_true)))
    for stratum, own in zip(strata, counts, strict=True):
        found[:, stratum.rows] = own[:, stratum.unit]
    return found


def expected_of(fold: FoldRows, weights: np.ndarray) -> dict[str, float]:
    y, score, views = fold.rows.y_true, fold.rows.raw[:, 1], fold.rows.decisions
    calibrated = fold.rows.probabilities["calibrated"][:, 1]
    return {
        "average_precision": sk.average_precision_score(y, score, sample_weight=weights),
        "roc_auc": sk.roc_auc_score(y, score, sample_weight=weights),
        "calibrated_brier_score": sk.brier_score_loss(y, calibrated, sample_weight=weights),
        "default_f1": sk.f1_score(y, views["default"], sample_weight=weights),
        "tuned_f1": sk.f1_score(y, views["tuned"], sample_weight=weights),
        "drawn_0": weights[y == 0].sum(),
        "drawn_1": weights[y == 1].sum(),
    }


def test_replicates_are_what_scikit_learn_says_of_the_rows_drawn() -> None:
    """One draw of train for all folds: a row held out twice counts as often in both repeats."""
    y_true = (np.arange(90) % 3 == 0).astype(np.int64)
    folds, weights = folds_of(y_true), drawn_rows(y_true)
    found = replicate_folds(folds, F1, SEED)
    for fold, (_, own) in zip(folds, found.groupby(["repeat", "fold"]), strict=True):
        for number in (0, 7, REPLICATES - 1):
            expected = expected_of(fold, weights[number, (fold.row - 10) // 3])
            assert own.iloc[number][[*expected]].to_dict() == pytest.approx(expected)
    assert (weights.sum(axis=1) == 90).all()
    assert weights[:, y_true == 1].sum(axis=1).std() == pytest.approx(np.sqrt(20), rel=0.15)


def test_a_fold_of_which_no_positive_is_drawn_has_no_ranking() -> None:
    """It has a value for F1, which is 0 then."""
    y_true = (np.arange(60) < 6).astype(np.int64)
    found = replicate_folds(folds_of(y_true), F1, SEED)
    nobody = found[found["drawn_1"] == 0]
    assert len(nobody) > 10
    assert nobody[["average_precision", "roc_auc"]].isna().all(axis=None)
    assert (nobody["tuned_f1"] == 0).all()
    assert found[found["drawn_1"] > 0].notna().all(axis=None)


def test_groups_are_drawn_whole() -> None:
    """Every row of a group is there as often as the others of it."""
    y_true = (np.arange(90) % 3 == 0).astype(np.int64)
    group = pd.Series(np.arange(90) // 6, index=10 + 3 * np.arange(90))
    weights = drawn_rows(y_true, group.to_numpy())
    assert (weights.reshape(REPLICATES, 15, 6).std(axis=2) == 0).all()
    folds: Sequence[FoldRows] = folds_of(y_true)
    found = replicate_folds(folds, F1, SEED, group)
    first = found[(found["repeat"] == 0) & (found["fold"] == 0)].iloc[3]
    expected = expected_of(folds[0], weights[3, (folds[0].row - 10) // 3])
    assert first[[*expected]].to_dict() == pytest.approx(expected)


def test_a_large_class_is_drawn_in_blocks_that_vary_as_rows_do() -> None:
    """The variance of a mean loss is that of its rows, though far fewer units are drawn."""
    y_true = (np.arange(LARGEST_CLASS * 3) % 100 == 0).astype(np.int64)
    folds = folds_of(y_true, repeats=1)
    found = replicate_folds(folds, F1, SEED)
    losses = [
        (fold.rows.probabilities["calibrated"][:, 1] - fold.rows.y_true) ** 2 for fold in folds
    ]
    expected = np.mean([loss.var() / len(loss) for loss in losses])
    actual = found.groupby("fold")["calibrated_brier_score"].var().mean()
    assert actual == pytest.approx(expected, rel=0.15)
