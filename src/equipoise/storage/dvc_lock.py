"""What dvc.lock says of the stages that have run: their outputs, and their params."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import yaml

from equipoise.core.arms import ArmName
from equipoise.core.json_values import JsonObject
from equipoise.storage.files.formats import hash_with_md5
from equipoise.terminal.environment import read_text
from equipoise.terminal.errors import UserError
from equipoise.terminal.yaml_file import CONFLICT, ParamsLoader

# Stages that run once, and those of a strategy and of an arm, whose params say what a trial is.
OF_TRIAL = ("generate-data", "split", "compare")
OF_ARM = ("train", "decide", "evaluate")
# As params name strategies and models: of any other name, such as one with `..`, no path is made.
ITEM = re.compile(r"\w+(-\w+)?", re.ASCII)
# What the files are called that stages write into a folder.
RESULTS = (".json", ".parquet")
ABSENT = object()
Held = TypeVar("Held", dict[str, Any], list[Any])


class FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as params.yaml is read, in C where PyYAML has that: a lock may have 100,000 lines."""

    yaml_implicit_resolvers = ParamsLoader.yaml_implicit_resolvers
    yaml_constructors = ParamsLoader.yaml_constructors


def read_outs(lock: Path) -> Iterator[Mapping[str, str | int]]:
    """Give the outputs of each stage in dvc.lock that have a path."""
    for stage in _read_stages(lock).values():
        outs = find_value(stage, "outs", list)
        yield from (out for out in outs if isinstance(out, Mapping) and "path" in out)


def list_names(lock: Path, stage: str) -> list[str]:
    """Return of what a stage with a matrix has run: `train@smote-logistic` is that of an arm."""
    pairs = (name.partition("@") for name in _read_stages(lock) if isinstance(name, str))
    return [item for base, _, item in pairs if base == stage and ITEM.fullmatch(item)]


def refuse_conflicts(lock: Path) -> None:
    """Raise a `UserError` if a merge has left its conflicts in dvc.lock, which DVC cannot read."""
    if lock.is_file() and CONFLICT.search(lock.read_bytes()):
        raise UserError(
            f"{lock} has conflicts of a merge, so what was run is not known; take one side with"
            " `git checkout --theirs dvc.lock`, then run `dvc repro`, which makes the rest again"
        )


def refuse_conflicts_of_tables(data: Path) -> None:
    """Raise a `UserError` if a merge has left its conflicts in what DVC keeps of a table."""
    for path in sorted(data.rglob("*.dvc")):
        if path.is_file() and CONFLICT.search(path.read_bytes()):
            raise UserError(
                f"{path} has conflicts of a merge, so DVC knows no table; take one side with `git"
                f" checkout --theirs {path}`, then run `dvc checkout {path}`"
            )


def read_stages(lock: Path) -> dict[str, Any]:
    """Return what DVC knows of each stage by name; nothing of a trial that it has not run.

    A `UserError` says that a merge has left conflicts in the lock.
    """
    refuse_conflicts(lock)
    return _read_stages(lock)


def find_edited_params(
    stages: Mapping[str, Any],
    params: JsonObject,
    arms: Iterable[ArmName],
    of_trial: Sequence[str] = OF_TRIAL,
) -> list[str]:
    """Return the keys of params.yaml that a trial's stages ran with other values of, sorted.

    `params` is what the file holds; stages `of_trial` have run once for all arms.
    """
    runs = _list_runs(stages, arms, of_trial)
    params_then = [find_value(run, "params", dict) for run in runs]
    then = [find_value(values, "params.yaml", dict) for values in params_then]
    known = chain.from_iterable(values.items() for values in then)
    return sorted({key for key, value in known if _look_up(params, key) != value})


