"""Every question of a look, asked of rows that are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import chi2_contingency
from tests.honest import SHARES, honest

from equipoise.deciding.calibrators import restate_probabilities
from equipoise.deciding.objectives import make_objective
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import PLAIN
from equipoise.metrics.scores import Scores
from equipoise.monitoring.batch_check import NOT_LABELLED, BatchRows, Reference, check_batch
from equipoise.monitoring.column_drift import compare_categories, compare_columns
from equipoise.monitoring.decided_shares import measure_decided_share
from equipoise.monitoring.kept_promises import Promise
from equipoise.params.decision_params import Decision

NAMES = ("a", "b", "c")
RARE = 0.02


def make_batch(rows: int, seed: int, shares: tuple[float, ...] = SHARES) -> BatchRows:
    y_true, scores = honest(rows, seed, shares)
    kind = pd.Series("u", pd.RangeIndex(rows)).where(scores[:, 1] > 0.3)
    features = pd.DataFrame({"x": scores[:, 0] + 1, "kind": kind})
    return BatchRows(features, scores, scores, scores.argmax(axis=1), y_true)


def make_reference(rows: int = 800, decision: Decision | None = None) -> Reference:
    batch = make_batch(rows, 1)
    assert batch.y_true is not None
    sections = {PLAIN: batch.scores, "calibrated": batch.probabilities}
    scores = Scores(Classes.of(NAMES), batch.y_true, sections, {"tuned": batch.decided})
    objective = make_objective(decision or Decision(), scores.classes)
    replicates = replicate_metrics(scores, objective, 100, 1)
    kinds = {"x": "numeric", "kind": "category"}
    return Reference(batch.features, kinds, scores, replicates, NAMES, objective)


def test_rows_of_several_classes_that_are_as_before_do_not_alarm() -> None:
    check = check_batch(make_reference(), make_batch(300, 2), 0.05, 100, 1)
    assert check.alarms == ()
    assert [share.label for share in check.shares] == [*NAMES]
    assert sum(share.share for share in check.shares) == pytest.approx(1)
    names = [promise.metric for promise in check.promises]
    assert names[0] == "tuned_macro_f1"


def test_a_model_that_has_stopped_working_breaks_its_promises() -> None:
    """Labels that have nothing to do with the scores: only labels can tell."""
    batch = make_batch(300, 3)
    assert batch.y_true is not None
    shuffled = replace(batch, y_true=np.random.default_rng(1).permutation(batch.y_true))
    check = check_batch(make_reference(), shuffled, 0.05, 100, 1)
    assert {promise.metric for promise in check.promises if promise.is_broken} >= {
        "average_precision",
        "calibrated_brier_score",
        "tuned_macro_f1",
    }
    assert any(alarm.startswith("average_precision is 0.") for alarm in check.alarms)


def test_what_decisions_are_tuned_for_is_among_the_promises() -> None:
    """Once at most, also where several metrics have its value."""
    batch = make_batch(300, 2)
    for objective, first in {
        "f1": "tuned_macro_f1",
        "mcc": "tuned_mcc",
        "balanced_accuracy": "tuned_balanced_accuracy",
    }.items():
        decision = Decision.model_validate({"objective": objective})
        check = check_batch(make_reference(decision=decision), batch, 0.05, 100, 1)
        names = [promise.metric for promise in check.promises]
        assert names[0] == first
        assert len(names) == len({*names})


def test_without_rows_of_every_class_there_are_no_metrics() -> None:
    batch = make_batch(100, 4)
    assert batch.y_true is not None
    labels = np.where(batch.y_true == 2, NOT_LABELLED, batch.y_true)
    check = check_batch(make_reference(), replace(batch, y_true=labels), 0.05, 100, 1)
    assert check.labelled == int((labels != NOT_LABELLED).sum())
    assert check.promises == ()


def test_a_metric_that_varies_in_no_replicate_is_not_surely_worse() -> None:
    """None of three positives found: an interval, and not a point, is held against the promise."""
    recall = Promise("tuned_recall", 0.0, (0.0, 0.8), 0.6, (0.5, 0.7))
    assert not recall.is_broken
    assert replace(recall, interval=(0.0, 0.2)).is_broken
    assert not replace(recall, metric="calibrated_brier_score", interval=(0.0, 0.2)).is_broken


def test_categories_are_compared_by_chi_square_with_gaps_and_rare_ones_together() -> None:
    before = pd.Series(["a"] * 60 + ["b"] * 30 + [None] * 8 + ["rare", "odd"])
    now = pd.Series(["a"] * 30 + ["b"] * 30 + [None] * 36 + ["new", "rare", "odd", "odd"])
    drift = compare_categories("word", before, now)
    assert drift.p == pytest.approx(chi2_contingency([[60, 30], [30, 30], [8, 36], [2, 4]]).pvalue)
    assert drift.size == pytest.approx((0.3 + 0 + 0.28 + 0.02) / 2)


def test_a_large_batch_does_not_alarm_for_a_difference_that_does_not_matter() -> None:
    """Sure it is; so is one that matters."""
    rng = np.random.default_rng(1)
    before = pd.DataFrame({"x": rng.normal(size=50_000)})
    for moved, matters in ((0.1, False), (0.5, True)):
        (drift,) = compare_columns(before, before + moved, {"x": "numeric"})
        assert drift.p < 1e-9
        assert drift.is_alarm(0.001) is matters


def test_of_dates_and_text_only_gaps_are_compared() -> None:
    """Later rows have later dates."""
    before = pd.DataFrame({"day": pd.to_datetime(["2020-01-01"] * 50), "said": ["x"] * 50})
    now = pd.DataFrame({"day": pd.to_datetime(["2024-01-01"] * 50), "said": [None] * 50})
    kinds = {"day": "date", "said": "text"}
    (drift,) = compare_columns(before, now.astype({"said": "str"}), kinds)
    assert (drift.what, drift.size) == ("gaps in said", 1.0)


def test_a_share_above_the_capacity_is_told_only_if_it_surely_is() -> None:
    sure = measure_decided_share("yes", (90, 1000), (50, 1000), 0.01, capacity=0.05)
    unsure = measure_decided_share("yes", (6, 100), (5, 100), 0.01, capacity=0.05)
    assert (sure.is_over_capacity, unsure.is_over_capacity) == (True, False)
    assert (sure.has_changed(0.01), unsure.has_changed(0.01)) == (True, False)


def make_restated(
    rows: int, seed: int, shares: tuple[float, float], before: tuple[float, float] = (0.8, 0.2)
) -> BatchRows:
    """Return rows of two classes that are as always, but for the share of the second."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(rows) < shares[1]).astype(np.int64)
    features = pd.DataFrame({"x": rng.normal(2.0 * y_true)})
    # What a model says that learned from rows of the shares before; then for those of 2 %.
    scores = expit(2 * features["x"].to_numpy() - 2 + np.log(before[1] / before[0]))
    both = np.column_stack([1 - scores, scores])
    return BatchRows(
        features,
        both,
        restate_probabilities(both, before[1], RARE),
        (scores > 0.5).astype(np.int64),
        y_true,
    )


