"""The repository keeps its promises: dvc.yaml, scripts, params and their table agree."""

import shlex
import subprocess
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from equipoise.params.trial_params import Component, Params
from equipoise.terminal.params_file import load_params

ROOT = Path(__file__).parents[1]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
# They show params.yaml whole, so any edit of it is looked at.
WHOLE_PARAMS = ("report", "track")
WATCHING = "fingerprint"


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != WATCHING])
def test_a_stage_depends_on_its_script_and_on_its_fingerprint(stage: str) -> None:
    """An edit of the script runs it again, and so does one of any module that it uses."""
    assert f"src/stages/{stage.replace('-', '_')}.py" in STAGES[stage]["deps"]
    assert {"reports/code.json": [f"stages.{stage}"]} in STAGES[stage]["params"]


def test_no_two_packages_have_a_module_of_one_name() -> None:
    """A name says where to look; stages are named as the scripts that run them."""
    library = (ROOT / "src/equipoise").rglob("*.py")
    names = [p.stem for p in library if p.stem != "__init__" and p.parent.name != "stages"]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    "path",
    [
        "params.yaml",
        *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("examples/*/params.yaml")),
    ],
)
def test_a_params_file_has_every_section_that_dvc_asks_for(path: str) -> None:
    """DVC stops at a param that is not there, though it has a default."""
    asked = {
        name.partition(".")[0]
        for stage in STAGES.values()
        for name in stage.get("params", ())
        if isinstance(name, str)
    }
    assert asked <= set(yaml.safe_load((ROOT / path).read_text()))
    assert load_params(ROOT / path)


@pytest.mark.parametrize("stage", WHOLE_PARAMS)
def test_what_shows_all_params_depends_on_the_file(stage: str) -> None:
    """The page and the record hold params.yaml whole."""
    assert "params.yaml" in STAGES[stage]["deps"]


def test_every_param_is_documented() -> None:
    """A key that can be set is a key that the documentation explains."""
    table = (ROOT / "docs/params.md").read_text()
    assert [key for key in sorted(param_keys(Params)) if f"`{key}`" not in table] == []


def param_keys(section: type[BaseModel], prefix: str = "") -> set[str]:
    """Return the dotted key of every field below a section, catalogue entries by their kind."""
    keys = set()
    for name, info in section.model_fields.items():
        key = f"{prefix}{info.alias or name}"
        inner = [kind for kind in subclasses_in(info.annotation) if kind is not Component]
        for kind in inner:
            keys |= param_keys(
                kind, f"{key}.<name>." if "dict[" in str(info.annotation) else f"{key}."
            )
        keys |= set() if inner else {key}
    return keys


def subclasses_in(annotation: object) -> list[type[BaseModel]]:
    """Return the sections that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in subclasses_in(inner)]


def test_make_clean_removes_nothing_that_git_keeps() -> None:
    (_, *removed) = shlex.split(_run("make", "--no-print-directory", "--dry-run", "clean"))
    assert "reports/metrics" in removed
    assert _run("git", "ls-files", "--", *removed) == ""


def _run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
