"""Charts that a notebook shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from equipoise.charts.drawing import draw_svg
from equipoise.charts.style import CONFIG, Spec

PAPER: Spec = {"background": "white", "padding": 12, "config": {**CONFIG, "background": "white"}}


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification; a notebook draws it where it is the value of a cell."""

    spec: Spec

    def draw(self) -> str:
        """Return the chart as SVG, on white."""
        return draw_svg({**self.spec, **PAPER})

    def _repr_svg_(self) -> str:
        return self.draw()


def make_charts(specs: Mapping[str, Spec]) -> dict[str, Chart]:
    """Return charts by name."""
    return {name: Chart(spec) for name, spec in specs.items()}
