"""Charts drawn: once for each source, and again wherever what was kept cannot be had."""

import os
from pathlib import Path

import pytest

from equipoise.charts import drawing
from equipoise.charts.drawing import KEPT, bundle_scripts, draw_svg
from equipoise.charts.style import Spec

CHART: Spec = {"mark": "bar", "data": {"values": [{"x": 1}]}, "encoding": {"x": {"field": "x"}}}


in_repository = pytest.mark.usefixtures("repository")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that DVC keeps is the one to work in."""
    monkeypatch.chdir(tmp_path)
    KEPT.parent.mkdir(parents=True)


@in_repository
def test_a_chart_that_was_drawn_is_not_drawn_again() -> None:
    """What is kept is what comes back; another chart is drawn."""
    drawn = draw_svg(CHART)
    assert drawn.startswith("<svg")
    (kept,) = KEPT.iterdir()
    kept.write_text("what was drawn before")
    assert draw_svg(CHART) == "what was drawn before"
    assert draw_svg({**CHART, "mark": "point"}).startswith("<svg")


def test_nothing_is_kept_outside_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No folder appears where DVC has none."""
    monkeypatch.chdir(tmp_path)
    assert draw_svg(CHART).startswith("<svg")
    assert not list(tmp_path.iterdir())


@in_repository
@pytest.mark.parametrize("found", [b"", b"\xff"])
def test_a_damaged_file_is_made_again(found: bytes) -> None:
    """A file cut short by an interruption does not reach the page."""
    drawn = bundle_scripts("window.answer = 42;")
    (kept,) = KEPT.iterdir()
    kept.write_bytes(found)
    assert bundle_scripts("window.answer = 42;") == drawn
    assert "42" in drawn


@in_repository
def test_a_folder_that_cannot_be_written_costs_nothing_else() -> None:
    """The chart is drawn; a full disk or foreign files in the way are no failure."""
    KEPT.write_text("a file where the folder should be")
    assert draw_svg(CHART).startswith("<svg")
    assert KEPT.is_file()


@in_repository
def test_those_not_used_for_longest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder does not grow with the number of trials."""
    monkeypatch.setattr(drawing, "MOST_KEPT", 2)
    sources = [f"window.answer = {number};" for number in range(3)]
    for age, source in enumerate(sources[:2]):
        bundle_scripts(source)
        newest = max(KEPT.iterdir(), key=lambda path: path.stat().st_mtime)
        os.utime(newest, (age, age))
    bundle_scripts(sources[0])
    bundle_scripts(sources[2])
    kept = {path.read_text() for path in KEPT.iterdir()}
    assert [any(f"answer={number}" in text for text in kept) for number in range(3)] == [
        True,
        False,
        True,
    ]
