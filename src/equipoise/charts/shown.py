"""Charts that a notebook shows."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import vl_convert

from equipoise.charts.drawing import draw_svg
from equipoise.charts.style import CONFIG, Spec

# Pixels for each unit of the chart: sharp on most screens.
SCALE = 2
# Where a PNG has its width and its height.
SIZE_IN_PNG = 16
PAPER: Spec = {"background": "white", "padding": 12, "config": {**CONFIG, "background": "white"}}


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification; a notebook draws it where it is the value of a cell."""

    spec: Spec

    def __repr__(self) -> str:
        return f"Chart({self.spec.get('title', '')!r})"

    @property
    def on_paper(self) -> Spec:
        """The specification of the chart on white."""
        return {**self.spec, **PAPER}

    def draw(self) -> str:
        """Return the chart as SVG, on white."""
        return draw_svg(self.on_paper)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return what notebooks show everywhere, and how large: GitHub and nbviewer break SVG."""
        drawn = vl_convert.svg_to_png(self.draw(), scale=SCALE)
        width, height = struct.unpack_from(">II", drawn, SIZE_IN_PNG)
        return drawn, {"width": width // SCALE, "height": height // SCALE}


def make_charts(specs: Mapping[str, Spec]) -> dict[str, Chart]:
    """Return charts by name."""
    return {name: Chart(spec) for name, spec in specs.items()}
