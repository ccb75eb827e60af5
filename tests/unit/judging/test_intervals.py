"""Intervals and p-values: what scipy gives, what they promise, and never a contradiction."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from scipy import stats
from sklearn.metrics import average_precision_score
from statsmodels.stats.multitest import multipletests
from tests.decided import objective_of, two_classes

from equipoise.judging.bootstrap import (
    BOOTSTRAP,
    LEFT_OUT,
    OBSERVED,
    Summands,
    make_strata,
    replicate,
)
from equipoise.judging.intervals import (
    correct_by_holm,
    estimate_interval,
    estimate_metric_intervals,
    estimate_two_sided_p,
)
from equipoise.judging.replicates import replicate_metrics
from equipoise.judging.resampled_ranking import Ranking
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.probabilities import calibration_error
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty

F1 = objective_of(Decision())

Method = Literal["percentile", "bca"]
METHODS: list[Method] = ["percentile", "bca"]


def uncertainty_of(
    confidence: float = 0.95, method: Method = "percentile", resamples: int = 2000
) -> Uncertainty:
    return Uncertainty(confidence=confidence, method=method, resamples=resamples)


def replicates_of(
    values: Any, observed: float | None = None, left_out: Any = ((-1.0, 1.0),)
) -> pd.Series:
    """Replicates of a number, as `bootstrap.replicate` has them; each class has its jackknife."""
    middle = float(np.median(values)) if observed is None else observed
    parts = [(OBSERVED, [middle]), (BOOTSTRAP, values)]
    parts += [(f"jackknife {label}", left) for label, left in enumerate(left_out)]
    return pd.concat([pd.Series(part, index=[draw] * len(part)) for draw, part in parts])


# Bootstrap values, and what leaving each row of two classes out gives.
many_values = st.lists(st.floats(-1, 1), min_size=2, max_size=50)
drawn_replicates = st.builds(
    replicates_of,
    many_values,
    st.floats(-1, 1),
    st.tuples(*[st.lists(st.floats(-1, 1), min_size=2, max_size=8)] * 2),
)


def means_of(values: Floats, uncertainty: Uncertainty, seed: int = 0) -> pd.Series:
    """Replicates of the mean of one class of values."""
    strata = make_strata(np.zeros(len(values), dtype=np.int64), seed)
    sums = Summands.of(strata, [("mean", values / len(values))])
    return replicate(strata, sums.sum_columns, uncertainty, seed)["mean"]


def skewed(rows: int) -> Floats:
    """An ideal sample of an exponential distribution of mean 1: its quantiles."""
    sample: Floats = stats.expon.ppf((np.arange(rows) + 0.5) / rows)
    return sample


# A few scores of negatives and of positives: rank differently at the top and at the bottom.
NEGATIVES, POSITIVES = default_rng(3).beta(2, 4, size=25), default_rng(4).beta(4, 3, size=9)


def roc_auc(negatives: Floats, positives: Floats, axis: int = -1) -> Floats:
    """The share of pairs that are in order, for one sample of each class or many at once."""
    assert axis == -1
    above = positives[..., :, None] > negatives[..., None, :]
    equal = positives[..., :, None] == negatives[..., None, :]
    share: Floats = (above + equal / 2).mean(axis=(-2, -1))
    return share


def average_precision(negatives: Floats, positives: Floats) -> float:
    """Of samples that each count for their class, however many rows they have."""
    y_true = np.repeat([0, 1], [len(negatives), len(positives)])
    weights = np.concatenate(
        [np.full(len(own), n / len(own)) for own, n in ((negatives, 25), (positives, 9))]
    )
    scores = np.concatenate([negatives, positives])
    return float(average_precision_score(y_true, scores, sample_weight=weights))


SCIPYS: dict[str, Callable[..., Any]] = {"roc_auc": roc_auc, "average_precision": average_precision}


def ranked(uncertainty: Uncertainty) -> pd.DataFrame:
    """Our replicates of the two samples."""
    y_true = np.repeat([0, 1], [len(NEGATIVES), len(POSITIVES)])
    strata = make_strata(y_true, 0)
    ranking = Ranking.of(strata, 1, np.concatenate([NEGATIVES, POSITIVES]))
    return replicate(strata, ranking.measure_ranking, uncertainty, 0)


def scipys_interval(metric: str, **arguments: Any) -> tuple[float, float]:
    """What scipy makes of two independent samples, the scores of each class."""
    result = stats.bootstrap(
        (NEGATIVES, POSITIVES),
        SCIPYS[metric],
        method="BCa",
        vectorized=metric == "roc_auc",
        **arguments,
    )
    return tuple(result.confidence_interval)


@pytest.mark.parametrize("metric", SCIPYS)
def test_bca_is_scipys_on_the_same_replicates(metric: str) -> None:
    """To the last digit: the same bias, and by its own jackknife the same acceleration."""
    ours = ranked(uncertainty_of(method="bca"))[metric]
    values = SimpleNamespace(bootstrap_distribution=ours.loc[[BOOTSTRAP]].to_numpy())
    for confidence in (0.5, 0.9, 0.99):
        expected = scipys_interval(
            metric, n_resamples=0, bootstrap_result=values, confidence_level=confidence
        )
        assert expected == pytest.approx(estimate_interval(ours, uncertainty_of(confidence, "bca")))


def test_bca_is_scipys_on_its_own_replicates() -> None:
    """Of the ROC-AUC of stratified rows, 20,000 resamples each: but for their noise."""
    many = uncertainty_of(method="bca", resamples=20_000)
    expected = scipys_interval("roc_auc", n_resamples=20_000, batch=500, rng=default_rng(0))
    ours = estimate_interval(ranked(many)["roc_auc"], many)
    assert expected == pytest.approx(ours, abs=0.03 * (ours[1] - ours[0]))
    percentile = estimate_interval(ranked(many)["roc_auc"], uncertainty_of())
    assert percentile != pytest.approx(ours, abs=0.03 * (ours[1] - ours[0]))


def test_groups_of_many_rows_accelerate_as_the_rows_do() -> None:
    """Twice as many rows as are left out one by one: within a fifth of scipy's acceleration."""
    values = default_rng(5).exponential(size=2 * LEFT_OUT)
    pull = values - values.mean()
    acceleration = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
    normal = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    replicates = means_of(values, uncertainty_of(method="bca", resamples=100))
    left_out = replicates[replicates.index == "jackknife 0"].to_numpy()
    assert len(left_out) == LEFT_OUT
    shifted = estimate_interval(
        replicates_of(normal, 0.0, [left_out]), uncertainty_of(method="bca")
    )
    z = stats.norm.ppf([0.025, 0.975])
    found = np.mean(1 / z - 1 / np.array(shifted))
    assert found == pytest.approx(acceleration, rel=0.2)


