"""Every number that decisions between several classes are judged by, against scikit-learn's."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as sk

from equipoise.assessment.metrics import LOWER_IS_BETTER, Floats, Labels
from equipoise.assessment.several import tallies
from equipoise.assessment.several.tallies import (
    DECISION_METRICS,
    OBJECTIVES,
    Tally,
    confusion_matrix,
    cost_matrix,
    decision_metrics,
    macro_fbeta,
    mean_cost,
    objective,
)
from equipoise.contract.decision_params import Decision
from equipoise.terminal.errors import UserError

K = 4
CODES = range(K)
COSTS = ((0.0, 1.5, 2.0, 9.0), (1.0, 0.0, 3.0, 0.25), (4.0, 0.5, 0.0, 2.0), (30.0, 7.0, 1.0, 0.5))

Oracle = Callable[[Labels, Labels], float]
over_all = {"labels": list(CODES), "zero_division": 0}
# Defined for any rows, also where classes are absent.
ORACLES: dict[str, Oracle] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": partial(sk.recall_score, average="macro", **over_all),
    "macro_f1": partial(sk.f1_score, average="macro", **over_all),
    "weighted_f1": partial(sk.f1_score, average="weighted", **over_all),
}
# Asked where every class is there: the two means leave out an absent one or warn of it, and
# the correlation warns of a single class.
COMPLETE_ORACLES: dict[str, Oracle] = ORACLES | {
    "balanced_accuracy": sk.balanced_accuracy_score,
    "mcc": sk.matthews_corrcoef,
    "g_mean": geometric_mean_score,
}

Rows = list[tuple[int, int]]
codes = st.integers(0, K - 1)
decisions: st.SearchStrategy[Rows] = st.lists(st.tuples(codes, codes), min_size=1, max_size=40)
matrices = st.lists(
    st.lists(st.integers(0, 30), min_size=K * K, max_size=K * K), min_size=1, max_size=6
).map(lambda arms: np.array(arms, dtype=np.float64).reshape(-1, K, K))


def columns(rows: Rows) -> tuple[Labels, Labels]:
    true, predicted = zip(*rows, strict=True)
    return np.array(true), np.array(predicted)


def complete(rows: Rows) -> tuple[Labels, Labels]:
    """Rows among which every class is found at least once, and missed at least once."""
    return columns([*rows, *((k, k) for k in CODES), *((k, (k + 1) % K) for k in CODES)])


def numbers(tally: Tally) -> dict[str, float]:
    """Every decision metric of one tally."""
    return {name: float(value) for name, value in decision_metrics(tally).items()}


def each(tally: Tally) -> list[Tally]:
    """The tallies of a leading axis, one by one."""
    cost = [None] * len(tally.hits) if tally.cost is None else list(tally.cost)
    parts = zip(tally.hits, tally.predicted, tally.support, cost, strict=True)
    return [Tally(*part) for part in parts]


@given(decisions)
@settings(max_examples=25, deadline=None)
def test_the_confusion_matrix_is_scikit_learns(rows: Rows) -> None:
    """Rows are actual classes, columns predicted ones, absent classes have zeros."""
    true, predicted = columns(rows)
    expected = sk.confusion_matrix(true, predicted, labels=CODES)
    assert expected.tolist() == confusion_matrix(true, predicted, K).tolist()


@given(decisions)
@settings(max_examples=25, deadline=None)
def test_a_tally_counts_rows_by_class(rows: Rows) -> None:
    """What is right, predicted and there is counted for each class, absent ones included."""
    true, predicted = columns(rows)
    tally = Tally.of(true, predicted, K)
    expected = [
        [float(((true == k) & (predicted == k)).sum()) for k in CODES],
        [float((predicted == k).sum()) for k in CODES],
        [float((true == k).sum()) for k in CODES],
    ]
    assert expected == [part.tolist() for part in (tally.hits, tally.predicted, tally.support)]
    assert (float(tally.rows), tally.cost) == (len(rows), None)


@given(decisions)
@settings(max_examples=25, deadline=None)
def test_the_cost_of_a_tally_is_that_of_each_row(rows: Rows) -> None:
    """Each row costs what its actual class and its decision say, right ones too."""
    true, predicted = columns(rows)
    tally = Tally.of(true, predicted, K, COSTS)
    expected = sum(COSTS[actual][decided] for actual, decided in rows)
    assert float(tally.cost if tally.cost is not None else np.nan) == pytest.approx(expected)
    assert float(mean_cost(tally)) == pytest.approx(expected / len(rows))


@pytest.mark.parametrize("name", ORACLES)
@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_a_metric_of_any_rows_is_scikit_learns(name: str, rows: Rows) -> None:
    """Absent classes count as scikit-learn counts them when it is told of every label."""
    true, predicted = columns(rows)
    actual = float(DECISION_METRICS[name](Tally.of(true, predicted, K)))
    assert ORACLES[name](true, predicted) == pytest.approx(actual)


@pytest.mark.parametrize("name", DECISION_METRICS)
@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_a_metric_of_complete_rows_is_the_one_of_that_name(name: str, rows: Rows) -> None:
    """With every class there, each metric equals the library that its name comes from."""
    true, predicted = complete(rows)
    actual = float(DECISION_METRICS[name](Tally.of(true, predicted, K)))
    assert COMPLETE_ORACLES[name](true, predicted) == pytest.approx(actual)


@pytest.mark.parametrize("name", DECISION_METRICS)
@pytest.mark.parametrize("label", CODES)
def test_a_metric_of_a_constant_decision_is_its_librarys(name: str, label: int) -> None:
    """Deciding for one class always, a common failure, divides by no zero."""
    true, predicted = np.array([0, 0, 0, 1, 1, 2, 3]), np.full(7, label)
    actual = float(DECISION_METRICS[name](Tally.of(true, predicted, K)))
    assert COMPLETE_ORACLES[name](true, predicted) == pytest.approx(actual)


@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_metrics_by_class_are_scikit_learns(rows: Rows) -> None:
    """Precision, recall and F1 of each class, absent ones included."""
    true, predicted = columns(rows)
    tally = Tally.of(true, predicted, K)
    expected = sk.precision_recall_fscore_support(true, predicted, **over_all)
    for by_class, metric in zip(
        expected[:3], (tallies.precision, tallies.recall, tallies.f1), strict=True
    ):
        assert by_class.tolist() == pytest.approx(metric(tally).tolist())
    assert expected[3].tolist() == tally.support.tolist()


@given(rows=decisions, beta=st.floats(0.1, 10))
@settings(max_examples=25, deadline=None)
def test_macro_fbeta_is_scikit_learns(rows: Rows, beta: float) -> None:
    """Recall weighs beta squared as much as precision, in each class alike."""
    true, predicted = columns(rows)
    expected = sk.fbeta_score(true, predicted, beta=beta, average="macro", **over_all)
    assert expected == pytest.approx(float(macro_fbeta(Tally.of(true, predicted, K), beta)))


@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_two_classes_have_the_correlation_of_matthews(rows: Rows) -> None:
    """R_K of two classes is the coefficient that it generalises."""
    true, predicted = (part % 2 for part in complete(rows))
    expected = sk.matthews_corrcoef(true, predicted)
    assert expected == pytest.approx(float(tallies.mcc(Tally.of(true, predicted, 2))))


def test_a_class_without_rows_counts_as_missed() -> None:
    """No mean over classes is flattered by a class that is not there to be missed."""
    tally = Tally.of([0, 1, 2], [0, 1, 2], K)
    missed = dict.fromkeys(("balanced_accuracy", "macro_f1"), 0.75) | {"g_mean": 0.0}
    assert numbers(tally) == {"accuracy": 1, "weighted_f1": 1, "mcc": pytest.approx(1)} | missed


def test_no_rows_at_all_are_worth_nothing() -> None:
    """0/0 is 0 in every metric."""
    nothing = Tally.of_confusions(np.zeros((K, K)))
    assert dict.fromkeys(DECISION_METRICS, 0.0) == numbers(nothing)


def test_the_correlation_in_a_large_table_does_not_overflow() -> None:
    """Counts of forty million rows multiply to more than an int64 holds."""
    small = Tally.of_confusions([[30, 2, 1], [2, 3, 0], [0, 1, 1]])
    large = Tally.of_confusions(np.array([[30, 2, 1], [2, 3, 0], [0, 1, 1]]) * 1_000_000)
    assert float(tallies.mcc(small)) == pytest.approx(float(tallies.mcc(large)))


@given(matrices)
@settings(max_examples=25, deadline=None)
def test_metrics_of_many_tallies_are_those_of_each(confusions: Floats) -> None:
    """A replicate's metric does not depend on the replicates computed beside it."""
    tally = Tally.of_confusions(confusions, COSTS)
    metrics = DECISION_METRICS | {"fbeta": partial(macro_fbeta, beta=2)}
    for name, metric in metrics.items():
        expected = [float(metric(one)) for one in each(tally)]
        assert expected == pytest.approx(metric(tally).tolist()), name
    for by_class in (tallies.precision, tallies.recall, tallies.f1):
        assert by_class(tally).tolist() == [by_class(one).tolist() for one in each(tally)]
    with_rows = confusions.sum(axis=(1, 2)) > 0
    some = Tally.of_confusions(confusions[with_rows], COSTS)
    assert [float(mean_cost(one)) for one in each(some)] == pytest.approx(mean_cost(some).tolist())


