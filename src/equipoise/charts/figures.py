"""The figures of the page: each a chart, its heading, and what it shows in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from equipoise.charts.curve_charts import CURVES, SHAPE_OF_VIEW, Records, make_curve_chart
from equipoise.charts.forest import make_forest_chart
from equipoise.charts.small_charts import make_projection_chart, make_score_chart
from equipoise.charts.style import Look, Spec
from equipoise.comparing.results import Comparison
from equipoise.comparing.wording import (
    METRIC_NAMES,
    format_differences,
    format_rule,
    format_values,
    name_metric,
    name_rules,
)
from equipoise.core.difference import ResamplingSummary
from equipoise.core.tables import format_count
from equipoise.judging.arm_result import ArmResult, UsedRule
from equipoise.metrics.names import LOWER_IS_BETTER, NET_BENEFIT

LOWER = " (lower is better)"


@dataclass(frozen=True)
class Figure:
    """A chart by its id on the page, and the arm or strategy that it is about, if it is of one."""

    key: str
    title: str
    spec: Spec
    alt: str
    arm: str = ""
    strategy: str = ""


def make_forest_figures(
    comparison: Comparison, look: Look, views: Sequence[str]
) -> Iterator[Figure]:
    """Give a forest plot for each metric of some views, such as `ranking`."""
    own = [answer for answer in comparison.comparisons if answer.view in views]
    for view, metric in dict.fromkeys((a.view, a.metric) for a in own):
        asked = [a for a in own if (a.view, a.metric) == (view, metric)]
        title = _make_title(view, metric, several=comparison.recommended.of_several)
        alt = f"Differences from the baseline in {title}: {format_differences(asked)}."
        heading = title[0].upper() + title[1:]
        yield Figure(f"forest-{view}-{metric}", heading, make_forest_chart(asked, look), alt)


def make_first_figure(comparison: Comparison, look: Look) -> Iterator[Figure]:
    """Give what remedies and models change in what decisions are tuned for: a small forest plot."""
    remedies, models = (
        [a for a in answers if (a.view, a.claim) == ("tuned", "remedy")]
        for answers in (comparison.comparisons, comparison.models)
    )
    if asked := [*remedies, *models]:
        what = _make_title("tuned", asked[0].metric, several=comparison.recommended.of_several)
        others = " or ".join(sorted({answer.against for answer in models}))
        beside = f", and of other models from {others}" if models else ""
        title = f"Difference of each remedy from {comparison.baseline}{beside}: {what}"
        alt = f"{title}: {format_differences(asked)}."
        yield Figure("forest-first", title, make_forest_chart(asked, look), alt)


def _make_title(view: str, metric: str, *, several: bool) -> str:
    lower = LOWER if metric in LOWER_IS_BETTER else ""
    if view == "ranking":
        return METRIC_NAMES[metric]
    if view == "calibrated":
        return f"Brier score, recalibrated{lower}"
    rules = "default decisions" if view == "default" else f"tuned {name_rules(several=several)}"
    return f"{name_metric(metric, several=several)} with {rules}{lower}"


def make_curve_figures(
    arms: Sequence[ArmResult], curves: pd.DataFrame, look: Look, objective: str
) -> Iterator[Figure]:
    """Give a figure for each kind of curve that there is, with where each arm decides."""
    worth = name_metric(objective, several=arms[0].of_several)
    told = {
        "precision_recall": ("Average precision", "test", "average_precision"),
        "roc": ("ROC-AUC", "test", "roc_auc"),
        "reliability": ("Brier scores", "test", "brier_score"),
        "reliability_prior_corrected": ("Brier scores", "prior_corrected", "brier_score"),
        "reliability_calibrated": ("Brier scores", "calibrated", "brier_score"),
        "threshold": (
            f"{worth} in cross-validation, each fold with the threshold tuned on the others",
            "out_of_fold",
            f"tuned_{objective}",
        ),
        NET_BENEFIT: (f"At odds of {_choose_odds(arms[0])}", NET_BENEFIT, _choose_odds(arms[0])),
    }
    for name in (name for name in CURVES if (curves["curve"] == name).any()):
        said, section, metric = told[name]
        title = CURVES[name].title
        drawn = [arm for arm in arms if metric in arm.sections.get(section, {})]
        number = format_count(len(drawn), "arm")
        alt = f"{title} of {number}. {said}: {format_values(drawn, section, metric)}."
        marks = locate_decisions(name, arms, curves)
        chart = make_curve_chart(name, curves, marks, look, worth)
        yield Figure(f"curve-{name}", title, chart, alt)


def _choose_odds(arm: ArmResult) -> str:
    """Return the threshold odds in the middle of the curves."""
    odds = sorted(arm.net_benefit or {"1": 0.0}, key=float)
    return odds[len(odds) // 2]


def locate_decisions(name: str, arms: Sequence[ArmResult], curves: pd.DataFrame) -> Records:
    """Return where on the curve `name` each arm decides, by default and tuned."""
    if name == "threshold":
        chosen = curves[curves["curve"] == "chosen"].to_dict("records")
        return [
            _name_arm(row["arm"], row["strategy"], row["model"], "tuned")
            | {
                "threshold": format_rule(UsedRule(row["x"])),
                "x": float(row["x"]),
                "y": float(row["y"]),
            }
            for row in chosen
        ]
    if name not in {"precision_recall", "roc"}:
        return []
    places = _place_decision_by_class if arms[0].of_several else _place_decision
    return [
        _name_arm(arm.arm, arm.strategy, arm.model, view) | place
        for arm in arms
        for view in SHAPE_OF_VIEW
        for place in places(name, arm, view)
    ]


def _name_arm(arm: str, strategy: str, model: str, view: str) -> dict[str, str | float]:
    return {"arm": arm, "strategy": strategy, "model": model, "view": view}


def _place_decision(name: str, arm: ArmResult, view: str) -> Iterator[dict[str, str | float]]:
    decided = arm.views[view]
    numbers, (negatives, _) = decided.numbers, decided.confusion
    false_alerts = negatives[1] / max(1, sum(negatives))
    x, y = {
        "precision_recall": (numbers["recall"], numbers["precision"]),
        "roc": (false_alerts, numbers["recall"]),
    }[name]
    yield {"threshold": format_rule(decided.rule), "x": x, "y": y}


def _place_decision_by_class(
    name: str, arm: ArmResult, view: str
) -> Iterator[dict[str, str | float]]:
    if name != "precision_recall":
        return
    for label, own in arm.by_class.items():
        place = {"x": own[f"{view}_recall"], "y": own[f"{view}_precision"]}
        yield place | {"class": label, "threshold": "class weights"}


def make_score_figures(
    arms: Sequence[ArmResult], curves: pd.DataFrame, look: Look
) -> Iterator[Figure]:
    """Give the spread of each arm's scores by class, on the test part if there is one."""
    for arm in (arm for arm in arms if arm.tested):
        apart, which = "positives and negatives apart", "how often a positive has the higher score"
        if arm.of_several:
            apart, which = "each class and all others apart", "the mean over the classes"
        alt = (
            f"Scores of {arm.arm} on the test part, {apart}; the area under the ROC curve, which"
            f" is {which}, is {arm.test['roc_auc']:.3f}."
        )
        chart = make_score_chart(arm.arm, curves, look)
        yield Figure(f"scores-{arm.arm}", arm.arm, chart, alt, arm.arm)


def make_projection_figures(
    projections: Mapping[str, pd.DataFrame], summaries: Mapping[str, ResamplingSummary], look: Look
) -> Iterator[Figure]:
    """Give the rows of each strategy that adds or drops some, in two dimensions."""
    for strategy, points in projections.items():
        summary = summaries[strategy]
        alt = (
            f"Train rows and those of {strategy} in two dimensions: {summary.kept:,} rows kept,"
            f" {summary.synthetic:,} synthetic."
        )
        chart = make_projection_chart(points, look)
        yield Figure(f"rows-{strategy}", strategy, chart, alt, strategy=strategy)
