"""What was measured keeps to the budget, and a slower commit would not."""

import json
from copy import deepcopy
from typing import Any

import pytest
from performance_page import MEASUREMENTS, PAGE, list_over_budget, make_page


@pytest.fixture
def measured() -> dict[str, Any]:
    """What the page of performance shows."""
    found: dict[str, Any] = json.loads(MEASUREMENTS.read_text(encoding="utf-8"))
    return found


def test_what_the_page_shows_is_within_the_budget(measured: dict[str, Any]) -> None:
    assert list_over_budget(measured) == []
    assert PAGE.read_text(encoding="utf-8") == make_page(measured)


@pytest.mark.parametrize("kind", ["plain", "warm"])
def test_a_slower_commit_is_named(measured: dict[str, Any], kind: str) -> None:
    slower = deepcopy(measured)
    for usage in slower["default_job"]["usages"][f"{kind}, cold"]:
        usage["seconds"] *= 1.25
    (first, *_) = over = list_over_budget(slower)
    assert first.startswith(f"{kind}: from nothing / tutorial style is ")
    assert all(line.startswith(f"{kind}: from nothing / ") for line in over)


def test_a_stage_that_grows_faster_than_rows_is_named(measured: dict[str, Any]) -> None:
    slower = deepcopy(measured)
    for rows, stages in slower["scaling"]["stages"].items():
        stages["audit"]["processor"] *= int(rows) / 100_000
    (line,) = list_over_budget(slower)
    assert line.startswith("exponent of processor is ")
