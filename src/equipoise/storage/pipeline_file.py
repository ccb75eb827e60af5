"""dvc.yaml: what each stage says that it reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from equipoise.storage.dvc_lock import FastLoader, find_value
from equipoise.terminal.environment import read_text

# As a stage with a matrix has the strategy, the model, or the arm.
TEMPLATE = re.compile(r"\$\{(?:item\.)?(\w+)\}")


@dataclass(frozen=True)
class Declared:
    """The keys of params.yaml and the files that a stage depends on."""

    params: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def read_declared(path: Path, stage: str, options: Mapping[str, str]) -> Declared:
    """Return what a stage depends on with these options; nothing if the file has no such stage."""
    about = find_value(_read_stages(path), stage, dict)
    values = {**options, "key": "-".join(options.values())}
    names = (_fill(find_value(about, key, list), values) for key in ("params", "deps"))
    return Declared(*names)


def has_stage(path: Path, name: str) -> bool:
    """Return whether the file has a stage, which may be that of an arm: `train@smote-logistic`."""
    return name.partition("@")[0] in _read_stages(path)


def list_frozen(path: Path) -> list[str]:
    """Return the stages that DVC does not run, since the file says `frozen: true` of them."""
    stages = _read_stages(path)
    return [str(name) for name in stages if find_value(stages, name, dict).get("frozen") is True]


def _read_stages(path: Path) -> dict[str, Any]:
    """Return what the file says of each stage; nothing if it cannot be read."""
    try:
        known = yaml.load(read_text(path), FastLoader) if path.is_file() else None  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError):
        return {}
    return find_value(known, "stages", dict)


def _fill(entries: Sequence[object], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names among the entries, with the values of a stage's options in them."""
    names = (entry for entry in entries if isinstance(entry, str))
    return tuple(TEMPLATE.sub(lambda found: values.get(found[1], found[0]), n) for n in names)
