"""The pictures that MLflow shows: the charts of the page, drawn as files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from equipoise.charts.curve_charts import CURVES, make_curve_chart
from equipoise.charts.drawing_ahead import Drawing, drawing_ahead
from equipoise.charts.figures import locate_decisions, make_curve_figures, make_forest_figures
from equipoise.charts.shown import Chart, make_charts
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


@dataclass(frozen=True)
class Pictures:
    """Charts by name, of a trial and of each of its arms, which another process draws ahead."""

    trial: Mapping[str, Chart]
    arms: Mapping[str, Mapping[str, Chart]]
    drawing: Drawing = field(default_factory=Drawing)

    @contextmanager
    def drawn_ahead(self) -> Iterator["Pictures"]:
        """Have all of them drawn while the block runs, in the order in which they are published."""
        charts = [chart for each in (*self.arms.values(), self.trial) for chart in each.values()]
        with drawing_ahead([chart.on_paper for chart in charts]) as drawing:
            yield replace(self, drawing=drawing)

    def write(self, charts: Mapping[str, Chart], folder: Path) -> None:
        """Write charts to the folder as SVGs, on white."""
        self.drawing.wait_for(chart.on_paper for chart in charts.values())
        for name, chart in charts.items():
            (folder / f"{name}.svg").write_text(chart.draw(), encoding="utf-8")


def make_pictures(
    arms: Mapping[str, tuple[ArmResult, pd.DataFrame]],
    curves: pd.DataFrame,
    comparison: Comparison,
    run: Run,
) -> Pictures:
    """Return the charts of a trial; `arms` has each arm with its own curves, `curves` all."""
    of_all = make_trial_charts([arm for arm, _ in arms.values()], curves, comparison, run)
    of_each = {name: make_charts(make_arm_charts(*arm)) for name, arm in arms.items()}
    return Pictures(make_charts(of_all), of_each)
