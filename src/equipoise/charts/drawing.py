"""Charts as SVG, and the scripts that draw them on a page.

Both take long and follow from their source alone, so they are kept in DVC's folder for
temporary files: of an arm that has not changed nothing is drawn again.
"""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import vl_convert

from equipoise.charts.style import Spec

KEPT = Path(".dvc/tmp/drawn")
VERSION = version("vl-convert-python")
# Some ten trials of three arms, or one of thirty, 25 MB.
MOST_KEPT = 400


def draw_svg(chart: Spec) -> str:
    """Return a chart as SVG."""
    source = json.dumps(chart)
    return _keep(source, lambda: vl_convert.vegalite_to_svg(source))


def bundle_scripts(source: str) -> str:
    """Return a script and all that it imports of Vega as one."""
    return _keep(source, lambda: vl_convert.javascript_bundle(source))


def locate_drawn(chart: Spec) -> Path:
    """Return where a chart is kept as SVG, once it was drawn in a DVC repository."""
    return _locate(json.dumps(chart))


def _locate(source: str) -> Path:
    return KEPT / hashlib.sha256(f"{VERSION}\n{source}".encode()).hexdigest()


def _keep(source: str, make: Callable[[], str]) -> str:
    """Return what was made of a source before, or make it; only a DVC repository keeps it."""
    path = _locate(source)
    with suppress(OSError, UnicodeDecodeError):
        if made := path.read_text(encoding="utf-8"):
            path.touch()
            return made
    made = make()
    if KEPT.parent.is_dir():
        with suppress(OSError):  # a full disk costs time, and nothing else
            _write(made, path)
    return made


def _write(made: str, path: Path) -> None:
    """Write a file that is there whole or not at all; those not used for longest make room."""
    KEPT.mkdir(exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        new.write_text(made, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    for old in sorted(KEPT.iterdir(), key=lambda each: each.stat().st_mtime)[:-MOST_KEPT]:
        old.unlink(missing_ok=True)
