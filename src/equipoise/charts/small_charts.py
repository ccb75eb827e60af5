"""Charts of one arm or one strategy each, to be set side by side."""

from collections.abc import Iterator, Sequence

import pandas as pd

from equipoise.charts.curve_charts import CLASS, DIGITS
from equipoise.charts.style import COLORS, INK, Look, Spec, encode_names, encode_number, make_scale

HEIGHT = 170
SQUARE = 260
# The width and height of a class in a confusion matrix.
CELL = (84, 48)
SCORES = {"scores_negative": "negative", "scores_positive": "positive"}
SHAPES = {"kept": "circle", "dropped": "M-1,-1L1,1M-1,1L1,-1", "synthetic": "triangle-up"}
KINDS = {"negative": "#707782", "positive": "#d1495b"}
MOST_COUNTED = 12


def make_score_chart(arm: str, curves: pd.DataFrame, look: Look) -> Spec:
    """Return how the scores of an arm are spread, for positives and for negatives.

    The share is drawn by its square root, so that the rare high scores are seen.
    """
    own = curves[(curves["arm"] == arm) & curves["curve"].isin(SCORES)]
    scale: Spec = {"type": "sqrt", "domain": [0, 1]}
    axis: Spec = {"format": "%", "values": [0, 0.01, 0.1, 0.3, 0.6, 1]}
    of_class = ["class"] if look.shown_class is not None else []
    root = "share of the class, by its square root"
    return look.make_spec(
        HEIGHT,
        data={"values": [*_list_bars(own, of_class)]},
        params=[{"name": CLASS, "value": look.shown_class}],
        transform=[{"filter": f"datum['class'] == {CLASS}"}] if of_class else [],
        mark={"type": "area", "interpolate": "step", "opacity": 0.45, "line": True},
        encoding={
            "x": encode_number("x", "score", scale={"domain": [0, 1]}),
            "y": encode_number("y", root, stack=None, scale=scale, axis=axis),
            "color": encode_names("kind", scale=make_scale(KINDS)),
        },
    )


def _list_bars(spread: pd.DataFrame, more: Sequence[str]) -> Iterator[dict[str, str | float]]:
    for row in spread.to_dict("records"):
        height = float(f"{row['y']:.{DIGITS}g}")
        bar: dict[str, str | float] = {"kind": SCORES[row["curve"]], "x": float(row["x"])}
        yield bar | {"y": height} | {name: str(row[name]) for name in more}


def make_projection_chart(points: pd.DataFrame, look: Look) -> Spec:
    """Return rows of one strategy in two dimensions: by class, and kept, dropped or synthetic."""
    classes = [str(name) for name in points["class"].unique()]
    colors = [*KINDS.values()] if len(classes) <= len(KINDS) else COLORS
    shades = {name: colors[n % len(colors)] for n, name in enumerate(classes)}
    shapes = {kind: shape for kind, shape in SHAPES.items() if (points["kind"] == kind).any()}
    bare = {"labels": False, "ticks": False}
    return look.make_spec(
        SQUARE,
        data={"values": _list_rows(points)},
        mark={"type": "point", "size": 22, "opacity": 0.6},
        encoding={
            "x": encode_number("x", "first component", axis=bare),
            "y": encode_number("y", "second component", axis=bare),
            "color": encode_names("class", "class", scale=make_scale(shades)),
            "shape": encode_names(
                "kind", scale=make_scale(shapes), legend={"symbolStrokeColor": INK}
            ),
        },
    )


def make_confusion_chart(cells: pd.DataFrame, look: Look) -> Spec:
    """Return a confusion matrix: rows per thousand, shaded by the share of the actual class.

    `cells` has `actual`, `predicted`, `per_thousand` and `share`.
    """
    classes = [*dict.fromkeys(cells["actual"])]
    ticks = {"labelAngle": 0, "labelLimit": CELL[0] - 4}
    axes = {
        axis: encode_names(field, field, sort=classes, axis=ticks)
        for axis, field in (("x", "predicted"), ("y", "actual"))
    }
    shade = encode_number("share", scale={"scheme": "blues", "domain": [0, 1]}, legend=None)
    layers: list[Spec] = [{"mark": "rect", "encoding": {"color": shade}}]
    if len(classes) <= MOST_COUNTED:
        ink: Spec = {"condition": {"test": "datum.share > 0.5", "value": "white"}, "value": "black"}
        counted: Spec = {"text": encode_number("per_thousand", format=".1f"), "color": ink}
        layers.append({"mark": "text", "encoding": counted})
    drawn = look.make_spec(SQUARE, data={"values": _list_rows(cells)}, encoding=axes, layer=layers)
    return {**drawn, "width": {"step": CELL[0]}, "height": {"step": CELL[1]}}


def _list_rows(frame: pd.DataFrame) -> list[Spec]:
    """Return the rows of a frame, by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
