"""Comparisons over folds: what the papers, scikit-learn and baycomp say they are."""

from collections.abc import Callable
from functools import cache
from math import sqrt
from typing import Any

import baycomp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from pandas.testing import assert_frame_equal
from scipy import stats
from scipy.integrate import quad
from sklearn import metrics as sk
from sklearn.datasets import make_moons
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.svm import SVC

from equipoise.judging.folds import (
    LARGEST_MULTIPLE,
    count_positives_needed,
    is_equivalent,
    run_bayesian_correlated_t_test,
    run_corrected_t_test,
    score_folds,
)
from equipoise.metrics.names import Floats

SIMULATION_SEED = 20240229

# Rounded, so that a difference is either large or zero.
fold_differences = st.lists(
    st.floats(-1, 1).map(lambda difference: round(difference, 3)), min_size=4, max_size=30
)


def judge(rows: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
    """A score of the fold's rows, and something that only the other folds decide."""
    return {
        "roc_auc": sk.roc_auc_score(rows["y_true"], rows["y_score"]),
        "threshold": float(others["y_score"].median()),
    }


def scores_of(oof: pd.DataFrame) -> pd.DataFrame:
    return score_folds(oof, judge)


def oof_frame(decimals: int, rows: int = 120, folds: int = 4, repeats: int = 2) -> pd.DataFrame:
    """Out-of-fold rows, a quarter of them positive; few decimals make ties common."""
    rng = default_rng(3)
    y_true = np.arange(rows) % 4 == 0
    frames = []
    for repeat in range(repeats):
        y_score = rng.beta(np.where(y_true, 3, 2), 3).round(decimals)
        fold = np.empty(rows, dtype=np.int64)
        for label in (True, False):
            members = rng.permutation(np.flatnonzero(y_true == label))
            fold[members] = np.arange(len(members)) % folds
        columns = {"repeat": repeat, "fold": fold, "y_true": y_true.astype(np.int64)}
        decisions = {"y_score": y_score, "y_pred": (y_score >= 0.5).astype(np.int64)}
        frames.append(pd.DataFrame({"row": np.arange(rows)} | columns | decisions))
    return pd.concat(frames, ignore_index=True)


@cache
def moons() -> dict[str, pd.DataFrame]:
    """Fold scores of the two best models of scikit-learn's example, by kernel."""
    X, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    splitter = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    scores = {}
    for kernel in ("linear", "rbf"):
        frames = []
        for position, (fitted, held_out) in enumerate(splitter.split(X, y)):
            margin = SVC(kernel=kernel).fit(X[fitted], y[fitted]).decision_function(X[held_out])
            place = {"row": held_out, "repeat": position // 10, "fold": position % 10}
            seen = {"y_true": y[held_out], "y_score": 1 / (1 + np.exp(-margin))}
            frames.append(pd.DataFrame(place | seen | {"y_pred": (margin > 0).astype(np.int64)}))
        scores[kernel] = scores_of(pd.concat(frames))
    return scores


def moons_difference() -> Floats:
    difference: Floats = (moons()["rbf"]["roc_auc"] - moons()["linear"]["roc_auc"]).to_numpy()
    return difference


@pytest.mark.parametrize("decimals", [0, 2, 15])
def test_every_fold_has_the_scores_that_its_judge_gives(decimals: int) -> None:
    """One row for each repeat and fold, in their order, judged by its own rows."""
    oof = oof_frame(decimals)
    folds = oof.groupby(["repeat", "fold"])
    expected = [sk.roc_auc_score(rows["y_true"], rows["y_score"]) for _, rows in folds]
    actual = scores_of(oof)
    assert list(actual) == ["repeat", "fold", "n_train", "n_test", "roc_auc", "threshold"]
    assert actual["roc_auc"].tolist() == expected
    assert list(folds.groups) == list(zip(actual["repeat"], actual["fold"], strict=True))


def test_a_fold_knows_how_many_rows_it_was_fitted_and_tested_on() -> None:
    """Their ratio is what corrects the test: 1 / (folds - 1)."""
    scores = scores_of(oof_frame(2))
    assert scores["n_test"].mean() / scores["n_train"].mean() == pytest.approx(1 / 3)


def test_a_fold_does_not_choose_its_own_threshold() -> None:
    """With its own scores or labels turned round, a fold's threshold stays; others' move."""
    oof = oof_frame(15)
    first = (oof["repeat"] == 0) & (oof["fold"] == 0)
    turned = oof.assign(y_score=oof["y_score"].where(~first, 1 - oof["y_score"]))
    before, after = scores_of(oof)["threshold"], scores_of(turned)["threshold"]
    assert before[0] == after[0]
    assert (before[1:4] != after[1:4]).any()
    assert before[4:].tolist() == after[4:].tolist()


def test_what_is_tuned_is_tuned_on_the_other_folds_of_its_repeat() -> None:
    """A judge sees the rows of the fold, and those of the other folds of that repeat alone."""
    oof, seen = oof_frame(15), []

    def look(rows: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
        seen.append((rows, others))
        return {}

    score_folds(oof, look)
    places = [(repeat, fold) for repeat in range(2) for fold in range(4)]
    for (repeat, fold), (rows, others) in zip(places, seen, strict=True):
        assert_frame_equal(rows, oof[(oof["repeat"] == repeat) & (oof["fold"] == fold)])
        assert_frame_equal(others, oof[(oof["repeat"] == repeat) & (oof["fold"] != fold)])


def test_folds_that_go_forward_in_time_are_tuned_on_earlier_ones_alone() -> None:
    """The first of each repeat has none and is left out; sizes are of what was used."""
    oof, seen = oof_frame(15), []

    def look(rows: pd.DataFrame, others: pd.DataFrame) -> dict[str, float]:
        seen.append((rows["fold"].unique().tolist(), sorted(others["fold"].unique())))
        return {"repeats": others["repeat"].nunique()}

    scores = score_folds(oof, look, forward=True)
    assert seen == [([fold], list(range(fold))) for _ in range(2) for fold in (1, 2, 3)]
    assert scores["fold"].tolist() == [1, 2, 3, 1, 2, 3]
    rows = oof[oof["repeat"] == 0]["fold"].value_counts().sort_index()
    assert scores["n_train"].tolist() == rows.cumsum()[:-1].tolist() * 2
    assert scores["n_test"].tolist() == rows[1:].tolist() * 2
    assert scores["repeats"].tolist() == [1] * 6


def test_the_order_of_rows_changes_no_fold_score() -> None:
    """Rows come sorted or as folds were scored; a comparison sees no difference."""
    oof = oof_frame(1)
    shuffled = oof.sample(frac=1, random_state=4)
    assert_frame_equal(scores_of(oof), scores_of(shuffled), rtol=0, atol=1e-12)


UNUSABLE: list[tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = [
    (lambda oof: oof.assign(y_score=np.nan), "y_score: NaN in 240 of 240 out-of-fold rows"),
    (
        lambda oof: oof.assign(
            y_score_a=oof["y_score"].where(oof.index > 0),
            y_score_b=oof["y_score"].where(oof.index > 2),
        ),
        "y_score: NaN in 3 of 240 out-of-fold rows",
    ),
    (lambda oof: oof[oof["fold"] == 0], "fold: a repeat has a single fold; at least 2 are needed"),
    (
        lambda oof: oof.assign(y_true=oof["y_true"] * (oof["fold"] > 0)),
        "y_true: a fold lacks rows of a class; each fold needs every class",
    ),
    (
        lambda oof: oof.assign(y_true=oof["y_true"].where(oof.index != 0, 2)),
        "y_true: a fold lacks rows of a class; each fold needs every class",
    ),
]


@pytest.mark.parametrize(("change", "message"), UNUSABLE)
def test_rows_that_cannot_be_scored_are_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    """Nothing is scored by half, or as a NaN that a mean would pass over.

    A score of any class may be missing, and any class in any fold, the first of three included.
    """
    with pytest.raises(ValueError, match=message) as refused:
        scores_of(change(oof_frame(2)))
    assert str(refused.value) == message


def test_folds_of_several_classes_are_scored_when_each_has_every_class() -> None:
    """Three classes in every fold are as good as two."""
    oof = oof_frame(2).assign(y_true=lambda rows: rows.groupby(["repeat", "fold"]).cumcount() % 3)
    scores = score_folds(oof, lambda rows, _: {"classes": rows["y_true"].nunique()})
    assert scores["classes"].tolist() == [3] * 8


def test_the_corrected_t_test_is_that_of_scikit_learns_example() -> None:
    """Published: t = 0.750 and one-sided p = 0.227 corrected, 2.611 and 0.005 not."""
    difference = moons_difference()
    test = run_corrected_t_test(difference, n_train=90, n_test=10, confidence=0.95)
    assert (round(test.t, 3), round(test.p / 2, 3)) == (0.750, 0.227)
    naive = stats.ttest_1samp(difference, 0, alternative="greater")
    assert (round(naive.statistic, 3), round(naive.pvalue, 3)) == (2.611, 0.005)


@pytest.mark.parametrize(
    ("confidence", "published"),
    [
        (0.50, (0.000977, 0.019023)),
        (0.75, (-0.005422, 0.025422)),
        (0.95, (-0.016445, 0.036445)),
    ],
)
def test_intervals_are_those_of_scikit_learns_example(
    confidence: float, published: tuple[float, float]
) -> None:
    """The example's credible intervals are the corrected test's confidence intervals."""
    test = run_corrected_t_test(moons_difference(), n_train=90, n_test=10, confidence=confidence)
    assert published == pytest.approx(test.interval, abs=5e-7)


def test_the_posterior_is_that_of_scikit_learns_example() -> None:
    """Published: better with probability 0.773, equivalent within 0.01 with 0.432."""
    difference = moons_difference()
    direction = run_bayesian_correlated_t_test(difference, n_train=90, n_test=10, rope=0)
    assert (round(direction.better, 3), round(direction.worse, 3)) == (0.773, 0.227)
    region = run_bayesian_correlated_t_test(difference, n_train=90, n_test=10, rope=0.01)
    assert round(region.equivalent, 3) == 0.432


@pytest.mark.parametrize("rope", [0.0, 0.003, 0.01, 0.1])
@pytest.mark.parametrize(("folds", "runs"), [(10, 10), (5, 2), (2, 1), (3, 4)])
def test_the_posterior_is_what_baycomp_gives(folds: int, runs: int, rope: float) -> None:
    """The authors' own library, whose order is (left, rope, right) of second less first."""
    rng = default_rng(folds)
    baseline, arm = rng.normal([[0.5], [0.51]], 0.03, size=(2, folds * runs))
    expected = baycomp.two_on_single(baseline, arm, rope=rope, runs=runs)
    ours = run_bayesian_correlated_t_test(arm - baseline, n_train=folds - 1, n_test=1, rope=rope)
    regions = (ours.worse, ours.equivalent, ours.better) if rope else (ours.worse, ours.better)
    assert expected == pytest.approx(regions, abs=1e-12)


def test_the_posterior_is_the_integral_of_its_density() -> None:
    """Student's t of n - 1 degrees, its scale that of folds that correlate by rho."""
    values, rho, rope = np.array([0.02, -0.01, 0.03, 0.01, 0.04]), 0.2, 0.015
    scale = sqrt(values.var(ddof=1) * (1 / len(values) + rho / (1 - rho)))
    density = stats.t(len(values) - 1, values.mean(), scale).pdf
    ours = run_bayesian_correlated_t_test(values, n_train=80, n_test=20, rope=rope)
    assert ours.equivalent == pytest.approx(quad(density, -rope, rope)[0])
    assert ours.better == pytest.approx(quad(density, rope, np.inf)[0])


@given(fold_differences, st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_the_three_probabilities_add_up_and_change_sides(values: list[float], rope: float) -> None:
    """One of the three holds; with the arms swapped, better is worse."""
    ours = run_bayesian_correlated_t_test(values, 4, 1, rope)
    swapped = run_bayesian_correlated_t_test([-value for value in values], 4, 1, rope)
    assert ours.worse + ours.equivalent + ours.better == pytest.approx(1)
    assert (ours.worse, ours.better) == pytest.approx((swapped.better, swapped.worse))


@given(fold_differences, st.floats(0.5, 0.999))
@settings(max_examples=25, deadline=None)
def test_p_is_below_the_level_exactly_when_the_interval_leaves_out_nought(
    values: list[float], confidence: float
) -> None:
    """Test and interval never contradict each other, even where nothing varies."""
    test = run_corrected_t_test(values, n_train=80, n_test=20, confidence=confidence)
    low, high = test.interval
    if abs(test.p - (1 - confidence)) > 1e-9:
        assert (test.p < 1 - confidence) == (low > 0 or high < 0)


@given(fold_differences)
@settings(max_examples=25, deadline=None)
def test_almost_no_test_rows_leave_the_plain_paired_t_test(values: list[float]) -> None:
    """The correction is the only thing that differs from scipy's test and interval."""
    if np.std(values) > 1e-6:
        test = run_corrected_t_test(values, n_train=1e15, n_test=1, confidence=0.9)
        plain = stats.ttest_1samp(values, 0)
        assert test.p == pytest.approx(plain.pvalue, rel=1e-6)
        assert test.interval == pytest.approx(tuple(plain.confidence_interval(0.9)), abs=1e-9)


@given(fold_differences, st.floats(1, 50))
@settings(max_examples=25, deadline=None)
def test_more_dependence_never_makes_a_difference_surer(values: list[float], n_test: float) -> None:
    """The larger the tested share, the more of the train rows two folds have in common."""
    little, much = (
        run_corrected_t_test(values, 100, n, confidence=0.95).p for n in (n_test, n_test + 5)
    )
    assert little <= much


def test_an_arm_that_never_differs_is_the_baseline() -> None:
    """p is 1, the interval a point, and equivalence certain."""
    test = run_corrected_t_test([0.0] * 10, n_train=80, n_test=20, confidence=0.95)
    assert (test.effect, test.interval, test.t, test.p) == (0, (0, 0), 0, 1)
    posterior = run_bayesian_correlated_t_test([0.0] * 10, n_train=80, n_test=20, rope=0)
    assert (posterior.worse, posterior.equivalent, posterior.better) == (0, 1, 0)


@pytest.mark.parametrize("difference", [0.1, -0.3, 1.0])
@pytest.mark.parametrize("folds", [2, 10, 100])
def test_a_constant_difference_is_not_certain(folds: int, difference: float) -> None:
    """It is as sure as with one fold more that shows none: never p = 0."""
    test = run_corrected_t_test([difference] * folds, n_train=80, n_test=20, confidence=0.95)
    spread = np.std([difference] * folds + [0.0], ddof=1)
    assert test.standard_error == pytest.approx(spread * sqrt(1 / folds + 0.25))
    assert test.effect == pytest.approx(difference)
    assert test.p > 0


def test_two_folds_alone_do_not_prove_a_constant_difference() -> None:
    """Twice the same gain may be chance; ten times hardly is."""
    p = {
        folds: run_corrected_t_test([0.1] * folds, n_train=folds - 1, n_test=1, confidence=0.95).p
        for folds in (2, 10)
    }
    assert p[2] > 0.3
    assert p[10] < 0.001


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: run_corrected_t_test([0.1], 4, 1, 0.95), "differences: 1 are too few folds"),
    (lambda: run_corrected_t_test([], 4, 1, 0.95), "differences: 0 are too few folds"),
    (lambda: run_corrected_t_test([0.1, np.nan], 4, 1, 0.95), "1 of 2 folds are NaN or infinite"),
    (
        lambda: run_bayesian_correlated_t_test([np.inf, 0.1], 4, 1, 0),
        "1 of 2 folds are NaN or infinite",
    ),
    (
        lambda: run_corrected_t_test([0.1, 0.2], 0, 1, 0.95),
        "n_train, n_test: 0, 1 should be above 0",
    ),
    (lambda: run_corrected_t_test([0.1, 0.2], 4, np.nan, 0.95), "n_train, n_test: 4, nan"),
    (
        lambda: run_corrected_t_test([0.1, 0.2], 4, 1, 95),
        "confidence: 95 should be above 0 and below 1",
    ),
    (
        lambda: run_bayesian_correlated_t_test([0.1, 0.2], 4, 1, -0.1),
        "rope: -0.1 should be 0 or more",
    ),
    (lambda: is_equivalent((0.0, np.nan), 0.1), "should be finite"),
    (lambda: count_positives_needed(np.nan, (0.0, 1.0), 0.1, 50), "should be finite"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_compared_is_refused_in_one_line(
    call: Callable[[], Any], message: str
) -> None:
    """No NaN reaches a verdict; the message has the value found."""
    with pytest.raises(ValueError, match=message) as refused:
        call()
    assert "\n" not in str(refused.value)


def p_values_without_a_difference(tables: int, rows: int = 60) -> tuple[Floats, Floats]:
    """Plain and corrected p-values of two arms as good as each other, on new tables each time.

    Both classify by the nearer class mean, each in a feature of its own that is as good as the
    other's: 5-fold cross-validation repeated 10 times, its accuracies compared.
    """
    rng = default_rng(SIMULATION_SEED)
    plain, corrected = [], []
    y = np.repeat([0, 1], rows // 2)
    for _ in range(tables):
        X = rng.normal(size=(rows, 2)) + y[:, None]
        shuffled = np.concatenate([rng.permutation(rows) for _ in range(10)])
        held_out = shuffled.reshape(50, rows // 5)
        fitted = np.ones((50, rows))
        np.put_along_axis(fitted, held_out, 0, axis=1)
        means = [(fitted * (y == c)) @ X / (fitted * (y == c)).sum(1)[:, None] for c in (0, 1)]
        nearer_to_one = (X[held_out] > sum(means)[:, None] / 2) == (means[1] > means[0])[:, None]
        accuracy = (nearer_to_one == y[held_out][..., None]).mean(axis=1)
        difference = accuracy[:, 0] - accuracy[:, 1]
        plain.append(stats.ttest_1samp(difference, 0).pvalue)
        corrected.append(run_corrected_t_test(difference, 4, 1, confidence=0.95).p)
    return np.array(plain), np.array(corrected)


def test_the_plain_t_test_sees_differences_that_are_not_there_and_the_corrected_does_not() -> None:
    """At level 0.05, over 400 tables: far above 0.05 without the correction, not with it."""
    plain, corrected = p_values_without_a_difference(tables=400)
    assert np.mean(plain < 0.05) > 0.25
    assert np.mean(corrected < 0.05) < 0.08


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((-0.01, 0.01), True), ((0.0, 0.005), True), ((-0.02, 0.0), False), ((0.02, 0.03), False)],
)
def test_equivalent_is_an_interval_wholly_inside_the_region(
    interval: tuple[float, float], *, expected: bool
) -> None:
    """A wide interval is no proof of equivalence, nor is a clear difference."""
    assert is_equivalent(interval, rope=0.01) is expected


@pytest.mark.parametrize("confidence", [0.8, 0.9])
def test_equivalence_is_a_pair_of_one_sided_t_tests(confidence: float) -> None:
    """An interval of 1 - 2a inside the region rejects both "too low" and "too high" at a."""
    rng, rope, decided = default_rng(11), 0.02, []
    for _ in range(50):
        values = rng.normal(0.005, 0.01, size=10)
        test = run_corrected_t_test(values, 80, 20, confidence)
        ps = [stats.t.sf((rope + side * test.effect) / test.standard_error, 9) for side in (-1, 1)]
        decided.append(is_equivalent(test.interval, rope))
        assert decided[-1] == (max(ps) <= (1 - confidence) / 2)
    assert 0 < sum(decided) < 50


@pytest.mark.parametrize(
    ("effect", "interval", "rope", "expected"),
    [
        (0.03, (-0.01, 0.07), 0.01, 78),  # to leave out 0: (0.04 / 0.03)^2 times 100
        (-0.03, (-0.07, 0.01), 0.01, 78),
        (0.02, (-0.01, 0.05), 0.0, 125),  # no region: (0.03 / 0.02)^2 times 100
        (0.0, (-0.03, 0.03), 0.01, 800),  # to fit inside the region: 9 times 100
        (0.008, (-0.01, 0.026), 0.01, 407),  # 0 is farther than the edge: (0.018 / 0.008)^2
        (0.002, (-0.01, 0.014), 0.01, 125),  # the edge is farther than 0: (0.012 / 0.008)^2
        (0.03, (0.02, 0.04), 0.01, 0),  # decided already
        (0.0, (0.0, 0.0), 0.01, 0),
        (0.01, (-0.01, 0.03), 0.01, 300),  # on the edge, which is not in the way
        (0.0001, (-0.01, 0.0102), 0.0, None),  # too close to 0
        (0.0, (-0.01, 0.01), 0.0, None),
        (0.0, (-0.25, 0.25), 1e-200, None),
    ],
)
def test_positives_needed_shrink_the_interval_until_it_decides(
    effect: float, interval: tuple[float, float], rope: float, expected: int | None
) -> None:
    """Of 100 positives, (side / gap)^2 times as many; None where no size that exists decides."""
    needed = count_positives_needed(effect, interval, rope, positives=100)
    assert needed == (None if expected is None else pytest.approx(expected, abs=1))


@given(
    st.floats(-0.2, 0.2), st.floats(0.001, 0.3), st.floats(0.001, 0.3), st.floats(0, 0.1),
    st.integers(10, 500),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_so_many_positives_decide_and_one_percent_fewer_do_not(
    effect: float, below: float, above: float, rope: float, positives: int
) -> None:
    """The answer is enough, and no more than enough."""
    needed = count_positives_needed(effect, (effect - below, effect + above), rope, positives)
    if needed is None:
        assert decides(effect, below, above, rope, LARGEST_MULTIPLE) is False
        return
    multiple = (positives + needed) / positives
    assert decides(effect, below, above, rope, multiple * 1.0001)
    if needed > 1:
        assert not decides(effect, below, above, rope, (multiple - 1 / positives) * 0.99)


def decides(effect: float, below: float, above: float, rope: float, multiple: float) -> bool:
    low, high = effect - below / sqrt(multiple), effect + above / sqrt(multiple)
    return low >= 0 or high <= 0 or is_equivalent((low, high), rope)
