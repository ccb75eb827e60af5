"""Instability is what a loop over pairs of trainings counts."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from tests.decided import decide_rows, objective_of
from tests.scored import SEVERAL, TWO, Case, list_scores

from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.settling import learn_decision
from equipoise.judging.fold_replicates import Change
from equipoise.metrics.scores import find_classes
from equipoise.params.decision_params import Decision


def score_again(case: Case, repeats: int) -> pd.DataFrame:
    """The same rows in several repeats of equal folds, scored with noise of its own in each."""
    rows = case.oof[case.oof["repeat"] == 0].assign(row=lambda own: 7 + 2 * np.arange(len(own)))
    place = rows["y_true"].astype(str).rank(method="first").to_numpy(np.int64) - 1
    rng, scores, found = np.random.default_rng(4), list_scores(rows), []
    for repeat in range(repeats):
        noisy = rows[scores] * rng.uniform(0.5, 1, size=(len(rows), len(scores)))
        if len(scores) > 1:
            noisy = noisy.div(noisy.sum(axis=1), axis=0)
        fold = (place + place // 3 * repeat) % 3
        found.append(rows.assign(repeat=repeat, fold=fold, **noisy))
    return pd.concat(found, ignore_index=True)


def decide_by_fold(case: Case, oof: pd.DataFrame) -> pd.DataFrame:
    """Each row in each repeat, decided by what the other folds of its repeat settle."""
    decided = learn_decision(
        *(oof, case.ratios, objective_of(Decision(), case.classes), "auto"),
        labels=find_classes(oof).names,
        treatment="nothing",
    )
    parts = [
        decide_rows(fold.held_out, replace(decided, rule=own.rule, calibrator=own.calibrator))
        for fold, own in zip(split_by_fold(oof), decided.folds, strict=True)
    ]
    return pd.concat(parts)


def count_changes(rows: pd.DataFrame) -> dict[str, float]:
    """What changes between two repeats, over all rows and all pairs of repeats."""
    changes = []
    for _, own in rows.groupby("row"):
        probabilities = own.filter(regex="^y_probability").to_numpy()
        for one, other in combinations(range(len(own)), 2):
            moved = abs(probabilities[one] - probabilities[other]).sum()
            views = {view: own[view].to_numpy() for view in ("y_pred", "y_decided")}
            flipped = {view: labels[one] != labels[other] for view, labels in views.items()}
            changes.append({"moved": moved / min(2, probabilities.shape[1]), **flipped})
    mean = pd.DataFrame(changes).mean()
    return {
        "probability_moved": mean["moved"],
        "default_flipped": mean["y_pred"],
        "tuned_flipped": mean["y_decided"],
    }


@pytest.mark.parametrize("case", [TWO, SEVERAL], ids=["two", "several"])
def test_numbers_are_those_of_a_loop_over_rows_and_pairs_of_trainings(case: Case) -> None:
    """With the rule and the calibrator of each training; each within its interval."""
    oof = score_again(case, repeats=3)
    found, rows = case.judge(oof=oof).metrics, decide_by_fold(case, oof)
    expected = count_changes(rows)
    assert {name: found["instability"][name] for name in expected} == pytest.approx(expected)
    assert 0 < expected["tuned_flipped"] < 0.5
    for name, value in found["instability"].items():
        low, high = found["interval"][f"instability_{name}"]
        assert 0 <= low <= value < high <= 1


def test_alerts_lost_are_those_of_one_training_that_another_does_not_raise() -> None:
    """The mean over folds of the share of alerts; only two classes have alerts."""
    oof = score_again(TWO, repeats=2)
    rows = decide_by_fold(TWO, oof).pivot_table("y_decided", "row", "repeat")
    shares = []
    for repeat, fold in product(range(2), range(3)):
        held_out = oof["row"][(oof["repeat"] == repeat) & (oof["fold"] == fold)]
        own = rows.loc[held_out]
        alerts = own[own[repeat] == 1]
        shares.append((alerts[1 - repeat] == 0).mean())
    found = TWO.judge(oof=oof).metrics["instability"]
    assert found["tuned_alerts_lost"] == pytest.approx(np.mean(shares))
    assert not any("alerts" in name for name in SEVERAL.plain.metrics["instability"])
    assert Change(np.zeros(3), np.zeros(3)).measure() == 0  # no alert, and none lost


def test_one_repeat_trains_nothing_again() -> None:
    """Then the file says nothing of instability, rather than that there is none."""
    found = TWO.judge(oof=TWO.oof[TWO.oof["repeat"] == 0]).metrics
    assert "instability" not in found
    assert not any(name.startswith("instability") for name in found["interval"])
