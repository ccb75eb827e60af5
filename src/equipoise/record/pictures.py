"""The pictures that MLflow shows: the charts of the page, drawn as files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from equipoise.charts.curve_charts import CURVES, make_curve_chart
from equipoise.charts.figures import locate_decisions, make_curve_figures, make_forest_figures
from equipoise.charts.shown import make_charts
from equipoise.charts.small_charts import make_confusion_chart
from equipoise.charts.style import Look, Spec
from equipoise.comparing.confusions import VIEWS, make_confusion_table
from equipoise.comparing.results import Comparison
from equipoise.judging.arm_result import ArmResult
from equipoise.params.trial_params import Run

WIDTH = 440


def make_arm_charts(result: ArmResult, curves: pd.DataFrame) -> dict[str, Spec]:
    """Return a chart for each curve of an arm and for its confusion matrices, by name.

    Of several classes each has its line, told apart by colour.
    """
    lines, marked = curves, [result]
    if result.of_several:
        names = {"arm": curves["class"], "strategy": curves["class"]}
        lines, marked = curves.assign(**names).drop(columns="class"), []
    look = Look(list(dict.fromkeys(lines["strategy"])), [result.model], WIDTH)
    charts = {
        name: _give_title(
            make_curve_chart(
                name, lines, locate_decisions(name, marked, curves) if marked else [], look
            ),
            f"{CURVES[name].title}: {result.arm}",
        )
        for name in CURVES
        if (lines["curve"] == name).any()
    }
    return charts | _make_confusion_charts(result, look)


def _make_confusion_charts(result: ArmResult, look: Look) -> dict[str, Spec]:
    if not result.tested:
        return {}
    counted = make_confusion_table([result])
    return {
        f"confusion_matrix_{view}": _give_title(
            make_confusion_chart(counted[counted["view"] == view], look),
            f"{view} decisions, rows in a thousand",
        )
        for view in VIEWS
    }


def make_trial_charts(
    arms: Sequence[ArmResult], curves: pd.DataFrame, comparison: Comparison, run: Run
) -> dict[str, Spec]:
    """Return the charts that set all arms of a run beside one another, by name."""
    rarest, recommended = arms[0].rarest_class, comparison.recommended.arm
    look = Look(run.strategies, run.models, WIDTH, rarest, recommended)
    views = ("ranking", "default", "tuned", "calibrated")
    figures = [
        *make_forest_figures(comparison, look, views),
        *make_curve_figures(arms, curves, look, comparison.objective),
    ]
    return {f.key.removeprefix("curve-"): _give_title(f.spec, f.title) for f in figures}


def _give_title(chart: Spec, title: str) -> Spec:
    return {**chart, "title": title}


def draw(charts: Mapping[str, Spec], folder: Path) -> None:
    """Write each chart to the folder as an SVG, on white."""
    for name, chart in make_charts(charts).items():
        (folder / f"{name}.svg").write_text(chart.draw(), encoding="utf-8")
