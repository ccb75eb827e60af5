"""Objectives: what they measure, against other implementations, and what is said of bad input."""

import re
from inspect import signature
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, fbeta_score, matthews_corrcoef
from tests.decided import TWO, objective_of, two_classes

from equipoise.core.tables import format_label
from equipoise.deciding.objectives import (
    OBJECTIVES,
    OF_SEVERAL_CLASSES,
    check_cost_order,
    find_elkan_threshold,
    make_objective,
    read_amounts,
)
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import LOWER_IS_BETTER, Floats, Labels
from equipoise.metrics.tallies import Tally
from equipoise.params.decision_params import Decision
from equipoise.terminal.errors import UserError

COST = Decision(objective="cost", false_negative=50, false_positive=2)
AMOUNT = Decision(objective="cost", false_negative=0.5, false_positive=2, amount="price")
MATRIX = Decision(objective="cost", costs=((1, 3), (60, 10)))
DECISIONS = [
    Decision(),
    Decision(objective="fbeta", beta=2),
    Decision(objective="balanced_accuracy"),
    Decision(objective="mcc"),
    Decision(objective="g_mean"),
    COST,
    AMOUNT,
    MATRIX,
    Decision(objective="recall_at_precision", floor=0.5),
    Decision(objective="precision_at_recall", floor=0.5),
    Decision(objective="alerts", per_thousand=300),
]

Rows = list[tuple[int, int, float]]
rows_with_amounts: st.SearchStrategy[Rows] = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.floats(0, 1e6)), min_size=1, max_size=40
)
costs = st.just(0.0) | st.floats(1e-12, 1e6)


def columns(rows: Rows) -> tuple[Labels, Labels, Floats]:
    """Labels, decisions and amounts, with a found and a missed row of each class."""
    corners = [(0, 0, 1.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.0)]
    true, predicted, amount = zip(*rows, *corners, strict=True)
    return np.array(true), np.array(predicted), np.array(amount)


def tally(decision: Decision, y_true: Any, y_pred: Any, amount: Any = None) -> Tally:
    return objective_of(decision).tally(two_classes(y_true, y_pred, amount=amount), y_pred)


def value(decision: Decision, *decisions: Any) -> float:
    return float(objective_of(decision).value(tally(decision, *decisions)))


def met(decision: Decision, *decisions: Any) -> bool:
    return bool(objective_of(decision).is_met(tally(decision, *decisions)))


def threshold_of(decision: Decision, amount: Any = None) -> Floats:
    costs = objective_of(decision).costs
    assert costs is not None
    return find_elkan_threshold(costs, amount)


def test_every_objective_of_params_can_be_made_and_no_other() -> None:
    """What params.yaml may name is what there is."""
    named = get_args(Decision.model_fields["objective"].annotation)
    assert {*named} == {*OBJECTIVES}
    assert {d.objective for d in DECISIONS} == {*OBJECTIVES} - {*OF_SEVERAL_CLASSES}


def test_what_only_several_classes_have_is_refused_for_two() -> None:
    """The message has the key, the value, and every objective there is."""
    with pytest.raises(UserError) as refused:
        make_objective(Decision(objective="weighted_f1"), TWO)
    message = str(refused.value)
    assert message.startswith(
        "decision.objective: 'weighted_f1' is for several classes, and there are two; choose from: "
    )
    assert {*message.rsplit(": ", maxsplit=1)[-1].split(", ")} == {*OBJECTIVES} - {"weighted_f1"}


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Decision(objective="alerts", per_thousand=5), "decision.objective: 'alerts' has no"),
        (Decision(objective="recall_at_precision", floor=0.5), "decision.objective: 'recall_at_"),
        (Decision(objective="precision_at_recall", floor=0.5), "decision.objective: 'precision_"),
        (Decision(prevalence=0.1), "decision.prevalence: there are 3 classes, and it is for two"),
        (Decision(odds=(0.1, 1)), "decision.odds: there are 3 classes, and it is for two only"),
        (COST, "decision.objective: 'cost' with false_negative and false_positive has no meaning"),
        (
            AMOUNT,
            "decision.objective: 'cost' with false_negative and false_positive has no meaning",
        ),
    ],
)
def test_objectives_of_one_positive_class_are_refused_for_several(
    decision: Decision, expected: str
) -> None:
    """One line has the key, the value, and both ways out."""
    with pytest.raises(UserError) as refused:
        make_objective(decision, Classes(("a", "b", "c"), None))
    message = str(refused.value)
    assert message.startswith(expected)
    assert "; " in message
    assert "set data.positive to tell one class from the rest" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("classes", [TWO, Classes(("a", "b", "c", "d"), None)])
