"""Files of a project that no command writes over: its table, and what its stages make."""

import re
from itertools import product
from pathlib import Path

from equipoise.params.data_params import FileData
from equipoise.params.trial_params import Params
from equipoise.storage.dvc_lock import read_outs
from equipoise.storage.former_arms import list_folders
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError

# As a path it has one of its slashes.
ADDRESS = re.compile(r"([a-z][a-z0-9+]+):/+(.+)")


def require_new_rows(layout: Layout, table: Path) -> None:
    """Raise if there is no such table, or if it is a folder that the project is in."""
    if not table.exists():
        if address := read_address(table):
            raise UserError(f"{address} is an address; fetch the table first")
        raise UserError(f"'{table}' does not exist")
    if layout.root.resolve().is_relative_to(table.resolve()):
        raise UserError(f"'{table}' is a folder with the whole project; name a table of new rows")


def read_address(path: Path) -> str | None:
    """Return the address that a user has given for a path, if it looks like one."""
    found = ADDRESS.match(path.as_posix())
    return f"{found[1]}://{found[2]}" if found else None


def refuse_own_files(layout: Layout, params: Params, *outs: Path) -> None:
    """Raise if a file that a user names for a result would be lost, or run stages again.

    It may be neither the trial's table nor a stage's output, nor lie in a folder of such outputs.
    """
    made = [layout.root / str(output["path"]) for output in read_outs(layout.lock)]
    table = [layout.root / params.data.path] if isinstance(params.data, FileData) else []
    for path, out in product((*table, *made), outs):
        kept, target = path.resolve(), out.resolve()
        if kept == target or kept in target.parents:
            whose = "the table of the trial" if path in table else "made by the pipeline"
            raise UserError(f"--out: '{out}' is {whose}, and would be lost; name another file")
    for folder, out in product(sorted(list_folders(layout)), outs):
        if folder.resolve() in out.resolve().parents:
            raise UserError(
                f"--out: '{out}' is in {folder}/, where the pipeline keeps its files; name a file"
                " elsewhere"
            )
