"""The decision threshold: as good as any other, and applied as it was chosen."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, fbeta_score, matthews_corrcoef, precision_recall_curve
from tests.decided import decide, objective_of, tune, two_classes

from equipoise.deciding.thresholds import tally_by_threshold
from equipoise.metrics.names import LOWER_IS_BETTER, Floats, Labels
from equipoise.metrics.ranking import count_alerts_by_score
from equipoise.params.decision_params import Decision

F1 = Decision(objective="f1")

# Twenty-one possible scores make ties common; free floats make them rare.
tied = st.integers(0, 20).map(lambda score: score / 20)
free = st.floats(0, 1, allow_subnormal=False)
Rows = list[tuple[int, float]]
scored_rows: st.SearchStrategy[Rows] = st.one_of(
    st.lists(st.tuples(st.integers(0, 1), tied), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 1), free), min_size=1, max_size=40),
)


def with_both_classes(rows: Rows) -> tuple[Labels, Floats]:
    true, score = zip(*rows, (0, 0.4), (1, 0.6), strict=True)
    return np.array(true), np.array(score)


def f1_at(threshold: float, y_true: Labels, y_score: Floats) -> float:
    return float(f1_score(y_true, decide(y_score, threshold)))


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_no_distinct_score_is_a_better_threshold(rows: Rows) -> None:
    """The tuned threshold has the best F1 that any threshold on these rows can have."""
    y_true, y_score = with_both_classes(rows)
    best = max(f1_at(score, y_true, y_score) for score in y_score)
    assert best == f1_at(tune(y_true, y_score, F1).threshold, y_true, y_score)


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_the_tuned_f1_is_the_best_of_the_precision_recall_curve(rows: Rows) -> None:
    """scikit-learn's curve has no point with a higher F1."""
    y_true, y_score = with_both_classes(rows)
    precision, recall, _ = precision_recall_curve(y_true, y_score)
    best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300))
    actual = f1_at(tune(y_true, y_score, F1).threshold, y_true, y_score)
    assert best == pytest.approx(actual)


def test_of_equally_good_thresholds_the_highest_is_chosen() -> None:
    """Where two thresholds serve alike, the one with fewer alerts is taken."""
    y_true, y_score = [1, 0, 1, 0], [0.9, 0.7, 0.5, 0.1]
    at = {score: f1_at(score, np.array(y_true), np.array(y_score)) for score in (0.9, 0.7)}
    assert at[0.9] > at[0.7]
    assert tune([1, 0, 0, 1], [0.9, 0.8, 0.7, 0.6], F1).threshold == 0.9


def test_separated_classes_are_parted_without_a_mistake() -> None:
    """The lowest score of a positive is the threshold: all positives and nothing else alert."""
    assert tune([0, 0, 1, 1], [0.01, 0.2, 0.3, 0.9], F1).threshold == 0.3


def test_a_threshold_for_rare_and_tiny_scores_is_found() -> None:
    """Every distinct score is tried, so positives scored 1e-9 are not beyond a grid."""
    y_score = [1e-9] * 3 + [1e-12] * 997
    assert tune([1] * 3 + [0] * 997, y_score, F1).threshold == 1e-9


