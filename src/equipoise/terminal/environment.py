"""What an environment raises, and how it is said in one line: disks, memory, servers, files.

Programming errors are not among them: they keep their tracebacks.
"""

import errno
import fcntl
import os
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from equipoise.terminal.errors import UserError, make_showable, shorten

# Libraries with exceptions of their own. They are looked up, not imported: a stage that has not
# loaded a library cannot meet its exceptions.
OF_LIBRARIES = (
    ("boto3.exceptions", "Boto3Error"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("dvc.exceptions", "DvcException"),
    ("google.protobuf.json_format", "Error"),
    ("google.protobuf.message", "Error"),
    ("mlflow.exceptions", "MlflowException"),
    ("pyarrow.lib", "ArrowException"),
    ("sqlalchemy.exc", "SQLAlchemyError"),
    ("sqlite3", "Error"),
    ("urllib3.exceptions", "HTTPError"),
    ("zipfile", "BadZipFile"),
)
IN_THE_WAY = "move away what is in its place"
SPACE = "free some space there"
RIGHTS = "give your user permission to read and write it"
REMEDIES = {
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: "put the repository on a disk that can be written to",
    errno.ENOSPC: SPACE,
    errno.EDQUOT: SPACE,
    errno.EFBIG: f"{SPACE}, or allow larger files (ulimit -f)",
    errno.EEXIST: IN_THE_WAY,
    errno.EISDIR: IN_THE_WAY,
    errno.ENOTDIR: IN_THE_WAY,
    errno.ENOENT: "restore it",
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.EMFILE: "allow more open files (ulimit -n)",
}
# Of a file that is copied, these are about where to.
OF_COPIES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE})
# How Python says so, in what a library says of many files.
COPYING = re.compile(r"\[Errno (\d+)\][^\n]*'([^'\n]*)'")
# How variables begin that libraries make settings of; no name or address of a user's is among them.
SETTINGS = ("JOBLIB_", "LOKY_", "MLFLOW_LOGGING_LEVEL", "NUMEXPR_", "PANDAS_", "SCIPY_", "SKLEARN_")
QUOTED = re.compile(r"'([^'\n]*)'")
MEMORY = "close other programs, lower `n_jobs`, or take fewer rows or columns"
# What the system's loader says of a library; the second where there is no memory for it.
LIBRARY, NO_MEMORY_FOR_IT = "shared object", "failed to map segment"
# As much of what a library or a server said as fits a few lines of a terminal.
LONGEST = 240


def list_environment_errors() -> tuple[type[Exception], ...]:
    """Return what an environment raises, as far as the libraries that are loaded can tell."""
    loaded = ((sys.modules.get(module), name) for module, name in OF_LIBRARIES)
    own = [getattr(module, name) for module, name in loaded if hasattr(module, name)]
    return (OSError, MemoryError, BrokenExecutor, *own)


def explain_failed_import(failure: ImportError) -> str | None:
    """Return a line if the system could not load a library, None if a module is wrong."""
    cause: BaseException = failure
    while cause.__cause__ is not None:  # NumPy says more than a page about what it caught
        cause = cause.__cause__
    said = describe_failure(cause)
    if LIBRARY not in said:
        return None
    if NO_MEMORY_FOR_IT in said:
        return make_showable(f"memory ran out: {said}; {MEMORY}")
    return make_showable(f"{said}; install that library, then run it again")


def explain_refused_variable(failure: Exception) -> str | None:
    """Return a line if a library refused a variable of the environment, None if it is about more.

    Libraries read some as they are imported, before anything of ours can look at them.
    """
    said, (name, _, _) = describe_failure(failure), str(failure).partition(" ")
    if name in os.environ:
        return make_showable(f"{said}; set it to such a value, or unset it")
    quoted = {value.casefold() for value in QUOTED.findall(str(failure)) if value}
    for name in sorted(os.environ):  # some libraries quote the value, and name no variable
        if name.startswith(SETTINGS) and os.environ[name].casefold() in quoted:
            return make_showable(f"{name}: {said}; set it to a value that it can have, or unset it")
    return None


