"""DVC's own files after a kill: one that is left empty or half-written stops every DVC command.

DVC writes two files in place. `.dvc/tmp/rwlock` has the process ids of those that read or write
files of the pipeline; `dvc.lock` has what was last run. Who writes them holds the lock
`.dvc/tmp/rwlock.lock` or `.dvc/tmp/lock` meanwhile, but while the command of a stage runs, neither
is held.

Its run cache has a folder for each state of what a stage reads, and in it a file. Where a disk was
full, or DVC was killed, the folder may be left without one: then that stage never runs again.

Its databases, outside the project, have what it knows of files. A disk that fails can damage them,
and then no command of DVC's says which they are; they are named, not removed.

`make` has params.yaml read here too.

    python -m equipoise.using.repair_dvc    # what `make` starts before DVC
"""

import json
import re
import shlex
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

import psutil
from dvc.config import Config, ConfigError
from dvc.dirs import site_cache_dir
from dvc.exceptions import DvcException
from dvc.lock import LockError, make_lock
from dvc.repo import Repo
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils import strictyaml

from equipoise.storage.layout import Layout
from equipoise.terminal.command import run
from equipoise.terminal.environment import describe_failure, require_regular
from equipoise.terminal.errors import UserError, print_in_full
from equipoise.terminal.programs import DVC
from equipoise.terminal.yaml_file import read_yaml

# Where Git may have dvc.lock: staged, or committed.
IN_GIT = (":", "HEAD:")
# What of `.dvc` a user writes; the second is not in Git, for it may have logins.
SETTINGS = ("config", "config.local")
# dvc.lock as it was restored.
RESTORED = Path(".dvc/tmp/restored.lock")
# A folder of the run cache is empty for a moment: that of other projects too, if they share it.
SECONDS_OF_WRITING = 2
# The line that DVC cannot read, in what it says of it.
QUOTED = re.compile(r" \('.*'\)")


def repair_dvc_files(layout: Layout) -> None:
    """Have DVC's files readable again, and say what was done to those that were not.

    A `UserError` says that DVC is at work there, or cannot read its settings or its databases:
    nothing is changed.
    """
    settings = _read_settings(layout.root / ".dvc")
    if (layout.root / ".dvc").is_dir():
        _refuse_damaged_databases(layout.root, settings)
    with suppress(UserError):  # a stage that runs at this moment may fill its folder yet
        _remove_empty_runs(layout.root, settings)
    rwlock = layout.root / ".dvc/tmp/rwlock"
    for path in (rwlock, layout.lock):
        require_regular(path)
    spoilt = _is_spoilt_rwlock(rwlock) or _is_spoilt_lock(layout.lock)
    if not spoilt or not (layout.root / ".dvc").is_dir():
        return
    with _keeping_dvc_out(layout.root):
        if _is_spoilt_rwlock(rwlock):  # asked again: while DVC writes it, it is empty too
            rwlock.unlink()
            print_in_full(
                f"Removed {rwlock}, DVC's list of files in use: a killed run had left it cut short"
            )
        if _is_spoilt_lock(layout.lock):
            done = _restore_lock(layout.lock)
            (layout.root / RESTORED).write_bytes(_read_lock(layout))
            print_in_full(
                f"{done}: a killed run had left it cut short; `dvc repro` takes the stages that it"
                " had finished from DVC's run cache"
            )


def misses_killed_run(layout: Layout) -> bool:
    """Return whether dvc.lock was restored, and no run has put back what a killed one had made.

    Nothing names those files until `dvc repro` has taken them from the run cache.
    """
    restored = layout.root / RESTORED
    if not restored.exists():
        return False
    status = (*DVC, "status", "--quiet")
    if (
        _read_lock(layout) == restored.read_bytes()
        and subprocess.run(status, cwd=layout.root, check=False).returncode
    ):
        return True
    restored.unlink()
    return False


def _read_lock(layout: Layout) -> bytes:
    return layout.lock.read_bytes() if layout.lock.exists() else b""