def test_bca_moves_the_interval_of_a_skewed_mean_towards_the_exact_one() -> None:
    """The mean of exponential values has an exact interval, further right than percentiles say."""
    values, bca = skewed(40), uncertainty_of(method="bca", resamples=20_000)
    replicates = means_of(values, bca)
    exact = 2 * values.sum() / stats.chi2.ppf([0.975, 0.025], 2 * len(values))
    percentile, corrected = (
        np.array(estimate_interval(replicates, uncertainty))
        for uncertainty in (uncertainty_of(), bca)
    )
    assert (percentile < corrected).all()
    assert (np.abs(corrected - exact) < np.abs(percentile - exact)).all()


def test_bca_is_the_percentile_interval_where_nothing_is_skewed() -> None:
    """Without bias and acceleration there is nothing to correct."""
    replicates = replicates_of(np.linspace(-3, 3, 1001) ** 3, 0.0, [[-1.0, 0.0, 1.0]])
    assert estimate_interval(replicates, uncertainty_of(method="bca")) == pytest.approx(
        estimate_interval(replicates, uncertainty_of())
    )


@pytest.mark.parametrize("method", METHODS)
@given(replicates=drawn_replicates, confidence=st.floats(0.01, 0.999))
@settings(max_examples=50, deadline=None)
def test_an_interval_has_its_ends_in_order_and_turns_with_its_metric(
    method: Method, replicates: pd.Series, confidence: float
) -> None:
    """Whatever the draws: within what was drawn, and of a loss the mirror image."""
    uncertainty = uncertainty_of(confidence, method)
    low, high = estimate_interval(replicates, uncertainty)
    assert replicates[BOOTSTRAP].min() <= low <= high <= replicates[BOOTSTRAP].max()
    mirrored = estimate_interval(-replicates, uncertainty)
    assert mirrored == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize("side", [-1, 1])
def test_the_correction_of_bca_never_turns_back_where_it_is_without_bound(side: int) -> None:
    """One row has all the influence, and no replicate reaches what was observed."""
    left_out = [[0.0] * 100 + [-1.0]]
    replicates = side * replicates_of(np.linspace(0, 1, 2000), 2.0, left_out)
    low, high = estimate_interval(replicates, uncertainty_of(0.999, "bca"))
    assert (low, high) == pytest.approx((1, 1) if side > 0 else (-1, -1), abs=0.01)
    assert low <= high
    assert estimate_two_sided_p(replicates, uncertainty_of(method="bca")) <= 2 / 2000


