"""The store that MLflow writes to: whole or not there, never harmed, and its failures in one line.

MLflow gives a new SQLite file its schema by dozens of steps that are not one transaction. An
interruption would leave a file that no later publication could use, so a new one is made under
another name, and renamed when it is whole.
"""

import errno
import logging
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from glob import escape
from pathlib import Path
from threading import Thread
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Experiment
from mlflow.exceptions import MlflowException

from equipoise.record.mlflow_settings import check_settings
from equipoise.record.moved_store import follow_move
from equipoise.terminal.environment import (
    IN_THE_WAY,
    RIGHTS,
    SPACE,
    describe_failure,
    find_failed_copy,
    format_failure,
    list_environment_errors,
)
from equipoise.terminal.errors import UserError
from equipoise.terminal.turns import holding

T = TypeVar("T")

# What MLflow does unless the user's environment says otherwise.
SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # else it tries a dead server for minutes
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
# Until a server has answered once: three attempts, and pauses between them, take 23 s at most.
TIMEOUT = "MLFLOW_HTTP_REQUEST_TIMEOUT"
FIRST_CONTACT = {
    TIMEOUT: "6",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
}
ANSWER_SECONDS = 28
# Tables that have rows before anything is recorded; `experiments` is filled when all is made.
BEFORE_RUNS = frozenset({"alembic_version", "workspaces", "experiments"})
# Seconds that a file may be locked for.
PATIENCE = 10
ELSEWHERE = "move it away, or name another in MLFLOW_TRACKING_URI"
DAMAGED = f"it is damaged, or not an SQLite file: restore a copy, or {ELSEWHERE}"
SQLITE_REMEDIES = {
    "SQLITE_BUSY": "another program has it open: close that program, then run it again",
    "SQLITE_CANTOPEN": f"{IN_THE_WAY}, or {RIGHTS}",
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_FULL": SPACE,
    "SQLITE_IOERR": f"{SPACE}, or check the disk",
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_READONLY": RIGHTS,
}


class UnusableStoreError(UserError):
    """A store that cannot be used as it is, and that this package must not change."""


