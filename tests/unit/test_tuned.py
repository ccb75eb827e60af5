"""What decides is called by its name, with its value."""

from equipoise import tuned

THRESHOLD = {"threshold": 0.2055266, "f1": 0.5}
WEIGHTS = {"weights": {"a": 1.0, "b c": 2.5678}}


def test_two_classes_have_a_threshold() -> None:
    """With as many digits as are asked for."""
    assert tuned.rule(THRESHOLD) == "threshold"
    assert tuned.value(THRESHOLD) == "0.2055"
    assert tuned.value(THRESHOLD, 6) == "0.205527"


def test_several_classes_have_a_weight_each() -> None:
    """By label, in the order of the classes."""
    assert tuned.rule(WEIGHTS) == "class weights"
    assert tuned.value(WEIGHTS) == "a: 1, b c: 2.57"