def test_a_cost_matrix_is_for_the_classes_that_there_are(classes: Classes) -> None:
    """The message has the key, both sizes and what to give; no cost is made of a part."""
    three = Decision(objective="cost", costs=((0, 1, 2), (3, 0, 4), (5, 6, 0)))
    with pytest.raises(UserError) as refused:
        make_objective(three, classes)
    k = len(classes)
    assert str(refused.value).startswith(
        f"decision.costs: 3 x 3 costs for {k} classes; give {k} rows, one for each actual class,"
    )


@pytest.mark.parametrize("labels", [(0, 1), (-1, 1), (9, 10), ("no", "yes"), (False, True)])
def test_a_cost_matrix_of_two_classes_has_one_order(labels: tuple[Any, Any]) -> None:
    """By size or alphabet, with the negative class first; if that is not so, only one that is
    the same either way is taken."""
    negative, positive = labels
    check_cost_order(MATRIX, labels)
    check_cost_order(Decision(objective="cost", costs=((0, 2), (2, 0))), (positive, negative))
    check_cost_order(COST, (positive, negative))
    with pytest.raises(UserError, match=f"{negative!r} is the positive class and comes before"):
        check_cost_order(MATRIX, (positive, negative))


@pytest.mark.parametrize("labels", [(1.5, 10.25, 2.5), ("10", "2", "9")])
def test_a_cost_matrix_of_several_classes_is_not_for_numbers_that_are_words(labels: Any) -> None:
    """The order of such labels is that of the alphabet, and one would write the matrix by size."""
    three = Decision(objective="cost", costs=((0, 1, 2), (3, 0, 4), (5, 6, 0)))
    said = re.escape(f"in the order {', '.join(map(format_label, labels))} here, and not by size")
    with pytest.raises(UserError, match=said):
        check_cost_order(three, labels)
    alike = Decision(objective="cost", costs=((0, 1, 1), (1, 0, 1), (1, 1, 0)))
    check_cost_order(alike, labels)
    for in_order in ((2, 9, 10), ("a", "b", "c"), (1.5, 2.5, 3.5)):
        check_cost_order(three, in_order)


@pytest.mark.parametrize("name", sorted(set(OBJECTIVES) - {"cost"}))
def test_an_objective_is_made_from_the_keys_that_params_asks_for(name: str) -> None:
    """No key is asked for in vain."""
    asked_for = tuple(signature(OBJECTIVES[name]).parameters)[1:]
    assert asked_for == Decision.NEEDS.get(name, ())


@pytest.mark.parametrize("decision", DECISIONS)
def test_right_decisions_are_better_than_wrong_ones(decision: Decision) -> None:
    """`LOWER_IS_BETTER` says which way an objective points."""
    true, amount = [0, 0, 0, 1], [1, 1, 1, 1]
    right, wrong = value(decision, true, true, amount), value(decision, true, [1, 1, 1, 0], amount)
    assert (right > wrong) != (decision.objective in LOWER_IS_BETTER)


@given(rows=rows_with_amounts, beta=st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_fbeta_is_scikit_learns(rows: Rows, beta: float) -> None:
    """The same counts give the same F-beta."""
    true, predicted, _ = columns(rows)
    expected = fbeta_score(true, predicted, beta=beta)
    actual = value(Decision(objective="fbeta", beta=beta), true, predicted)
    assert expected == pytest.approx(actual)


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("f1", f1_score),
        ("balanced_accuracy", balanced_accuracy_score),
        ("mcc", matthews_corrcoef),
    ],
)
@given(rows=rows_with_amounts)
@settings(max_examples=25, deadline=None)
def test_an_objective_without_keys_is_scikit_learns(name: Any, oracle: Any, rows: Rows) -> None:
    """The same counts give the same number."""
    true, predicted, _ = columns(rows)
    assert oracle(true, predicted) == pytest.approx(
        value(Decision(objective=name), true, predicted)
    )


@pytest.mark.parametrize("beta", [1e-308, 1e308])
def test_fbeta_of_an_extreme_beta_is_precision_or_recall(beta: float) -> None:
    """At its ends F-beta is one of the two that it weighs, without overflow."""
    actual = value(Decision(objective="fbeta", beta=beta), [1, 1, 0, 1, 0], [1, 1, 1, 0, 1])
    assert pytest.approx(0.5 if beta < 1 else 2 / 3) == actual


