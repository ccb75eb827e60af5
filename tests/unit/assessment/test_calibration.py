"""Scores made to mean what they say: the prior undone, or learned from out-of-fold rows."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from equipoise.assessment.calibration import (
    FEWEST_FOR_ISOTONIC,
    correct_prior,
    recalibrate,
)
from equipoise.assessment.metrics import Floats, Labels
from equipoise.contract.difference import prior_ratios, summarise
from equipoise.contract.params import Component, Preprocess, Strategy
from equipoise.fitting.models import Arm, fit, score
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import resample

GRID = np.linspace(0, 1, 201)
# Scores that a sample has plenty of on both sides.
WITHIN = np.linspace(0.2, 0.8, 121)
# Enough rows of the rarer class for isotonic steps, and too few.
MANY, FEW = 10 * FEWEST_FOR_ISOTONIC, FEWEST_FOR_ISOTONIC // 2


# What strategies do to the odds of a table of 900 negatives and 100 positives, by hand.
UNTOUCHED = {"before": {"0": 900, "1": 100}, "after": {"0": 900, "1": 100}}
LEVELLED = {"before": {"0": 900, "1": 100}, "after": {"0": 900, "1": 900}}
HALVED = {"before": {"0": 900, "1": 100}, "after": {"0": 200, "1": 100}}
SAMPLER: dict[str, Any] = {"sampler": {"class": "RandomUnderSampler"}}
RATIOS: list[tuple[dict[str, Any], dict[str, Any], float]] = [
    ({}, UNTOUCHED, 1),
    ({"class_weight": "balanced"}, UNTOUCHED, 9),
    ({"class_weight": {0: 1.0, 1: 5.0}}, UNTOUCHED, 5),
    ({"class_weight": {0: 0.5, 1: 2.0}}, UNTOUCHED, 4),
    ({"class_weight": {1: 3.0}}, UNTOUCHED, 3),
    ({"class_weight": {0: 0.25}}, UNTOUCHED, 4),
    (SAMPLER, LEVELLED, 9),
    (SAMPLER, HALVED, 4.5),
    (SAMPLER | {"class_weight": {0: 1.0, 1: 2.0}}, HALVED, 9),
    (SAMPLER | {"class_weight": {0: 1.0, 1: 2.0}}, LEVELLED, 18),
    (SAMPLER | {"class_weight": "balanced"}, HALVED, 9),
    (SAMPLER | {"class_weight": "balanced"}, LEVELLED, 9),
]
REMEDIES: dict[str, dict[str, Any]] = {
    "balanced": {"class_weight": "balanced"},
    "weighted": {"class_weight": {0: 0.5, 1: 6.0}},
    "over": {"sampler": {"class": "RandomOverSampler"}},
    "under": {"sampler": {"class": "RandomUnderSampler", "sampling_strategy": 0.5}},
    "both": {
        "sampler": {"class": "RandomOverSampler", "sampling_strategy": 0.4},
        "class_weight": {0: 1.0, 1: 3.0},
    },
}


def odds_ratio(strategy: Strategy, summary: dict[str, Any]) -> float:
    """By how much a strategy raises the odds of the positive of two classes."""
    ratios = prior_ratios(strategy, summary)
    assert ratios is not None
    assert set(ratios) == {"0", "1"}
    return ratios["1"] / ratios["0"]


def learned(true: ArrayLike, score: ArrayLike, new: ArrayLike, method: str = "auto") -> Floats:
    """New scores, recalibrated by what those of labelled rows turned out to mean."""
    return recalibrate(method, (true, score), new, ratio=None)


def sample(positives: int, seed: int = 0) -> tuple[Labels, Floats]:
    """Labels with a tenth of positives, and scores that tell them apart a little."""
    generator = np.random.default_rng(seed)
    true = np.repeat([1, 0], [positives, 9 * positives])
    return true, generator.beta(2 + 2 * true, 4)


def pulled_apart(true: Labels, score: Floats) -> Floats:
    """Scores of positives all above 0.5, and those of negatives below."""
    return np.where(true == 1, 0.5 + score / 2, score / 2)


def honest_sample(rows: int, positives: float) -> tuple[Labels, Floats]:
    """Scores that mean what they say, and labels drawn by them."""
    generator = np.random.default_rng(3)
    score = generator.beta(2, 2 / positives - 2, size=rows)
    return (generator.uniform(size=rows) < score).astype(np.int64), score


@pytest.mark.parametrize("positives", [FEW, MANY])
@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_higher_score_never_becomes_a_lower_probability(positives: int, seed: int) -> None:
    """Recalibration keeps the ranking: what it says rises with the score."""
    true, score = sample(positives, seed)
    assert (np.diff(learned(true, score, GRID)) >= 0).all()


@pytest.mark.parametrize("separated", [False, True])
def test_isotonic_steps_stay_within_the_rule_of_succession(*, separated: bool) -> None:
    """From n rows no probability is said that n + 2 could not show."""
    true, score = sample(MANY)
    probability = learned(true, pulled_apart(true, score) if separated else score, GRID)
    least = 1 / (len(true) + 2)
    assert least <= probability.min()
    assert probability.max() <= 1 - least


def test_a_sigmoid_of_separated_scores_is_not_certain() -> None:
    """Five hundred rows without a mistake do not back odds of a million to one."""
    true, score = sample(FEW)
    apart = pulled_apart(true, score)
    probability = learned(true, apart, apart)
    assert probability.min() > 1e-6
    assert probability.max() < 1 - 1e-6


@pytest.mark.parametrize("rows", [400, 20_000])
def test_scores_that_mean_what_they_say_stay_near(rows: int) -> None:
    """An honest model is left alone, up to the noise of its sample."""
    true, score = honest_sample(rows, positives=0.2)
    assert (true.sum() < FEWEST_FOR_ISOTONIC) == (rows == 400)
    distance = np.abs(learned(true, score, score) - score).mean()
    assert distance < 0.7 / np.sqrt(true.sum())


@pytest.mark.parametrize("positives", [FEW, MANY])
def test_scores_of_a_balanced_model_come_back_to_the_prevalence(positives: int) -> None:
    """Scores inflated by balancing are brought down to the share of positives."""
    true, score = sample(positives)
    calibrated = learned(true, score, score)
    assert true.mean() == pytest.approx(calibrated.mean(), abs=1e-3)
    assert brier_score_loss(true, calibrated) < true.mean() * (1 - true.mean())
    assert brier_score_loss(true, score) > brier_score_loss(true, calibrated)


@pytest.mark.parametrize("positives", [FEW, MANY])
def test_recalibration_does_not_depend_on_row_order(positives: int) -> None:
    """Shuffled out-of-fold rows give the same probabilities."""
    true, score = sample(positives)
    order = np.random.default_rng(1).permutation(len(true))
    expected = learned(true, score, GRID)
    assert learned(true[order], score[order], GRID) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("positives", [FEW, MANY])
def test_a_constant_score_becomes_the_prevalence(positives: int) -> None:
    """A model that has learned nothing says how frequent positives are."""
    true, _ = sample(positives)
    score = np.full(len(true), 0.5)
    assert learned(true, score, [0.5]) == pytest.approx([0.1], abs=1e-3)


@pytest.mark.parametrize("positives", [FEW, MANY])
def test_scores_of_exactly_zero_and_one_are_taken(positives: int) -> None:
    """A decision tree's hard scores become the shares of positives behind them."""
    true, score = sample(positives)
    hard = (score > 0.4).astype(np.float64)
    expected = [true[hard == value].mean() for value in (0, 1)]
    assert learned(true, hard, [0.0, 1.0]) == pytest.approx(expected, abs=0.01)


