"""The bootstrap, row by row the same as a slow loop over scikit-learn's metrics."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from numpy.random import default_rng
from pandas.testing import assert_frame_equal
from sklearn import metrics as sk
from threadpoolctl import threadpool_limits

from equipoise.assessment import uncertainty
from equipoise.assessment.metrics import Floats, Labels
from equipoise.assessment.uncertainty import Scored, bootstrap, holm, interval, two_sided_p
from equipoise.contract.params import Decision

F1 = Decision(objective="f1")
Weighted = Callable[[Labels, Any, Floats], float]

SCORE_ORACLES: dict[str, Weighted] = {
    "average_precision": lambda y, s, w: sk.average_precision_score(y, s, sample_weight=w),
    "roc_auc": lambda y, s, w: sk.roc_auc_score(y, s, sample_weight=w),
    "brier_score": lambda y, s, w: sk.brier_score_loss(y, s, sample_weight=w),
    "log_loss": lambda y, s, w: sk.log_loss(y, s, sample_weight=w),
}
DECISION_ORACLES: dict[str, Weighted] = {
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p, sample_weight=w),
    "precision": lambda y, p, w: sk.precision_score(y, p, sample_weight=w, zero_division=0),
    "recall": lambda y, p, w: sk.recall_score(y, p, sample_weight=w, zero_division=0),
    "f1": lambda y, p, w: sk.f1_score(y, p, sample_weight=w, zero_division=0),
    "balanced_accuracy": lambda y, p, w: sk.balanced_accuracy_score(y, p, sample_weight=w),
    "mcc": lambda y, p, w: sk.matthews_corrcoef(y, p, sample_weight=w),
    "g_mean": lambda y, p, w: geometric_mean_score(y, p, sample_weight=w),
}


def no_ties(rows: int) -> Floats:
    return default_rng(7).beta(1, 4, size=rows)


def some_ties(rows: int) -> Floats:
    return default_rng(7).beta(1, 4, size=rows).round(1)


def all_tied(rows: int) -> Floats:
    return np.full(rows, 0.25)


def hard(rows: int) -> Floats:
    return default_rng(7).integers(0, 2, size=rows).astype(np.float64)


def scored(y_true: Labels, y_score: Floats) -> Scored:
    """One arm whose views alert for some rows, for none, and for all."""
    return Scored(
        y_true=y_true,
        y_score=y_score,
        calibrated=np.clip(y_score / 2, 0.01, 0.99),
        decisions={
            "default": (y_score > 0.2).astype(np.int64),
            "tuned": np.zeros_like(y_true),
            "always": np.ones_like(y_true),
        },
    )


def labels(negatives: int, positives: int) -> Labels:
    return default_rng(5).permutation(np.repeat([0, 1], [negatives, positives]))


def drawn(y_true: Labels, resamples: int, seed: int) -> Floats:
    """How often each replicate draws each row, from the same stream as the bootstrap's."""
    counts = np.empty((resamples, len(y_true)))
    for label in (0, 1):
        rows = np.flatnonzero(y_true == label)
        counts[:, rows] = uncertainty._draw(default_rng([seed, label]), resamples, len(rows))  # noqa: SLF001 - the oracle must see the draws
    return counts


def loop(arm: Scored, counts: Floats) -> pd.DataFrame:
    """Every metric of every replicate, one call of scikit-learn each."""
    y_true = arm.y_true
    replicates = [
        {name: oracle(y_true, arm.y_score, weights) for name, oracle in SCORE_ORACLES.items()}
        | {
            f"calibrated_{name}": SCORE_ORACLES[name](y_true, arm.calibrated, weights)
            for name in ("brier_score", "log_loss")
        }
        | {
            f"{view}_{name}": oracle(y_true, decision, weights)
            for view, decision in arm.decisions.items()
            for name, oracle in DECISION_ORACLES.items()
        }
        for weights in counts
    ]
    return pd.DataFrame(replicates)


