"""Files in DVC's cache that nothing names: `dvc gc` finds and removes them.

It keeps what the workspace names, and what other projects name; so all else that is to stay is
made one, a folder with a `.dvc` file. What commits name is read here: `dvc gc --all-commits` fails
at one whose params.yaml has a conflict, waits without end where Git lacks an object, and takes
seconds for each.
"""

import os
import re
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dvc.repo import Repo
from dvc.scm import NoSCM

from equipoise.terminal.environment import describe_failure
from equipoise.terminal.errors import UserError
from equipoise.terminal.programs import DVC, run_program

GC = ("gc", "--workspace", "--force")
IN_GIT = ("--all-commits", "--all-experiments")
# How a dry run has each path that it would remove; a folder's name may have several lines.
REMOVING = re.compile(r"(?ms)^Removing (.*?/[0-9a-f]{2}/[0-9a-f]{30}(?:\.dir)?)$")
# As DVC's files name what is in the cache, and only there.
HASH = r"[0-9a-f]{32}(\.dir)?"
# Where a file is in the cache, by the hash's kind in DVC's files; those of DVC 2 name no kind.
PLACES = {"files/md5": ", hash: md5", "": ""}
# Of a project in no Git repository; a path written here would need to be quoted as DVC does it.
CONFIG = "[core]\n    no_scm = True\n[cache]\n    dir = ../cache\n"
# What `git grep` ends with if it finds something, and if nothing.
ENDS = (0, 1)
# What Git says first of what it cannot read, of which a repository may have much.
FAILED = re.compile(r"(?m)^(error|fatal): .*$")
# As many commits as one command takes, and files in which Git keeps a stash of its own.
MOST_COMMITS = 10_000
AUTOSTASHES = ("rebase-merge/autostash", "rebase-apply/autostash", "MERGE_AUTOSTASH")
DVC_FILES = (":(top)*dvc.lock", ":(top)*.dvc")


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
    cache, has_git = _find_cache(root)
    in_git = _list_named_in_git(root) if has_git else set()
    running = [folder.parent for folder in root.glob(".dvc/tmp/exps/**/.dvc")]
    with _naming({*kept, *in_git}, cache) as project:
        projects = ("--projects", *map(str, (project, *running)))
        return run_program(root, *DVC, *GC, *options, *projects)


def _find_cache(root: Path) -> tuple[Path, bool]:
    """Return where DVC's cache is, and whether the project is in a Git repository."""
    if not (root / ".dvc").is_dir():
        raise UserError(f"{root.resolve()} is no DVC project; run this where dvc.yaml is")
    with Repo(root) as repo:
        cache = Path(repo.cache.local_cache_dir)
        has_git = not isinstance(repo.scm, NoSCM)
    places = [(cache / place).resolve() for place in PLACES]  # which may be links
    if not all(place.is_relative_to(root.resolve()) for place in places):
        command = " ".join((*GC[:-1], *(IN_GIT if has_git else ())))
        raise UserError(
            f"cache.dir: '{cache}' may be the cache of other projects too; run"
            f" `dvc {command} --projects` with the folders of all of them"
        )
    return cache, has_git


def _list_named_in_git(root: Path) -> set[str]:
    """Return the hashes in DVC's files of every commit, experiment and stash.

    Queued experiments are stashes too.
    """
    commits = sorted({*run_program(root, "git", "rev-list", "--all").split()} | _list_stashed(root))
    batches = (commits[n : n + MOST_COMMITS] for n in range(0, len(commits), MOST_COMMITS))
    return {md5 for batch in batches for md5 in _list_named_in(batch, root)}


def _list_stashed(root: Path) -> set[str]:
    """Return the commits of stashes: a stash has what was staged, and untracked, in parents."""
    list_refs = ("git", "for-each-ref", "--format=%(refname)", "refs/stash", "refs/exps")
    stashes = [("--walk-reflogs", ref) for ref in run_program(root, *list_refs).split()]
    for name in AUTOSTASHES:
        path = root / run_program(root, "git", "rev-parse", "--git-path", name).strip()
        if path.is_file():
            stashes.append(("--no-walk", path.read_text(encoding="utf-8").strip()))
    listed = (run_program(root, "git", "log", "--format=%H %P", *stash) for stash in stashes)
    return {commit for lines in listed for commit in lines.split()}


def _list_named_in(commits: Sequence[str], root: Path) -> set[str]:
    """Return the hashes in DVC's files of some commits; a `UserError` if Git lacks any."""
    options = ("--extended-regexp", "--only-matching", "-h", "--text", "-e", HASH)
    search = ("git", "grep", *options, *commits, "--", *DVC_FILES)
    in_english = os.environ | {"LC_ALL": "C"}
    named = subprocess.run(
        search,
        cwd=root,
        env=in_english,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    failed = FAILED.search(named.stderr)  # where it fails at one file, the status may be 0
    if failed or named.returncode not in ENDS:
        said = failed[0] if failed else f"it ended with status {named.returncode}"
        said = describe_failure(ValueError(said))
        raise UserError(f"nothing was pruned: git grep: {said}; fix that, then run it again")
    return {found[0] for found in re.finditer(HASH, named.stdout)}


@contextmanager
def _naming(texts: Collection[str], cache: Path) -> Iterator[Path]:
    """Give the folder of a project that names those of the texts that are hashes in the cache."""
    hashes = [text for text in texts if re.fullmatch(HASH, text)]
    present = [
        f"md5: '{each}'{kind}"
        for each in hashes
        for place, kind in PLACES.items()
        if (cache / place / each[:2] / each[2:]).exists()
    ]
    entries = [f"- {{{each}, path: kept{n}}}\n" for n, each in enumerate(present)]
    with TemporaryDirectory() as folder:
        project = Path(folder)
        (project / ".dvc").mkdir()
        (project / ".dvc/config").write_text(CONFIG, encoding="utf-8")
        (project / "cache").symlink_to(cache)
        if entries:
            (project / "kept.dvc").write_text(f"outs:\n{''.join(entries)}", encoding="utf-8")
        yield project
