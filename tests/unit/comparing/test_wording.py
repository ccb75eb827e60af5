"""Metrics, objectives and what decides are called by their names."""

from math import nextafter
from typing import get_args

from equipoise.comparing.wording import (
    OBJECTIVE_NAMES,
    describe_objective,
    format_rule,
    name_metric,
    name_rule,
)
from equipoise.judging.arm_result import UsedRule
from equipoise.params.decision_params import Decision

THRESHOLD = UsedRule(threshold=0.2055266)
WEIGHTS = UsedRule(weights={"a": 1.0, "b c": 2.5678})


def test_two_classes_have_a_threshold() -> None:
    """With as many digits as files have."""
    assert name_rule(several=False) == "threshold"
    assert format_rule(THRESHOLD) == "0.205527"
    assert format_rule(UsedRule(threshold=1.0)) == "1"
    for all_but_1 in (0.99999996, nextafter(1, 0), nextafter(1, 2)):
        assert float(format_rule(UsedRule(threshold=all_but_1))) == all_but_1


def test_several_classes_have_a_weight_each() -> None:
    """By label, in the order of the classes."""
    assert name_rule(several=True) == "class weights"
    assert format_rule(WEIGHTS) == "a: 1, b c: 2.57"
    assert format_rule(UsedRule(weights={"1": 1.0, "10": 6.0, "2": 2.0})) == "1: 1, 2: 2, 10: 6"


def test_an_objective_is_described_with_what_it_goes_by() -> None:
    """The column that a cost is multiplied by is said as well."""
    cost = Decision(objective="cost", false_negative=2, false_positive=9)
    said = "average cost per case (false_negative 2.0, false_positive 9.0"
    assert describe_objective(cost, several=False) == f"{said})"
    by_amount = cost.model_copy(update={"amount": "price"})
    assert (
        describe_objective(by_amount, several=False) == f"{said}, each missed positive times price)"
    )
    assert describe_objective(Decision(objective="f1"), several=True) == "macro F1"


def test_every_objective_has_a_name() -> None:
    """A new one is not forgotten; over several classes means are called what they are."""
    assert set(OBJECTIVE_NAMES) == set(get_args(Decision.model_fields["objective"].annotation))
    assert (name_metric("f1"), name_metric("f1", several=True)) == ("F1", "macro F1")
    assert name_metric("g_mean", several=True).endswith("of the recalls of the classes")
