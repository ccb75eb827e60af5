"""A learning curve is told by what was seen, and as sure as its p-values are together."""

from equipoise.sizing.curve_words import describe_growth
from equipoise.sizing.learning_curve import CurvePoint, PairedChange


def list_points(
    arm: str, changed: float, p: float, metric: str = "average_precision"
) -> list[CurvePoint]:
    change = PairedChange(changed, (changed - 0.01, changed + 0.01), p)
    first = CurvePoint(arm, metric, 100, 0.5, (0.4, 0.6), None, None)
    return [first, CurvePoint(arm, metric, 200, 0.5 + changed, (0.4, 0.6), change, None)]


def test_a_gain_is_said_to_be_one_only_if_it_is_so_beside_the_other_arm() -> None:
    """p = 0.03 of two arms is no proof at 5 %; 0.02 is."""
    points = [*list_points("a", 0.02, 0.02), *list_points("b", 0.02, 0.03)]
    sure, beside = describe_growth(points, "average precision", 0.05)
    assert sure == (
        "a: from 100 to 200 rows of the rarest class to learn from, average precision changed by"
        " +0.020 (+0.010 to +0.030). It still got better."
    )
    assert beside.endswith("It still got better.")  # the second p-value is compared with all of it
    unsure = [*list_points("a", 0.02, 0.03), *list_points("b", 0.02, 0.04)]
    assert all(
        said.endswith("Whether more rows still help is not clear.")
        for said in describe_growth(unsure, "average precision", 0.05)
    )


def test_a_lower_cost_is_better() -> None:
    """And a credible loss is called one."""
    (cheaper,) = describe_growth(list_points("a", -0.02, 0.001, "tuned_cost"), "cost", 0.05)
    assert cheaper.endswith("It still got better.")
    (dearer,) = describe_growth(list_points("a", 0.02, 0.001, "tuned_cost"), "cost", 0.05)
    assert dearer.endswith("It got worse.")
