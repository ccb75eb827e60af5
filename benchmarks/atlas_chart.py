"""The figure of the atlas: what one remedy changes on each table, the rarest class last."""

from collections.abc import Mapping

import pandas as pd

from equipoise.charts.style import VERDICT_COLORS, Spec, encode_names, encode_number, make_scale

ROW_HEIGHT, WIDTH = 30, 215
SHAPES = {"logistic": "circle", "boosting": "square", "forest": "triangle-up"}
SHOWN = ("table", "model", "effect", "low", "high", "verdict")


def make_atlas_chart(claims: pd.DataFrame, questions: Mapping[str, str], title: str) -> Spec:
    """Return a panel for each question, with a row for each table and a mark for each model.

    `claims` are those of one remedy.
    """
    ordered = claims.sort_values("one_in")
    rows = ordered.assign(
        table=ordered["table"] + ", 1 in " + ordered["one_in"].map("{:.0f}".format)
    )
    tables = rows["table"].unique().tolist()
    panels: list[Spec] = [
        _make_panel(rows[rows["question"] == question], tables, heading, is_first=number == 0)
        for number, (question, heading) in enumerate(questions.items())
    ]
    return {"title": title, "hconcat": panels, "spacing": 14}


def _make_panel(rows: pd.DataFrame, tables: list[str], heading: str, *, is_first: bool) -> Spec:
    axis: Spec = {"labelLimit": 260, "grid": True, "title": None}
    y = encode_names("table", sort=tables, axis=axis if is_first else {**axis, "labels": False})
    colors = {name: color for name, color in VERDICT_COLORS.items() if name != "no hits"}
    own: Spec = {
        "y": y,
        "yOffset": encode_names("model", sort=[*SHAPES]),
        "color": encode_names("verdict", scale=make_scale(colors)),
    }
    ends: Spec = {"x": encode_number("low", heading), "x2": {"field": "high"}}
    point: Spec = {
        "x": encode_number("effect", heading),
        "shape": encode_names("model", scale=make_scale(SHAPES)),
    }
    zero: Spec = {"x": {"datum": 0, "type": "quantitative"}}
    told = rows[[*SHOWN]].replace({"verdict": {"no hits": "undecided"}})
    return {
        "width": WIDTH,
        "height": ROW_HEIGHT * len(tables),
        "data": {
            "values": [{str(k): v for k, v in row.items()} for row in told.to_dict("records")]
        },
        "layer": [
            {"mark": {"type": "rule", "color": "#888"}, "encoding": zero},
            {"mark": {"type": "rule", "opacity": 0.6}, "encoding": {**own, **ends}},
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                "encoding": {**own, **point},
            },
        ],
    }
