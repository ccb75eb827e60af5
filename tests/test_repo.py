"""The repository keeps its promises: dvc.yaml, README, scripts and params agree."""

import ast
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
# Changes nothing in a result, so no stage may run again because of it.
UNTRACKED_PARAMS = {"n_jobs"}


def script(stage: str) -> Path:
    return ROOT / "src/stages" / f"{stage.replace('-', '_')}.py"


@cache
def first_party_imports(module: Path) -> frozenset[Path]:
    """Every file of the library that importing `module` reads, lazy imports included."""
    found = {module}
    for node in ast.walk(ast.parse(module.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.startswith("equipoise."):
                found |= first_party_imports(ROOT / "src" / f"{name.replace('.', '/')}.py")
    return frozenset(found)


def params_read(stage: str) -> set[str]:
    """What a stage script reads of `params`, entries of a catalogue as dvc.yaml names them."""
    read = set()
    for node in ast.walk(ast.parse(script(stage).read_text())):
        match node:
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id="params"), attr=catalogue),
                slice=ast.Attribute(value=ast.Name(id="arguments"), attr=option),
            ):
                read.add(f"{catalogue}.${{item.{option}}}")
            case ast.Attribute(value=ast.Name(id="params"), attr=key):
                read.add(key)
    return read - UNTRACKED_PARAMS


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_every_first_party_module_it_imports(stage: str) -> None:
    """An edit of a library module runs again just the stages that use it."""
    imported = {str(path.relative_to(ROOT)) for path in first_party_imports(script(stage))}
    declared = {dep for dep in STAGES[stage]["deps"] if dep.startswith("src/")}
    assert declared == imported
