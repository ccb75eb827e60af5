"""The charts, as specifications of Vega-Lite: the page draws them, MLflow gets them as pictures.

Names from a user's file are values of data here, never fields or expressions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from equipoise.page.style import INK, VERDICT_COLORS, Look, Spec

Rows = list[dict[str, Any]]
# Signals that the page sets: the arms that are shown, and of several classes the one.
ARMS, CLASS = "arms", "shown_class"
DIGITS = 4
VIEWS = {"default": "circle", "tuned": "diamond"}
MARK = {"size": 110, "opacity": 1, "strokeWidth": 1}
# Where a legend is about shapes, they have the colour of its words.
INKED = {"symbolFillColor": INK, "symbolStrokeColor": INK}
HEIGHT = 300
ROW_HEIGHT = 38
# An arm's name takes two lines: its strategy, its model.
BROKEN = {"labelExpr": "split(datum.label, '-')"}
UNIT = [0, 1]
# Points of a line that can be pointed at: bins are shown, thresholds are not.
DOTS, UNSEEN = {"size": 22}, {"opacity": 0, "size": 50}
FEW_TICKS = {"tickCount": 5}


PREDICTED, OBSERVED = "mean predicted probability", "share observed"


@dataclass(frozen=True)
class Curve:
    """A line for each arm: what it is called, and what its axes are."""

    title: str
    x: str
    y: str
    diagonal: bool = False
    unit: bool = True
    dots: bool = False


CURVES = {
    "precision_recall": Curve("Precision and recall", "recall", "precision"),
    "roc": Curve("ROC", "share of negatives that alert", "share of positives found", diagonal=True),
    "reliability": Curve("Reliability", PREDICTED, OBSERVED, diagonal=True, dots=True),
    "reliability_prior_corrected": Curve(
        "Reliability, prior corrected", PREDICTED, OBSERVED, diagonal=True, dots=True
    ),
    "reliability_calibrated": Curve(
        "Reliability, recalibrated", PREDICTED, OBSERVED, diagonal=True, dots=True
    ),
    "threshold": Curve("Objective by threshold, out of fold", "threshold", "objective", unit=False),
}


def curve_chart(
    name: str, curves: pd.DataFrame, marks: Rows, look: Look, worth: str = "objective"
) -> Spec:
    """Return a line for each arm of the curve `name`; `marks` are where it decides.

    `worth` is what decisions are tuned for, in words.
    """
    curve, lines = CURVES[name], _lines(curves[curves["curve"] == name])
    if name == "threshold":
        curve = replace(curve, y=worth)
    several = "class" in curves
    scale: Spec = {"domain": UNIT} if curve.unit else {"zero": False}
    encoding = {
        "x": {"field": "x", "type": "quantitative", "title": curve.x},
        "y": {"field": "y", "type": "quantitative", "title": curve.y, "scale": scale},
        "color": look.color(),
        "strokeDash": look.dash(),
        "detail": {"field": "arm"},
        "tooltip": [_tip("arm"), _tip("x", curve.x), _tip("y", curve.y)],
    }
    drawn: Spec = {
        "data": {"values": lines},
        "transform": [*_shown(several=several), {"flatten": ["x", "y"]}],
        "mark": {"type": "line", "strokeWidth": 1.8, "point": DOTS if curve.dots else UNSEEN},
        "encoding": encoding,
    }
    layers = [*([_diagonal()] if curve.diagonal else []), drawn]
    if marks:
        layers.append(_marks(marks, look, curve, several=several))
    return look.spec(HEIGHT, params=_params(lines, look), layer=layers)


def _lines(curves: pd.DataFrame) -> Rows:
    """Return a row for each line: whose it is, and all its points."""
    names = [name for name in ("cell", "strategy", "model", "class") if name in curves]
    return [
        dict(zip(("arm", *names[1:]), key, strict=True))
        | {axis: _rounded(points[axis]) for axis in ("x", "y")}
        for key, points in curves.groupby(names, sort=False)
    ]


def _rounded(values: pd.Series) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]


def _params(rows: Sequence[Mapping[str, Any]], look: Look) -> Rows:
    """Return the signals that the page sets: all arms are shown, and one class."""
    arms = [*dict.fromkeys(row["arm"] for row in rows)]
    return [{"name": ARMS, "value": arms}, {"name": CLASS, "value": look.shown_class}]


def _shown(*, several: bool) -> Rows:
    of_class = [{"filter": f"datum['class'] == {CLASS}"}] if several else []
    return [{"filter": f"indexof({ARMS}, datum.arm) >= 0"}, *of_class]


def _diagonal() -> Spec:
    return {
        "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
        "mark": {"type": "line", "color": "#8888", "strokeDash": [3, 3], "strokeWidth": 1},
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "y": {"field": "y", "type": "quantitative"},
        },
    }


def _marks(marks: Rows, look: Look, curve: Curve, *, several: bool) -> Spec:
    """Return a point for each decision: filled where tuned, hollow by default."""
    shapes = {view: shape for view, shape in VIEWS.items() if any(m["view"] == view for m in marks)}
    scale = {"domain": [*shapes], "range": [*shapes.values()]}
    tips = [_tip("arm"), _tip("view", "decision"), _tip("threshold")]
    return {
        "data": {"values": marks},
        "transform": _shown(several=several),
        "mark": {"type": "point", "filled": True, "stroke": "white", **MARK},
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "y": {"field": "y", "type": "quantitative"},
            "color": look.color(),
            "shape": {
                "field": "view",
                "type": "nominal",
                "title": "decides",
                "scale": scale,
                "legend": INKED,
            },
            "tooltip": [*tips, _tip("x", curve.x), _tip("y", curve.y)],
        },
    }


def _tip(field: str, title: str | None = None) -> Spec:
    numeric = {"format": f".{DIGITS}~g", "type": "quantitative"} if field in {"x", "y"} else {}
    return {"field": field, "title": title or field, **numeric}


def forest_chart(answers: Sequence[Mapping[str, Any]], look: Look) -> Spec:
    """Return each arm's difference from the baseline in one metric, with its intervals.

    The band is the region of practical equivalence; test and cross-validation stand apart.
    """
    rows = [*_differences(answers)]
    arms = [*dict.fromkeys(row["arm"] for row in rows)]
    y: Spec = {"field": "arm", "type": "nominal", "sort": arms, "title": None, "axis": BROKEN}
    offset: Spec = {"field": "source", "sort": ["test", "cv"]}
    title = "difference from the baseline"
    verdicts = {"domain": [*VERDICT_COLORS], "range": [*VERDICT_COLORS.values()]}
    color = {"field": "verdict", "type": "nominal", "scale": verdicts, "title": None}
    shape = {"domain": ["test", "cv"], "range": ["circle", "diamond"]}
    drawn: Spec = {"y": y, "yOffset": offset, "color": color}
    layers = [
        {"mark": {"type": "bar", "color": "#8882"}, "encoding": {"y": y, **_from_to("band")}},
        {
            "mark": {"type": "rule", "color": "#888"},
            "encoding": {"x": {"datum": 0, "type": "quantitative"}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {**drawn, **_from_to("interval", title), "tooltip": _forest_tips()},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
            "encoding": {
                **drawn,
                "x": {"field": "effect", "type": "quantitative", "title": title, "axis": FEW_TICKS},
                "shape": {
                    "field": "source",
                    "type": "nominal",
                    "scale": shape,
                    "title": None,
                    "legend": INKED,
                },
                "tooltip": _forest_tips(),
            },
        },
    ]
    return look.spec(
        ROW_HEIGHT * len(arms),
        data={"values": rows},
        params=_params(rows, look),
        transform=_shown(several=False),
        layer=layers,
    )


def _differences(answers: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for answer in answers:
        low, high = answer["interval"]
        yield {
            "arm": answer["cell"],
            **{key: answer[key] for key in ("source", "effect", "verdict", "p_holm")},
            "interval_low": low,
            "interval_high": high,
            "band_low": -answer["rope"],
            "band_high": answer["rope"],
        }


def _from_to(what: str, title: str | None = None) -> Spec:
    low: Spec = {"field": f"{what}_low", "type": "quantitative"}
    told = {"title": title, "axis": FEW_TICKS} if title else {"axis": FEW_TICKS}
    return {"x": low | told, "x2": {"field": f"{what}_high"}}


def _forest_tips() -> Rows:
    numbers = ("effect", "interval_low", "interval_high", "p_holm")
    return [
        *({"field": name} for name in ("arm", "source", "verdict")),
        *({"field": n, "type": "quantitative", "format": f".{DIGITS}~g"} for n in numbers),
    ]
