"""Class weights: as good as any change of one of them, and applied as they were chosen."""

from dataclasses import dataclass
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from sklearn.metrics import balanced_accuracy_score, f1_score
from tests.decided import TWO, objective_of
from tests.decided import tune as tune_two_classes
from tests.honest import honest

from equipoise.deciding import class_weights
from equipoise.deciding.class_weights import tune_class_weights
from equipoise.deciding.rules import ClassWeights
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import LOWER_IS_BETTER, PLAIN, Floats, Labels
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

K = 3
# The last class is rare.
RARE = (0.8, 0.17, 0.03)
COSTS = ((0.0, 1.5, 4.0), (2.0, 0.25, 3.0), (30.0, 7.0, 0.0))
F1 = Decision(objective="f1")
COST = Decision(objective="cost", costs=COSTS)
DECISIONS = [
    F1,
    Decision(objective="weighted_f1"),
    Decision(objective="fbeta", beta=2),
    Decision(objective="balanced_accuracy"),
    Decision(objective="mcc"),
    Decision(objective="g_mean"),
    COST,
]

Rows = list[tuple[int, tuple[float, ...]]]
codes = st.integers(0, K - 1)
# Few possible scores make ties and zeros common, rows of zeros among them.
tied = st.tuples(*[st.integers(0, 5).map(float)] * K)
free = st.tuples(*[st.one_of(st.just(0.0), st.floats(1e-12, 1))] * K)
scored_rows: st.SearchStrategy[Rows] = st.one_of(
    [st.lists(st.tuples(codes, scores), max_size=25) for scores in (tied, free)]
)
two_class_rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 19).map(lambda score: score / 20)), max_size=40
)


def table(rows: Rows) -> tuple[Labels, Floats]:
    """Codes and probabilities, with a row of each class that is right but for one."""
    certain = [(0, (0.6, 0.3, 0.1)), (1, (0.5, 0.4, 0.1)), (2, (0.2, 0.2, 0.6))]
    true, scores = zip(*rows, *certain, strict=True)
    known = np.array(scores)
    total = known.sum(axis=1, keepdims=True)
    return np.array(true), np.divide(known, total, out=np.zeros_like(known), where=total > 0)


def decide(scores: ArrayLike, weights: ArrayLike) -> Labels:
    return ClassWeights(tuple(np.asarray(weights, float).tolist())).decide(scores)


@dataclass(frozen=True)
class Found:
    """Tuned weights, what they are worth, and what is said of them."""

    weights: tuple[float, ...]
    value: float
    note: str | None


def rows_of(y_true: ArrayLike, scores: ArrayLike, classes: Classes | None = None) -> Scores:
    known = np.asarray(scores, np.float64)
    several = Classes(tuple(map(str, range(known.shape[1]))), None)
    return Scores(classes or several, np.asarray(y_true, np.int64), {PLAIN: known}, {})


def tune(
    y_true: ArrayLike, scores: ArrayLike, decision: Decision, classes: Classes | None = None
) -> Found:
    rows = rows_of(y_true, scores, classes)
    tuned = tune_class_weights(rows, objective_of(decision, rows.classes))
    assert isinstance(tuned.rule, ClassWeights)
    return Found(tuned.rule.weights, tuned.value, tuned.note)


def worth(decision: Decision, y_true: Labels, y_pred: Labels) -> float:
    """What decisions are worth, better when higher."""
    rows = rows_of(y_true, np.zeros((len(y_true), K)))
    value = objective_of(decision, rows.classes).worth(rows, y_pred)
    return -value if decision.objective in LOWER_IS_BETTER else value


