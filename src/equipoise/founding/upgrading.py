"""Bring a project up to the installed package; what its user has edited stays as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from equipoise.core.json_values import Unchecked
from equipoise.founding.code_file import Code, read_code, write_code
from equipoise.founding.edited_pipeline import PIPELINE, list_undeclared
from equipoise.founding.fingerprints import hash_bytes
from equipoise.founding.project_files import describe_code, make_files
from equipoise.founding.stage_code import list_code_of_stages
from equipoise.storage.files.formats import replace_text
from equipoise.terminal.environment import read_text
from equipoise.terminal.errors import UserError, print_in_full, suggest_nearest

# The user's from the first day, edited or not: another trial is theirs to ask for.
NEVER_REWRITTEN = ("README.md", "params.yaml")
# What stages run, which nobody leaves out: a script that is gone is made again.
SOURCES = "src/"
# The package in which each stage has a module of its own.
STAGES = "stages"


@dataclass(frozen=True)
class Stages:
    """The part of a dvc.yaml that matters here."""

    stages: Mapping[str, Unchecked]


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade does: files by their new text, None if removed; why stages run again.

    `undeclared` are lines on a dvc.yaml that is left, and is not enough for the new version.
    """

    before: Code
    after: Code
    files: Mapping[str, str | None]
    left: tuple[str, ...]
    reasons: Mapping[str, tuple[str, ...]]
    undeclared: tuple[str, ...]

    @property
    def is_due(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after or bool(self.files)


def plan_upgrade(root: Path) -> Upgrade:
    """Return what the installed package would change in a project."""
    before = read_code(root)
    after = describe_code(before.name)
    texts = make_files(before.name)
    files: dict[str, str | None] = {}
    left = []
    for path in sorted({*before.files, *after.files}):
        _refuse_link_outside(root, path)
        given, new, found = before.files.get(path), after.files.get(path), _hash_file(root / path)
        if new is not None and found is None and path.startswith(SOURCES):
            files[path] = texts[path]
        if new in (given, found):
            continue
        if found == given and path not in NEVER_REWRITTEN:
            files[path] = texts.get(path)
        elif new is not None:
            left.append(path)
    changed = {
        path: text
        for path, text in files.items()
        if before.files.get(path) != after.files.get(path)
    }
    reasons = _explain(root, before, after, changed)
    undeclared = tuple(map(str, list_undeclared(root))) if PIPELINE in left else ()
    return Upgrade(before, after, files, tuple(left), reasons, undeclared)


def upgrade_project(root: Path) -> None:
    """Have a project run the installed package, and say what that changes."""
    upgrade = plan_upgrade(root)
    for path, text in upgrade.files.items():
        if text is None:
            (root / path).unlink()
        else:
            replace_text(text, root / path)
    if upgrade.is_due:
        write_code(upgrade.after, root)
    print_in_full(*_describe(upgrade))


def show_file(root: Path, path: str) -> str:
    """Return a file of the project as the installed package makes it."""
    texts = make_files(read_code(root).name)
    if path not in texts:
        raise UserError(f"--show: a project has no '{path}'; {suggest_nearest(path, texts)}")
    return texts[path]


def _refuse_link_outside(root: Path, path: str) -> None:
    if not (root / path).parent.resolve().is_relative_to(root.resolve()):
        raise UserError(f"'{path}' is outside the project, behind a link; put a folder there")


def _hash_file(path: Path) -> str | None:
    """Return the fingerprint of a file; None if it is not there."""
    return hash_bytes(path.read_bytes()) if path.is_file() else None


def _explain(
    root: Path, before: Code, after: Code, files: Mapping[str, str | None]
) -> dict[str, tuple[str, ...]]:
    """Return the stages that run again by themselves, each with what has changed of it."""
    old = _read_stages(read_text(root / PIPELINE))
    text = files.get(PIPELINE)
    new = old if text is None else _read_stages(text)
    reasons = {}
    for stage, parts in list_code_of_stages().items():
        others = [part for part in parts if before.parts.get(part) != after.parts[part]]
        changed = [*dict.fromkeys(map(_name_code, others))]
        if not changed and before.stages.get(stage) != after.stages[stage]:
            changed = ["which parts it uses"]
        listed = new.get(stage, {}).get("deps", ())
        changed += [path for path in files if path in listed]
        if new.get(stage) != old.get(stage):
            changed.append(PIPELINE)
        if changed:
            reasons[stage] = tuple(changed)
    return reasons


def _name_code(path: str) -> str:
    """Return the module that a stage is, else the package that a module is in."""
    package = path.partition("/")[0]
    return path if package == STAGES else package


def _read_stages(text: str) -> Mapping[str, Unchecked]:
    """Return the stages of a dvc.yaml; a `UserError` if an edit has left none that can be read."""
    try:
        return TypeAdapter(Stages).validate_python(yaml.safe_load(text)).stages
    except (yaml.YAMLError, ValidationError) as bad:
        raise UserError(f"{PIPELINE} has no stages that can be read; fix it first") from bad


def _describe(upgrade: Upgrade) -> Iterator[str]:
    """Give what has been done, and what follows from it."""
    old, new = upgrade.before.version, upgrade.after.version
    if not upgrade.is_due:
        yield f"Nothing to do: this project is of equipoise {new}, which is installed."
        return
    same = upgrade.before == upgrade.after
    other = "" if same else ", with other code"
    yield f"equipoise {old} -> {new}" if old != new else f"equipoise {new}{other}"
    rewritten = [path for path, text in upgrade.files.items() if text is not None]
    removed = [path for path, text in upgrade.files.items() if text is None]
    for what, paths in (
        ("Rewritten", rewritten),
        ("Removed", removed),
        ("Left as you have it", upgrade.left),
    ):
        if paths:
            yield f"{what}: {', '.join(paths)}"
    if upgrade.left:
        yield "  `equipoise upgrade --show FILE` prints the new version of it"
    yield from upgrade.undeclared
    if not upgrade.reasons:
        yield "No stage runs again."
        return
    yield "Runs again at the next `dvc repro`, because of"
    width = max(map(len, upgrade.reasons))
    for stage, changed in upgrade.reasons.items():
        yield f"  {stage:{width}}  {', '.join(changed)}"
    yield "What follows runs again where results come out another."