def find_mixed_run(stages: Mapping[str, Any], arms: Iterable[ArmName]) -> tuple[str, str] | None:
    """Return a file that a stage of a trial made, and one it was made from that is another now.

    So it is while DVC runs, and after a run that did not come to its end: some stages have run
    again, and those after them not yet. None if there are no such files.
    """
    made = list_made(stages, arms)
    for run in _list_runs(stages, arms, (*OF_TRIAL, "audit")):
        other = [path for path, md5 in _list_hashes(run, "deps") if made.get(path, md5) != md5]
        outs = [path for path, _ in _list_hashes(run, "outs")]
        if other and outs:
            return outs[0], other[0]
    return None


def find_unknown_run(stages: Mapping[str, Any], arms: Iterable[ArmName]) -> str | None:
    """Return a stage of a trial of which DVC knows no run; None if it knows all.

    So it is where dvc.lock was cut short, or removed: what lies there may be of several runs.
    """
    return next((name for name in _list_stages(arms, OF_TRIAL) if name not in stages), None)


def list_made(stages: Mapping[str, Any], arms: Iterable[ArmName]) -> dict[str, str]:
    """Return the paths of what a trial's stages made when DVC last ran them, each with its hash."""
    runs = _list_runs(stages, arms, (*OF_TRIAL, "audit"))
    return {path: md5 for run in runs for path, md5 in _list_hashes(run, "outs")}


def is_as_made(path: Path, md5: str) -> bool:
    """Return whether a file or folder has the hash by which DVC knows it; so has one not there."""
    if path.is_dir():
        names = sorted(file.relative_to(path).as_posix() for file in _list_results(path))
        listing = [{"md5": hash_with_md5(path / name), "relpath": name} for name in names]
        found = hashlib.md5(json.dumps(listing).encode(), usedforsecurity=False).hexdigest()
        return md5 == f"{found}.dir"
    return not path.is_file() or md5 == hash_with_md5(path)


def _list_results(folder: Path) -> Iterator[Path]:
    """Give the files of a folder but what a killed DVC or stage has left, which DVC ignores."""
    for path in folder.rglob("*"):
        if path.suffix in RESULTS and path.name[0] != "." and path.is_file():
            yield path


def _list_runs(
    stages: Mapping[str, Any], arms: Iterable[ArmName], of_trial: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Return what is known of each stage of a trial, nothing of one that DVC has not run."""
    return [find_value(stages, name, dict) for name in _list_stages(arms, of_trial)]


def _list_stages(arms: Iterable[ArmName], of_trial: Sequence[str]) -> list[str]:
    """Return the names of a trial's stages as dvc.lock has them."""
    names = [*of_trial]
    for arm in arms:
        names += [f"resample@{arm.strategy}", *(f"{stage}@{arm}" for stage in OF_ARM)]
    return names


def _list_hashes(stage: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    """Return the paths of what a stage had or has made, each with its hash, if that is known."""
    entries = (entry for entry in find_value(stage, kind, list) if isinstance(entry, Mapping))
    pairs = ((entry.get("path"), entry.get("md5")) for entry in entries)
    return [(path, md5) for path, md5 in pairs if isinstance(path, str) and isinstance(md5, str)]


def find_other_values(keys: Iterable[str], one: object, other: object) -> list[str]:
    """Return the keys, such as `models.logistic`, of which two params.yaml have other values."""
    return [key for key in keys if _look_up(one, key) != _look_up(other, key)]


def _look_up(params: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        params = params.get(part, ABSENT) if isinstance(params, Mapping) else ABSENT
    return params


def _read_stages(lock: Path) -> dict[str, Any]:
    """Return the stages by name; none if the file is empty, cut short or in conflict."""
    if not lock.exists():
        return {}
    try:
        known = yaml.load(read_text(lock), FastLoader)  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError):  # the latter of a sign, or a date, that is none
        return {}
    return find_value(known, "stages", dict)


def find_value(values: object, key: str, kind: type[Held]) -> Held:
    """Return what a key has, an empty one where there is nothing of that kind."""
    found = values.get(key) if isinstance(values, Mapping) else None
    return found if isinstance(found, kind) else kind()
