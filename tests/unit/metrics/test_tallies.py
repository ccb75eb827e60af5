"""Every number that decisions are judged by, against scikit-learn's: of two classes or several."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as sk

from equipoise.metrics import tallies
from equipoise.metrics.names import LOWER_IS_BETTER, Floats, Labels
from equipoise.metrics.tallies import (
    BY_CLASS,
    MEANS,
    OVERALL,
    Formula,
    Tally,
    confusion_matrix,
    mean_cost,
    measure_decisions,
)

K = 4
CODES = range(K)
COSTS = ((0.0, 1.5, 2.0, 9.0), (1.0, 0.0, 3.0, 0.25), (4.0, 0.5, 0.0, 2.0), (30.0, 7.0, 1.0, 0.5))

DECISION_METRICS = {**OVERALL, **MEANS}
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
# Of the positive of two classes.
TWO_CLASS_ORACLES: dict[str, Oracle] = {
    "accuracy": sk.accuracy_score,
    "precision": partial(sk.precision_score, zero_division=0),
    "recall": partial(sk.recall_score, zero_division=0),
    "f1": partial(sk.f1_score, zero_division=0),
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


def numbers(tally: Tally, positive: int | None = None) -> dict[str, float]:
    """Every decision metric of one tally."""
    return {name: float(value) for name, value in measure_decisions(tally, positive).items()}


def stacked(confusions: Floats) -> Tally:
    """One tally of many matrices, which lie along its last axis."""
    counts = np.moveaxis(confusions, 0, -1)
    return Tally.of_confusion(counts, np.einsum("ijn,ij->n", counts, COSTS))


def each(tally: Tally) -> list[Tally]:
    """The tallies of a last axis, one by one."""
    cost = [None] * tally.hits.shape[1] if tally.cost is None else list(tally.cost)
    parts = zip(tally.hits.T, tally.predicted.T, tally.support.T, cost, strict=True)
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
    tally = Tally.of(true, predicted, K, np.array(COSTS)[true])
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


@pytest.mark.parametrize("name", TWO_CLASS_ORACLES)
@given(rows=decisions)
@settings(max_examples=25, deadline=None)
def test_a_metric_of_two_classes_is_that_of_the_positive_one(name: str, rows: Rows) -> None:
    """All of them, to rounding."""
    true, predicted = (part % 2 for part in complete(rows))
    actual = numbers(Tally.of(true, predicted, 2), positive=1)
    assert {*actual} == {*TWO_CLASS_ORACLES}
    assert TWO_CLASS_ORACLES[name](true, predicted) == pytest.approx(actual[name], rel=1e-15)


@pytest.mark.parametrize("name", TWO_CLASS_ORACLES)
@pytest.mark.parametrize("label", [0, 1])
def test_a_metric_of_alerting_never_or_always_is_its_librarys(name: str, label: int) -> None:
    """The common failure on rare classes divides by no zero."""
    true, predicted = np.array([0, 0, 0, 1]), np.full(4, label)
    actual = numbers(Tally.of(true, predicted, 2), positive=1)
    assert TWO_CLASS_ORACLES[name](true, predicted) == pytest.approx(actual[name])


def test_a_class_without_rows_counts_as_missed() -> None:
    """No mean over classes is flattered by a class that is not there to be missed."""
    tally = Tally.of([0, 1, 2], [0, 1, 2], K)
    missed = dict.fromkeys(("balanced_accuracy", "macro_f1"), 0.75) | {"g_mean": 0.0}
    assert numbers(tally) == {"accuracy": 1, "weighted_f1": 1, "mcc": pytest.approx(1)} | missed


def test_no_rows_at_all_are_worth_nothing() -> None:
    """0/0 is 0 in every metric."""
    nothing = Tally.of_confusion(np.zeros((K, K)))
    assert dict.fromkeys(DECISION_METRICS, 0.0) == numbers(nothing)


def test_the_correlation_in_a_large_table_does_not_overflow() -> None:
    """Counts of forty million rows multiply to more than an int64 holds."""
    small = Tally.of_confusion([[30, 2, 1], [2, 3, 0], [0, 1, 1]])
    large = Tally.of_confusion(np.array([[30, 2, 1], [2, 3, 0], [0, 1, 1]]) * 1_000_000)
    assert float(tallies.mcc(small)) == pytest.approx(float(tallies.mcc(large)))


@given(matrices)
@settings(max_examples=25, deadline=None)
def test_metrics_of_many_tallies_are_those_of_each(confusions: Floats) -> None:
    """A replicate's metric does not depend on the replicates computed beside it."""
    tally = stacked(confusions)
    for name, metric in DECISION_METRICS.items():
        expected = [float(metric(one)) for one in each(tally)]
        assert expected == pytest.approx(metric(tally).tolist()), name
    formulas: list[Formula] = [*BY_CLASS.values(), partial(tallies.fbeta, beta=2)]
    for by_class in formulas:
        assert by_class(tally).T.tolist() == [by_class(one).tolist() for one in each(tally)]
    some = stacked(confusions[confusions.sum(axis=(1, 2)) > 0])
    assert [float(mean_cost(one)) for one in each(some)] == pytest.approx(mean_cost(some).tolist())


@given(matrices)
@settings(max_examples=25, deadline=None)
def test_support_may_be_shared_by_many_tallies(confusions: Floats) -> None:
    """Candidates on the same rows have one support; it need not be written out for each."""
    others = [confusions[0][:, order] for order in ((0, 1, 2, 3), (3, 1, 0, 2), (2, 0, 1, 3))]
    written_out = stacked(np.stack(others))
    shared = replace(written_out, support=written_out.support[:, :1])
    for positive in (None, 1):
        expected, actual = (measure_decisions(t, positive) for t in (written_out, shared))
        for name, values in expected.items():
            assert values.tolist() == pytest.approx(actual[name].tolist()), name


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


def test_a_tally_made_without_costs_cannot_be_priced() -> None:
    """A cost of nothing is not zero."""
    with pytest.raises(TypeError, match="without costs"):
        mean_cost(Tally.of([0, 1], [0, 1], 2))
