"""Intervals and differences: what libraries give, and what they promise."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from tests.decided import objective_of, two_classes

from equipoise.judging.bootstrap import BOOTSTRAP, OBSERVED, Summands, make_strata, replicate
from equipoise.judging.intervals import (
    correct_by_holm,
    estimate_interval,
    estimate_metric_intervals,
    estimate_paired_difference,
)
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.probabilities import calibration_error
from equipoise.params.decision_params import Decision

F1 = objective_of(Decision())
SHARE = (0.0, 1.0)
# So many rows of the rarest class that nothing is corrected for there being few.
MANY = 10**9


def replicates_of(values: Any, observed: float) -> pd.Series:
    """Replicates of a number, as `bootstrap.replicate` has them."""
    drawn = [OBSERVED, *[BOOTSTRAP] * len(values)]
    return pd.Series([observed, *values], index=drawn)


def spread(observed: float, deviation: float) -> pd.Series:
    """Replicates around a value, with exactly this standard deviation."""
    normal = stats.norm.ppf((np.arange(500) + 0.5) / 500)
    return replicates_of(observed + deviation * normal / normal.std(ddof=1), observed)


def means_of(values: Floats, resamples: int = 20_000) -> pd.Series:
    """Replicates of the mean of one class of values."""
    strata = make_strata(np.zeros(len(values), dtype=np.int64), 0)
    sums = Summands.of(strata, [("mean", values / len(values))])
    return replicate(strata, sums.sum_columns, resamples, 0)["mean"]


def make_z(n_rare: int, confidence: float) -> float:
    """The confidence at which a normal quantile is that of Student's t at another one."""
    t = stats.t.ppf((1 + confidence) / 2, n_rare - 1)
    return float(2 * stats.norm.cdf(t) - 1)


@pytest.mark.parametrize("n_rare", [5, 20, MANY])
@pytest.mark.parametrize(("hits", "rows"), [(1, 20), (37, 90), (199, 200)])
def test_the_interval_of_a_share_is_the_one_that_statsmodels_has(
    hits: int, rows: int, n_rare: int
) -> None:
    """Wilson's, of the rows whose share varies as the replicates do."""
    share, few = hits / rows, n_rare / (n_rare - 1)
    replicates = spread(share, np.sqrt(share * (1 - share) / rows / few))
    alpha = 1 - make_z(n_rare, 0.9)
    expected = proportion_confint(hits, rows, alpha=alpha, method="wilson")
    assert expected == pytest.approx(estimate_interval(replicates, SHARE, n_rare, 0.9))


@pytest.mark.parametrize("observed", [0.0, 1.0])
def test_what_never_varies_at_a_limit_has_an_interval_all_the_same(observed: float) -> None:
    """None of 20 positives found, or all of them, is Wilson's interval of 0 or 20 of 20."""
    alpha = 1 - make_z(20, 0.95)
    expected = proportion_confint(20 * observed, 20, alpha=alpha, method="wilson")
    found = estimate_interval(replicates_of([observed] * 9, observed), SHARE, 20, 0.95)
    assert expected == pytest.approx(found)


def test_a_number_without_bounds_has_an_interval_of_students_t() -> None:
    """As a cost has: here the mean of exponential values, to 2 % of the width."""
    values = default_rng(0).exponential(size=30)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    found = estimate_interval(means_of(values), None, 30, 0.95)
    assert found == pytest.approx(tuple(expected), abs=0.02 * (expected.high - expected.low))


@pytest.mark.parametrize("rows", [10, 200])
def test_a_paired_difference_is_what_the_paired_t_test_says(rows: int) -> None:
    """Of two arms whose losses are known row by row, the same interval and p, but for noise."""
    rng = default_rng(rows)
    one, other = rng.normal(0.3, 1, size=rows), rng.normal(size=rows)
    expected = stats.ttest_rel(one, other)
    found = estimate_paired_difference(means_of(one - other), rows)
    assert found.p == pytest.approx(expected.pvalue, rel=0.1)
    low, high = expected.confidence_interval(0.95)
    assert found.find_interval(0.95) == pytest.approx((low, high), abs=0.02 * (high - low))


