"""What decision curves are drawn on: an alert for every row, none, and an interval."""

from collections.abc import Iterator

import pandas as pd

from equipoise.charts.style import LOGARITHMIC, Look, Spec, encode_number
from equipoise.metrics.names import NET_BENEFIT

QUIET: Spec = {
    "type": "line",
    "clip": True,
    "color": "#888",
    "strokeDash": [3, 3],
    "strokeWidth": 1.2,
}
DIGITS, MARGIN = 4, 0.05


def draw_policies(curves: pd.DataFrame, look: Look) -> Iterator[Spec]:
    """Give the interval of the recommended arm, or of the only one, and both simple policies."""
    arms = curves["arm"].unique()
    arm = arms[0] if len(arms) == 1 else look.recommended
    yield from _draw_band(curves[curves["arm"] == arm])
    every = curves[curves["curve"] == f"{NET_BENEFIT}_all"].drop_duplicates("x")
    rows = [{"x": x, "all": _round(y), "none": 0} for x, y in every[["x", "y"]].to_numpy()]
    for policy in ("all", "none"):
        tip = {"value": f"an alert for {'every row' if policy == 'all' else 'no row'}"}
        yield {
            "data": {"values": rows},
            "mark": QUIET,
            "encoding": {**_encode_place(policy), "tooltip": tip},
        }


def find_reach(curves: pd.DataFrame) -> list[float]:
    """Return what the axis of net benefits shows: that of alerting on every row sinks far below."""
    own = curves[curves["curve"] == NET_BENEFIT]["y"]
    top = max(float(curves[curves["curve"] == f"{NET_BENEFIT}_high"]["y"].max()), 0.0)
    return [_round(min(float(own.min()), -MARGIN * top)), _round((1 + MARGIN) * top or 1.0)]


def _draw_band(curves: pd.DataFrame) -> Iterator[Spec]:
    ends = [f"{NET_BENEFIT}_low", f"{NET_BENEFIT}_high"]
    by_odds = curves[curves["curve"].isin(ends)].pivot_table("y", "x", "curve")
    if not by_odds.empty:
        rows = by_odds.map(_round).reset_index().to_dict("records")
        yield {
            "data": {"values": [{str(name): own for name, own in row.items()} for row in rows]},
            "mark": {"type": "area", "color": "#8884", "clip": True},
            "encoding": {**_encode_place(ends[0]), "y2": {"field": ends[1]}},
        }


def _encode_place(field: str) -> Spec:
    return {"x": encode_number("x", scale=LOGARITHMIC), "y": encode_number(field)}


def _round(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
