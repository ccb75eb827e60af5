"""What a strategy did to the shares of the classes, by its weights and its sampler."""

from typing import Any

import pytest

from equipoise.fitting.class_ratios import find_prior_ratios
from equipoise.params.trial_params import Component, Strategy

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


def odds_ratio(strategy: Strategy, summary: dict[str, Any]) -> float:
    """By how much a strategy raises the odds of the positive of two classes."""
    ratios = find_prior_ratios(strategy, **summary)
    assert ratios is not None
    assert set(ratios) == {"0", "1"}
    return ratios["1"] / ratios["0"]


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
    ratios = find_prior_ratios(Strategy(**strategy), **summary)
    assert ratios is not None
    assert list(ratios) == ["a", "b", "c"]
    assert [ratio / ratios["a"] for ratio in ratios.values()] == pytest.approx(expected)


def test_the_labels_of_weights_may_be_numbers() -> None:
    """YAML has 1 where the summary, being JSON, has "1"."""
    ratios = find_prior_ratios(Strategy(class_weight={0: 2.0, 1: 6.0}), **UNTOUCHED)
    assert ratios == {"0": 2.0, "1": 6.0}


def test_what_an_ensemble_does_to_the_odds_is_not_known() -> None:
    """It samples inside itself, whatever stands beside it."""
    ensemble = Strategy(
        ensemble=Component(**{"class": "BalancedBaggingClassifier"}), class_weight="balanced"
    )
    assert find_prior_ratios(ensemble, **UNTOUCHED) is None