@given(
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.integers(1, 500),
    st.floats(0.01, 0.99),
    st.sampled_from([SHARE, (-1.0, 1.0), (0.0, 2.0)]),
)
@settings(max_examples=100, deadline=None)
def test_an_interval_holds_its_number_stays_within_limits_and_grows_with_confidence(
    place: float, deviation: float, n_rare: int, confidence: float, limits: tuple[float, float]
) -> None:
    """Whatever was drawn; and that of 1 - x mirrors that of x."""
    lowest, highest = limits
    value = lowest + place * (highest - lowest)
    replicates = spread(value, deviation)
    low, high = estimate_interval(replicates, limits, n_rare, confidence)
    assert lowest <= low <= value + 1e-12
    assert value - 1e-12 <= high <= highest
    wider = estimate_interval(replicates, limits, n_rare, confidence + 0.009)
    assert wider[0] - 1e-12 <= low <= high <= wider[1] + 1e-12
    mirrored = estimate_interval(lowest + highest - replicates, limits, n_rare, confidence)
    assert mirrored == pytest.approx((lowest + highest - high, lowest + highest - low), abs=1e-7)


def test_the_same_arm_twice_is_no_evidence_of_anything() -> None:
    """No difference in any replicate has p of one, and an interval of nothing."""
    found = estimate_paired_difference(replicates_of([0.0] * 99, 0.0), 50)
    assert (found.p, found.find_interval(0.95)) == (1, (0, 0))


def test_a_difference_that_no_replicate_varies_decides_nothing() -> None:
    """One row of a class is in every replicate: what it would be otherwise is not known."""
    found = estimate_paired_difference(replicates_of([0.3] * 99, 0.3), 1)
    low, high = found.find_interval(0.95)
    assert low < 0 < found.effect < high


def honest_sample(rng: np.random.Generator, rows: int, claims: float) -> tuple[Labels, Floats]:
    """Rows as a stratified split has them; positives are as frequent as a share of the scores."""
    score = rng.beta(2, 8, size=20 * rows)
    y_true = (rng.uniform(size=len(score)) < claims * score).astype(np.int64)
    positives = round(claims * 0.2 * rows)
    counts = ((1, positives), (0, rows - positives))
    kept = np.concatenate([np.flatnonzero(y_true == label)[:n] for label, n in counts])
    return y_true[kept], score[kept]


@pytest.mark.slow
@pytest.mark.parametrize("claims", [1.0, 0.7])
def test_the_interval_of_the_calibration_error_covers_the_true_one(claims: float) -> None:
    """Of 200 tables, 95 % intervals hold it in 95 % but for noise: 0, or 30 % of the scores.

    They always hold the observed one, which is above 0 even where the scores are exactly
    calibrated, and never go below 0.
    """
    rng, covered = default_rng(1), []
    for seed in range(200):
        y_true, score = honest_sample(rng, 1000, claims)
        replicates = replicate_metrics(two_classes(y_true, score), F1, 200, seed)
        observed = calibration_error(y_true, score)
        metrics = {"test": {"calibration_error": observed}}
        errors = replicates[["calibration_error"]]
        counts = dict(zip("01", np.bincount(y_true).tolist(), strict=True))
        low, high = estimate_metric_intervals(errors, metrics, counts, 0.95)["calibration_error"]
        assert 0 <= low < observed < high
        covered.append(low <= (1 - claims) * score.mean() <= high)
    assert np.mean(covered) >= 0.93