@pytest.mark.parametrize("method", METHODS)
@given(replicates=drawn_replicates, confidence=st.floats(0.5, 0.9))
@settings(max_examples=25, deadline=None)
def test_more_confidence_never_narrows_an_interval(
    method: Method, replicates: pd.Series, confidence: float
) -> None:
    """A 99 % interval holds the 90 % one."""
    narrow, wide = (
        estimate_interval(replicates, uncertainty_of(level, method))
        for level in (confidence, confidence + 0.09)
    )
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


def test_an_interval_holds_its_share_of_the_replicates() -> None:
    """Equal tails are cut off at both ends."""
    replicates = replicates_of(np.arange(1001.0))
    assert pytest.approx((25, 975)) == estimate_interval(replicates, uncertainty_of())


@pytest.mark.parametrize("method", METHODS)
def test_an_interval_covers_the_truth_about_as_often_as_it_says(method: Method) -> None:
    """Of 200 tables, 90 % intervals of accuracy hold the true accuracy in about 90 %."""
    y_true = np.repeat([0, 1], [150, 50])
    chance_of_being_right = np.where(y_true == 1, 0.6, 0.9)
    uncertainty = uncertainty_of(0.9, method, 150)
    generator, covered = default_rng(0), []
    for seed in range(200):
        right = generator.uniform(size=200) < chance_of_being_right
        strata = make_strata(y_true, seed)
        sums = Summands.of(strata, [("accuracy", right / 200)])
        replicates = replicate(strata, sums.sum_columns, uncertainty, seed)
        low, high = estimate_interval(replicates["accuracy"], uncertainty)
        covered.append(low <= chance_of_being_right.mean() <= high)
    assert 0.83 < np.mean(covered) < 0.97


@pytest.mark.parametrize("method", METHODS)
@given(replicates=drawn_replicates)
@settings(max_examples=50, deadline=None)
def test_a_p_value_is_possible_and_the_same_for_gain_and_loss(
    method: Method, replicates: pd.Series
) -> None:
    """Never 0, never above 1, and no more lenient to remedies than to baselines."""
    p = estimate_two_sided_p(replicates, uncertainty_of(method=method))
    assert 2 / (len(replicates[BOOTSTRAP]) + 1) <= p <= 1
    assert p == pytest.approx(estimate_two_sided_p(-replicates, uncertainty_of(method=method)))


@pytest.mark.parametrize("method", METHODS)
def test_no_difference_in_any_replicate_has_p_of_one(method: Method) -> None:
    """The same arm twice is no evidence of anything."""
    none = replicates_of([0.0] * 99, 0.0, [[0.0] * 5, [0.0] * 3])
    assert estimate_two_sided_p(none, uncertainty_of(method=method)) == 1
    assert estimate_interval(none, uncertainty_of(method=method)) == (0, 0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("above", "expected"), [(99, 0.02), (94, 0.12), (50, 1.0)])
def test_a_p_value_counts_the_replicates_on_the_other_side(
    above: int, expected: float, method: Method
) -> None:
    """Of 99 replicates k on the other side: p is 2 (k + 1) / 100, where nothing is skewed."""
    differences = np.concatenate([np.linspace(0.01, 1, above), np.linspace(-1, -0.01, 99 - above)])
    p = estimate_two_sided_p(replicates_of(differences), uncertainty_of(method=method))
    assert p == pytest.approx(expected)


def around(p: float, differences: pd.Series, method: Method) -> list[bool]:
    """Whether intervals a little narrower than 1 - p, and a little wider, leave out 0."""
    intervals = [
        estimate_interval(differences, uncertainty_of(1 - level, method)) for level in levels(p)
    ]
    return [low > 0 or high < 0 for low, high in intervals]


def levels(p: float) -> tuple[float, float]:
    return 1.05 * p, 0.95 * p


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("place", [0.002, 0.01, 0.1, 0.4, 0.7, 0.95, 0.995])
@pytest.mark.parametrize("side", [-1, 1])
def test_p_is_the_level_at_which_the_interval_ends_at_nought(
    side: int, place: float, method: Method
) -> None:
    """0 is just outside the interval of confidence 1 - p, and just inside a wider one."""
    means = means_of(skewed(40), uncertainty_of(method="bca", resamples=20_000))
    differences = side * (means - means[BOOTSTRAP].quantile(place))
    p = estimate_two_sided_p(differences, uncertainty_of(method=method))
    if p < 0.9:
        assert around(p, differences, method) == [True, False]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rows", [2, 3, 4])
