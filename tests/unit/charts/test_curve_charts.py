"""Every chart is valid Vega-Lite, and draws what the files have."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import vl_convert
from tests.answers import answer

from equipoise.charts.curve_charts import ARMS, CURVES, make_curve_chart
from equipoise.charts.forest import make_forest_chart
from equipoise.charts.small_charts import (
    make_confusion_chart,
    make_projection_chart,
    make_score_chart,
)
from equipoise.charts.style import COLORS, Look, Spec

LOOK = Look(["baseline", "smote"], ["logistic"], width=300)
HOSTILE = "</script><b>'\"] + alert(1)"


def drawn(spec: Spec) -> str:
    """Return the chart as SVG, drawn by Vega itself."""
    return str(vl_convert.vegalite_to_svg({**spec}))


def values(spec: Any) -> list[dict[str, Any]]:
    """Return the data of a chart, that of all its layers."""
    own = spec.get("data", {}).get("values", [])
    return [*own, *(row for layer in spec.get("layer", []) for row in values(layer))]


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_has_every_point_of_every_arm(name: str, curves: pd.DataFrame) -> None:
    """What is drawn is what `reports/curves.csv` has, to four digits."""
    spec = make_curve_chart(name, curves, [], LOOK)
    lines = {row["arm"]: row for row in values(spec) if "arm" in row}
    for arm, own in curves[curves["curve"] == name].groupby("arm"):
        for axis in ("x", "y"):
            assert lines[str(arm)][axis] == pytest.approx(own[axis].tolist(), rel=1e-3, abs=1e-12)
    assert drawn(spec).count("<path") > len(lines)


def test_an_arm_that_is_not_shown_is_not_drawn(curves: pd.DataFrame) -> None:
    """The signal that the page sets takes an arm's line away."""
    spec: Any = make_curve_chart("roc", curves, [], LOOK)
    both = drawn(spec).count(COLORS[1])
    spec["params"][0]["value"] = ["baseline-logistic"]
    assert spec["params"][0]["name"] == ARMS
    assert drawn(spec).count(COLORS[1]) < both


def test_a_decision_is_marked_where_it_is(curves: pd.DataFrame) -> None:
    """Marks are drawn over lines, in the colour of their strategy."""
    names = {"arm": "smote-logistic", "strategy": "smote", "model": "logistic", "view": "tuned"}
    mark: Spec = {**names, "threshold": "0.4", "x": 0.2, "y": 0.9}
    spec = make_curve_chart("roc", curves, [mark], LOOK)
    assert mark in values(spec)
    assert drawn(spec).count(COLORS[1]) > drawn(make_curve_chart("roc", curves, [], LOOK)).count(
        COLORS[1]
    )


def test_curves_of_several_classes_show_one_of_them(curves: pd.DataFrame) -> None:
    """Each class against the rest is a curve of its own; one is drawn at a time."""
    both = pd.concat([curves.assign(**{"class": label}) for label in ("a", HOSTILE)])
    spec = make_curve_chart(
        "roc", both, [], Look(["baseline", "smote"], ["logistic"], 300, HOSTILE)
    )
    assert {row["class"] for row in values(spec) if "arm" in row} == {"a", HOSTILE}
    single = drawn(make_curve_chart("roc", curves, [], LOOK))
    assert drawn(spec).count(COLORS[1]) == single.count(COLORS[1])


def test_a_forest_plot_has_an_interval_for_each_source() -> None:
    """Test and cross-validation stand apart, with the band of what is too small to matter."""
    spec = make_forest_chart(
        [answer(), answer(source="test", claim="model", interval=(-0.05, 0.01))], LOOK
    )
    rows = values(spec)
    assert [(r["interval_low"], r["interval_high"]) for r in rows] == [
        (-0.06, -0.02),
        (-0.05, 0.01),
    ]
    assert {(r["band_low"], r["band_high"]) for r in rows} == {(-0.01, 0.01)}
    assert all(f">{part}</t" in drawn(spec) for part in ("smote", "logistic"))


def test_a_recommended_baseline_is_marked_at_zero() -> None:
    """It has no row of its own; an arm that has one is marked there."""
    for arm in ("baseline-logistic", "smote-logistic"):
        spec = make_forest_chart([answer()], replace(LOOK, recommended=arm))
        assert drawn(spec).count(f"\u2605 {arm.split('-')[0]}") == 1


def test_scores_are_drawn_for_either_class(curves: pd.DataFrame) -> None:
    """Positives and negatives each add up to all of their class."""
    spec = make_score_chart("smote-logistic", curves, LOOK)
    for kind in ("negative", "positive"):
        shares = [row["y"] for row in values(spec) if row["kind"] == kind]
        assert sum(shares) == pytest.approx(1, abs=0.01)
    assert "positive" in drawn(spec)


def test_rows_are_told_by_class_and_by_what_became_of_them() -> None:
    """The legend names the kinds that there are, no others."""
    points = pd.DataFrame(
        {"x": [0.0, 1.0], "y": [0.0, 1.0], "class": ["0", HOSTILE], "kind": ["kept", "synthetic"]}
    )
    svg = drawn(make_projection_chart(points, LOOK))
    assert "synthetic" in svg
    assert "dropped" not in svg
    assert "<b>" not in svg


def test_a_confusion_matrix_shows_rows_in_a_thousand() -> None:
    """Its text is the number per thousand, shaded by the share of the actual class."""
    rows = [
        {"actual": a, "predicted": p, "per_thousand": 123.4, "share": 0.5}
        for a in ("no", HOSTILE)
        for p in ("no", HOSTILE)
    ]
    svg = drawn(make_confusion_chart(pd.DataFrame(rows), LOOK))
    assert svg.count("123.4") == len(rows)
    assert "<b>" not in svg


def test_each_strategy_keeps_its_colour_and_each_model_its_dash() -> None:
    """More strategies than colours, and models than dashes, are drawn all the same."""
    look = Look([f"s{n}" for n in range(27)], [f"m{n}" for n in range(9)])
    assert list(look.colors) == [f"s{n}" for n in range(27)]
    assert len(set(look.colors.values())) == len(COLORS)
    color: Any = look.encode_color()
    assert color["scale"]["domain"] == list(look.strategies)
    assert look.encode_dash()["legend"] is not None
    assert Look(["a"], ["b"]).encode_dash()["legend"] is None


def test_the_legend_draws_the_dash_of_each_model(curves: pd.DataFrame) -> None:
    """A line in grey for each, beside the circles of strategies; of one model there is none."""
    several = replace(LOOK, models=["logistic", "boosting"])
    assert drawn(make_curve_chart("roc", curves, [], several)).count('stroke="#888"') == 2
    assert drawn(make_curve_chart("roc", curves, [], LOOK)).count('stroke="#888"') == 0
