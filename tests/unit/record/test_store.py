"""The MLflow store: made whole or not at all, its owner's runs never touched, logins kept back."""

import os
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from mlflow.artifacts import download_artifacts
from sqlalchemy import Pool, event
from tests.server import answering

from equipoise.record import store as record_store
from equipoise.record.deleted_records import list_named
from equipoise.record.logged_files import check_model
from equipoise.record.registry import find_contenders
from equipoise.record.store import Store, find_store, open_store, reaching, taking_turns
from equipoise.record.tracking import create_experiment
from equipoise.terminal.errors import UserError

# MLflow warns of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

# As SQLite numbers them.
SYNCHRONOUS = {"OFF": 0, "FULL": 2}
INTERRUPTED = """
import resource, sys
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
SqlAlchemyStore(f"sqlite:///{sys.argv[1]}", ".")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was made once; not to be written to."""
    folder = tmp_path_factory.mktemp("made")
    open_store(store_in(folder))
    return folder / "mlflow.db"


def store_in(folder: Path) -> Store:
    """Return the store that a repository in the folder has by default."""
    return Store(f"sqlite:///{folder / 'mlflow.db'}", folder)


def tables(file: Path) -> set[str]:
    """Return the names of a file's tables."""
    with closing(sqlite3.connect(file)) as database:
        named = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in named}


def change(file: Path, *statements: str) -> bytes:
    """Change a SQLite file; return what it holds then."""
    with closing(sqlite3.connect(file)) as database, database:
        for statement in statements:
            database.execute(statement)
    return file.read_bytes()


def files_in(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_store_is_made_whole_and_leaves_nothing_beside_it(made: Path) -> None:
    """Every table is there, and no file of the making, not even of one that was killed."""
    assert {"experiments", "runs", "spans", "alembic_version"} <= tables(made)
    assert files_in(made.parent) == ["mlflow.db"]


def test_a_store_that_is_made_is_its_users_alone(made: Path) -> None:
    """Whatever the umask: nobody else reads what was recorded."""
    assert made.stat().st_mode & 0o077 == 0


def test_what_is_recorded_is_on_the_disk_when_it_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite does not wait for the disk while a store is made; when runs are written, it does.

    What was made is there, whole, before anything has its name.
    """
    waits: list[int] = []
    named_when_synced: list[bool] = []
    sync = os.fsync

    def sync_and_note(descriptor: int) -> None:
        sync(descriptor)
        named_when_synced.append((tmp_path / "mlflow.db").exists())

    def note(connection: sqlite3.Connection, *_: object) -> None:
        waits.append(connection.execute("PRAGMA synchronous").fetchone()[0])

    monkeypatch.setattr(os, "fsync", sync_and_note)
    event.listen(Pool, "checkout", note)
    try:
        client = open_store(store_in(tmp_path))
        while_made = set(waits)
        waits.clear()
        client.create_experiment("trial")
    finally:
        event.remove(Pool, "checkout", note)
    assert named_when_synced == [False]
    assert SYNCHRONOUS["OFF"] in while_made
    assert set(waits) == {SYNCHRONOUS["FULL"]}


def test_artifacts_are_their_users_alone(made: Path, tmp_path: Path) -> None:
    """The folder is closed, whatever MLflow writes into it."""
    shutil.copyfile(made, tmp_path / "mlflow.db")
    store = store_in(tmp_path)
    create_experiment(open_store(store), store, "trial")
    assert store.artifacts.stat().st_mode & 0o077 == 0


def test_what_killed_attempts_left_is_removed(tmp_path: Path) -> None:
    """However often the first publication is killed, its files do not pile up."""
    for name in ("mlflow.db.17.new", "mlflow.db.18.new", "mlflow.db.18.new-journal"):
        (tmp_path / name).write_text("half")
    (tmp_path / "mlflow.db.copy").write_text("somebody's own")
    open_store(store_in(tmp_path))
    assert files_in(tmp_path) == ["mlflow.db", "mlflow.db.copy"]


def test_a_store_that_was_interrupted_is_replaced(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A migration that a full disk has ended part of the way: one line, and a whole store."""
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "mlflow.db")]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
    assert tables(made) - tables(tmp_path / "mlflow.db")
    open_store(store_in(tmp_path))
    assert tables(tmp_path / "mlflow.db") == tables(made)
    said = f"{tmp_path / 'mlflow.db'} was not finished and holds no runs: a new one replaces it.\n"
    assert capsys.readouterr().err == said


