"""The pipeline of a project is this repository's, less what only a clone has."""

from pathlib import Path
from typing import Any

import yaml

from equipoise.founding.own_pipeline import make_own_pipeline

PIPELINE = (Path(__file__).parents[3] / "dvc.yaml").read_text(encoding="utf-8")
WATCHING = "fingerprint"


def in_a_project(stage: str, content: dict[str, Any]) -> dict[str, Any]:
    """What a stage is where the library is a package, said of what YAML holds."""
    here, there = ({name: [f"stages.{stage}"]} for name in ("reports/code.json", "code.json"))
    return content | {
        "cmd": content["cmd"].removeprefix("PYTHONPATH=src "),
        "params": [there if param == here else param for param in content["params"]],
    }


def test_a_project_has_its_own_fingerprints_in_place_of_the_stage_that_makes_them() -> None:
    """Nothing else differs: matrices, outputs and plots are the same, and so are other comments."""
    text = make_own_pipeline(PIPELINE)
    here, there = yaml.safe_load(PIPELINE), yaml.safe_load(text)
    stages = {
        name: in_a_project(name, content)
        for name, content in here["stages"].items()
        if name != WATCHING
    }
    assert there == here | {"stages": stages}
    about_watching = PIPELINE[: PIPELINE.index(f"  {WATCHING}:")].count("#")
    assert text.count("#") == PIPELINE.count("#") - about_watching
