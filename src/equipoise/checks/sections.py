"""Sections of params.yaml that have defaults, and that DVC will not do without all the same."""

from pathlib import Path

import yaml

from equipoise.checks.finding import Finding
from equipoise.params.trial_params import Params
from equipoise.terminal.yaml_file import read_yaml


def find_missing_sections(params: Params, written: Path, pipeline: Path) -> list[Finding]:
    """Find sections that stages in `pipeline` (dvc.yaml) declare, and `written` has not.

    DVC stops at the first such stage, which may come late. Without a pipeline there are none.
    """
    if not pipeline.exists():
        return []
    stages = (read_yaml(pipeline).get("stages") or {}).values()
    declared = [n for stage in stages for n in stage.get("params") or () if isinstance(n, str)]
    sections = dict.fromkeys(name.partition(".")[0] for name in declared)
    known = read_yaml(written)
    return [
        Finding("error", section, _describe_missing_section(section, params))
        for section in sections
        if section not in known
    ]


def _describe_missing_section(section: str, params: Params) -> str:
    default = params.model_dump(mode="json", by_alias=True, include={section})
    line = yaml.safe_dump(default, default_flow_style=True, width=float("inf")).strip()[1:-1]
    return f"{section} is missing from params.yaml, and DVC asks for it; add the line {line}"