def test_an_empty_file_is_replaced(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It holds nothing that could be lost, nor does a journal of it belong to the new one."""
    (tmp_path / "mlflow.db").touch()
    (tmp_path / "mlflow.db-journal").write_text("half")
    open_store(store_in(tmp_path))
    assert files_in(tmp_path) == ["mlflow.db"]
    assert tables(tmp_path / "mlflow.db") == tables(made)
    assert "a new one replaces it" in capsys.readouterr().err


def test_a_whole_store_is_left_as_it_is(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With runs or without, and nothing is said."""
    file = Path(shutil.copy(made, tmp_path))
    open_store(store_in(tmp_path))
    assert file.read_bytes() == made.read_bytes()
    assert capsys.readouterr().err == ""


RUN = "INSERT INTO runs (run_uuid, lifecycle_stage, experiment_id) VALUES ('a', 'active', 0)"


def test_runs_of_another_version_are_not_touched(made: Path, tmp_path: Path) -> None:
    """MLflow would change the file by itself, and spoil it for good if that were interrupted."""
    file = Path(shutil.copy(made, tmp_path))
    before = change(file, RUN, "DROP TABLE spans")
    with pytest.raises(
        UserError, match=r"mlflow\.db holds runs.*; copy it, then run `mlflow db up"
    ):
        open_store(store_in(tmp_path))
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["customers", "experiments"])
def test_a_database_of_another_program_is_not_touched(name: str, tmp_path: Path) -> None:
    """Whatever its tables are called."""
    file = tmp_path / "mlflow.db"
    before = change(file, f"CREATE TABLE {name} (a)", f"INSERT INTO {name} VALUES (1)")  # noqa: S608 - the test's own
    with pytest.raises(UserError, match=r"mlflow\.db is an SQLite file of another program; move"):
        open_store(store_in(tmp_path))
    assert file.read_bytes() == before


def test_what_is_no_file_is_not_taken_for_an_empty_store(tmp_path: Path) -> None:
    """What is at /dev/null, say, would be replaced by a file."""
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(tmp_path / "mlflow.db"))
        with pytest.raises(UserError, match="is a pipe or a device, not a file; move it away"):
            open_store(store_in(tmp_path))
    assert (tmp_path / "mlflow.db").is_socket()


def test_a_store_by_its_address_is_made_whole_too(tmp_path: Path) -> None:
    """In a folder that is not there yet, through a link, and with what SQLAlchemy may be told."""
    (tmp_path / "link.db").symlink_to(tmp_path / "far/own.db")
    open_store(Store(f"sqlite:///{tmp_path / 'link.db'}?timeout=30", tmp_path))
    assert "runs" in tables(tmp_path / "far/own.db")
    assert (tmp_path / "link.db").is_symlink()


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("http://me:secret@host:5000/mlflow", "http://host:5000/mlflow"),
        ("http://me:se/c@ret@host:5000", "http://host:5000"),
        ("http://host:5000", "http://host:5000"),
        ("postgresql://me:secret@host/db?password=secret", "postgresql://host/db"),
        ("sqlite:////data/a@b/mlflow.db", "/data/a@b/mlflow.db"),
    ],
)
def test_an_address_is_shown_without_its_login(uri: str, name: str) -> None:
    """Neither user nor password is shown, whatever signs they hold; a path stays as it is."""
    assert Store(uri, Path()).name == name


def test_what_is_no_address_is_refused_without_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database takes a password with any sign."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@[::1")
    with pytest.raises(UserError, match=r"MLFLOW_TRACKING_URI: 'http://\[::1' is no address"):
        find_store()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://me:se[cret@host/db")
    assert find_store().name == "postgresql://host/db"


def test_a_failure_is_said_without_the_login() -> None:
    """What a library says of an address is not said with its password either."""
    store = Store("postgresql://me:p%40ss@host/db?sslpassword=other", Path())
    with (
        pytest.raises(UserError) as said,
        reaching(store, "It failed"),
    ):
        raise OSError(f"no route to {store.uri}, that is host as me:p@ss@host")
    assert str(said.value) == (
        "It failed: postgresql://host/db: no route to postgresql://host/db, that is host as host;"
        " fix that"
    )


def test_a_long_password_is_hidden_before_what_is_said_is_cut() -> None:
    """Cut in two, it would not be known again."""
    store = Store(f"postgresql://me:{'secret' * 100}@host/db", Path())
    with pytest.raises(UserError) as said, reaching(store, "It failed"):
        raise OSError(f"no route to {store.uri}")
    assert "secret" not in str(said.value)
    assert "no route to postgresql://host/db" in str(said.value)


def test_the_path_of_a_file_is_said_as_it_is() -> None:
    """An address of a file has no login, whatever signs its path has."""
    store = Store("sqlite:///me@home/mlflow.db", Path())
    assert store.hide_login(f"no {store.uri}") == f"no {store.uri}"


