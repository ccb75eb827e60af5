"""How every chart looks: a colour for each strategy, a dash for each model, quiet axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from equipoise.core.json_values import Json, JsonObject

Spec = JsonObject

# Told apart on white and on near black, and by most who see fewer colours. Last come those that
# verdicts have, so that few strategies share a colour with a verdict.
COLORS = (
    "#707782",
    "#b8860b",
    "#8e5ea2",
    "#0e8a93",
    "#c2571a",
    "#b04a8f",
    "#5b7f00",
    "#3b75af",
    "#d1495b",
    "#2e8b57",
)
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [10, 4], [1, 4])
VERDICT_COLORS = {
    "better": "#2e8b57",
    "worse": "#d1495b",
    "equivalent": "#3b75af",
    "undecided": "#707782",
    "no hits": "#707782",
}
# Letters take the colour of the page's own, light or dark, on screen or on paper.
INK = "currentColor"
LOGARITHMIC: Spec = {"type": "log", "nice": False}
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
    "legend": {"labelColor": INK, "titleColor": INK, "orient": "bottom", "columns": 4},
    "title": {"color": INK, "anchor": "start", "fontSize": 13},
    "view": {"stroke": None},
    "aria": False,  # a chart is described as a whole, beside it
}


def encode_number(field: str, title: str | None = None, **more: Json) -> Spec:
    """Return the encoding of a field of numbers; without a title another layer has it."""
    told = {} if title is None else {"title": title}
    return {"field": field, "type": "quantitative", **told, **more}


def encode_names(field: str, title: str | None = None, **more: Json) -> Spec:
    """Return the encoding of a field of names, which speak for themselves or have a title."""
    return {"field": field, "type": "nominal", "title": title, **more}


def make_scale(looks: Mapping[str, Json]) -> Spec:
    """Return the scale that gives each name its look."""
    return {"domain": [*looks], "range": [*looks.values()]}


@dataclass(frozen=True)
class Look:
    """How wide a chart is, and what it shows: each arm looks the same in every chart.

    `shown_class` is the one of several classes that is set against the rest; of two it is None.
    The `recommended` arm is marked. Without `legend`, strategies, models and what the marks of
    forest plots mean are told elsewhere.
    """

    strategies: Sequence[str]
    models: Sequence[str]
    width: int | str = "container"
    shown_class: str | None = None
    recommended: str = ""
    legend: bool = True

    @property
    def colors(self) -> dict[str, str]:
        """The colour of each strategy."""
        return {name: COLORS[n % len(COLORS)] for n, name in enumerate(self.strategies)}

    @property
    def dashes(self) -> dict[str, list[int]]:
        """The dash of each model: lengths of ink and of gap in turn."""
        return {name: DASHES[n % len(DASHES)] for n, name in enumerate(self.models)}

    def encode_color(self) -> Spec:
        """Return the encoding that gives each strategy its colour."""
        return self._encode_by("strategy", self.colors, {"symbolType": "circle"})

    def encode_verdict(self, colors: Mapping[str, Json]) -> Spec:
        """Return the encoding that gives each verdict its colour."""
        scale = make_scale(colors)
        if self.legend:
            return encode_names("verdict", scale=scale)
        return encode_names("verdict", scale=scale, legend=None)

    def encode_dash(self) -> Spec:
        """Return the encoding that gives each model its dash."""
        line: Spec = {
            "symbolType": "stroke",
            "symbolSize": 300,
            "symbolStrokeWidth": 2,
            # Vega-Lite makes it transparent where a colour has a legend of its own.
            "encoding": {"symbols": {"stroke": {"value": "#888"}}},
        }
        told = line if len(self.models) > 1 else None
        return self._encode_by("model", self.dashes, told)

    def _encode_by(self, field: str, looks: Mapping[str, Json], legend: Spec | None) -> Spec:
        return encode_names(field, scale=make_scale(looks), legend=legend if self.legend else None)

    def make_spec(self, height: int, **content: Json) -> Spec:
        """Return a whole specification of Vega-Lite."""
        return {"width": self.width, "height": height, "config": CONFIG, **content}
