"""Files that DVC has kept, of whatever commit."""

from pathlib import Path

from dvc.exceptions import NotDvcRepoError
from dvc.repo import Repo


def find_cached(md5: str, root: Path) -> Path | None:
    """Return where the cache of a repository has the file of this hash, if there is one."""
    try:
        with Repo(root) as repo:
            path = Path(repo.cache.local.oid_to_path(md5))
    except NotDvcRepoError:
        return None
    return path if path.exists() else None
