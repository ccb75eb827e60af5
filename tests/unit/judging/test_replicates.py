"""Every metric of every replicate, the same as a slow loop over scikit-learn's metrics."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.metrics import geometric_mean_score
from numpy.random import default_rng
from pandas.testing import assert_frame_equal
from sklearn import metrics as sk
from tests.decided import two_classes
from tests.replicated import bins_moved, drawn, replicate_metrics
from threadpoolctl import threadpool_limits

from equipoise.judging import bootstrap
from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

F1 = Decision(objective="f1")
MANY = 2000
# scikit-learn has to judge each of them.
FEW = 12
Weighted = Callable[[Labels, Any, Floats], float]


SCORE_ORACLES: dict[str, Weighted] = {
    "average_precision": lambda y, s, w: sk.average_precision_score(y, s, sample_weight=w),
    "roc_auc": lambda y, s, w: sk.roc_auc_score(y, s, sample_weight=w),
}
LOSS_ORACLES: dict[str, Weighted] = {
    "brier_score": lambda y, s, w: sk.brier_score_loss(y, s, sample_weight=w),
    "log_loss": lambda y, s, w: sk.log_loss(y, s, sample_weight=w),
    "calibration_error": bins_moved,
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


def scored(y_true: Labels, y_score: Floats) -> Scores:
    """One arm whose views alert for some rows, for none, and for all."""
    return two_classes(
        y_true,
        scores={
            "test": y_score,
            "calibrated": np.clip(y_score / 2, 0.01, 0.99),
            "prior_corrected": y_score**2,
        },
        decisions={
            "default": (y_score > 0.2).astype(np.int64),
            "tuned": np.zeros_like(y_true),
            "always": np.ones_like(y_true),
        },
    )


def deciding(y_true: Labels, y_pred: Labels) -> Scores:
    """An arm of which only decisions matter."""
    return two_classes(y_true, {"test": no_ties(len(y_true))}, {"default": y_pred})


def labels(negatives: int, positives: int) -> Labels:
    return default_rng(5).permutation(np.repeat([0, 1], [negatives, positives]))


def loop(arm: Scores, counts: Floats) -> pd.DataFrame:
    """Every metric of every replicate, one call of scikit-learn each."""
    y_true = arm.y_true
    replicates = [
        {name: oracle(y_true, arm.raw[:, 1], weights) for name, oracle in SCORE_ORACLES.items()}
        | {
            name if section == "test" else f"{section}_{name}": oracle(y_true, score[:, 1], weights)
            for section, score in arm.probabilities.items()
            for name, oracle in LOSS_ORACLES.items()
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
@pytest.mark.parametrize(("negatives", "positives"), [(110, 10), (5, 2), (1, 1)])
def test_every_replicate_is_what_a_loop_over_scikit_learn_gives(
    scores: Callable[[int], Floats], negatives: int, positives: int
) -> None:
    """The fast engine takes no short cut: same draws, same numbers, whatever the ties."""
    y_true = labels(negatives, positives)
    arm = scored(y_true, scores(len(y_true)))
    expected = loop(arm, drawn(y_true, FEW, seed=3))
    actual = replicate_metrics(arm, F1, FEW, seed=3).reset_index(drop=True)
    # An error of 1e-16 in a count is one of 1e-8 in the square root that ends g_mean.
    assert_frame_equal(expected, actual[list(expected)], rtol=0, atol=1e-7, check_exact=False)
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
        lambda y, p, w: float((w * (3 * y * (1 - p) + 0.5 * (1 - y) * p)).sum() / w.sum()),
    ),
    (
        Decision(objective="cost", costs=((0.1, 0.5), (3, 0.2))),
        lambda y, p, w: float((w * np.array([[0.1, 0.5], [3, 0.2]])[y, p]).sum() / w.sum()),
    ),
]


@pytest.mark.parametrize(("decision", "oracle"), OBJECTIVES)
def test_replicates_have_the_objective_of_every_view(decision: Decision, oracle: Weighted) -> None:
    """What the threshold was tuned for is replicated beside the metrics that are always there."""
    y_true = labels(50, 10)
    arm = scored(y_true, some_ties(len(y_true)))
    counts = drawn(y_true, FEW, seed=3)
    actual = replicate_metrics(arm, decision, FEW, seed=3)
    always = set(replicate_metrics(arm, F1, FEW, seed=3))
    assert set(actual) == always | {f"{view}_{decision.objective}" for view in arm.decisions}
    for view, y_pred in arm.decisions.items():
        expected = [oracle(y_true, y_pred, weights) for weights in counts]
        assert actual[f"{view}_{decision.objective}"].tolist() == pytest.approx(expected)


def test_a_missed_positive_costs_its_amount_in_every_replicate() -> None:
    """A row that is drawn twice and missed costs its own amount twice."""
    decision = Decision(objective="cost", false_negative=2, false_positive=5, amount="spend")
    y_true = labels(110, 10)
    amount = default_rng(1).uniform(0, 50, size=len(y_true))
    arm = replace(scored(y_true, some_ties(len(y_true))), amount=amount)
    actual = replicate_metrics(arm, decision, FEW, seed=3)
    counts = drawn(y_true, FEW, seed=3)
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
        replicate_metrics(replace(arm, amount=amount), decision, FEW, seed=1)
        for amount in (None, np.ones(100), np.full(100, 10.0))
    )
    assert_frame_equal(none, ones, check_exact=True)
    costs = [f"{view}_cost" for view in arm.decisions]
    assert_frame_equal(none.drop(columns=costs), tens.drop(columns=costs), check_exact=True)


@pytest.mark.parametrize("counts_at_once", [10, 300, 100_000])
def test_how_much_is_worked_on_at_once_changes_no_replicate(
    counts_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What bounds memory on a large table does not decide the intervals of a small one."""
    arm = scored(labels(90, 10), some_ties(100))
    expected = replicate_metrics(arm, F1, FEW, seed=1)
    monkeypatch.setattr(bootstrap, "COUNTS_AT_ONCE", counts_at_once)
    actual = replicate_metrics(arm, F1, FEW, seed=1)
    assert_frame_equal(expected, actual, rtol=0, atol=1e-12, check_exact=False)


