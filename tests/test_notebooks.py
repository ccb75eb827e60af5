"""The notebooks of the documentation show what they give when they are run."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "docs/notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
LARGEST = 300_000
# Colours and moves of a terminal; times of day; folders of a machine; ids of runs.
ODD = re.compile(r"\x1b|\d\d:\d\d:\d\d|/(?:home|root|tmp|Users|private|var)/|\b[0-9a-f]{32}\b")
Cell = dict[str, Any]


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each notebook, run by a kernel in an empty folder."""
    folder = tmp_path_factory.mktemp("notebooks")
    command = [sys.executable, str(NOTEBOOKS / "run.py"), "--into", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


def read_cells(path: Path) -> list[Cell]:
    cells: list[Cell] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def list_outputs(cell: Cell) -> list[str]:
    """Return what a cell shows: the text of each output, of a chart its title."""
    outputs = cell.get("outputs", [])
    return ["".join(output.get("text") or output["data"]["text/plain"]) for output in outputs]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_shows_what_it_gives(name: str, again: Path) -> None:
    """Cell by cell; pictures depend on the fonts of a machine, so only their titles count."""
    for shown, given in zip(read_cells(NOTEBOOKS / name), read_cells(again / name), strict=True):
        where = f"cell {shown['id']} of docs/notebooks/{name}"
        assert list_outputs(shown) == list_outputs(given), f"{where}: run `make notebooks`"


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_the_same_wherever_it_runs(name: str) -> None:
    """It was run once from top to bottom, says nothing of a machine or a time, and is small."""
    text = (NOTEBOOKS / name).read_text(encoding="utf-8")
    notebook = json.loads(text)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert [
        found for cell in code for out in list_outputs(cell) for found in ODD.findall(out)
    ] == []
    assert '"stderr"' not in text
    assert [cell["id"] for cell in notebook["cells"] if cell["metadata"]] == []
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert len(text) < LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_numbers_in_the_text_are_those_of_the_outputs(name: str) -> None:
    """A number with decimals in a sentence is printed by some cell, or stands in its code."""
    cells = read_cells(NOTEBOOKS / name)
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    held = "\n".join(
        part
        for cell in cells
        if cell["cell_type"] == "code"
        for part in ("".join(cell["source"]), *list_outputs(cell))
    )
    said = {number for text in texts for number in re.findall(r"\d+\.\d+", text)}
    known = {"0.05", "0.5"}  # the level of a verdict, the default threshold
    assert {number for number in said if number not in held} <= known