@pytest.mark.parametrize("side", [-1, 1])
def test_p_is_that_level_also_where_no_replicate_is_on_the_other_side(
    side: int, rows: int, method: Method
) -> None:
    """An arm that is right on a few rows more is never worse, and as often the same."""
    gains = (np.arange(100) < rows).astype(np.float64)
    differences = side * means_of(gains, uncertainty_of(method="bca", resamples=20_000))
    p = estimate_two_sided_p(differences, uncertainty_of(method=method))
    assert around(p, differences, method) == [True, False]


def test_the_p_value_of_bca_counts_the_skewness_in() -> None:
    """A mean that percentiles put too low is surer to be above 0, and less sure to be below."""
    means = means_of(skewed(40), uncertainty_of(method="bca", resamples=20_000))
    ps = {
        (side, method): estimate_two_sided_p(
            means - means[BOOTSTRAP].quantile(0.5 - 0.48 * side), uncertainty_of(method=method)
        )
        for side in (1, -1)
        for method in METHODS
    }
    assert ps[1, "bca"] < ps[1, "percentile"]
    assert ps[-1, "bca"] > ps[-1, "percentile"]


def honest_sample(rng: np.random.Generator, rows: int, claims: float) -> tuple[Labels, Floats]:
    """Rows as a stratified split has them; positives are as frequent as a share of the scores."""
    score = rng.beta(2, 8, size=20 * rows)
    y_true = (rng.uniform(size=len(score)) < claims * score).astype(np.int64)
    positives = round(claims * 0.2 * rows)
    counts = ((1, positives), (0, rows - positives))
    kept = np.concatenate([np.flatnonzero(y_true == label)[:n] for label, n in counts])
    return y_true[kept], score[kept]


@pytest.mark.parametrize("claims", [1.0, 0.7])
def test_the_interval_of_the_calibration_error_covers_the_true_one(claims: float) -> None:
    """Of 200 tables, 95 % intervals hold it in 95 % but for noise: 0, or 30 % of the scores.

    They always hold the observed one, which is above 0 even where the scores are exactly
    calibrated, and never go below 0.
    """
    rng, uncertainty, covered = default_rng(1), uncertainty_of(resamples=200), []
    for seed in range(200):
        y_true, score = honest_sample(rng, 1000, claims)
        replicates = replicate_metrics(two_classes(y_true, score), F1, uncertainty, seed)
        observed = calibration_error(y_true, score)
        metrics = {"test": {"calibration_error": observed}}
        errors = replicates[["calibration_error"]]
        low, high = estimate_metric_intervals(errors, metrics, uncertainty)["calibration_error"]
        assert 0 <= low < observed < high
        covered.append(low <= (1 - claims) * score.mean() <= high)
    assert np.mean(covered) >= 0.93


def test_every_column_has_an_interval_and_only_calibration_errors_one_of_their_own() -> None:
    """The others are those of their replicates, whatever section has them."""
    y_true = np.repeat([0, 1], [90, 30])
    score = default_rng(2).beta(1 + y_true, 3)
    arm = two_classes(
        y_true,
        {"test": score, "calibrated": score**2},
        {"tuned": (score > 0.5).astype(np.int64)},
    )
    uncertainty = uncertainty_of(method="bca", resamples=100)
    replicates = replicate_metrics(arm, F1, uncertainty, 0)
    errors = {
        "test": {"calibration_error": calibration_error(y_true, score)},
        "calibrated": {"calibration_error": calibration_error(y_true, score**2)},
        "constant_guess": {"calibration_error": 0.0},
    }
    intervals = estimate_metric_intervals(replicates, errors, uncertainty)
    assert set(intervals) == set(replicates)
    for name in set(map(str, replicates)) - {"calibration_error", "calibrated_calibration_error"}:
        assert intervals[name] == estimate_interval(replicates[name], uncertainty)
    for name, error in (
        ("calibration_error", errors["test"]["calibration_error"]),
        ("calibrated_calibration_error", errors["calibrated"]["calibration_error"]),
    ):
        moved = np.quantile(replicates.loc[[BOOTSTRAP], name], 0.95)
        assert intervals[name] == pytest.approx((max(0, error - moved), error + moved))


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
