"""The pipeline of a project is this repository's, less what only a clone has."""

from pathlib import Path
from typing import Any

import yaml

from equipoise.founding.own_pipeline import list_parts, make_own_pipeline

PIPELINE = (Path(__file__).parents[3] / "dvc.yaml").read_text(encoding="utf-8")


def in_a_project(stage: str, content: dict[str, Any]) -> dict[str, Any]:
    """What a stage is where the library is a package, said of what YAML holds."""
    return content | {
        "cmd": content["cmd"].removeprefix("PYTHONPATH=src "),
        "deps": [dep for dep in content["deps"] if not dep.startswith("src/equipoise/")],
        "params": [*content.get("params", ()), {"code.json": [f"stages.{stage}"]}],
    }


def test_a_stage_depends_on_its_fingerprint_in_place_of_the_sources() -> None:
    """Nothing else differs: matrices, outputs and plots are the same, and so are the comments."""
    here, there = yaml.safe_load(PIPELINE), yaml.safe_load(make_own_pipeline(PIPELINE))
    stages = {name: in_a_project(name, content) for name, content in here["stages"].items()}
    assert there == here | {"stages": stages}
    assert PIPELINE.count("#") == make_own_pipeline(PIPELINE).count("#")


def test_every_stage_has_parts_that_the_library_has() -> None:
    """Each is a module or a package."""
    library = Path(__file__).parents[3] / "src/equipoise"
    parts = list_parts(PIPELINE)
    assert set(parts) == set(yaml.safe_load(PIPELINE)["stages"])
    assert [
        name for listed in parts.values() for name in listed if not (library / name).exists()
    ] == []
    assert all(parts.values())
