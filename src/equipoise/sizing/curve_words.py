"""A learning curve in sentences, as a table and as a chart: nothing beyond what was seen."""

from collections.abc import Iterator, Sequence

from equipoise.charts.style import COLORS, Look, Spec, encode_names, encode_number, make_scale
from equipoise.comparing.wording import format_difference, name_metric, name_rules
from equipoise.core.json_values import JsonObject
from equipoise.core.markdown import escape_text, make_bullets, make_table
from equipoise.judging.intervals import Interval, correct_by_holm
from equipoise.metrics.names import LOWER_IS_BETTER
from equipoise.sizing.learning_curve import CurvePoint, PairedChange

TUNED = "tuned_"
HEIGHT = 240
HEADINGS = (
    *("arm", "rows of the rarest class", "value", "interval"),
    *("change from half the rows", "difference from the baseline"),
)
LOWER = "Lower is better, so a change or a difference below 0 is for the better."


def name_number(metric: str, *, several: bool) -> str:
    """Return what sentences call a number of folds."""
    name = name_metric(metric.removeprefix(TUNED), several=several)
    return f"{name} with tuned {name_rules(several=several)}" if metric.startswith(TUNED) else name


def describe_growth(points: Sequence[CurvePoint], name: str, alpha: float) -> list[str]:
    """Return, for each arm, what the last doubling of the rows of the rarest class changed.

    Whether more rows still help is told by p-values corrected over the arms.
    """
    last = {point.arm: point for point in points}
    halves = {p.arm: p.positives for p in points if p != last[p.arm]}
    changes = {arm: point.change for arm, point in last.items() if point.change is not None}
    corrected = correct_by_holm([change.p for change in changes.values()])
    return [
        _describe_change(last[arm], name, halves[arm], change, is_sure=p < alpha)
        for (arm, change), p in zip(changes.items(), corrected, strict=True)
    ]


def _is_lower_better(metric: str) -> bool:
    return metric.removeprefix(TUNED) in LOWER_IS_BETTER


def _describe_change(
    point: CurvePoint, name: str, half: int, change: PairedChange, *, is_sure: bool
) -> str:
    better = (change.value > 0) != _is_lower_better(point.metric)
    found = "It still got better" if better else "It got worse"
    meaning = found if is_sure else "Whether more rows still help is not clear"
    return (
        f"{point.arm}: from {half:,} to {point.positives:,} rows of the rarest class to learn from,"
        f" {name} changed by {format_difference(change.value)}"
        f" ({_format_interval(change.interval)}). {meaning}."
    )


def _format_interval(interval: Interval) -> str:
    low, high = map(format_difference, interval)
    return f"{low} to {high}"


def write_curve(
    points: Sequence[CurvePoint], name: str, said: Sequence[str], picture: str
) -> Iterator[str]:
    """Give the lines of a section as Markdown: sentences, chart, table."""
    yield from ["", f"## {escape_text(name[0].upper() + name[1:])}", "", *make_bullets(said), ""]
    yield f"![{escape_text(name)} by rows of the rarest class]({picture})"
    yield ""
    if _is_lower_better(points[0].metric):
        yield from [LOWER, ""]
    rows = [
        [
            point.arm,
            f"{point.positives:,}",
            f"{point.value:.4f}",
            "{:.3f} to {:.3f}".format(*point.interval),
            _format_change(point.change),
            _format_change(point.difference),
        ]
        for point in points
    ]
    yield from make_table(HEADINGS, ("left", *["right"] * (len(HEADINGS) - 1)), rows)


def _format_change(change: PairedChange | None) -> str:
    if change is None:
        return ""
    return f"{format_difference(change.value)} ({_format_interval(change.interval)})"


def make_growth_chart(points: Sequence[CurvePoint], name: str, width: int) -> Spec:
    """Return a line for each arm, with intervals, by rows of the rarest class."""
    values: list[JsonObject] = [
        {
            "arm": point.arm,
            "positives": point.positives,
            "value": point.value,
            "low": point.interval[0],
            "high": point.interval[1],
        }
        for point in points
    ]
    x = encode_number(
        "positives", "rows of the rarest class to learn from", scale={"type": "log", "nice": False}
    )
    scale: Spec = {"zero": False}
    arms = list(dict.fromkeys(point.arm for point in points))
    colors = make_scale(dict(zip(arms, COLORS, strict=False)))
    color = encode_names("arm", scale=colors, legend={"symbolOpacity": 1})
    return Look(arms, [], width).make_spec(
        HEIGHT,
        data={"values": values},
        encoding={"x": x, "color": color},
        layer=[
            {
                "mark": {"type": "errorband", "opacity": 0.15},
                "encoding": {
                    "y": encode_number("low", name, scale=scale),
                    "y2": {"field": "high"},
                },
            },
            {
                "mark": {"type": "line", "point": True},
                "encoding": {"y": encode_number("value", name, scale=scale)},
            },
        ],
    )