def format_failure(failure: BaseException) -> str:
    """Return the file, if a failure names one, what happened, and the remedy."""
    return make_showable(_describe_with_remedy(failure))


def _describe_with_remedy(failure: BaseException) -> str:
    if isinstance(failure, MemoryError):
        return f"memory ran out: {describe_failure(failure)}; {MEMORY}"
    if isinstance(failure, BrokenExecutor):
        return f"a worker process ended early, most likely because memory ran out; {MEMORY}"
    if not isinstance(failure, OSError):
        return f"{describe_failure(failure)}; fix that, then run it again"
    place = failure.filename2 if failure.errno in OF_COPIES else None
    place = failure.filename if place is None else place
    if failure.errno == errno.ENAMETOOLONG:  # any other path is told in full, to be typed
        place = shorten(str(place))
    where = "" if place is None else f"{place}: "
    remedy = REMEDIES.get(failure.errno or 0, "fix that")
    return f"{where}{describe_failure(failure)}; {remedy}, then run it again"


def find_failed_copy(failure: BaseException) -> OSError | None:
    """Return the first failure to write a copy that a library quotes among others, if it does."""
    told = ((int(found[1]), found[2]) for found in COPYING.finditer(str(failure)))
    failed = ((code, path) for code, path in told if code in OF_COPIES)
    return next((OSError(code, os.strerror(code), path) for code, path in failed), None)


def describe_failure(failure: BaseException, hide: Callable[[str], str] = str) -> str:
    """Return what a failure says, without its file, on one line that is not too long.

    `hide` removes what nobody should see, before anything is cut.
    """
    said = getattr(failure, "strerror", None) or str(failure) or type(failure).__name__
    return shorten(" ".join(hide(said).split()).rstrip(".;"), LONGEST)


def has_text_name(path: Path) -> bool:
    """Return whether a path is text in UTF-8, so that a file can name it."""
    return str(path).encode(errors="ignore") == os.fsencode(path)


def require_regular(path: Path, subject: str = "") -> None:
    """Raise a `UserError` if what is read would be waited for, or read, without end.

    That may be so of a pipe or a device, and of a folder that a link in a folder leads back to.
    What is not there is left to those who read it.
    """
    inside = path.rglob("*") if path.is_dir() else iter([path] if path.exists() else [])
    odd = (item for item in inside if not item.is_file())
    odd = (item for item in odd if item.is_symlink() or not item.is_dir())
    if first := next(odd, None):  # of a whole disk, the others are not looked for
        raise UserError(
            f"{subject}'{first}' is a pipe, a device, or a link to something other than a file;"
            " put a file there"
        )


def read_text(path: Path) -> str:
    """Return the text of a file, unless it would never end."""
    require_regular(path)
    return path.read_text(encoding="utf-8")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Have the folder of a file that is written here; a failure to write it names the file."""
    if path.is_fifo():
        raise UserError(f"'{path}' is a pipe, and nobody may read it; name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as failure:  # which names a file only if that cannot be opened
        said = os.strerror(failure.errno) if failure.errno else str(failure)
        raise OSError(failure.errno, said, failure.filename or str(path)) from failure


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give where to write what is to be a file: there it is whole, or what was there stays.

    It begins with the rights of what was there, so it is as private. Two processes that write one
    file do so one after the other. A device takes what is written.
    """
    if path.is_char_device():
        with writing(path):
            yield path
        return
    part = path.with_name(f".{path.name}.part")
    with writing(path), _holding(part):
        try:
            if path.exists():
                part.chmod(path.stat().st_mode & 0o777 | 0o600)  # DVC takes rights to write away
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _holding(part: Path) -> Iterator[None]:
    """Keep out other processes that write this file; it may be there, left by one that was killed.

    It is renamed once it is whole, so the lock may have been given for what has another name now.
    """
    while True:
        if part.is_symlink():  # not of ours: who made it may mean another file
            part.unlink()
        held = os.open(part, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o666)
        with suppress(OSError):  # on some network file systems nothing can be locked
            fcntl.flock(held, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if part.stat().st_ino == os.fstat(held).st_ino:
                break
        os.close(held)
    try:
        yield
    finally:
        os.close(held)