@pytest.mark.parametrize("name", ["a%41", "what?b", 'it\'s "mine"'])
def test_a_folder_that_mlflow_would_take_for_another_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless a server keeps the record. Other signs are no obstacle."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / name))
    with pytest.raises(UserError, match="; move the project into a folder without them"):
        find_store()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert find_store().is_server
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "50% of #a, 'b'"))
    store = find_store()
    open_store(store)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"mlflow.db"}
    assert store.file == tmp_path / "50% of #a, 'b'/mlflow.db"


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:", "sqlite:///?timeout=1"])
def test_a_record_that_would_not_stay_is_refused(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(UserError, match=f"MLFLOW_TRACKING_URI: '{re.escape(uri)}' is in memory"):
        find_store()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", "30s", "a whole number"),
        ("MLFLOW_TRACKING_INSECURE_TLS", "yes", "true or false"),
        ("MLFLOW_SQLALCHEMYSTORE_POOL_SIZE", "x" * 99, "a whole number"),
        ("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "Queue", "one of AssertionPool, .*, StaticPool"),
    ],
)
def test_a_setting_that_mlflow_cannot_read_is_named(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    said = f"^{name}: MLflow cannot read '.{{1,80}}'; set it to {expected}, or unset it$"
    with pytest.raises(UserError, match=said):
        find_store()


@pytest.mark.parametrize("uri", ["mlruns", "./mlruns", "file:///srv/mlruns"])
def test_a_folder_of_text_files_is_refused(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As MLflow does, in a line of its own; unless the user has told it not to."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(UserError, match=f"MLFLOW_TRACKING_URI: '{uri}' is a folder, and MLflow"):
        find_store()
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    assert find_store().uri == uri


@pytest.mark.parametrize("uri", ["databricks", "databricks://team", "postgresql://host/db"])
def test_a_server_by_another_name_is_no_folder(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert find_store().uri == uri


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: find_contenders("churn", store),
        lambda store: check_model("models:/churn@champion", store),
        list_named,
    ],
    ids=["promote", "serve", "prune"],
)
def test_whoever_asks_first_gives_up_a_silent_server(
    ask: Callable[[Store], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_TIMEOUT", raising=False)
    monkeypatch.setattr(record_store, "ANSWER_SECONDS", 1)
    with answering(None) as port, pytest.raises(UserError, match="no complete answer within 1 s"):
        ask(Store(f"http://127.0.0.1:{port}", tmp_path))


def test_a_bug_is_not_taken_for_a_failure_of_the_store(tmp_path: Path) -> None:
    """Programming errors keep their tracebacks."""
    with pytest.raises(KeyError), reaching(store_in(tmp_path), "It failed"):
        raise KeyError("smote")


def publish_meanwhile(store: Store, held: threading.Event) -> None:
    """Keep the store for a moment, as another publisher would."""
    with taking_turns(store):
        held.set()
        time.sleep(0.3)


def test_who_waits_for_another_publisher_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line before the wait, however long that is, and none without it."""
    store = store_in(tmp_path)
    with taking_turns(store):
        assert capsys.readouterr().err == ""
    held = threading.Event()
    other = threading.Thread(target=publish_meanwhile, args=(store, held))
    other.start()
    held.wait()
    with taking_turns(store):
        said = capsys.readouterr().err
    other.join()
    assert said == "Something else is publishing to MLflow: waiting until it is done.\n"


def test_a_repository_and_its_experiments_take_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DVC runs experiments in copies, and names the repository: one store, one lock."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    (tmp_path / ".dvc").mkdir()
    store = find_store()
    assert store.file == tmp_path / "mlflow.db"
    with taking_turns(store), pytest.raises(TimeoutError):
        FileLock(tmp_path / ".dvc/tmp/mlflow.lock").acquire(timeout=0)
    server = Store("http://127.0.0.1:5000", tmp_path)
    with taking_turns(server), pytest.raises(TimeoutError):
        FileLock(tmp_path / ".dvc/tmp/mlflow.lock").acquire(timeout=0)


def test_repositories_with_one_file_take_turns(tmp_path: Path) -> None:
    """Two clones that name the same file would otherwise both make it."""
    uri = f"sqlite:///{tmp_path / 'shared.db'}"
    with taking_turns(Store(uri, tmp_path / "one")), pytest.raises(TimeoutError):
        FileLock(tmp_path / "shared.db.lock").acquire(timeout=0)


def test_a_full_disk_that_mlflow_names_for_each_of_many_files_is_named_once(tmp_path: Path) -> None:
    """It is that of temporary files, which are copies of what is in the store."""
    source, copied = tmp_path / "source", tmp_path / "copied"
    source.mkdir()
    for n in range(50):
        (source / f"{n}.txt").write_text(1001 * "x")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(UserError) as failed, reaching(store_in(tmp_path), "no copy"):
            download_artifacts(artifact_uri=f"file://{source}", dst_path=str(copied))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    remedy = "free some space there, or allow larger files (ulimit -f), then run it again"
    said = re.sub(r"\d+\.txt", "N.txt", str(failed.value))
    assert said == f"no copy: {copied}/source/N.txt: File too large; {remedy}"