@dataclass(frozen=True)
class Store:
    """Where MLflow writes to, for the repository in the folder `root`."""

    uri: str
    root: Path

    @property
    def is_server(self) -> bool:
        """Whether runs go to a server, which keeps the artifacts too."""
        return self.uri.startswith("http")

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of text files, which MLflow refuses unless it is told not to."""
        scheme, colon, _ = self.uri.partition(":")
        return scheme == "file" or (not colon and scheme != "databricks")

    @property
    def is_in_memory(self) -> bool:
        """Whether it is an SQLite database that ends with the process which opens it."""
        scheme, _, rest = self.uri.partition("://")
        name = rest.partition("?")[0].removeprefix("/")
        unnamed = name in {"", ":memory:", "file::memory:"} or "mode=memory" in rest
        return scheme.startswith("sqlite") and unnamed

    @property
    def artifacts(self) -> Path:
        """The folder of the artifacts, for stores that have no place for them."""
        return self.root / "mlartifacts"

    @property
    def file(self) -> Path | None:
        """The SQLite file, if the store is one."""
        scheme, _, rest = self.uri.partition(":///")
        name = unquote(rest.partition("?")[0])
        is_file = name not in {"", ":memory:"} and not name.startswith("file:")
        return Path(name).resolve() if scheme.startswith("sqlite") and is_file else None

    @property
    def name(self) -> str:
        """What a user is shown: the file, or the address without a login."""
        return self.hide_login(self.uri) if self.file is None else str(self.file)

    def hide_login(self, text: str) -> str:
        """Return text in which the address of the store has no user, no password and no options.

        That of a file has none, whatever signs are in its path.
        """
        if self.file is not None:
            return text
        address = self.uri.partition("?")[0]
        login = f"{address.partition('://')[2].rpartition('@')[0]}@"
        text = text.replace(self.uri, address)
        return text if login == "@" else text.replace(login, "").replace(unquote(login), "")


def find_store() -> Store:
    """Return the store that `MLFLOW_TRACKING_URI` names, else a SQLite file in the repository.

    DVC says where that is: its experiments run in copies of the repository that do not stay.
    Raises a `UserError` where MLflow would take the repository's path for that of another folder,
    and for variables of MLflow's that say what it cannot use.
    """
    check_settings()
    root = Path(os.environ.get("DVC_ROOT", ".")).resolve()
    default = f"sqlite:///{root / 'mlflow.db'}"
    store = Store(os.environ.get("MLFLOW_TRACKING_URI") or default, root)
    try:
        urlsplit(store.uri if store.uri.startswith("http") else "")
    except ValueError as bad:
        raise UserError(
            f"MLFLOW_TRACKING_URI: '{store.hide_login(store.uri)}' is no address ({bad}); fix it,"
            " or unset it"
        ) from bad
    if store.is_in_memory:
        raise UserError(
            f"MLFLOW_TRACKING_URI: '{store.uri}' is in memory, where no record stays; name a"
            " server, or an SQLite file as in sqlite:///mlflow.db"
        )
    if store.is_folder and "MLFLOW_ALLOW_FILE_STORE" not in os.environ:
        raise UserError(
            f"MLFLOW_TRACKING_URI: '{store.uri}' is a folder, and MLflow keeps no new record in"
            " one; name a server, or an SQLite file as in sqlite:///mlflow.db"
        )
    if not store.is_server and (unquote(str(root)) != str(root) or "?" in str(root)):
        raise UserError(
            f"{root}: MLflow takes % and ? in a path for signs of an address, and would write"
            " elsewhere; move the project into a folder without them, or name a server in"
            " MLFLOW_TRACKING_URI"
        )
    if not store.is_server and {"'", '"'} <= {*str(root)}:
        raise UserError(
            f"{root}: MLflow cannot write where a path has both ' and \"; move the project into a"
            " folder without them"
        )
    return store


@contextmanager
def reaching(store: Store, failed: str) -> Iterator[None]:
    """Turn what goes wrong with the store in here into a `UserError` that says the remedy too."""
    try:
        yield
    except UnusableStoreError as unusable:
        raise UserError(f"{failed}: {unusable}") from unusable
    except _list_failures() as failure:
        raise UserError(
            f"{failed}: {store.hide_login(_explain_failure(store, failure))}"
        ) from failure


def await_first_answer(ask: Callable[[], T]) -> T:
    """Return what a server answers first; a `TimeoutError` gives it up after half a minute.

    A server may answer little by little, so that no read of its answer takes too long. A user
    who has set how long a request may take is not overruled.
    """
    if TIMEOUT in os.environ:
        return ask()
    answer: Future[T] = Future()

    def attempt() -> None:
        try:
            answer.set_result(ask())
        except Exception as failure:  # noqa: BLE001 - raised again where the answer is asked for
            answer.set_exception(failure)

    with limiting_first_contact():
        thread = Thread(target=attempt, daemon=True)
        thread.start()
        thread.join(ANSWER_SECONDS)
    if not answer.done():
        raise TimeoutError(errno.ETIMEDOUT, f"no complete answer within {ANSWER_SECONDS} s")
    return answer.result()


@contextmanager
def limiting_first_contact() -> Iterator[None]:
    """Give up a server that never answers after half a minute, unless the user set other times."""
    own = {name: value for name, value in FIRST_CONTACT.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]


def taking_turns(store: Store) -> AbstractContextManager[None]:
    """Keep other publishers from the store; say so before waiting for one."""
    return holding(choose_lock_file(store), "Something else is publishing to MLflow")


def choose_lock_file(store: Store) -> Path:
    """Return what publishers to the same SQLite file, or of the same repository, take turns by."""
    folder = store.root if store.file is None else store.file.parent
    if store.file is None or (folder / ".dvc").is_dir():
        return folder / ".dvc/tmp/mlflow.lock"
    return store.file.with_name(f"{store.file.name}.lock")


def open_store(store: Store) -> MlflowClient:
    """Return a client of the store. A SQLite file has all its tables, or is not there.

    Only its user can read one that is made here. One that was interrupted when it was made is
    replaced, if it holds no runs. An `UnusableStoreError` names what is not MLflow's, not this
    version's, or no file.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    for name in (mlflow.__name__, "alembic"):  # failures are said once, by `reaching`
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if store.file is not None:
        _make_whole(store.file, store.artifacts)
        if store.file.parent == store.root:
            follow_move(store.file, store.artifacts, PATIENCE)
    mlflow.set_tracking_uri(store.uri)
    return MlflowClient()


def ask_first(store: Store, ask: Callable[[], T]) -> T:
    """Return the answer to what a store is asked first: a silent server is given up soon."""
    return await_first_answer(ask) if store.is_server else ask()


