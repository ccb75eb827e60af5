"""Configurations: as many as the budget says, from the space in params."""

from equipoise.params.screen_params import Screen
from equipoise.screening.configurations import AS_GIVEN, draw_configurations

SPACE = {
    "m": {
        "rate": {"low": 0.01, "high": 1.0, "log": True},
        "depth": {"low": 2, "high": 8},
        "kind": ["a", "b"],
    }
}


def test_the_budget_is_spent_in_the_space_and_the_model_as_given_comes_first() -> None:
    screen = Screen.model_validate({"budget": 200, "space": SPACE})
    first, *drawn = draw_configurations(screen, "m", seed=3)
    assert first == AS_GIVEN
    assert len(drawn) == 199
    rates = [own["rate"] for own in drawn if isinstance(own["rate"], float)]
    assert all(0.01 <= rate <= 1 for rate in rates)
    assert 70 < sum(rate < 0.1 for rate in rates) < 130  # the middle of the logarithms
    assert {own["depth"] for own in drawn} == {*range(2, 9)}
    assert {own["kind"] for own in drawn} == {"a", "b"}


def test_without_a_space_or_a_budget_a_model_stays_as_it_is() -> None:
    with_budget = Screen.model_validate({"budget": 5, "space": SPACE})
    assert draw_configurations(with_budget, "other", seed=3) == [AS_GIVEN]
    assert draw_configurations(Screen.model_validate({"space": SPACE}), "m", seed=3) == [AS_GIVEN]
