"""Gates: which are met, and by how much one is not."""

from dataclasses import replace

import pytest

from equipoise.checks.finding import Finding
from equipoise.judging.arm_result import ArmResult
from equipoise.params.registry_params import Registry
from equipoise.promoting.contest import Contest
from equipoise.promoting.gates import check_bounds, check_contest, check_leaks
from equipoise.terminal.errors import UserError

METRIC = "average_precision"


@pytest.fixture
def result(arms: list[ArmResult]) -> ArmResult:
    """A result whose average precision is between 0.3 and 0.5, as far as is known."""
    return replace(arms[0], intervals={METRIC: (0.3, 0.5)})


@pytest.mark.parametrize(
    ("asked", "met", "said"),
    [
        ({"at_least": {METRIC: 0.3}}, True, "it is 0.3 at least, 0.3 is asked for"),
        ({"at_least": {METRIC: 0.4}}, False, "it is 0.3 at least, 0.4 is asked for: 0.1 short"),
        ({"at_most": {METRIC: 0.5}}, True, "it is 0.5 at most, 0.5 is allowed"),
        ({"at_most": {METRIC: 0.45}}, False, "it is 0.5 at most, 0.45 is allowed: 0.05 too much"),
    ],
)
def test_the_end_of_the_interval_is_held_against_a_bound(
    result: ArmResult, asked: dict[str, dict[str, float]], *, met: bool, said: str
) -> None:
    [gate] = check_bounds(result, Registry.model_validate({"at_most": {}, **asked}))
    assert (gate.met, gate.found) == (met, said)


def test_large_costs_are_written_out(result: ArmResult) -> None:
    costly = replace(result, intervals={"tuned_cost": (1.0, 2_345_678.0)})
    [gate] = check_bounds(costly, Registry(at_most={"tuned_cost": 2_000_000}))
    assert gate.found == "it is 2,350,000 at most, 2,000,000 is allowed: 346,000 too much"


def test_a_metric_without_an_interval_is_named_with_its_key(result: ArmResult) -> None:
    asked = Registry(at_least={"average_precison": 0.3})
    with pytest.raises(
        UserError, match=r"registry\.at_least\.average_precison: .*did you mean 'average_precision'"
    ):
        list(check_bounds(result, asked))


def test_a_possible_leak_is_open_until_it_is_cleared() -> None:
    findings = (
        Finding("warning", "age", "column 'age' is empty"),
        Finding("warning", "duration", "column 'duration' ranks rows", leak=True),
    )
    columns = ("age", "duration")
    refused = check_leaks(findings, Registry(), columns)
    assert not refused.met
    assert "1 possible leak open: 'duration'" in refused.found
    assert check_leaks(findings, Registry(cleared=("duration", "rows")), columns).met
    with pytest.raises(UserError, match=r"registry\.cleared: the table has no 'duraton'; did you"):
        check_leaks(findings, Registry(cleared=("duraton",)), columns)


@pytest.mark.parametrize(
    ("metric", "effect", "interval", "margin", "met"),
    [
        ("tuned_f1", 0.1, (0.05, 0.15), None, True),
        ("tuned_f1", -0.1, (-0.25, 0.05), None, True),
        ("tuned_f1", -0.1, (-0.15, -0.05), None, False),
        ("tuned_cost", 0.1, (0.05, 0.15), None, False),
        ("tuned_cost", -0.1, (-0.15, -0.05), None, True),
        ("tuned_f1", -0.1, (-0.25, 0.05), 0.2, False),
        ("tuned_f1", -0.1, (-0.15, -0.05), 0.2, True),
        ("tuned_cost", -0.1, (-0.25, 0.05), 0.04, False),
    ],
)
def test_not_worse_goes_by_the_end_of_the_interval_that_is_asked_about(
    metric: str, effect: float, interval: tuple[float, float], margin: float | None, *, met: bool
) -> None:
    """Without a margin the model must not be credibly worse; with one, credibly not by more."""
    assert check_contest(Contest(metric, 900, effect, interval), 900, margin).met == met