@given(rows=scored_rows, seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_the_threshold_does_not_depend_on_row_order(rows: Rows, seed: int) -> None:
    """Shuffled rows give the same threshold, ties included."""
    y_true, y_score = with_both_classes(rows)
    order = np.random.default_rng(seed).permutation(len(y_true))
    expected = tune(y_true, y_score, F1).threshold
    assert expected == tune(y_true[order], y_score[order], F1).threshold


@given(st.lists(free, min_size=1, max_size=40), free, free)
@settings(max_examples=25, deadline=None)
def test_a_higher_threshold_never_adds_positives(
    scores: list[float], one: float, other: float
) -> None:
    """Raising the threshold only takes alerts back."""
    low, high = sorted([one, other])
    assert set() == set(np.flatnonzero(decide(scores, high))) - set(
        np.flatnonzero(decide(scores, low))
    )


def test_a_score_at_the_threshold_is_positive() -> None:
    """The threshold itself alerts, as the counts that it was chosen by have it."""
    assert decide([0.1, 0.2, 0.3], 0.2).tolist() == [0, 1, 1]


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_alerts_by_score_are_those_of_deciding_there(rows: Rows) -> None:
    """The alerts at each distinct score are what deciding at that score gives."""
    y_true, y_score = with_both_classes(rows)
    thresholds, found, false = count_alerts_by_score(y_true, y_score)
    assert np.unique(y_score)[::-1].tolist() == thresholds.tolist()
    for position, threshold in enumerate(thresholds):
        alerts = decide(y_score, threshold)
        expected = [alerts[y_true == 1].sum(), alerts[y_true == 0].sum()]
        assert expected == [found[position], false[position]]


COST = Decision(objective="cost", false_negative=20, false_positive=3)
AMOUNT = Decision(objective="cost", false_negative=0.7, false_positive=3, amount="price")
DECISIONS = [
    F1,
    Decision(objective="fbeta", beta=2),
    Decision(objective="balanced_accuracy"),
    Decision(objective="mcc"),
    Decision(objective="g_mean"),
    COST,
    AMOUNT,
    Decision(objective="recall_at_precision", floor=0.6),
    Decision(objective="precision_at_recall", floor=0.6),
    Decision(objective="alerts", per_thousand=200),
]


def amounts_for(y_score: Floats) -> Floats:
    """Amounts that differ from row to row and do not grow with the score."""
    return np.round(97 * y_score % 1 * 20, 2)


def worth(decision: Decision, y_true: Labels, y_pred: Labels, amount: Floats) -> tuple[float, bool]:
    """What decisions are worth, and whether they keep the limit."""
    objective = objective_of(decision)
    tally = objective.tally(two_classes(y_true, y_pred, amount=amount), y_pred)
    return float(objective.value(tally)), bool(objective.is_met(tally))


def every_threshold(y_score: Floats) -> Floats:
    """Every distinct score, and one above all."""
    return np.append(np.unique(y_score), np.inf)


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=scored_rows)
@settings(max_examples=25, deadline=None)
def test_the_tuned_threshold_is_the_best_of_those_within_the_limit(
    decision: Decision, rows: Rows
) -> None:
    """No threshold is better, and what is said of value and limit is what deciding there gives."""
    y_true, y_score = with_both_classes(rows)
    amount = amounts_for(y_score)
    tuned = tune(y_true, y_score, decision, amount)
    worths = {
        threshold: worth(decision, y_true, decide(y_score, threshold), amount)
        for threshold in (*every_threshold(y_score), tuned.threshold)
    }
    allowed = [value for value, met in worths.values() if met]
    assert tuned.reached == bool(allowed)
    assert tuned.value == pytest.approx(worths[tuned.threshold][0])
    if tuned.reached:
        best = min(allowed) if decision.objective in LOWER_IS_BETTER else max(allowed)
        assert worths[tuned.threshold][1]
        assert best == pytest.approx(tuned.value)


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=scored_rows, seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_no_choice_depends_on_row_order(decision: Decision, rows: Rows, seed: int) -> None:
    """Shuffled rows give the same threshold, amounts included."""
    y_true, y_score = with_both_classes(rows)
    amount = amounts_for(y_score)
    order = np.random.default_rng(seed).permutation(len(y_true))
    expected = tune(y_true, y_score, decision, amount).threshold
    assert expected == tune(y_true[order], y_score[order], decision, amount[order]).threshold


@given(rows=scored_rows, beta=st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=25, deadline=None)
def test_the_tuned_fbeta_is_the_best_by_scikit_learn(rows: Rows, beta: float) -> None:
    """scikit-learn's F-beta is nowhere higher."""
    y_true, y_score = with_both_classes(rows)
    best = max(fbeta_score(y_true, decide(y_score, t), beta=beta) for t in y_score)
    assert best == pytest.approx(
        tune(y_true, y_score, Decision(objective="fbeta", beta=beta)).value
    )


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_the_tuned_mcc_is_the_best_by_scikit_learn(rows: Rows) -> None:
    """scikit-learn's MCC is nowhere higher."""
    y_true, y_score = with_both_classes(rows)
    best = max(matthews_corrcoef(y_true, decide(y_score, t)) for t in every_threshold(y_score))
    assert best == pytest.approx(tune(y_true, y_score, Decision(objective="mcc")).value)


@given(rows=scored_rows, floor=st.floats(0.01, 1))
@settings(max_examples=25, deadline=None)
def test_floors_are_served_as_by_the_precision_recall_curve(rows: Rows, floor: float) -> None:
    """The best recall above a floor on precision, and the reverse, are those of the curve."""
    y_true, y_score = with_both_classes(rows)
    precision, recall = (part[:-1] for part in precision_recall_curve(y_true, y_score)[:2])
    for decision, value, bounded in (
        (Decision(objective="recall_at_precision", floor=floor), recall, precision),
        (Decision(objective="precision_at_recall", floor=floor), precision, recall),
    ):
        tuned = tune(y_true, y_score, decision)
        assert tuned.reached == bool((bounded >= floor).any())
        nearest = bounded >= min(floor, bounded.max())
        assert value[nearest].max() == pytest.approx(tuned.value)


@given(rows=scored_rows, per_thousand=st.floats(0.1, 1000))
@settings(max_examples=25, deadline=None)
def test_alerts_never_exceed_the_capacity(rows: Rows, per_thousand: float) -> None:
    """Ties across the limit stay below it."""
    y_true, y_score = with_both_classes(rows)
    tuned = tune(y_true, y_score, Decision(objective="alerts", per_thousand=per_thousand))
    assert 1000 * decide(y_score, tuned.threshold).sum() <= per_thousand * len(y_true)


