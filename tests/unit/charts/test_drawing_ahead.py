"""Charts drawn by another process: what it has drawn is used, what it has not is drawn here."""

from pathlib import Path

import pytest
import vl_convert

from equipoise.charts.drawing import KEPT, draw_svg, locate_drawn
from equipoise.charts.drawing_ahead import drawing_ahead
from equipoise.charts.style import Spec

BAR: Spec = {"mark": "bar", "data": {"values": [{"x": 1}]}, "encoding": {"x": {"field": "x"}}}
POINT: Spec = {**BAR, "mark": "point"}


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that DVC keeps is the one to work in."""
    monkeypatch.chdir(tmp_path)
    KEPT.parent.mkdir(parents=True)


def refuse(_source: str) -> str:
    """Stand where nothing is to be drawn."""
    raise AssertionError


def test_what_was_drawn_ahead_is_not_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawing_ahead([BAR, POINT]) as drawing:
        drawing.wait_for([BAR, POINT])
        assert drawing.process is not None
    draw = vl_convert.vegalite_to_svg
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", refuse)
    assert [draw_svg(chart) for chart in (BAR, POINT)] == [draw({**BAR}), draw({**POINT})]
    with drawing_ahead([BAR, POINT]) as drawing:
        assert drawing.process is None


def test_a_process_that_ends_early_is_not_waited_for() -> None:
    odd: Spec = {"mark": "no such mark"}
    with drawing_ahead([odd, BAR]) as drawing:
        drawing.wait_for([BAR])
    assert not locate_drawn(BAR).exists()
    assert draw_svg(BAR).startswith("<svg")


def test_no_process_is_left_by_a_block_that_fails() -> None:
    with pytest.raises(ZeroDivisionError), drawing_ahead([BAR] * 100) as drawing:
        raise ZeroDivisionError
    assert drawing.process is not None
    assert drawing.process.poll() is not None


def test_outside_a_repository_there_is_none() -> None:
    KEPT.parent.rmdir()
    with drawing_ahead([BAR]) as drawing:
        drawing.wait_for([BAR])
    assert drawing.process is None
