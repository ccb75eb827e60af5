"""Where a result comes from: what was computed, by which code, in which experiment."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from equipoise.core.json_values import JsonObject
from equipoise.storage.dvc_lock import read_outs
from equipoise.storage.files.formats import hash_file, hash_with_md5

# What Git names where a repository is another user's.
UNTRUSTED = "safe.directory"


def find_data_digests(parts: Mapping[str, Path], lock: Path) -> dict[str, str]:
    """Return the MD5 that DVC knows each file by: from dvc.lock, or of the file if it is not there.

    What dvc.lock says of a file of another size is of another file.
    """
    known = {
        (out["path"], out.get("size")): str(out["md5"]) for out in read_outs(lock) if "md5" in out
    }
    return {
        name: known.get((path.as_posix(), path.stat().st_size)) or hash_with_md5(path)
        for name, path in parts.items()
    }


def make_fingerprint(params: JsonObject, files: Iterable[Path]) -> str:
    """Return what tells one pipeline state from another: its params and its files' contents."""
    state = {"params": params, "files": {path.as_posix(): hash_file(path) for path in files}}
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def make_provenance_tags(made: Iterable[Path] = ()) -> dict[str, str]:
    """Return the Git commit, whether edits are on top of it, and the DVC experiment, if any.

    What the pipeline has made is no edit, and neither are the files in `made`.
    """
    commit = _ask_git("rev-parse", "HEAD")
    tags = {
        "mlflow.source.git.commit": commit,
        "git.dirty": str(_is_edited(made)).lower() if commit else None,
        "dvc.experiment": os.environ.get("DVC_EXP_NAME"),
        "dvc.baseline_revision": os.environ.get("DVC_EXP_BASELINE_REV"),
    }
    return {name: value for name, value in tags.items() if value}


def _is_edited(made: Iterable[Path]) -> bool:
    lock = Path("dvc.lock")
    outputs = (Path(str(out["path"])) for out in read_outs(lock))
    inside = (
        path for path in (lock, *outputs, *made) if path.absolute().is_relative_to(Path.cwd())
    )
    excluded = (f":(exclude,literal){path}" for path in inside)
    return bool(_ask_git("status", "--porcelain", "--", ":/", *excluded))


def _ask_git(*arguments: str) -> str | None:
    """Return what a Git command prints, `None` outside a repository or without Git.

    Where Git refuses a repository that is another user's, it is said how to allow that.
    """
    try:
        command = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            text=True,
            errors="surrogateescape",  # names of files may be no text
            check=False,
        )
    except FileNotFoundError:
        return None
    if UNTRUSTED in command.stderr:
        sys.stderr.write(
            "Git does not trust this repository, which another user owns, so no commit is"
            f" recorded; to trust it: git config --global --add {UNTRUSTED} {_find_repository()}\n"
        )
    return command.stdout.strip() if command.returncode == 0 else None


def _find_repository() -> str:
    """Return the folder of the repository that this is in, as a shell reads it."""
    here = Path.cwd()
    found = (folder for folder in (here, *here.parents) if (folder / ".git").exists())
    return shlex.quote(str(next(found, here)))