def every_weight(scores: Floats, weights: Floats, k: int) -> Floats:
    """A weight of class k for each way to decide with the others as they are, by brute force."""
    ratios = {
        weights[j] * row[j] / row[k]
        for row in scores
        for j in range(len(weights))
        if j != k and row[j] > 0 and row[k] > 0
    }
    ends = np.array(sorted(ratios)) if ratios else np.ones(1)
    ends = ends[np.append(True, ends[1:] > ends[:-1] * (1 + 1e-11))]
    return np.concatenate([ends[:1] / 2, np.sqrt(ends[1:] * ends[:-1]), ends[-1:] * 2])


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=scored_rows)
@settings(max_examples=25, deadline=None)
def test_no_other_weight_of_one_class_is_better(decision: Decision, rows: Rows) -> None:
    """Every class's weight is the best of all that decide differently, the others as they are."""
    y_true, scores = table(rows)
    tuned = tune(y_true, scores, decision)
    reached = worth(decision, y_true, decide(scores, tuned.weights))
    for k in range(K):
        weights = np.array(tuned.weights)
        for weight in every_weight(scores, weights, k):
            weights[k] = weight
            assert worth(decision, y_true, decide(scores, weights)) <= reached + 1e-9


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=scored_rows)
@settings(max_examples=25, deadline=None)
def test_the_first_weight_to_move_alone_is_bettered_or_matched(
    decision: Decision, rows: Rows
) -> None:
    """From equal weights, no single weight decides better than the tuned ones do."""
    y_true, scores = table(rows)
    reached = worth(decision, y_true, decide(scores, tune(y_true, scores, decision).weights))
    for weight in every_weight(scores, np.ones(K), 0):
        assert worth(decision, y_true, decide(scores, [weight, 1, 1])) <= reached + 1e-9


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=scored_rows)
@settings(max_examples=25, deadline=None)
def test_tuned_weights_are_never_worse_than_none_or_inverse_shares(
    decision: Decision, rows: Rows
) -> None:
    """Neither the most probable class nor weights that balance the classes decide better."""
    y_true, scores = table(rows)
    reached = worth(decision, y_true, decide(scores, tune(y_true, scores, decision).weights))
    for start in (np.ones(K), 1 / np.bincount(y_true)):
        assert worth(decision, y_true, decide(scores, start)) <= reached + 1e-9


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=scored_rows)
@settings(max_examples=25, deadline=None)
def test_the_value_is_that_of_deciding_by_the_weights(decision: Decision, rows: Rows) -> None:
    """What is said is what is done, and the commonest class has the weight 1."""
    y_true, scores = table(rows)
    tuned = tune(y_true, scores, decision)
    sign = -1 if decision.objective in LOWER_IS_BETTER else 1
    assert sign * tuned.value == worth(decision, y_true, decide(scores, tuned.weights))
    assert tuned.weights[np.bincount(y_true).argmax()] == 1
    assert all(0 < weight < np.inf for weight in tuned.weights)