def make_reference_of_two(
    tested: BatchRows, scores: Scores, decision: Decision | None = None
) -> Reference:
    objective = make_objective(decision or Decision(), scores.classes)
    replicates = replicate_metrics(scores, objective, 100, 1)
    kinds = {"x": "numeric"}
    return Reference(tested.features, kinds, scores, replicates, ("0", "1"), objective)


def test_rows_of_the_prevalence_that_numbers_are_restated_for_do_not_alarm() -> None:
    """Nor would they if the test part had it: without restating every kind of question alarms."""
    tested, batch = make_restated(4000, 1, (0.8, 0.2)), make_restated(4000, 2, (1 - RARE, RARE))
    assert tested.y_true is not None
    sections = {PLAIN: tested.scores, "calibrated": tested.probabilities}
    as_before = Scores(Classes.of("01"), tested.y_true, sections, {"tuned": tested.decided})
    alarms = {}
    for prevalence in (None, RARE):
        scores = replace(as_before, prevalence=prevalence)
        reference = make_reference_of_two(tested, scores)
        alarms[prevalence] = check_batch(reference, batch, 0.05, 100, 1).alarms
    assert alarms[RARE] == ()
    told = " ".join(alarms[None])
    for said in ("1 is about 2.", "x: not as", "of the rows are decided 1", "tuned_precision is"):
        assert said in told


def test_costs_that_move_to_the_positives_that_are_missed_break_a_promise() -> None:
    """Nothing else has changed: not even which amounts there are."""
    costs = {"false_negative": 1, "false_positive": 1, "amount": "x"}
    decision = Decision.model_validate({"objective": "cost"} | costs)
    batches = [make_restated(4000, seed, (0.8, 0.2)) for seed in (1, 2)]
    amounts = np.random.default_rng(1).exponential(10, 4000)
    tested, batch = (replace(rows, amount=amounts) for rows in batches)
    assert tested.y_true is not None
    assert batch.y_true is not None
    sections = {PLAIN: tested.scores, "calibrated": tested.probabilities}
    decided = {"tuned": tested.decided}
    scores = Scores(Classes.of("01"), tested.y_true, sections, decided, amounts)
    reference = make_reference_of_two(tested, scores, decision)
    missed = (batch.y_true == 1) & (batch.decided == 0)
    moved = np.empty_like(amounts)
    moved[np.argsort(~missed, kind="stable")] = np.sort(amounts)[::-1]

    assert check_batch(reference, batch, 0.05, 100, 1).alarms == ()
    check = check_batch(reference, replace(batch, amount=moved), 0.05, 100, 1)
    (alarm,) = check.alarms
    assert alarm.startswith("tuned_cost is ")
    expected = (moved[missed].sum() + ((batch.y_true == 0) & (batch.decided == 1)).sum()) / 4000
    assert check.promises[0].value == pytest.approx(expected)

    moved[5] = np.nan
    check = check_batch(reference, replace(batch, amount=moved), 0.05, 100, 1)
    assert check.unpriced == 1
    assert "tuned_cost" not in {promise.metric for promise in check.promises}


def test_another_prevalence_than_was_restated_alarms() -> None:
    """As it was in the test part, for one."""
    tested, batch = make_restated(4000, 1, (0.8, 0.2)), make_restated(4000, 2, (0.8, 0.2))
    assert tested.y_true is not None
    sections = {PLAIN: tested.scores, "calibrated": tested.probabilities}
    decided = {"tuned": tested.decided}
    scores = Scores(Classes.of("01"), tested.y_true, sections, decided, prevalence=RARE)
    (share, *_) = check_batch(make_reference_of_two(tested, scores), batch, 0.05, 100, 1).shares
    assert share.on_test == RARE
    assert share.share == pytest.approx(0.2, abs=0.03)
    assert share.is_alarm(0.01)
