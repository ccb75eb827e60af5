"""Files that DVC has kept, of whatever commit, and those that it keeps of this one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo

from equipoise.storage.files.formats import hash_with_md5
from equipoise.terminal.environment import describe_failure
from equipoise.terminal.errors import UserError

LISTING = ".dir"


@dataclass(frozen=True)
class KeptFile:
    """A file in the workspace and in DVC's cache, and the MD5 that both should have.

    `output` is what DVC knows it as: the file itself, or the folder that it is in. The listing of
    a folder is a file of the cache too. If the user has `added` it, no stage makes it.
    """

    path: Path
    cached: Path
    md5: str
    output: Path
    added: bool

    def is_damaged_here(self) -> bool:
        """Return whether something else is there, or other bytes; a file is read in blocks."""
        if self.md5.endswith(LISTING):
            return self.path.exists() and not self.path.is_dir()
        return self._is_other(self.path)

    def is_damaged_in_cache(self) -> bool:
        """Return whether the cache has something else, or other bytes; a file is read in blocks."""
        return self._is_other(self.cached)

    def _is_other(self, path: Path) -> bool:
        if not path.is_file():
            return path.exists()
        return hash_with_md5(path) != self.md5.removesuffix(LISTING)


def find_cached(md5: str, root: Path) -> Path | None:
    """Return where the cache of a repository has the file of this hash, if there is one."""
    try:
        with Repo(root) as repo:
            path = Path(repo.cache.local.oid_to_path(md5))
    except NotDvcRepoError:
        return None
    return path if path.exists() else None


def list_kept_files(folder: Path) -> list[KeptFile]:
    """Return each file that the dvc.lock or a `.dvc` file of the repository of a folder names.

    A `UserError` says why DVC cannot tell.
    """
    try:
        with Repo(Repo.find_root(str(folder.resolve()))) as repo:
            return [file for output in repo.index.outs for file in _list_files(output)]
    except DvcException as failure:
        said = describe_failure(failure)
        raise UserError(f"DVC cannot say which files it keeps: {said}; fix that") from failure


def _list_files(output: Any) -> Iterator[KeptFile]:
    """Give an output that DVC has a hash of: a file, or the listing of a folder and its files."""
    if output.hash_info.name != "md5":
        return
    listing = output.get_obj() if output.hash_info.isdir else None
    inside = [(names, known.value) for names, _, known in listing or ()]
    whole = Path(output.fs_path)
    for names, md5 in [((), output.hash_info.value), *inside]:
        cached = Path(output.cache.oid_to_path(md5))
        yield KeptFile(whole.joinpath(*names), cached, md5, whole, output.stage.is_data_source)
