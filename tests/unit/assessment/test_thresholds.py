"""The decision threshold: as good as any other, and applied as it was chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from equipoise.assessment.metrics import Floats, Labels, confusion, f1
from equipoise.assessment.thresholds import confusion_by_threshold, decide, tune_threshold
from equipoise.contract.params import Decision

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
    return float(f1(confusion(y_true, decide(y_score, threshold))))


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_no_distinct_score_is_a_better_threshold(rows: Rows) -> None:
    """The tuned threshold has the best F1 that any threshold on these rows can have."""
    y_true, y_score = with_both_classes(rows)
    best = max(f1_at(score, y_true, y_score) for score in y_score)
    assert best == f1_at(tune_threshold(y_true, y_score, F1), y_true, y_score)


@given(scored_rows)
@settings(max_examples=25, deadline=None)
def test_the_tuned_f1_is_the_best_of_the_precision_recall_curve(rows: Rows) -> None:
    """scikit-learn's curve has no point with a higher F1."""
    y_true, y_score = with_both_classes(rows)
    precision, recall, _ = precision_recall_curve(y_true, y_score)
    best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300))
    actual = f1_at(tune_threshold(y_true, y_score, F1), y_true, y_score)
    assert best == pytest.approx(actual)


def test_of_equally_good_thresholds_the_highest_is_chosen() -> None:
    """Where two thresholds serve alike, the one with fewer alerts is taken."""
    y_true, y_score = [1, 0, 1, 0], [0.9, 0.7, 0.5, 0.1]
    at = {score: f1_at(score, np.array(y_true), np.array(y_score)) for score in (0.9, 0.7)}
    assert at[0.9] > at[0.7]
    assert tune_threshold([1, 0, 0, 1], [0.9, 0.8, 0.7, 0.6], F1) == 0.9


def test_separated_classes_are_parted_without_a_mistake() -> None:
    """The lowest score of a positive is the threshold: all positives and nothing else alert."""
    assert tune_threshold([0, 0, 1, 1], [0.01, 0.2, 0.3, 0.9], F1) == 0.3


def test_a_threshold_for_rare_and_tiny_scores_is_found() -> None:
    """Every distinct score is tried, so positives scored 1e-9 are not beyond a grid."""
    y_score = [1e-9] * 3 + [1e-12] * 997
    assert tune_threshold([1] * 3 + [0] * 997, y_score, F1) == 1e-9


@given(rows=scored_rows, seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_the_threshold_does_not_depend_on_row_order(rows: Rows, seed: int) -> None:
    """Shuffled rows give the same threshold, ties included."""
    y_true, y_score = with_both_classes(rows)
    order = np.random.default_rng(seed).permutation(len(y_true))
    expected = tune_threshold(y_true, y_score, F1)
    assert expected == tune_threshold(y_true[order], y_score[order], F1)


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
def test_counts_by_threshold_are_those_of_deciding_there(rows: Rows) -> None:
    """The counts at each distinct score are what deciding at that score gives."""
    y_true, y_score = with_both_classes(rows)
    thresholds, counts = confusion_by_threshold(y_true, y_score)
    assert np.unique(y_score)[::-1].tolist() == thresholds.tolist()
    for position, threshold in enumerate(thresholds):
        at = confusion(y_true, decide(y_score, threshold))
        expected = [float(at.tn), float(at.fp), float(at.fn), float(at.tp)]
        columns = (counts.tn, counts.fp, counts.fn, counts.tp)
        assert expected == [column[position] for column in columns]