@given(rows=rows_with_amounts, false_negative=costs, false_positive=costs)
@settings(max_examples=25, deadline=None)
def test_the_cost_is_the_mean_of_what_each_row_costs(
    rows: Rows, false_negative: float, false_positive: float
) -> None:
    """Row by row: the amount for a positive missed, the same for every false alert."""
    true, predicted, amount = columns(rows)
    keys: dict[str, Any] = {"false_negative": false_negative, "false_positive": false_positive + 1}
    decision = Decision(objective="cost", amount="price", **keys)
    expected = [
        false_negative * a if t > p else (false_positive + 1) * (p > t)
        for t, p, a in zip(true, predicted, amount, strict=True)
    ]
    assert np.mean(expected) == pytest.approx(value(decision, true, predicted, amount))
    plain = Decision(objective="cost", **keys)
    ones = np.ones(len(true))
    assert value(plain, true, predicted) == value(decision, true, predicted, ones)


small_costs = st.integers(0, 50)


@given(rows=rows_with_amounts, costs=st.tuples(*[small_costs] * 4).filter(any))
@settings(max_examples=25, deadline=None)
def test_the_cost_of_a_matrix_is_the_mean_of_its_cells(
    rows: Rows, costs: tuple[int, int, int, int]
) -> None:
    """Row by row, the cost that the matrix has for the actual class and the predicted one."""
    true, predicted, _ = columns(rows)
    right, false_positive, false_negative, found = costs
    matrix = ((right, right + false_positive), (found + false_negative, found))
    expected = [matrix[t][p] for t, p in zip(true, predicted, strict=True)]
    decision = Decision(objective="cost", costs=matrix)
    assert np.mean(expected) == pytest.approx(value(decision, true, predicted))


@given(rows=rows_with_amounts, false_negative=small_costs, false_positive=small_costs)
@settings(max_examples=25, deadline=None)
def test_a_matrix_with_nothing_on_its_diagonal_is_two_costs(
    rows: Rows, false_negative: int, false_positive: int
) -> None:
    """Negative first: a false alert is up on the right, a positive missed down on the left."""
    true, predicted, _ = columns(rows)
    keys: dict[str, Any] = {"false_negative": false_negative + 1, "false_positive": false_positive}
    two = Decision(objective="cost", **keys)
    matrix = Decision(objective="cost", costs=((0, false_positive), (false_negative + 1, 0)))
    assert value(matrix, true, predicted) == pytest.approx(value(two, true, predicted))
    assert float(threshold_of(matrix)) == float(threshold_of(two))


@given(
    right=st.tuples(small_costs, small_costs),
    more=st.tuples(small_costs, small_costs).filter(any),
)
@settings(max_examples=50, deadline=None)
def test_alerting_at_the_threshold_of_a_matrix_has_the_least_expected_cost(
    right: tuple[int, int], more: tuple[int, int]
) -> None:
    """At every probability, where a mistake costs no less than being right does."""
    costs = np.array([[right[0], right[0] + more[0]], [right[1] + more[1], right[1]]])
    threshold = find_elkan_threshold(costs)
    for probability in np.linspace(0, 1, 41):
        silence, alert = np.array([1 - probability, probability]) @ costs
        if not np.isclose(silence, alert):
            assert (alert < silence) == (probability >= threshold)


@pytest.mark.parametrize(
    ("decision", "found", "kept"),
    [
        (Decision(objective="recall_at_precision", floor=0.3), 3 / 4, True),
        (Decision(objective="recall_at_precision", floor=0.31), 3 / 4, False),
        (Decision(objective="precision_at_recall", floor=0.75), 3 / 10, True),
        (Decision(objective="precision_at_recall", floor=0.76), 3 / 10, False),
        (Decision(objective="alerts", per_thousand=500), 3 / 4, True),
        (Decision(objective="alerts", per_thousand=499), 3 / 4, False),
        (COST, (50 + 14) / 20, True),
    ],
)
def test_decisions_are_worth_their_value_and_keep_a_limit_or_not(
    decision: Decision, found: float, kept: object
) -> None:
    """A limit met exactly is met: 3 of 10 alerts are right, 3 of 4 positives found, 20 rows."""
    true = [1] * 4 + [0] * 16
    predicted = [1] * 3 + [0] + [1] * 7 + [0] * 9
    assert found == pytest.approx(value(decision, true, predicted))
    assert kept == met(decision, true, predicted)


@pytest.mark.parametrize("per_thousand", [0.7, 2.3, 4.6, 9.2, 12.1])
def test_a_capacity_used_up_is_not_exceeded(per_thousand: float) -> None:
    """Binary fractions do not take an alert away: 2.3 in a thousand are 23 in 10,000 rows."""
    alerts = round(10 * per_thousand)
    true = np.arange(10_000) % 2
    decision = Decision(objective="alerts", per_thousand=per_thousand)
    assert met(decision, true, np.arange(10_000) < alerts)
    assert not met(decision, true, np.arange(10_000) < alerts + 1)


