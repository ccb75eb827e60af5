"""The repository keeps its promises: dvc.yaml, scripts, params and their table agree."""

import ast
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from equipoise.params.trial_params import Component, Params
from equipoise.record.model_code import read_model_code
from equipoise.terminal.params_file import load_params

ROOT = Path(__file__).parents[1]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
# They show params.yaml whole, so any edit of it is looked at.
WHOLE_PARAMS = ("report", "track")
# What a user types and reads, and where files are, which dvc.yaml says too: an edit of either alone
# makes no result another.
UNWATCHED = {Path("src/equipoise/terminal"), Path("src/equipoise/storage/layout.py")}


def sources(stage: str) -> list[Path]:
    """The script of a stage, the module that it runs, and what `track` sends along with models."""
    name = f"{stage.replace('-', '_')}.py"
    travelling = [ROOT / "src" / path for path in read_model_code()] if stage == "track" else []
    modules = [path for path in travelling if path.name != "__init__.py"]
    return [ROOT / "src/stages" / name, ROOT / "src/equipoise/stages" / name, *modules]


@cache
def first_party_imports(module: Path) -> frozenset[Path]:
    """Every file of the library that importing `module` reads, lazy imports included."""
    found = {module}
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("equipoise."):
            origin = ROOT / "src" / str(node.module).replace(".", "/")
            named = [origin / f"{alias.name}.py" for alias in node.names]
            for path in named if origin.is_dir() else [origin.with_suffix(".py")]:
                found |= first_party_imports(path)
    return frozenset(found)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_every_first_party_module_it_imports(stage: str) -> None:
    """An edit of a library module runs again the stages that use it or its package, no others."""
    imported = {
        path.relative_to(ROOT) for source in sources(stage) for path in first_party_imports(source)
    }
    imported = {path for path in imported if UNWATCHED.isdisjoint((path, *path.parents))}
    declared = {Path(dep) for dep in STAGES[stage]["deps"] if dep.startswith("src/")}
    covered = {path for path in imported if declared & {path, *path.parents}}
    assert imported == covered
    assert declared == {dep for dep in declared if any(dep in (p, *p.parents) for p in imported)}


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
        name.partition(".")[0] for stage in STAGES.values() for name in stage.get("params", ())
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