def _read_settings(folder: Path) -> Config:
    """Return DVC's settings; a `UserError` says where DVC cannot read them.

    The line is not quoted: it may have a login.
    """
    subject = ""
    try:
        for path in (folder / name for name in SETTINGS):
            subject = str(path)
            require_regular(path)
            if path.exists():
                Config.load_file(subject)
        subject = f"{folder / SETTINGS[0]} or {SETTINGS[1]}"
        return Config(str(folder))
    except ConfigError as failure:
        said = describe_failure(failure, lambda words: QUOTED.sub("", words))
        raise UserError(
            f"{subject}: DVC cannot read its settings: {said}; correct that"
        ) from failure


def _refuse_damaged_databases(root: Path, settings: Config) -> None:
    try:
        Repo(str(root)).close()  # which opens them, as each command of DVC's does
    except sqlite3.OperationalError:  # locked, read-only or without room: no reason to remove them
        return
    except sqlite3.DatabaseError as failure:
        folder = Path(site_cache_dir(settings["core"].get("site_cache_dir")), "repo")
        raise UserError(
            f"DVC's databases in {folder}: one cannot be read: {describe_failure(failure)}; run"
            f" `rm -rf {shlex.quote(str(folder))}` while no DVC command runs: DVC makes them again"
        ) from failure


def _remove_empty_runs(root: Path, settings: Config) -> None:
    """Remove folders of DVC's run cache without a run; raise a `UserError` if DVC is at work."""
    runs = Path(settings["cache"].get("dir", root / ".dvc/cache")) / "runs"
    if not _list_empty_runs(runs):
        return
    with _keeping_dvc_out(root):
        for path in _list_empty_runs(runs):
            rmtree(path)
            print_in_full(
                f"Removed {path}, a folder of DVC's run cache: a full disk or a killed run had left"
                " it empty"
            )


def _list_empty_runs(runs: Path) -> list[Path]:
    """Return folders in which there is nothing, or a file that DVC did not finish."""
    left = time.time() - SECONDS_OF_WRITING
    return [
        path
        for path in runs.glob("*/*")
        if path.is_dir()
        and all(item.name.startswith(".") for item in path.iterdir())
        and path.stat().st_mtime < left
    ]


def _is_spoilt_rwlock(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except FileNotFoundError:
        return False
    except ValueError:
        return True
    return False


def _is_spoilt_lock(path: Path) -> bool:
    """Return whether DVC cannot read its lock file, and Git has not left conflicts in it."""
    if not path.exists():
        return False
    try:
        strictyaml.load(str(path), COMPILED_LOCKFILE_SCHEMA)
    except DvcException:
        return b"<<<<<<< " not in path.read_bytes()
    return False


@contextmanager
def _keeping_dvc_out(root: Path) -> Iterator[None]:
    """Hold DVC's locks, as its own processes do; a `UserError` if one is at work there."""
    with Repo(root) as repo:
        hardlink = repo.config["core"].get("hardlink_lock", False)
        guard = make_lock(f"{repo.tmp_dir}/rwlock.lock", repo.tmp_dir, hardlink_lock=hardlink)
        try:
            with repo.lock, guard:
                _refuse_beside_dvc(Path(repo.root_dir))
                yield
        except LockError as held:
            raise UserError(_describe_work("")) from held


def _refuse_beside_dvc(root: Path) -> None:
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        words, folder = process.info["cmdline"] or [], process.info["cwd"]
        starts_dvc = any(Path(word).stem == "dvc" for word in words[:3]) and "daemon" not in words
        if starts_dvc and folder and Path(folder).is_relative_to(root):
            raise UserError(_describe_work(f" (process {process.pid})"))


def _describe_work(who: str) -> str:
    return (
        f"a file of DVC's is cut short, and DVC is at work here{who}; run this again once it has"
        " ended"
    )


def _restore_lock(lock: Path) -> str:
    """Have the lock file that Git has, the staged one first, or none; return what was done."""
    for revision in IN_GIT:
        show = ("git", "show", f"{revision}./{lock.name}")
        shown = subprocess.run(show, cwd=lock.parent, capture_output=True, check=False)
        if shown.returncode == 0:
            lock.write_bytes(shown.stdout)
            if not _is_spoilt_lock(lock):
                return f"Restored {lock} from Git"
    lock.unlink()
    return f"Removed {lock}"


def _repair_here(_: Sequence[str]) -> None:
    layout = Layout()
    # DVC reads it before any stage can; where aliases say more than memory holds, it does not end.
    read_yaml(layout.params)
    repair_dvc_files(layout)


if __name__ == "__main__":
    run(_repair_here)