@pytest.mark.parametrize("scores", [no_ties, some_ties, all_tied, hard])
@pytest.mark.parametrize(("negatives", "positives"), [(110, 10), (6, 3), (1, 1)])
def test_every_replicate_is_what_a_loop_over_scikit_learn_gives(
    scores: Callable[[int], Floats], negatives: int, positives: int
) -> None:
    """The fast engine takes no short cut: same draws, same numbers, whatever the ties."""
    y_true = labels(negatives, positives)
    arm = scored(y_true, scores(len(y_true)))
    expected = loop(arm, drawn(y_true, resamples=10, seed=3))
    actual = bootstrap(arm, F1, resamples=10, seed=3)
    assert_frame_equal(expected, actual[list(expected)], rtol=0, atol=1e-9, check_exact=False)
    assert set(expected) == set(actual)


OBJECTIVES: list[tuple[Decision, Weighted]] = [
    (
        Decision(objective="fbeta", beta=2),
        lambda y, p, w: sk.fbeta_score(y, p, beta=2, sample_weight=w, zero_division=0),
    ),
    (Decision(objective="recall_at_precision", floor=0.5), DECISION_ORACLES["recall"]),
    (Decision(objective="precision_at_recall", floor=0.5), DECISION_ORACLES["precision"]),
    (Decision(objective="alerts", per_thousand=10), DECISION_ORACLES["recall"]),
    (
        Decision(objective="cost", false_negative=3, false_positive=0.5),
        lambda y, p, w: float((w * (3 * y * (1 - p) + 0.5 * (1 - y) * p)).sum() / len(y)),
    ),
]


@pytest.mark.parametrize(("decision", "oracle"), OBJECTIVES)
def test_replicates_have_the_objective_of_every_view(decision: Decision, oracle: Weighted) -> None:
    """What the threshold was tuned for is replicated beside the metrics that are always there."""
    y_true = labels(110, 10)
    arm = scored(y_true, some_ties(len(y_true)))
    counts = drawn(y_true, resamples=10, seed=3)
    actual = bootstrap(arm, decision, resamples=10, seed=3)
    assert set(loop(arm, counts)) <= set(actual)
    for view, y_pred in arm.decisions.items():
        expected = [oracle(y_true, y_pred, weights) for weights in counts]
        assert actual[f"{view}_{decision.objective}"].tolist() == pytest.approx(expected)


def test_a_missed_positive_costs_its_amount_in_every_replicate() -> None:
    """A row that is drawn twice and missed costs its own amount twice."""
    decision = Decision(objective="cost", false_negative=2, false_positive=5, amount="spend")
    y_true = labels(110, 10)
    amount = default_rng(1).uniform(0, 50, size=len(y_true))
    arm = replace(scored(y_true, some_ties(len(y_true))), amount=amount)
    actual = bootstrap(arm, decision, resamples=10, seed=3)
    counts = drawn(y_true, resamples=10, seed=3)
    for view, y_pred in arm.decisions.items():
        each = 2 * amount * y_true * (1 - y_pred) + 5 * (1 - y_true) * y_pred
        expected = counts @ each / len(y_true)
        assert actual[f"{view}_cost"].tolist() == pytest.approx(expected.tolist())


def test_amounts_move_nothing_but_the_cost() -> None:
    """Amounts of one give the very replicates that no amounts give."""
    y_true, decision = (
        labels(90, 10),
        Decision(objective="cost", false_negative=2, false_positive=1),
    )
    arm = scored(y_true, some_ties(100))
    none, ones, tens = (
        bootstrap(replace(arm, amount=amount), decision, resamples=10, seed=1)
        for amount in (None, np.ones(100), np.full(100, 10.0))
    )
    assert_frame_equal(none, ones, check_exact=True)
    costs = [f"{view}_cost" for view in arm.decisions]
    assert_frame_equal(none.drop(columns=costs), tens.drop(columns=costs), check_exact=True)