def test_no_alert_meets_no_floor_on_precision() -> None:
    """Precision of nothing is taken as 0, as scikit-learn has it."""
    decision = Decision(objective="recall_at_precision", floor=0.1)
    assert value(decision, [0, 1], [0, 0]) == 0
    assert not met(decision, [0, 1], [0, 0])


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=st.lists(rows_with_amounts, min_size=1, max_size=5))
@settings(max_examples=10, deadline=None)
def test_many_tallies_at_once_are_each_one_alone(decision: Decision, rows: list[Rows]) -> None:
    """Arrays of counts, as replicates give them, are judged like one set of decisions."""
    objective = objective_of(decision)
    alone = [tally(decision, *columns(part)) for part in rows]
    together = Tally(
        hits=np.stack([t.hits for t in alone], axis=-1),
        predicted=np.stack([t.predicted for t in alone], axis=-1),
        support=np.stack([t.support for t in alone], axis=-1),
        cost=None if objective.costs is None else np.array([t.cost for t in alone], np.float64),
    )
    values = [float(objective.value(t)) for t in alone]
    assert values == pytest.approx(objective.value(together).tolist())
    kept = [bool(objective.is_met(t)) for t in alone]
    assert kept == objective.is_met(together).tolist()


def test_elkans_threshold_is_the_share_of_the_false_positive() -> None:
    """Elkan, 2001: 2 / (2 + 50)."""
    assert pytest.approx(2 / 52) == float(threshold_of(COST))


@given(amount=st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_alerting_at_elkans_threshold_has_the_least_expected_cost(amount: list[float]) -> None:
    """Above it an alert is expected to cost less than silence, below it more, row by row."""
    threshold = threshold_of(AMOUNT, amount)
    for probability in np.linspace(0, 1, 21):
        alert, silence = 2 * (1 - probability), 0.5 * np.array(amount) * probability
        clear = ~np.isclose(alert, silence)
        assert ((alert < silence) == (probability >= threshold))[clear].all()


def test_where_no_mistake_costs_anything_elkans_threshold_is_the_highest() -> None:
    """A row without an amount raises no alert, even if alerts are free."""
    free_alerts = Decision(objective="cost", false_negative=1, false_positive=0, amount="price")
    assert threshold_of(free_alerts, [0, 3]).tolist() == [1.0, 0.0]


def test_amounts_are_the_column_that_decision_names() -> None:
    """As floats, in the order of rows."""
    assert read_amounts(pd.DataFrame({"price": [1, 2]}), "price").tolist() == [1.0, 2.0]


def test_rows_without_their_amounts_are_not_priced() -> None:
    """A cost that leaves out what is at stake would be another objective."""
    with pytest.raises(ValueError, match="amount"):
        value(AMOUNT, [0, 1], [0, 0])


def test_a_column_that_is_not_there_is_answered_with_the_nearest() -> None:
    """The user sees the key, the name, and what was meant."""
    with pytest.raises(UserError) as refused:
        read_amounts(pd.DataFrame({"prices": [1.0]}), "price")
    assert str(refused.value) == "decision.amount: no column 'price'; did you mean 'prices'?"


@pytest.mark.parametrize("column", ["target", "data.group", "data.time", "data.segment"])
def test_what_is_no_feature_is_no_amount(column: str) -> None:
    with pytest.raises(UserError, match=f"no column '{column}'; choose from: price$"):
        read_amounts(pd.DataFrame({"price": [1.0], column: [1]}), column)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ([1, -2.5, -1], "column 'price' holds -2.5; an amount is 0 or more; fix it"),
        ([1, None, np.nan], "column 'price' has 2 missing or infinite values; fill or drop"),
        ([1, np.inf], "column 'price' has 1 missing or infinite values; fill or drop"),
        (["much", "little"], "column 'price' is not numeric; convert it to numbers"),
        (pd.to_datetime(["2024-01-01"]), "column 'price' is not numeric; convert it to numbers"),
    ],
)
def test_a_column_that_cannot_be_amounts_is_refused(amount: list[Any], expected: str) -> None:
    """One line has the key, the column, what is wrong, and the remedy."""
    with pytest.raises(UserError) as refused:
        read_amounts(pd.DataFrame({"price": amount}), "price")
    assert str(refused.value).startswith(f"decision.amount: {expected}")
    assert len(str(refused.value).splitlines()) == 1