@pytest.mark.parametrize("positives", [100, 151, 400])
def test_the_number_of_threads_changes_no_bit(positives: int) -> None:
    """A machine with more cores stores the same replicates, so that DVC sees no change."""
    arm = scored(labels(10 * positives - 163, positives), no_ties(11 * positives - 163))
    with threadpool_limits(1):
        expected = replicate_metrics(arm, F1, 500, seed=1)
    with threadpool_limits(2):
        actual = replicate_metrics(arm, F1, 500, seed=1)
    assert_frame_equal(expected, actual, check_exact=True)


def lost_by_one_mistake(y_true: Labels, row: int, seed: int) -> Floats:
    """In every replicate, the rows lost to an arm that errs on one row more than another."""
    mistaken = y_true.copy()
    mistaken[row] = 1 - mistaken[row]
    accuracy = [
        replicate_metrics(deciding(y_true, y_pred), F1, FEW, seed)["default_accuracy"]
        for y_pred in (y_true, mistaken)
    ]
    lost: Floats = (accuracy[0] - accuracy[1]).to_numpy()
    return lost


def test_arms_are_paired_row_by_row() -> None:
    """An arm that errs on one row more loses exactly that row's draws, replicate by replicate."""
    y_true = labels(90, 10)
    lost = lost_by_one_mistake(y_true, 17, seed=4)
    counts = drawn(y_true, FEW, seed=4)
    assert (counts[:, 17] / counts.sum(axis=1)).tolist() == pytest.approx(lost.tolist())


@pytest.mark.parametrize("objective", ["mcc", "g_mean"])
def test_decisions_that_are_all_the_same_are_judged_in_every_replicate(objective: Any) -> None:
    """As without skill: never a square root of less than 0, or a division by 0."""
    y_true = labels(98, 24)
    arm = scored(y_true, all_tied(len(y_true)))
    replicates = replicate_metrics(arm, Decision(objective=objective), 100, seed=1)
    assert np.isfinite(replicates).all(axis=None)
    assert (replicates[[f"tuned_{objective}", f"always_{objective}"]] == 0).all(axis=None)


def large_arm() -> Scores:
    """Some skill on 6,000 negatives and 4,000 positives: in blocks, three and two rows each."""
    y_true = labels(6000, 4000)
    score = default_rng(7).beta(1 + y_true, 4)
    return two_classes(
        y_true, {"test": score}, {"default": (score > 0.3).astype(np.int64)}, amount=score + 1
    )


def draw_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "LARGEST_CLASS", 500)


def test_intervals_by_blocks_are_those_by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every metric: ends within 8 % of the width, spread within 8 %, half of it by resampling.

    What was observed is the same.
    """
    decision = Decision(objective="cost", false_negative=1, false_positive=1, amount="a")
    frames = [replicate_metrics(large_arm(), decision, MANY, seed=3)]
    draw_in_blocks(monkeypatch)
    frames.append(replicate_metrics(large_arm(), decision, MANY, seed=3))
    assert {"roc_auc", "brier_score", "default_f1", "default_cost"} < set(frames[1])
    observed, again = (frame.loc[OBSERVED].to_dict() for frame in frames)
    assert observed == pytest.approx(again, abs=1e-12)
    for name in frames[0]:
        by_row, by_block = (frame[name].loc[[BOOTSTRAP]] for frame in frames)
        ends = [values.quantile([0.025, 0.975]).to_numpy() for values in (by_row, by_block)]
        assert not np.allclose(by_row, by_block)
        assert np.abs(ends[0] - ends[1]).max() < 0.08 * np.ptp(ends[0])
        assert by_block.std() / by_row.std() == pytest.approx(1, abs=0.08)


def test_arms_are_paired_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a large table are those of every arm: a row counts as often in each."""
    draw_in_blocks(monkeypatch)
    y_true = labels(6000, 3000)
    lost = lost_by_one_mistake(y_true, 17, seed=4)
    counts = drawn(y_true, FEW, seed=4)
    assert (counts[:, 17] / counts.sum(axis=1)).tolist() == pytest.approx(lost.tolist(), abs=1e-12)
    one, same = (replicate_metrics(large_arm(), F1, FEW, seed=4) for _ in range(2))
    assert (one - same == 0).all(axis=None)