@pytest.mark.parametrize("keys", [{}, {"amount": "price"}])
@given(
    rows=scored_rows,
    costs=st.tuples(st.integers(0, 50), st.integers(1, 50)),
    scale=st.floats(1e-6, 1e6),
)
@settings(max_examples=25, deadline=None)
def test_another_currency_changes_no_decision(
    keys: dict[str, Any], rows: Rows, costs: tuple[int, int], scale: float
) -> None:
    """Only the ratio of the costs matters, for the tuned threshold as for Elkan's."""
    y_true, y_score = with_both_classes(rows)
    thresholds = [
        tune(
            y_true,
            y_score,
            Decision(
                objective="cost", false_negative=costs[0] * s, false_positive=costs[1] * s, **keys
            ),
            amounts_for(y_score),
        ).threshold
        for s in (1, scale)
    ]
    assert thresholds[0] == thresholds[1]


def test_amounts_move_the_threshold_to_where_the_money_is() -> None:
    """A missed positive of 100 is worth two false alerts, one of 1 is not."""
    y_true, y_score = [1, 0, 0, 1], [0.9, 0.8, 0.7, 0.6]
    decision = Decision(objective="cost", false_negative=1, false_positive=3, amount="price")
    assert tune(y_true, y_score, decision, [50, 0, 0, 100]).threshold == 0.6
    assert tune(y_true, y_score, decision, [50, 0, 0, 1]).threshold == 0.9


def test_of_thresholds_that_cost_alike_the_highest_is_chosen() -> None:
    """Three times 0.1 is 0.3, whatever floating point makes of it."""
    decision = Decision(objective="cost", false_negative=0.1, false_positive=0.3)
    y_true, y_score = [1, 0, 1, 1, 1], [0.9, 0.8, 0.7, 0.6, 0.5]
    assert tune(y_true, y_score, decision).threshold == 0.9


def test_where_every_alert_costs_more_than_it_saves_nothing_alerts() -> None:
    """The threshold lies just above the highest score, and the note says so."""
    tuned = tune(
        [1, 0, 0], [0.2, 0.9, 0.8], Decision(objective="cost", false_negative=1, false_positive=9)
    )
    assert tuned.threshold == np.nextafter(0.9, 1)
    assert tuned.value == pytest.approx(1 / 3)
    assert tuned.reached
    assert (
        tuned.note
        == "no row raises an alert: no threshold on these scores gives a better objective"
    )


def test_a_capacity_within_tied_scores_leaves_them_all_out() -> None:
    """Two of three tied rows cannot be chosen by a score."""
    y_true, y_score = [1, 1, 0, 1, 0], [0.9, 0.5, 0.5, 0.5, 0.1]
    tuned = tune(y_true, y_score, Decision(objective="alerts", per_thousand=600))
    assert tuned.value == pytest.approx(1 / 3)
    assert (tuned.threshold, tuned.note) == (0.9, None)


def test_a_capacity_smaller_than_the_highest_tie_is_said() -> None:
    """Nothing can alert then, and the note names the key and both numbers."""
    tuned = tune([1, 1, 0, 0], [0.9, 0.9, 0.5, 0.1], Decision(objective="alerts", per_thousand=300))
    assert (tuned.value, tuned.reached) == (0.0, True)
    assert tuned.note == (
        "no row raises an alert: the highest score alone gives 500 alerts per thousand rows, and"
        " decision.per_thousand allows 300; raise it"
    )


def test_a_floor_out_of_reach_falls_back_on_the_nearest_and_says_so() -> None:
    """The highest precision is taken, and of two thresholds with it, the one that finds more."""
    y_true, y_score = [0, 1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.5]
    tuned = tune(y_true, y_score, Decision(objective="recall_at_precision", floor=0.95))
    assert (tuned.threshold, tuned.value, tuned.reached) == (0.6, 1.0, False)
    assert tuned.note == (
        "no threshold reaches decision.floor = 0.95: the best precision is 0.5, so its threshold"
        " is used; lower the floor"
    )


@pytest.mark.parametrize("decision", DECISIONS)
def test_constant_scores_have_a_threshold(decision: Decision) -> None:
    """At which every row alerts, or none: no error."""
    tuned = tune([0, 1, 0], [0.3] * 3, decision, [1, 1, 1])
    assert tuned.threshold in {0.3, np.nextafter(0.3, 1)}


@pytest.mark.parametrize("decision", [F1, COST, AMOUNT])
@given(rows=scored_rows)
@settings(max_examples=25, deadline=None)
def test_tallies_by_threshold_are_those_of_deciding_there(decision: Decision, rows: Rows) -> None:
    """No alert comes first, then each distinct score; amounts are of the positives missed."""
    y_true, y_score = with_both_classes(rows)
    scored, objective = (
        two_classes(y_true, y_score, amount=amounts_for(y_score)),
        objective_of(decision),
    )
    thresholds, found = tally_by_threshold(scored, objective)
    assert every_threshold(y_score)[-2::-1].tolist() == thresholds[1:].tolist()
    for position, threshold in enumerate(thresholds):
        at = objective.tally(scored, decide(y_score, threshold))
        assert at.hits.tolist() == found.hits[:, position].tolist()
        assert at.predicted.tolist() == found.predicted[:, position].tolist()
        assert at.support.tolist() == found.support[:, 0].tolist()
        if at.cost is not None and found.cost is not None:
            assert float(at.cost) == pytest.approx(float(found.cost[position]))
        assert (at.cost is None) == (found.cost is None) == (decision is F1)