@pytest.mark.parametrize("decision", DECISIONS)
@given(rows=scored_rows, seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_weights_do_not_depend_on_row_order(decision: Decision, rows: Rows, seed: int) -> None:
    """Shuffled rows give the same weights, ties included."""
    y_true, scores = table(rows)
    order = np.random.default_rng(seed).permutation(len(y_true))
    assert tune(y_true, scores, decision) == tune(y_true[order], scores[order], decision)


@pytest.mark.parametrize("decision", DECISIONS)
@given(seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_no_row_sits_where_rounding_decides(decision: Decision, seed: int) -> None:
    """Weights lie between rows: some rounding errors more or less move none."""
    generator = np.random.default_rng(seed)
    y_true, scores = np.arange(30) % K, generator.dirichlet(np.ones(K), size=30)
    weights = np.array(tune(y_true, scores, decision).weights)
    jitter = 1 + 1e-13 * generator.uniform(-1, 1, size=K)
    assert decide(scores, weights).tolist() == decide(scores, weights * jitter).tolist()


@pytest.mark.parametrize(
    "decision",
    [
        F1,
        Decision(objective="fbeta", beta=2),
        Decision(objective="balanced_accuracy"),
        Decision(objective="mcc"),
        Decision(objective="g_mean"),
        Decision(objective="cost", false_negative=20, false_positive=3),
    ],
)
@given(rows=two_class_rows)
@settings(max_examples=50, deadline=None)
def test_two_classes_are_served_as_well_as_by_a_threshold(
    decision: Decision, rows: list[tuple[int, float]]
) -> None:
    """The ratio of two weights is a threshold, and the best one is found."""
    true, score = (np.array(part) for part in zip(*rows, (0, 0.4), (1, 0.6), strict=True))
    expected = tune_two_classes(true, score, decision).value
    tuned = tune(true, np.column_stack([1 - score, score]), decision, TWO)
    assert expected == pytest.approx(tuned.value, abs=1e-12)


def test_tuning_raises_what_it_is_for_by_scikit_learns_count() -> None:
    """On imbalanced rows macro F1 and balanced accuracy gain, each most by its own weights."""
    y_true, scores = honest(3000, shares=RARE)
    for_f1, for_recall = (
        decide(scores, tune(y_true, scores, Decision(objective=name)).weights)
        for name in ("f1", "balanced_accuracy")
    )
    plain = decide(scores, [1, 1, 1])
    f1 = {by: f1_score(y_true, by_, average="macro") for by, by_ in enumerate((plain, for_f1))}
    assert f1[1] > f1[0] + 0.01
    assert f1[1] > f1_score(y_true, for_recall, average="macro")
    recall = [balanced_accuracy_score(y_true, by) for by in (plain, for_f1, for_recall)]
    assert recall == sorted(recall)
    assert recall[2] > recall[0] + 0.1


def test_honest_probabilities_are_balanced_by_inverse_shares() -> None:
    """For balanced accuracy the best weights are 1 / share of the class, up to sampling noise."""
    y_true, scores = honest(20_000, shares=RARE)
    tuned = tune(y_true, scores, Decision(objective="balanced_accuracy"))
    inverse = np.bincount(y_true).max() / np.bincount(y_true)
    assert np.log(tuned.weights) == pytest.approx(np.log(inverse), abs=0.35)


@given(rows=scored_rows, scale=st.integers(-20, 20))
@settings(max_examples=25, deadline=None)
def test_another_currency_changes_no_weight(rows: Rows, scale: int) -> None:
    """Only the ratios of the costs matter."""
    y_true, scores = table(rows)
    other = tuple(tuple(cost * 2.0**scale for cost in row) for row in COSTS)
    expected = tune(y_true, scores, COST).weights
    assert expected == tune(y_true, scores, Decision(objective="cost", costs=other)).weights


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_search_that_is_cut_short_keeps_what_it_gained(
    decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one round the weights are better than equal ones, if not yet the best."""
    y_true, scores = honest(500, shares=RARE)
    settled = worth(decision, y_true, decide(scores, tune(y_true, scores, decision).weights))
    monkeypatch.setattr(class_weights, "MOST_ROUNDS", 1)
    reached = worth(decision, y_true, decide(scores, tune(y_true, scores, decision).weights))
    assert worth(decision, y_true, decide(scores, np.ones(K))) < reached <= settled


def test_a_weight_far_from_one_is_found() -> None:
    """Every distinct ratio is tried, so a class scored 1e-9 is not beyond a grid."""
    y_true = np.array([2] * 3 + [1] * 10 + [0] * 987)
    scores = np.array([[0.5, 0.5, 1e-9]] * 3 + [[0.4, 0.6, 1e-12]] * 10 + [[0.6, 0.4, 1e-12]] * 987)
    tuned = tune(y_true, scores, F1)
    assert tuned.value == 1
    assert decide(scores, tuned.weights).tolist() == y_true.tolist()


def test_scores_at_the_end_of_floating_point_are_taken() -> None:
    """Ratios beyond any number are out of reach, and neither overflow nor a warning."""
    scores = np.array([[1, 5e-324, 0], [1, 1e-300, 5e-324], [0.5, 0.5, 1e-320], [0, 0, 1]])
    y_true = np.array([0, 1, 0, 2])
    tuned = tune(y_true, scores, F1)
    assert np.isfinite(tuned.weights).all()
    assert tuned.value >= worth(F1, y_true, decide(scores, [1, 1, 1]))


def test_rows_without_any_score_are_of_the_first_class_whatever_the_weights() -> None:
    """They are counted so in the search as well, whichever class has a weight."""
    scores = np.array([[0.0, 0, 0]] * 3 + [[0.6, 0.4, 0], [0.7, 0.1, 0.2], [0.9, 0.05, 0.05]])
    y_true = np.array([0, 1, 2, 1, 2, 0])
    tuned = tune(y_true, scores, F1)
    assert decide(scores, tuned.weights).tolist() == [0, 0, 0, 1, 2, 0]


def test_of_equally_good_weights_the_nearest_is_taken() -> None:
    """Class 1 gains with twice the weight, loses with four times, gains again with eight times."""
    y_true, scores = [1, 0, 1], np.array([[2, 1], [4, 1], [8, 1]])
    tuned = tune(y_true, scores, Decision(objective="cost", costs=((0, 1), (1, 0))))
    assert tuned.value == pytest.approx(1 / 3)
    assert tuned.weights == pytest.approx((1 / np.sqrt(2 * 4), 1))


def test_weights_that_better_nothing_stay_equal_and_it_is_said() -> None:
    """Where the most probable class is always right, there is nothing to tune."""
    tuned = tune([0, 1, 2], np.eye(3) * 0.7 + 0.1, F1)
    assert (tuned.weights, tuned.value) == ((1, 1, 1), 1)
    assert tuned.note == "equal weights: none that was tried serves the objective better"


@pytest.mark.parametrize("decision", DECISIONS)
def test_constant_scores_are_said(decision: Decision) -> None:
    """A model that tells no rows apart gives weights and a note, not an error."""
    y_true, scores = np.array([0, 1, 2, 0]), np.tile([0.5, 0.3, 0.2], (4, 1))
    tuned = tune(y_true, scores, decision)
    assert len(np.unique(decide(scores, tuned.weights))) == 1
    assert tuned.note is not None
    assert tuned.note.startswith("every row has the same scores: all rows are decided alike")


def test_a_class_without_any_score_is_said() -> None:
    """No weight decides for it, so the best of the other two is found."""
    scores = np.array([[0.6, 0.4, 0], [0.9, 0.1, 0], [0.7, 0.3, 0]])
    tuned = tune([1, 0, 2], scores, F1)
    assert tuned.note == "class 2 has score 0 in every row, so no weight can choose it"
    assert decide(scores, tuned.weights)[:2].tolist() == [1, 0]


def test_ordinary_rows_have_no_note() -> None:
    """A note is for what is unusual."""
    assert tune(*honest(500, shares=RARE), F1).note is None


def test_tuning_stays_quick_on_a_long_table() -> None:
    """Rows are sorted once for each weight that moves: no grid, no matrix for each candidate."""
    y_true, scores = honest(50_000, shares=RARE)
    start = process_time()
    tune(y_true, scores, F1)
    assert process_time() - start < 5