def test_few_positives_give_a_smooth_curve_and_many_give_steps() -> None:
    """Isotonic steps are used only where both classes have rows to rest them on."""
    few, many = (
        learned(*sample(positives), WITHIN)
        for positives in (FEWEST_FOR_ISOTONIC - 1, FEWEST_FOR_ISOTONIC)
    )
    assert len(WITHIN) == len(np.unique(few))
    assert len(np.unique(many)) < len(WITHIN)


def test_the_rarer_class_decides_whichever_it_is() -> None:
    """A table whose negatives are the rare ones gets a smooth curve as well."""
    true, score = sample(FEW)
    assert len(WITHIN) == len(np.unique(learned(1 - true, 1 - score, WITHIN)))


@pytest.mark.parametrize("method", ["auto", "isotonic", "sigmoid"])
@pytest.mark.parametrize("positives", [FEW, MANY])
def test_a_row_that_is_there_four_times_is_one_row(positives: int, method: str) -> None:
    """40 positives in 4 repeats are 40: `auto` stays a smooth curve, and none is surer of it."""
    once = sample(positives)
    true, score = (np.tile(part, 4) for part in once)
    repeated = recalibrate(method, (true, score), GRID, None, repeats=4)
    assert repeated == pytest.approx(learned(*once, GRID, method), abs=1e-5)


