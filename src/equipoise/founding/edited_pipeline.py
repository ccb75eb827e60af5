"""A dvc.yaml that a user has edited: whether its stages declare all that they read.

DVC runs a stage again for what the file declares, and for nothing else. An upgrade leaves a file
that was edited, which may be of a version whose stages read less.
"""

from collections.abc import Mapping
from pathlib import Path

from equipoise.founding.code_file import read_code
from equipoise.founding.fingerprints import hash_bytes
from equipoise.storage.pipeline_file import parse_pipeline, select_declared
from equipoise.terminal.environment import read_text
from equipoise.terminal.errors import UserError

PIPELINE = "dvc.yaml"
# What stands for the strategy and the model of an arm, where all arms are meant.
ANY_ARM = {"strategy": "STRATEGY", "model": "MODEL"}
MOST_NAMES = 3


def check_stage(root: Path, stage: str, options: Mapping[str, str]) -> None:
    """Raise a `UserError` unless the project's file declares what a stage reads."""
    if not _is_as_given(root) and (mistake := _find_undeclared(root, options).get(stage)):
        raise mistake


def check_stages(root: Path) -> None:
    """Raise a `UserError` with a line for each stage that does not declare what it reads."""
    if mistakes := list_undeclared(root):
        raise UserError(*map(str, mistakes))


def list_undeclared(root: Path) -> list[UserError]:
    """Return what is wrong with each stage that does not declare what it reads."""
    return [] if _is_as_given(root) else [*_find_undeclared(root, ANY_ARM).values()]


def _is_as_given(root: Path) -> bool:
    path = root / PIPELINE
    given = read_code(root).files.get(PIPELINE)
    return not path.is_file() or hash_bytes(path.read_bytes()) == given


def _find_undeclared(root: Path, options: Mapping[str, str]) -> dict[str, UserError]:
    from equipoise.founding.project_files import make_files  # noqa: PLC0415 - few projects need it

    given = parse_pipeline(make_files(read_code(root).name)[PIPELINE])
    edited = parse_pipeline(read_text(root / PIPELINE))
    mistakes = {}
    for stage in [name for name in given if name in edited]:
        read, declared = (select_declared(each, stage, options) for each in (given, edited))
        missing = _list_missing(read.params, declared.params, ".")
        missing += _list_missing(read.files, declared.files, "/")
        if missing:
            mistakes[stage] = _make_mistake(stage, missing)
    return mistakes


def _list_missing(read: tuple[str, ...], declared: tuple[str, ...], within: str) -> list[str]:
    """Return what is read and not declared, by itself or with all that it is in."""
    return [
        name
        for name in read
        if not any(name == other or name.startswith(f"{other}{within}") for other in declared)
    ]


def _make_mistake(stage: str, missing: list[str]) -> UserError:
    names = ", ".join(missing[:MOST_NAMES])
    names += f" and {len(missing) - MOST_NAMES} more" if len(missing) > MOST_NAMES else ""
    return UserError(
        f"{PIPELINE}: the stage {stage} reads {names}, and does"
        " not declare it, so DVC would not run it again for that; declare it as `equipoise upgrade"
        f" --show {PIPELINE}` does"
    )
