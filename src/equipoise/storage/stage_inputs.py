"""Whether what a stage reads was edited while it ran.

DVC notes params and files as they are once a stage has ended. If they were others when the stage
read them, what it made would count as made from the new ones, for good.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from equipoise.storage.dvc_lock import find_other_values
from equipoise.storage.layout import Layout
from equipoise.storage.pipeline_file import Declared, read_declared
from equipoise.terminal.errors import UserError
from equipoise.terminal.yaml_file import parse_yaml, read_yaml
from equipoise.terminal.yaml_size import MOST_BYTES

NAMES_SHOWN = 3
# These remove files of arms that `run` no longer names.
REMOVING = frozenset({"audit", "compare"})
# By which a file is known to be as it was: its inode, its size and when it was written.
Mark = tuple[int, int, int]


@dataclass(frozen=True)
class StageInputs:
    """What dvc.yaml says that a stage reads, as it was when the stage began."""

    stage: str
    declared: Declared
    params: bytes
    files: Mapping[Path, Mark]


def note_inputs(layout: Layout, stage: str, options: Mapping[str, str]) -> StageInputs:
    """Return what a stage reads; without a dvc.yaml that knows the stage, nothing."""
    name = stage.replace("_", "-")
    declared = read_declared(layout.pipeline, name, options)
    return StageInputs(name, declared, _read_params(layout), _mark_files(layout, declared))


def refuse_edited_inputs(layout: Layout, noted: StageInputs) -> None:
    """Raise a `UserError` that names what was edited since it was noted."""
    edited = [*_list_edited_params(layout, noted), *_list_edited_files(layout, noted)]
    if edited:
        more = f" and {len(edited) - NAMES_SHOWN} more" if len(edited) > NAMES_SHOWN else ""
        raise UserError(
            f"{', '.join(edited[:NAMES_SHOWN])}{more}: edited while the stage {noted.stage} ran,"
            " so what it has made does not count; run `dvc repro` again"
        )


def _read_params(layout: Layout) -> bytes:
    """Return what is in params.yaml, no more than may be there; nothing if it is no file."""
    if not layout.params.is_file():
        return b""
    with layout.params.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _list_edited_params(layout: Layout, noted: StageInputs) -> list[str]:
    if not noted.declared.params or _read_params(layout) == noted.params:
        return []
    then = parse_yaml(noted.params.decode("utf-8-sig"))
    now = read_yaml(layout.params)
    keys = find_other_values(noted.declared.params, then, now)
    return [f"{key} in {layout.params.name}" for key in keys]


def _list_edited_files(layout: Layout, noted: StageInputs) -> list[str]:
    now = _mark_files(layout, noted.declared)
    gone = set() if noted.stage in REMOVING else noted.files.keys() - now.keys()
    edited = {path for path, mark in now.items() if noted.files.get(path) != mark} | gone
    return [path.relative_to(layout.root).as_posix() for path in sorted(edited)]


def _mark_files(layout: Layout, declared: Declared) -> dict[Path, Mark]:
    """Return a mark of each file, also of those in folders, but for hidden and compiled ones."""
    marks = {}
    for path in _list_files([layout.root / name for name in declared.files]):
        with suppress(FileNotFoundError):  # gone meanwhile
            about = path.stat()
            marks[path] = about.st_ino, about.st_size, about.st_mtime_ns
    return marks


def _list_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else [path]
        for file in inside:
            parts = file.relative_to(path).parts
            if not any(part[0] == "." or part == "__pycache__" for part in parts):
                yield from [file] if file.is_file() else []