@pytest.mark.parametrize(("method", "positives"), [("isotonic", FEW), ("sigmoid", MANY)])
def test_a_method_that_is_named_is_used_whatever_the_count(method: str, positives: int) -> None:
    """Steps on few rows and a curve on many are the user's to choose."""
    distinct = len(np.unique(learned(*sample(positives), WITHIN, method)))
    assert (distinct == len(WITHIN)) == (method == "sigmoid")


def test_isotonic_is_scikit_learns() -> None:
    """Away from certainty it is the pooled share of positives, nothing else."""
    true, score = sample(MANY)
    expected = IsotonicRegression(out_of_bounds="clip").fit(score, true).predict(WITHIN)
    least = 1 / (len(true) + 2)
    assert learned(true, score, WITHIN, "isotonic") == pytest.approx(
        np.clip(expected, least, 1 - least)
    )


def test_auto_is_one_of_the_named_methods() -> None:
    """The choice is between what a user could have named."""
    for positives, method in [(FEW, "sigmoid"), (MANY, "isotonic")]:
        true, score = sample(positives)
        auto, named = (learned(true, score, GRID, name) for name in ("auto", method))
        assert auto.tolist() == named.tolist()


@pytest.mark.parametrize("ratio", [None, 9.0])
def test_none_leaves_scores_as_they_are(ratio: float | None) -> None:
    """Without calibration a score is what the model said, certainty included."""
    assert recalibrate("none", sample(MANY), GRID, ratio).tolist() == GRID.tolist()


@pytest.mark.parametrize(("strategy", "summary", "expected"), RATIOS)
def test_the_odds_ratio_is_the_one_worked_out_by_hand(
    strategy: dict[str, Any], summary: dict[str, Any], expected: float
) -> None:
    """Weights and sampling multiply; balanced weights undo what the sampler left."""
    assert odds_ratio(Strategy(**strategy), summary) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("strategy", "after", "expected"),
    [
        ({}, (600, 300, 100), (1, 1, 1)),
        ({"class_weight": "balanced"}, (600, 300, 100), (1, 2, 6)),
        ({"class_weight": {"b": 4.0, "c": 5.0}}, (600, 300, 100), (1, 4, 5)),
        (SAMPLER, (100, 100, 100), (1, 2, 6)),
        (SAMPLER, (600, 600, 600), (1, 2, 6)),
        (SAMPLER | {"class_weight": "balanced"}, (200, 100, 100), (1, 2, 6)),
        (SAMPLER | {"class_weight": {"a": 0.5, "c": 2.0}}, (300, 300, 100), (1, 4, 8)),
    ],
)
def test_of_several_classes_each_has_its_ratio_to_the_first(
    strategy: dict[str, Any], after: tuple[int, ...], expected: tuple[float, ...]
) -> None:
    """By hand, for classes of 600, 300 and 100 rows; a constant for all of them is no matter."""
    summary = {
        "before": {"a": 600, "b": 300, "c": 100},
        "after": dict(zip("abc", after, strict=True)),
    }
    ratios = prior_ratios(Strategy(**strategy), summary)
    assert ratios is not None
    assert list(ratios) == ["a", "b", "c"]
    assert [ratio / ratios["a"] for ratio in ratios.values()] == pytest.approx(expected)


def test_the_labels_of_weights_may_be_numbers() -> None:
    """YAML has 1 where the summary, being JSON, has "1"."""
    ratios = prior_ratios(Strategy(class_weight={0: 2.0, 1: 6.0}), UNTOUCHED)
    assert ratios == {"0": 2.0, "1": 6.0}


