"""Charts of one arm or one strategy each, to be set side by side."""

import pandas as pd

from equipoise.page.charts import CLASS, DIGITS, Rows
from equipoise.page.style import COLORS, INK, Look, Spec

HEIGHT = 170
SQUARE = 260
# The width and height of a class in a confusion matrix.
CELL = (84, 48)
SCORES = {"scores_negative": "negative", "scores_positive": "positive"}
SHAPES = {"kept": "circle", "dropped": "M-1,-1L1,1M-1,1L1,-1", "synthetic": "triangle-up"}
NEGATIVE_POSITIVE = ("#707782", "#d1495b")
MOST_COUNTED = 12


def score_chart(arm: str, curves: pd.DataFrame, look: Look) -> Spec:
    """Return how the scores of an arm are spread, for positives and for negatives.

    The share is drawn by its square root, so that the rare high scores are seen.
    """
    own = curves[(curves["cell"] == arm) & curves["curve"].isin(SCORES)]
    rows = [
        {
            "kind": SCORES[row["curve"]],
            "x": float(row["x"]),
            "y": float(f"{row['y']:.{DIGITS}g}"),
            **({"class": row["class"]} if "class" in row else {}),
        }
        for row in own.to_dict("records")
    ]
    several = "class" in own
    kinds = {"domain": ["negative", "positive"], "range": [*NEGATIVE_POSITIVE]}
    return look.spec(
        HEIGHT,
        data={"values": rows},
        params=[{"name": CLASS, "value": look.shown_class}],
        transform=[{"filter": f"datum['class'] == {CLASS}"}] if several else [],
        mark={"type": "area", "interpolate": "step", "opacity": 0.45, "line": True},
        encoding={
            "x": {
                "field": "x",
                "type": "quantitative",
                "title": "score",
                "scale": {"domain": [0, 1]},
            },
            "y": {
                "field": "y",
                "type": "quantitative",
                "title": "share of the class, by its square root",
                "stack": None,
                "scale": {"type": "sqrt", "domain": [0, 1]},
                "axis": {"format": "%", "values": [0, 0.01, 0.1, 0.3, 0.6, 1]},
            },
            "color": {"field": "kind", "type": "nominal", "scale": kinds, "title": None},
        },
    )


def projection_chart(points: pd.DataFrame, look: Look) -> Spec:
    """Return rows of one strategy in two dimensions: by class, and kept, dropped or synthetic."""
    classes = [str(label) for label in points["class"].unique()]
    colors = NEGATIVE_POSITIVE if len(classes) <= len(NEGATIVE_POSITIVE) else COLORS
    scale = {"domain": classes, "range": [colors[n % len(colors)] for n in range(len(classes))]}
    kinds = [kind for kind in SHAPES if (points["kind"] == kind).any()]
    shapes = {"domain": kinds, "range": [SHAPES[kind] for kind in kinds]}
    axis = {"labels": False, "ticks": False}
    return look.spec(
        SQUARE,
        data={"values": points.to_dict("records")},
        mark={"type": "point", "size": 22, "opacity": 0.6},
        encoding={
            "x": {"field": "x", "type": "quantitative", "title": "first component", "axis": axis},
            "y": {"field": "y", "type": "quantitative", "title": "second component", "axis": axis},
            "color": {"field": "class", "type": "nominal", "scale": scale, "title": "class"},
            "shape": {
                "field": "kind",
                "type": "nominal",
                "scale": shapes,
                "title": None,
                "legend": {"symbolStrokeColor": INK},
            },
        },
    )


def confusion_chart(cells: pd.DataFrame, look: Look) -> Spec:
    """Return a confusion matrix: rows per thousand, shaded by the share of the actual class.

    `cells` has `actual`, `predicted`, `per_thousand` and `share`.
    """
    labels = [*dict.fromkeys(cells["actual"])]
    ticks = {"labelAngle": 0, "labelLimit": CELL[0] - 4}
    axes: Spec = {
        axis: {"field": field, "type": "nominal", "sort": labels, "title": field, "axis": ticks}
        for axis, field in (("x", "predicted"), ("y", "actual"))
    }
    shade = {"scheme": "blues", "domain": [0, 1]}
    layers: Rows = [
        {
            "mark": "rect",
            "encoding": {
                "color": {
                    "field": "share",
                    "type": "quantitative",
                    "scale": shade,
                    "legend": None,
                }
            },
        }
    ]
    if len(labels) <= MOST_COUNTED:
        ink = {"condition": {"test": "datum.share > 0.5", "value": "white"}, "value": "black"}
        text = {"field": "per_thousand", "type": "quantitative", "format": ".1f"}
        layers.append({"mark": "text", "encoding": {"text": text, "color": ink}})
    size = {"width": {"step": CELL[0]}, "height": {"step": CELL[1]}}
    return (
        look.spec(SQUARE, data={"values": cells.to_dict("records")}, encoding=axes, layer=layers)
        | size
    )