@given(matrices)
@settings(max_examples=25, deadline=None)
def test_support_may_be_shared_by_many_tallies(confusions: Floats) -> None:
    """Candidates on the same rows have one support; it need not be written out for each."""
    others = [confusions[0][:, order] for order in ((0, 1, 2, 3), (3, 1, 0, 2), (2, 0, 1, 3))]
    written_out = Tally.of_confusions(np.stack(others))
    shared = replace(written_out, support=written_out.support[0])
    for name, values in decision_metrics(written_out).items():
        assert values.tolist() == pytest.approx(decision_metrics(shared)[name].tolist()), name


@given(rows=decisions, order=st.permutations(CODES))
@settings(max_examples=25, deadline=None)
def test_metrics_do_not_depend_on_the_order_of_the_classes(rows: Rows, order: list[int]) -> None:
    """No class is special: other codes for the same classes change nothing."""
    true, predicted = columns(rows)
    renamed = np.array(order)
    expected = numbers(Tally.of(true, predicted, K))
    actual = numbers(Tally.of(renamed[true], renamed[predicted], K))
    assert expected == pytest.approx(actual)


def test_every_decision_metric_is_better_when_higher() -> None:
    """A verdict turns the sign of losses only, so no decision metric may be one."""
    assert set() == LOWER_IS_BETTER & set(DECISION_METRICS)
    perfect = numbers(Tally.of(CODES, CODES, K))
    assert dict.fromkeys(DECISION_METRICS, 1.0) == pytest.approx(perfect)


