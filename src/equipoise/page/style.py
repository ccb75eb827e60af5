"""How every chart looks: a colour for each strategy, a dash for each model, quiet axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]

# Told apart on white and on near black, and by most who see fewer colours.
COLORS = (
    "#707782",
    "#3b75af",
    "#d1495b",
    "#2e8b57",
    "#b8860b",
    "#8e5ea2",
    "#0e8a93",
    "#c2571a",
    "#b04a8f",
    "#5b7f00",
)
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [10, 4], [1, 4])
VERDICT_COLORS = {
    "better": "#2e8b57",
    "worse": "#d1495b",
    "equivalent": "#3b75af",
    "undecided": "#707782",
}
# Letters take the colour of the page's own, light or dark, on screen or on paper.
INK = "currentColor"
FONT = "system-ui, sans-serif"
CONFIG: Spec = {
    "background": None,
    "font": FONT,
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": "#8888",
        "tickColor": "#8888",
        "gridColor": "#8883",
        "titleFontWeight": "normal",
    },
    "header": {"labelColor": INK, "titleColor": INK},
    "legend": {"labelColor": INK, "titleColor": INK, "orient": "bottom", "columns": 4},
    "title": {"color": INK, "anchor": "start", "fontSize": 13},
    "view": {"stroke": None},
    "aria": False,  # a chart is described as a whole, beside it
}


@dataclass(frozen=True)
class Look:
    """What is drawn where: the arms of the trial, so that each looks the same in every chart."""

    strategies: Sequence[str]
    models: Sequence[str]
    width: int | str = "container"

    def color(self) -> Spec:
        """Return the encoding that gives each strategy its colour."""
        colors = [COLORS[place % len(COLORS)] for place in range(len(self.strategies))]
        scale = {"domain": [*self.strategies], "range": colors}
        return {"field": "strategy", "type": "nominal", "scale": scale, "title": None}

    def dash(self) -> Spec:
        """Return the encoding that gives each model its dash."""
        dashes = [DASHES[place % len(DASHES)] for place in range(len(self.models))]
        scale = {"domain": [*self.models], "range": dashes}
        legend: Spec | None = None if len(self.models) == 1 else {}
        return {
            "field": "model",
            "type": "nominal",
            "scale": scale,
            "title": None,
            "legend": legend,
        }

    def spec(self, height: int, **content: Any) -> Spec:
        """Return a whole specification of Vega-Lite."""
        return {"width": self.width, "height": height, "config": CONFIG, **content}
