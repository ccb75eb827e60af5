"""dvc.yaml: what each stage says that it reads and makes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from equipoise.storage.dvc_lock import FastLoader, find_value
from equipoise.terminal.environment import read_text

# As a stage with a matrix has the strategy, the model, or the arm.
TEMPLATE = re.compile(r"\$\{(?:item\.)?(\w+)\}")
# Keys under which a stage lists what it makes.
MADE = ("outs", "metrics", "plots")
# What the file says of each stage.
Pipeline: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Declared:
    """The keys of params.yaml and the files that a stage depends on."""

    params: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def read_declared(path: Path, stage: str, options: Mapping[str, str]) -> Declared:
    """Return what a stage depends on with these options; nothing if the file has no such stage."""
    return select_declared(_read_stages(path), stage, options)


def select_declared(pipeline: Pipeline, stage: str, options: Mapping[str, str]) -> Declared:
    """Return what a stage of a pipeline depends on with these options."""
    about = find_value(pipeline, stage, dict)
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


def list_needed(path: Path) -> list[str]:
    """Return the files and folders here that stages read, and that none of them makes."""
    stages = _read_stages(path)
    pipeline = {name: about for name, about in stages.items() if "wdir" not in (about or {})}
    made = {name for kind in MADE for name in _list_names(pipeline, kind)}
    read = [*_list_names(pipeline, "deps"), *_list_keys(pipeline, "params")]
    here = (name for name in dict.fromkeys(read) if "$" not in name and "://" not in name)
    return [name for name in here if not any(_overlap(name, own) for own in made)]


def parse_pipeline(text: str) -> Pipeline:
    """Return what the text of such a file says of each stage; nothing if it cannot be read."""
    try:
        return find_value(yaml.load(text, FastLoader), "stages", dict)  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError):
        return {}


def _read_stages(path: Path) -> Pipeline:
    """Return what the file says of each stage; nothing if it cannot be read."""
    try:
        return parse_pipeline(read_text(path)) if path.is_file() else {}
    except ValueError:
        return {}


def _fill(entries: Sequence[object], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names among the entries, with the values of a stage's options in them."""
    names = (entry for entry in entries if isinstance(entry, str))
    return tuple(TEMPLATE.sub(lambda found: values.get(found[1], found[0]), n) for n in names)


def _list_names(pipeline: Pipeline, kind: str) -> Iterator[str]:
    """Give what stages list under a key, with or without settings of it."""
    yield from (entry for entry in _list_entries(pipeline, kind) if isinstance(entry, str))
    yield from _list_keys(pipeline, kind)


def _list_keys(pipeline: Pipeline, kind: str) -> Iterator[str]:
    """Give what stages list under a key with settings of it, such as the keys of another file."""
    entries = (entry for entry in _list_entries(pipeline, kind) if isinstance(entry, dict))
    yield from (str(name) for entry in entries for name in entry)


def _list_entries(pipeline: Pipeline, kind: str) -> Iterator[object]:
    for stage in pipeline:
        yield from find_value(find_value(pipeline, stage, dict), kind, list)


def _overlap(one: str, other: str) -> bool:
    """Return whether two paths are one, or one is in the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