def test_every_column_has_an_interval_and_only_calibration_errors_one_of_their_own() -> None:
    """The others are those of their replicates, within what the metric can be."""
    y_true = np.repeat([0, 1], [90, 30])
    score = default_rng(2).beta(1 + y_true, 3)
    arm = two_classes(
        y_true,
        {"test": score, "calibrated": score**2},
        {"tuned": (score > 0.5).astype(np.int64)},
    )
    replicates = replicate_metrics(arm, F1, 100, 0)
    errors = {
        "test": {"calibration_error": calibration_error(y_true, score)},
        "calibrated": {"calibration_error": calibration_error(y_true, score**2)},
        "constant_guess": {"calibration_error": 0.0},
    }
    intervals = estimate_metric_intervals(replicates, errors, {"a": 90, "b": 30}, 0.95)
    assert set(intervals) == set(replicates)
    for name in set(map(str, replicates)) - {"calibration_error", "calibrated_calibration_error"}:
        limits = {"log_loss": None, "calibrated_log_loss": None, "tuned_mcc": (-1, 1)}
        expected = estimate_interval(replicates[name], limits.get(name, SHARE), 30, 0.95)
        assert intervals[name] == expected
    for name, error in (
        ("calibration_error", errors["test"]["calibration_error"]),
        ("calibrated_calibration_error", errors["calibrated"]["calibration_error"]),
    ):
        moved = np.quantile(replicates.loc[[BOOTSTRAP], name], 0.975)
        assert intervals[name] == pytest.approx((max(0, error - moved), error + moved))


def test_a_column_about_a_class_counts_the_rows_of_that_class() -> None:
    """With several classes, means over them count the rarest; a name may begin as another does."""
    counts = {"a": 200, "a_b": 40, "a_tuned": 20, "c": 5}
    columns = {
        f"class_{label}_{metric}": rows
        for label, rows in counts.items()
        for metric in ("default_recall", "tuned_recall", "roc_auc")
    } | {"default_macro_f1": 5}
    replicates = pd.DataFrame({name: spread(0.5, 0.1) for name in columns})
    found = estimate_metric_intervals(replicates, {}, counts, 0.95)
    for name, rows in columns.items():
        assert found[name] == estimate_interval(replicates[name], SHARE, rows, 0.95)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=10, deadline=None)  # statsmodels collects garbage at each call
def test_holm_gives_what_statsmodels_gives(p_values: list[float]) -> None:
    """The correction over arms is the published one, ties included."""
    expected = multipletests(p_values, method="holm")[1]
    assert expected == pytest.approx(correct_by_holm(p_values), abs=1e-12)


def test_holm_gives_the_numbers_of_a_published_example() -> None:
    """The four p-values by which textbooks show the step-down method, in their order."""
    assert correct_by_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_rejects_what_the_step_down_procedure_rejects() -> None:
    """Compare the i-th smallest with alpha / (m - i + 1), stop at the first that fails."""
    p_values, alpha = [0.001, 0.012, 0.014, 0.026, 0.2], 0.05
    rejected = [p < alpha / (5 - i) for i, p in enumerate(p_values)]
    assert rejected == [True, True, True, False, False]
    assert rejected == [p < alpha for p in correct_by_holm(p_values)]


@given(st.lists(st.floats(0, 1), max_size=12))
@settings(max_examples=25, deadline=None)
def test_holm_only_raises_p_values_and_keeps_their_order(p_values: list[float]) -> None:
    """Correction never turns doubt into certainty, nor a weaker result into the stronger."""
    corrected = correct_by_holm(p_values)
    assert all(p <= new <= 1 for p, new in zip(p_values, corrected, strict=True))
    in_order = [corrected[i] for i in np.argsort(p_values, kind="stable")]
    assert sorted(corrected) == in_order


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_holm_does_not_depend_on_the_order_of_the_arms(p_values: list[float], order: Any) -> None:
    """Listing strategies in another order corrects each as before."""
    positions = list(range(len(p_values)))
    order.shuffle(positions)
    shuffled = correct_by_holm([p_values[i] for i in positions])
    assert [correct_by_holm(p_values)[i] for i in positions] == shuffled


def test_one_comparison_needs_no_correction() -> None:
    """With a single remedy its p-value stands."""
    assert correct_by_holm([0.03]) == [0.03]