@pytest.mark.parametrize(
    ("decision", "name"),
    [
        (Decision(objective="f1"), "macro_f1"),
        (Decision(objective="weighted_f1"), "weighted_f1"),
        (Decision(objective="balanced_accuracy"), "balanced_accuracy"),
        (Decision(objective="mcc"), "mcc"),
        (Decision(objective="g_mean"), "g_mean"),
    ],
)
@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_an_objective_is_the_metric_of_its_name(decision: Decision, name: str, rows: Rows) -> None:
    """What is tuned for is what is reported; F1 of several classes is their mean F1."""
    tally = Tally.of(*columns(rows), K)
    assert float(DECISION_METRICS[name](tally)) == float(objective(decision)(tally))


def test_the_objective_fbeta_goes_by_beta() -> None:
    """By scikit-learn, for a beta that tells recall from precision."""
    true, predicted = complete([(0, 1), (0, 1), (2, 1), (3, 3)])
    expected = sk.fbeta_score(true, predicted, beta=3, average="macro")
    actual = objective(Decision(objective="fbeta", beta=3))(Tally.of(true, predicted, K))
    assert expected == pytest.approx(float(actual))
    assert expected != pytest.approx(sk.f1_score(true, predicted, average="macro"))


def test_the_objective_cost_is_the_cost_per_row() -> None:
    """In the unit of the matrix, whose rows are actual classes."""
    decision = Decision(objective="cost", costs=COSTS)
    tally = Tally.of([3, 0, 0, 1], [0, 3, 0, 1], K, cost_matrix(decision, K))
    assert float(objective(decision)(tally)) == (30 + 9) / 4


def test_a_tally_made_without_costs_cannot_be_priced() -> None:
    """A cost of nothing is not zero."""
    with pytest.raises(TypeError, match="without a cost matrix"):
        mean_cost(Tally.of([0, 1], [0, 1], 2))


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Decision(objective="alerts", per_thousand=5), "decision.objective: 'alerts' has no"),
        (Decision(objective="recall_at_precision", floor=0.5), "decision.objective: 'recall_at_"),
        (Decision(objective="precision_at_recall", floor=0.5), "decision.objective: 'precision_"),
        (
            Decision(objective="cost", false_negative=5, false_positive=1),
            "decision.objective: 'cost' with false_negative and false_positive has no meaning",
        ),
        (
            Decision(objective="cost", false_negative=5, false_positive=1, amount="price"),
            "decision.objective: 'cost' with false_negative and false_positive has no meaning",
        ),
    ],
)
def test_objectives_of_one_positive_class_are_refused(decision: Decision, expected: str) -> None:
    """One line has the key, the value, and both ways out."""
    with pytest.raises(UserError) as refused:
        objective(decision)
    message = str(refused.value)
    assert message.startswith(expected)
    assert "; " in message
    assert "set data.positive to tell one class from the rest" in message
    assert len(message.splitlines()) == 1


def test_what_may_be_chosen_instead_is_every_objective() -> None:
    """The refusal lists what it would take."""
    with pytest.raises(UserError) as refused:
        objective(Decision(objective="alerts", per_thousand=5))
    assert ", ".join(OBJECTIVES) in str(refused.value)


def test_a_cost_matrix_is_for_the_classes_that_there_are() -> None:
    """Four costs by four for four classes; the message has both sizes."""
    decision = Decision(objective="cost", costs=COSTS)
    costs = cost_matrix(decision, K)
    assert costs is not None
    assert costs.tolist() == [list(row) for row in COSTS]
    with pytest.raises(UserError, match=r"^decision\.costs: 4 x 4 costs for 3 classes; give 3 row"):
        cost_matrix(decision, 3)


def test_an_objective_without_costs_has_no_matrix() -> None:
    """Nothing is priced then."""
    assert cost_matrix(Decision(objective="mcc"), K) is None
