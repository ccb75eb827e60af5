"""Files in DVC's cache that nothing names: `dvc gc` finds and removes them.

It keeps what the workspace, all commits of branches and tags, and experiments name. It also keeps
what other projects name, so what it does not know is made one: a folder with a `.dvc` file.
"""

import re
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dvc.repo import Repo
from dvc.scm import NoSCM

from equipoise.terminal.errors import UserError
from equipoise.terminal.programs import DVC, run_program

GC = ("gc", "--workspace", "--force")
IN_GIT = ("--all-commits", "--all-experiments")
# How a dry run has each path that it would remove; a folder's name may have several lines.
REMOVING = re.compile(r"(?ms)^Removing (.*?/[0-9a-f]{2}/[0-9a-f]{30}(?:\.dir)?)$")
# As DVC's files name what is in the cache, and only there.
HASH = r"[0-9a-f]{32}(\.dir)?"
NAMED = f"md5: {HASH}"
DVC_FILES = ("*dvc.lock", "*.dvc")


def list_unused(root: Path, kept: Collection[str]) -> list[Path]:
    """Return the files in the cache that go; those whose MD5 is one of the texts `kept` stay.

    A `UserError` says that the cache may be that of other projects too.
    """
    return [Path(path) for path in REMOVING.findall(_collect_garbage(root, kept, "--dry"))]


def remove_unused(root: Path, kept: Collection[str]) -> None:
    """Remove what `list_unused` returns."""
    _collect_garbage(root, kept)


def _collect_garbage(root: Path, kept: Collection[str], *options: str) -> str:
    """Return what `dvc gc` says."""
    cache, of_git = _find_cache(root)
    stashed = _list_stashed(root) if of_git else set()
    running = [folder.parent for folder in root.glob(".dvc/tmp/exps/**/.dvc")]
    with _naming({*kept, *stashed}, cache) as project:
        projects = ("--projects", *map(str, (project, *running)))
        return run_program(root, *DVC, *GC, *of_git, *options, *projects)


def _find_cache(root: Path) -> tuple[Path, Sequence[str]]:
    """Return where DVC's cache is, and the options of `dvc gc` that only a Git repository has."""
    if not (root / ".dvc").is_dir():
        raise UserError(f"{root.resolve()} is no DVC project; run this where dvc.yaml is")
    with Repo(root) as repo:
        cache = Path(repo.cache.local_cache_dir)
        of_git = () if isinstance(repo.scm, NoSCM) else IN_GIT
    if not cache.is_relative_to(root.resolve()):
        raise UserError(
            f"cache.dir: '{cache}' may be the cache of other projects too; run"
            f" `dvc {' '.join((*GC[:-1], *of_git))} --projects` with the folders of all of them"
        )
    return cache, of_git


def _list_stashed(root: Path) -> set[str]:
    """Return the hashes that stashes and queued experiments name, which no branch or tag has."""
    list_refs = ("git", "for-each-ref", "--format=%(refname)", "refs/stash", "refs/exps")
    list_entries = ("git", "log", "--walk-reflogs", "--format=%H")
    commits = {
        commit
        for stash in run_program(root, *list_refs).split()
        for commit in run_program(root, *list_entries, stash).split()
    }
    if not commits:
        return set()
    search = ("git", "grep", "--extended-regexp", "-e", NAMED, *sorted(commits), "--", *DVC_FILES)
    named = subprocess.run(search, cwd=root, capture_output=True, text=True, check=False).stdout
    return {found[0].removeprefix("md5: ") for found in re.finditer(NAMED, named)}


@contextmanager
def _naming(texts: Collection[str], cache: Path) -> Iterator[Path]:
    """Give the folder of a project that names those of the texts that are hashes in the cache."""
    hashes = [text for text in texts if re.fullmatch(HASH, text)]
    present = [each for each in hashes if (cache / "files/md5" / each[:2] / each[2:]).exists()]
    entries = [f"- {{md5: {each}, hash: md5, path: kept{n}}}\n" for n, each in enumerate(present)]
    with TemporaryDirectory() as folder:
        project = Path(folder)
        run_program(project, "git", "init", "--quiet")
        (project / ".dvc").mkdir()
        (project / "cache").symlink_to(cache)  # DVC writes no path with a letter beyond ASCII
        run_program(project, *DVC, "config", "cache.dir", "cache")
        if entries:
            (project / "kept.dvc").write_text(f"outs:\n{''.join(entries)}", encoding="utf-8")
        yield project
