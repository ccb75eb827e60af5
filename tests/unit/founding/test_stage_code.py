"""What a stage's fingerprint is of: all that the stage runs, and no more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from equipoise.founding.fingerprints import hash_parts, hash_stages
from equipoise.founding.stage_code import list_code_of_stages

SRC = Path(__file__).parents[3] / "src"
# Where files are, and the version: of the root package nothing else is of use to a stage.
UNWATCHED = {"storage/layout.py", "__init__.py"}
# The packages of others stay between two stages, ours do not.
IMPORTS = """
import json, sys
from importlib import import_module
found = {}
for stage in sys.argv[1:]:
    import_module(f"equipoise.stages.{stage.replace('-', '_')}")
    own = {name: module for name, module in sys.modules.items() if name.startswith("equipoise.")}
    found[stage] = [module.__file__ for module in own.values()]
    for name in own:
        del sys.modules[name]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def code() -> dict[str, tuple[str, ...]]:
    """The files of each stage."""
    return list_code_of_stages()


def test_all_that_python_imports_for_a_stage_is_in_its_fingerprint(
    code: dict[str, tuple[str, ...]],
) -> None:
    """Asked of Python itself: but what a user types and reads, and where files are."""
    imported = subprocess.run(
        [sys.executable, "-c", IMPORTS, *code],
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for stage, files in json.loads(imported).items():
        names = {Path(file).relative_to(SRC / "equipoise").as_posix() for file in files}
        missing = names - {*code[stage]}
        assert {name for name in missing if not name.startswith("terminal/")} <= UNWATCHED


def test_what_a_stage_imports_on_demand_shows_or_names_is_in_its_fingerprint(
    code: dict[str, tuple[str, ...]],
) -> None:
    """Also what `track` sends along with a model, and what reading a model file imports."""
    assert "fitting/cluster.py" in code["train"]
    assert "page/templates/report.css" in code["report"]
    assert "using/templates/markdown.html.jinja" in code["track"]
    assert "serving/served_model.py" in code["track"]
    assert "fitting/scored_classes.py" in code["audit"]


def test_only_stages_that_use_a_module_have_another_fingerprint_once_it_is_edited(
    code: dict[str, tuple[str, ...]],
) -> None:
    """Judging is no part of training, and the command line of nothing."""
    parts = hash_parts(part for files in code.values() for part in files)
    edited = next(part for part in parts if part.startswith("judging/"))
    before, after = hash_stages(code, parts), hash_stages(code, parts | {edited: "another"})
    changed = {stage for stage in code if before[stage] != after[stage]}
    assert "evaluate" in changed
    assert changed.isdisjoint({"generate-data", "split", "resample", "train", "decide"})
    assert not any(part.startswith(("terminal/", "founding/")) for part in parts)