@pytest.mark.parametrize("rows_in_a_block", [1, 3, 1000])
def test_the_size_of_a_block_changes_no_replicate(
    rows_in_a_block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What bounds memory on a large table does not decide the intervals of a small one."""
    arm = scored(labels(90, 10), some_ties(100))
    expected = bootstrap(arm, F1, resamples=25, seed=1)
    monkeypatch.setattr(uncertainty, "BLOCK_COUNTS", 100 * rows_in_a_block)
    actual = bootstrap(arm, F1, resamples=25, seed=1)
    assert_frame_equal(expected, actual, rtol=0, atol=1e-12, check_exact=False)


def test_a_table_larger_than_a_block_is_still_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block holds one replicate at least."""
    monkeypatch.setattr(uncertainty, "BLOCK_COUNTS", 10)
    assert len(bootstrap(scored(labels(90, 10), no_ties(100)), F1, resamples=7, seed=1)) == 7


@pytest.mark.parametrize("positives", [100, 151, 400])
def test_the_number_of_threads_changes_no_bit(positives: int) -> None:
    """A machine with more cores stores the same replicates, so that DVC sees no change."""
    arm = scored(labels(10 * positives - 163, positives), no_ties(11 * positives - 163))
    with threadpool_limits(1):
        expected = bootstrap(arm, F1, resamples=500, seed=1)
    with threadpool_limits(2):
        actual = bootstrap(arm, F1, resamples=500, seed=1)
    assert_frame_equal(expected, actual, check_exact=True)


def test_the_same_seed_gives_the_same_replicates_and_another_seed_others() -> None:
    """Intervals can be computed again, and their noise can be seen by changing the seed."""
    arm = scored(labels(90, 10), no_ties(100))
    first, again, other = (bootstrap(arm, F1, resamples=20, seed=seed) for seed in (1, 1, 2))
    assert_frame_equal(first, again, check_exact=True)
    assert not np.allclose(first["roc_auc"], other["roc_auc"])


def test_an_arm_does_not_differ_from_itself_in_any_replicate() -> None:
    """Arms on the same rows get the same draws: a difference is never the draw's noise."""
    y_true = labels(90, 10)
    one, same = (bootstrap(scored(y_true, no_ties(100)), F1, 50, seed=4) for _ in range(2))
    assert (one - same == 0).all(axis=None)


def test_arms_are_paired_row_by_row() -> None:
    """An arm that errs on one row more loses exactly that row's draws, replicate by replicate."""
    y_true = labels(90, 10)
    right, mistaken = y_true.copy(), y_true.copy()
    mistaken[17] = 1 - mistaken[17]
    accuracy = [
        bootstrap(Scored(y_true, no_ties(100), no_ties(100), {"default": decision}), F1, 50, seed=4)
        for decision in (right, mistaken)
    ]
    lost = (accuracy[0] - accuracy[1])["default_accuracy"] * len(y_true)
    assert drawn(y_true, resamples=50, seed=4)[:, 17].tolist() == pytest.approx(lost.tolist())


def test_rankings_depend_on_the_order_of_scores_only() -> None:
    """A remedy that stretches scores without reordering rows gains no average precision."""
    y_true, names = labels(90, 10), ["average_precision", "roc_auc"]
    plain, stretched = (
        bootstrap(scored(y_true, score), F1, 50, seed=4)[names]
        for score in (no_ties(100), no_ties(100) ** 3)
    )
    assert_frame_equal(plain, stretched, check_exact=True)


def test_a_perfect_ranking_is_perfect_in_every_replicate() -> None:
    """No draw of rows makes a model without a mistake look worse."""
    y_true = labels(90, 10)
    replicates = bootstrap(scored(y_true, np.where(y_true == 1, 0.9, 0.1)), F1, 50, seed=4)
    assert (replicates[["average_precision", "roc_auc"]] == 1).all(axis=None)


def test_every_replicate_has_the_class_counts_of_the_table() -> None:
    """Draws are stratified: a rare class neither vanishes nor doubles."""
    replicates = bootstrap(scored(labels(90, 10), no_ties(100)), F1, 50, seed=4)
    assert replicates["always_precision"].tolist() == [0.1] * 50
    assert replicates["always_recall"].tolist() == [1.0] * 50


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Of 200 tables, 90 % intervals of accuracy hold the true accuracy in about 90 %."""
    y_true = np.repeat([0, 1], [150, 50])
    chance_of_being_right = np.where(y_true == 1, 0.6, 0.9)
    generator, covered = default_rng(0), []
    for seed in range(200):
        right = generator.uniform(size=200) < chance_of_being_right
        decision = np.where(right, y_true, 1 - y_true)
        arm = Scored(y_true, no_ties(200), no_ties(200), {"d": decision})
        replicates = bootstrap(arm, F1, 150, seed)
        low, high = interval(replicates["d_accuracy"], confidence=0.9)
        covered.append(low <= chance_of_being_right.mean() <= high)
    assert 0.83 < np.mean(covered) < 0.97


def test_an_interval_holds_its_share_of_the_replicates() -> None:
    """Equal tails are cut off at both ends."""
    assert pytest.approx((25, 975)) == interval(pd.Series(np.arange(1001.0)), confidence=0.95)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=50), st.floats(0.5, 0.9))
@settings(max_examples=25, deadline=None)
def test_more_confidence_never_narrows_an_interval(values: list[float], confidence: float) -> None:
    """A 99 % interval holds the 90 % one."""
    replicates = pd.Series(values)
    narrow, wide = interval(replicates, confidence), interval(replicates, confidence + 0.09)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=100))
@settings(max_examples=25, deadline=None)
def test_a_p_value_is_possible_and_the_same_for_gain_and_loss(values: list[float]) -> None:
    """Never 0, never above 1, and no more lenient to remedies than to baselines."""
    differences = pd.Series(values)
    p = two_sided_p(differences)
    assert 2 / (len(values) + 1) <= p <= 1
    assert p == two_sided_p(-differences)


def test_no_difference_in_any_replicate_has_p_of_one() -> None:
    """The same arm twice is no evidence of anything."""
    assert two_sided_p(pd.Series([0.0] * 99)) == 1


@pytest.mark.parametrize(("above", "expected"), [(99, 0.02), (94, 0.12), (50, 1.0)])
def test_a_p_value_counts_the_replicates_on_the_other_side(above: int, expected: float) -> None:
    """Of 99 replicates k on the other side: p is 2 (k + 1) / 100."""
    differences = pd.Series([0.1] * above + [-0.1] * (99 - above))
    assert expected == pytest.approx(two_sided_p(differences))


def test_holm_gives_the_numbers_of_a_published_example() -> None:
    """The four p-values by which textbooks show the step-down method, in their order."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_rejects_what_the_step_down_procedure_rejects() -> None:
    """Compare the i-th smallest with alpha / (m - i + 1), stop at the first that fails."""
    p_values, alpha = [0.001, 0.012, 0.014, 0.026, 0.2], 0.05
    rejected = [p < alpha / (5 - i) for i, p in enumerate(p_values)]
    assert rejected == [True, True, True, False, False]
    assert rejected == [p < alpha for p in holm(p_values)]


@given(st.lists(st.floats(0, 1), max_size=12))
@settings(max_examples=25, deadline=None)
def test_holm_only_raises_p_values_and_keeps_their_order(p_values: list[float]) -> None:
    """Correction never turns doubt into certainty, nor a weaker result into the stronger."""
    corrected = holm(p_values)
    assert all(p <= new <= 1 for p, new in zip(p_values, corrected, strict=True))
    in_order = [corrected[i] for i in np.argsort(p_values, kind="stable")]
    assert sorted(corrected) == in_order


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_holm_does_not_depend_on_the_order_of_the_arms(p_values: list[float], order: Any) -> None:
    """Listing strategies in another order corrects each as before."""
    positions = list(range(len(p_values)))
    order.shuffle(positions)
    shuffled = holm([p_values[i] for i in positions])
    assert [holm(p_values)[i] for i in positions] == shuffled


def test_one_comparison_needs_no_correction() -> None:
    """With a single remedy its p-value stands."""
    assert holm([0.03]) == [0.03]
