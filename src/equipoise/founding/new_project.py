"""Make a project: a folder with a pipeline, Git and DVC, all of it or nothing."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from equipoise.founding.code_file import write_code
from equipoise.founding.project_files import describe_code, make_files
from equipoise.storage.files.formats import write_text
from equipoise.storage.layout import Layout
from equipoise.terminal.environment import has_text_name
from equipoise.terminal.errors import UserError, escape_unseen, print_in_full
from equipoise.terminal.programs import DVC, run_program
from equipoise.using.use_table import Asked, use_table

INITIALISE = (("git", "init", "--quiet"), (*DVC, "init", "--quiet"))


def make_project(directory: Path, table: Path | None = None, asked: Asked | None = None) -> None:
    """Have a project in a new or empty folder, for a table if there is one; say what is next."""
    target = directory.resolve()
    _refuse_place(directory, target)
    name = _choose_name(target.name)
    way = f"./{directory}" if str(directory).startswith("-") else str(directory)
    enter = {f"cd {shlex.quote(way)}": "to the project"} if target != Path.cwd() else {}
    with _making(directory, target) as folder:
        for command in INITIALISE:
            run_program(folder, *command)
        for path, text in make_files(name).items():
            write_text(text, folder / path)
        write_code(describe_code(name), folder)
        if table is not None and asked is not None:
            source = table.absolute()
            with chdir(folder):
                use_table(Layout(), source, asked, before=enter)
    print_in_full(f"Made {directory}, with Git and DVC; its README.md says how to work there.")
    if outer := _find_repository(target.parent):
        print_in_full(f"It is a repository of its own inside {outer}: have that ignore it.")
    if table is None:
        print_in_full(*_list_next_steps(enter))


def _choose_name(folder: str) -> str:
    """Return the name of a project: the folder's, as pyproject.toml may have it."""
    name = re.sub(r"[^a-z0-9._-]+", "-", folder.lower()).strip("-._")
    return "trial" if name in ("", "equipoise") else name  # it cannot require itself


def _refuse_place(directory: Path, target: Path) -> None:
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise UserError(f"{directory} exists and is not an empty folder; name a new one")
    if not target.parent.is_dir():
        raise UserError(f"{directory.parent} is no folder; make it first, or name another")
    if not has_text_name(target):
        raise UserError(f"{directory}: DVC takes only paths in UTF-8; name another folder")
    if escape_unseen(str(directory)) != str(directory):  # what to type next would not be that
        raise UserError(
            f"{directory}: the name has signs that a terminal does not show; name another folder"
        )


@contextmanager
def _making(directory: Path, target: Path) -> Iterator[Path]:
    """Give a folder beside the target that takes its place once it is whole, or is removed."""
    folder = target.with_name(f".{target.name}.{os.getpid()}")
    folder.mkdir()
    try:
        yield folder
        _refuse_place(directory, target)  # another one may have been quicker
        if target.exists():  # a shell may be in it: what is made moves in
            for made in folder.iterdir():
                made.rename(target / made.name)
        else:
            folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_repository(folder: Path) -> str:
    """Return the Git repository that a folder is in; nothing if it is in none."""
    ask = ("git", "rev-parse", "--show-toplevel")
    return subprocess.run(
        ask, cwd=folder, capture_output=True, text=True, errors="surrogateescape", check=False
    ).stdout.strip()


def _list_next_steps(enter: dict[str, str]) -> Iterator[str]:
    steps = {
        **enter,
        "dvc repro": "runs the trial, as yet on generated data",
        "equipoise use table.csv --target outcome": "takes your own table",
    }
    width = max(map(len, steps))
    yield "Next:"
    yield from (f"  {step:{width}}  # {what}" for step, what in steps.items())
