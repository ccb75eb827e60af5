"""Curves of all arms, as specifications of Vega-Lite: for the page, and for MLflow as pictures.

Names from a user's file are values of data here, never fields or expressions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from equipoise.charts.policies import draw_policies, find_reach
from equipoise.charts.style import (
    INK,
    LOGARITHMIC,
    Look,
    Spec,
    encode_names,
    encode_number,
    make_scale,
)
from equipoise.core.json_values import JsonObject
from equipoise.metrics.names import NET_BENEFIT

Records = Sequence[JsonObject]
# Signals that the page sets: the arms that are shown, and of several classes the one.
ARMS, CLASS = "arms", "shown_class"
RECOMMENDED = "recommended"
DIGITS = 4
SHAPE_OF_VIEW = {"default": "circle", "tuned": "diamond"}
MARK = {"size": 110, "opacity": 1, "strokeWidth": 1}
# Where a legend is about shapes, they have the colour of its words.
INKED = {"symbolFillColor": INK, "symbolStrokeColor": INK}
HEIGHT = 300
THIN, BOLD = 1.6, 3.2
UNIT = [0, 1]
# Points of a line that can be pointed at: bins are shown, thresholds are not.
DOTS, UNSEEN = {"size": 22}, {"opacity": 0, "size": 50}
PREDICTED, OBSERVED = "mean predicted probability", "share observed"


@dataclass(frozen=True)
class CurveStyle:
    """A line for each arm: what it is called, and what its axes are."""

    title: str
    x: str
    y: str
    diagonal: bool = False
    unit: bool = True
    dots: bool = False
    log: bool = False


CURVES = {
    "precision_recall": CurveStyle("Precision and recall", "recall", "precision"),
    "roc": CurveStyle(
        "ROC", "share of negatives that alert", "share of positives found", diagonal=True
    ),
    "reliability": CurveStyle("Reliability", PREDICTED, OBSERVED, diagonal=True, dots=True),
    "reliability_prior_corrected": CurveStyle(
        "Reliability, prior corrected", PREDICTED, OBSERVED, diagonal=True, dots=True
    ),
    "reliability_calibrated": CurveStyle(
        "Reliability, recalibrated", PREDICTED, OBSERVED, diagonal=True, dots=True
    ),
    "threshold": CurveStyle(
        "Objective by threshold, out of fold", "threshold", "objective", unit=False
    ),
    NET_BENEFIT: CurveStyle("Net benefit", "threshold odds", "net benefit", unit=False, log=True),
}


def make_curve_chart(
    name: str, curves: pd.DataFrame, marks: Records, look: Look, worth: str = "objective"
) -> Spec:
    """Return a line for each arm of the curve `name`; `marks` are where it decides.

    `worth` is what decisions are tuned for, in words.
    """
    curve, lines = CURVES[name], _list_lines(curves[curves["curve"] == name])
    if name == "threshold":
        curve = replace(curve, y=worth)
    several = look.shown_class is not None
    reach: Spec = {"domain": UNIT} if curve.unit else {"zero": False}
    if name == NET_BENEFIT:
        reach = {"domain": find_reach(curves)}
    scale: Spec = {"scale": LOGARITHMIC} if curve.log else {}
    encoding: Spec = {
        "x": {**encode_number("x", curve.x), **scale},
        "y": encode_number("y", curve.y, scale=reach),
        "color": look.encode_color(),
        "strokeDash": look.encode_dash(),
        "detail": {"field": "arm"},
        "strokeWidth": {
            "condition": {"test": f"datum.arm == {RECOMMENDED}", "value": BOLD},
            "value": THIN,
        },
        "tooltip": [_make_tooltip("arm"), _make_tooltip("x", curve.x), _make_tooltip("y", curve.y)],
    }
    drawn: Spec = {
        "data": {"values": lines},
        "transform": [*make_arm_filter(several=several), {"flatten": ["x", "y"]}],
        "mark": {"type": "line", "point": DOTS if curve.dots else UNSEEN},
        "encoding": encoding,
    }
    behind = [_draw_diagonal()] if curve.diagonal else []
    if name == NET_BENEFIT:
        behind = [*draw_policies(curves, look)]
    layers = [*behind, drawn]
    if marks:
        layers.append(_draw_marks(marks, look, curve, several=several))
    return look.make_spec(HEIGHT, params=make_signals(lines, look), layer=layers)


def _list_lines(curves: pd.DataFrame) -> Records:
    """Return a row for each line: whose it is, and all its points."""
    names = [name for name in ("arm", "strategy", "model", "class") if name in curves]
    return [
        {
            **{name: str(own) for name, own in zip(names, key, strict=True)},
            **{axis: _round_values(points[axis]) for axis in ("x", "y")},
        }
        for key, points in curves.groupby(names, sort=False)
    ]


def _round_values(values: pd.Series) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]


def make_signals(rows: Records, look: Look) -> Records:
    """Return the signals: the arms that are shown, the one class, the recommended arm."""
    arms = [*dict.fromkeys(row["arm"] for row in rows)]
    return [
        {"name": ARMS, "value": arms},
        {"name": CLASS, "value": look.shown_class},
        {"name": RECOMMENDED, "value": look.recommended},
    ]


def make_arm_filter(*, several: bool) -> Records:
    """Return what keeps the arms that the page shows and, of several classes, the one."""
    of_class = [{"filter": f"datum['class'] == {CLASS}"}] if several else []
    return [{"filter": f"indexof({ARMS}, datum.arm) >= 0"}, *of_class]


def _draw_diagonal() -> Spec:
    return {
        "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
        "mark": {"type": "line", "color": "#8888", "strokeDash": [3, 3], "strokeWidth": 1},
        "encoding": {"x": encode_number("x"), "y": encode_number("y")},
    }


def _draw_marks(marks: Records, look: Look, curve: CurveStyle, *, several: bool) -> Spec:
    """Return a point for each decision, of a shape by its view."""
    shapes = {
        view: shape
        for view, shape in SHAPE_OF_VIEW.items()
        if any(m["view"] == view for m in marks)
    }
    tips = [_make_tooltip("arm"), _make_tooltip("view", "decision"), _make_tooltip("threshold")]
    return {
        "data": {"values": marks},
        "transform": make_arm_filter(several=several),
        "mark": {"type": "point", "filled": True, "stroke": "white", **MARK},
        "encoding": {
            "x": encode_number("x"),
            "y": encode_number("y"),
            "color": look.encode_color(),
            "shape": encode_names("view", "decides", scale=make_scale(shapes), legend=INKED),
            "tooltip": [*tips, _make_tooltip("x", curve.x), _make_tooltip("y", curve.y)],
        },
    }


def _make_tooltip(field: str, title: str | None = None) -> Spec:
    numeric = {"format": f".{DIGITS}~g", "type": "quantitative"} if field in {"x", "y"} else {}
    return {"field": field, "title": title or field, **numeric}