def find_experiment(client: MlflowClient, store: Store, name: str) -> Experiment | None:
    """Return an experiment, if it is there; the first that a server is asked for."""
    found = ask_first(store, partial(client.get_experiment_by_name, name))
    if found is not None and found.name != name:
        raise MlflowException("the server there is not MLflow")
    return found


def _make_whole(file: Path, artifacts: Path) -> None:
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        if not file.is_file():  # opened as a database, it would be waited for, or replaced
            raise UnusableStoreError(f"{file} is a pipe or a device, not a file; {ELSEWHERE}")
        if _is_whole(file):
            return
        sys.stderr.write(f"{file} was not finished and holds no runs: a new one replaces it.\n")
    _make_store(file, artifacts)


def _is_whole(file: Path) -> bool:
    """Tell a store that MLflow can use from one that holds nothing; refuse any other."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=PATIENCE)) as store:
        named = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in named if not name.startswith("sqlite_")}
        used = {name for name in tables if store.execute(f'SELECT 1 FROM "{name}"').fetchone()}  # noqa: S608 - names of its own tables
    begun = "experiments" in tables and (not used or "alembic_version" in used)
    if tables and not begun:
        raise UnusableStoreError(f"{file} is an SQLite file of another program; {ELSEWHERE}")
    finished = "experiments" in used and _list_mlflow_tables() <= tables
    if not finished and not used <= BEFORE_RUNS:
        raise UnusableStoreError(
            f"{file} holds runs, and its tables are not those of the MLflow installed here; copy"
            f" it, then run `mlflow db upgrade sqlite:///{file}`"
        )
    return finished


def _list_mlflow_tables() -> set[str]:
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401, PLC0415 - 0.8 s that a server saves
    from mlflow.store.db.base_sql_model import Base  # noqa: PLC0415 - as above

    return set(Base.metadata.tables)


def _make_store(file: Path, artifacts: Path) -> None:
    """Write a store without runs; nothing is at `file` until all of it is there."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: PLC0415 - as above

    for left in file.parent.glob(f"{escape(file.name)}.*.new*"):  # by one that was killed
        left.unlink(missing_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with _writing_once():
            made = SqlAlchemyStore(f"sqlite:///{new}", str(artifacts))  # type: ignore[no-untyped-call]  # it has no types
            made.engine.dispose()
        with new.open("rb+") as whole:
            os.fsync(whole.fileno())
        new.chmod(0o600)  # as SQLite then makes the files beside it
        for old in ("", "-journal", "-wal", "-shm"):  # SQLite would take these for the new file's
            file.with_name(f"{file.name}{old}").unlink(missing_ok=True)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _writing_once() -> Iterator[None]:
    """Have SQLite leave it to the system when a file that nobody uses yet gets to the disk.

    Else it waits for the disk a thousand times while MLflow makes its tables.
    """
    from sqlalchemy import Engine, event  # noqa: PLC0415 - as above

    def wait_for_nothing(connection: object, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", wait_for_nothing)
    try:
        yield
    finally:
        event.remove(Engine, "connect", wait_for_nothing)


def _explain_failure(store: Store, failure: BaseException) -> str:
    """Return where something failed, what its first cause says, and the remedy."""
    cause = _find_first_cause(failure)
    cause = find_failed_copy(cause) or cause
    if isinstance(cause, OSError) and cause.filename is not None:
        return format_failure(cause)
    remedy = "fix that"
    if isinstance(cause, sqlite3.Error):
        kind = "_".join(str(getattr(cause, "sqlite_errorname", "")).split("_")[:2])
        remedy = SQLITE_REMEDIES.get(kind, remedy)
    elif store.is_server:
        remedy = "check that a server of MLflow 3 or newer runs there and accepts your login"
        if isinstance(cause, TimeoutError):
            remedy += ", or set MLFLOW_HTTP_REQUEST_TIMEOUT to more seconds"
    return f"{store.name}: {describe_failure(cause, store.hide_login)}; {remedy}"


def _find_first_cause(failure: BaseException) -> BaseException:
    """Return the deepest failure of the environment that led to this one."""
    causes = [failure]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    return [each for each in causes if isinstance(each, _list_failures())][-1]


def _list_failures() -> tuple[type[Exception], ...]:
    return (
        ImportError,
        *list_environment_errors(),
    )  # the first: a database's driver is not installed