def test_what_an_ensemble_does_to_the_odds_is_not_known() -> None:
    """It samples inside itself, whatever stands beside it."""
    ensemble = Strategy(
        ensemble=Component(**{"class": "BalancedBaggingClassifier"}), class_weight="balanced"
    )
    assert prior_ratios(ensemble, UNTOUCHED) is None


def test_a_prior_that_nobody_knows_cannot_be_corrected() -> None:
    """A caller that has no ratio must not ask for it: scores are never passed on as they are."""
    with pytest.raises(ValueError, match="ratio: None"):
        recalibrate("prior", sample(MANY), GRID, ratio=None)


@given(scores=st.lists(st.floats(0, 1), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_a_ratio_of_one_changes_nothing(scores: list[float]) -> None:
    """An arm that leaves the prior alone has nothing to undo."""
    assert correct_prior(scores, 1) == pytest.approx(scores, rel=1e-12, abs=0)


def test_the_correction_divides_the_odds() -> None:
    """By hand: odds of 9 divided by 9 are odds of 1; certainty stays certain."""
    assert correct_prior([0, 0.5, 0.9, 1], 9) == pytest.approx([0, 0.1, 0.5, 1])


@given(
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20),
    st.floats(0.01, 100),
    st.floats(0.01, 100),
)
@settings(max_examples=25, deadline=None)
def test_corrections_add_up_and_can_be_undone(
    scores: list[float], first: float, second: float
) -> None:
    """Two corrections are that of the product; the inverse ratio brings the scores back."""
    twice = correct_prior(correct_prior(scores, first), second)
    assert twice == pytest.approx(correct_prior(scores, first * second), rel=1e-9)
    back = correct_prior(correct_prior(scores, first), 1 / first)
    assert back == pytest.approx(scores, rel=1e-9)


@given(st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_the_correction_keeps_the_ranking_and_stays_a_probability(ratio: float) -> None:
    """A higher score stays the higher one, and none leaves the unit interval."""
    corrected = correct_prior(GRID, ratio)
    assert (np.diff(corrected) > 0).all()
    assert (corrected[0], corrected[-1]) == (0, 1)


def test_prior_is_the_correction_and_asks_no_labels() -> None:
    """Out-of-fold rows settle nothing: what the strategy did is known."""
    one, other = (recalibrate("prior", sample(MANY, seed), GRID, 9) for seed in (0, 1))
    assert one.tolist() == other.tolist() == correct_prior(GRID, 9).tolist()


def logistic_table(rows: int, seed: int) -> pd.DataFrame:
    """Rows whose labels follow a logistic model of two features, few of them positive."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(rows, 2))
    chance = 1 / (1 + np.exp(3.5 - X @ [1.0, -0.5]))
    target = (generator.uniform(size=rows) < chance).astype(np.int64)
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "target": target}).rename_axis("row")


def scores_of(strategy: Strategy, train: pd.DataFrame, test: pd.DataFrame) -> tuple[Floats, float]:
    """Scores of a logistic model under a strategy, and what this did to the odds."""
    model = Component.model_validate({"class": "LogisticRegression", "C": 1e6})
    arm = Arm(strategy, model, Preprocess(), 0, "strategies.s", "models.m")
    _, cleaned = clean(train, 0)
    difference = resample(cleaned, strategy, Preprocess(), 0, "strategies.s")
    fitted = fit(arm, train, difference)
    ratios = summarise(train, difference, strategy)["ratios"]
    return score(fitted, test)["y_score"].to_numpy(), ratios["1"] / ratios["0"]


@pytest.mark.parametrize("remedy", REMEDIES)
def test_the_correction_is_exact_for_a_logistic_model(remedy: str) -> None:
    """Weights and random sampling only move the intercept, by the log of the ratio.

    On a large sample the corrected scores average to the prevalence, and each is that of the
    model that was left alone.
    """
    train, test = logistic_table(40_000, seed=1), logistic_table(40_000, seed=2)
    plain, one = scores_of(Strategy(), train, test)
    raw, ratio = scores_of(Strategy(**REMEDIES[remedy]), train, test)
    corrected = correct_prior(raw, ratio)
    prevalence = test["target"].mean()
    assert one == 1
    assert raw.mean() > 2 * prevalence
    assert corrected.mean() == pytest.approx(prevalence, abs=0.004)
    assert np.abs(corrected - plain).mean() < 0.004
