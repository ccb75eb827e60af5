"""What an environment raises is known and said in one line; what a bug raises is not."""

import errno
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd
import pyarrow as pa
import pytest
import requests
from boto3.exceptions import Boto3Error
from botocore.exceptions import ClientError, EndpointConnectionError
from dvc.scm import SCMError
from google.protobuf.json_format import ParseError
from google.protobuf.message import DecodeError
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import OperationalError

from equipoise.storage.files.formats import write_csv, write_frame, write_json
from equipoise.terminal.environment import (
    format_failure,
    list_environment_errors,
    replacing,
    writing,
)

FRAME = pd.DataFrame({"x": range(100_000)}, dtype="float64").rename_axis("row")
WRITERS: list[Callable[[Path], None]] = [
    lambda path: write_frame(FRAME, path),
    lambda path: write_csv(FRAME, path),
    lambda path: write_json({"x": 1}, path),
]
NO_RESPONSE = requests.ConnectionError("no route to host")


@pytest.mark.parametrize(
    "failure",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        MemoryError(),
        BrokenProcessPool(),
        BadZipFile("File is not a zip file"),
        NO_RESPONSE,
        pa.ArrowInvalid("not a Parquet file"),
        Boto3Error("no upload"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
        ClientError({}, "PutObject"),
        ParseError("no field"),
        DecodeError("cut short"),
        MlflowException("no experiment"),
        SCMError("not a git repository"),
        OperationalError("SELECT 1", None, Exception("database is locked")),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_what_an_environment_raises_is_one_line_with_a_remedy(failure: Exception) -> None:
    """Of Python's own and of libraries' exceptions alike."""
    assert isinstance(failure, list_environment_errors())
    line = format_failure(failure)
    assert "\n" not in line
    assert "; " in line


@pytest.mark.parametrize(
    "bug", [TypeError, KeyError, AttributeError, IndexError, ZeroDivisionError]
)
def test_a_bug_is_not_among_them(bug: type[Exception]) -> None:
    """Its traceback is what is needed to correct it."""
    assert not isinstance(bug("of ours"), list_environment_errors())


def test_nothing_is_imported_to_know_them() -> None:
    """A stage that uses no database pays for none."""
    script = (
        "import sys; before = set(sys.modules)\n"
        "from equipoise.terminal.environment import list_environment_errors;"
        " list_environment_errors()\n"
        "print({'mlflow', 'sqlalchemy', 'pyarrow', 'requests', 'google'} & set(sys.modules))"
    )
    source = str(Path(__file__).parents[3] / "src")
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_names_the_file(write: Callable[[Path], None], tmp_path: Path) -> None:
    """Python names no file that it could open, nor does Arrow."""
    path = tmp_path / "full"
    path.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device") as failed:
        write(path)
    expected = f"{path}: No space left on device; free some space there, then run it again"
    assert format_failure(failed.value) == expected


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_in_the_place_of_a_file_or_a_folder_is_named(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    """A folder where a file should be, and a file where its folder should be."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    remedy = "move away what is in its place, then run it again"
    with pytest.raises(OSError, match="Is a directory") as a_folder:
        write(tmp_path / "folder")
    assert format_failure(a_folder.value) == f"{tmp_path / 'folder'}: Is a directory; {remedy}"
    with pytest.raises(OSError, match="File exists") as a_file:
        write(tmp_path / "file/table")
    assert format_failure(a_file.value) == f"{tmp_path / 'file'}: File exists; {remedy}"


def test_a_name_that_is_too_long_loses_its_middle(tmp_path: Path) -> None:
    """No other path does: it is told to be typed."""
    with pytest.raises(OSError, match="too long") as failed:
        (tmp_path / ("x" * 300)).read_text()
    line = format_failure(failed.value)
    assert len(line) < 160
    assert line.endswith("xxx: File name too long; give it a shorter name, then run it again")


def test_two_that_write_one_file_leave_that_of_one(tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"

    def write(letter: str) -> None:
        with replacing(path) as part, part.open("w") as file:
            for _ in range(50):
                file.write(1000 * letter)
                file.flush()
                time.sleep(0.001)

    with ThreadPoolExecutor(4) as threads:
        [*threads.map(write, "abcd")]
    assert path.read_text() in {50_000 * letter for letter in "abcd"}
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_that_is_replaced_stays_private_and_follows_no_link(tmp_path: Path) -> None:
    path, other = tmp_path / "scored.csv", tmp_path / "precious.txt"
    for file in (path, other):
        file.write_text("before")
    path.chmod(0o600)
    (tmp_path / ".scored.csv.part").symlink_to(other)
    with replacing(path) as part:
        part.write_text("after")
        assert part.stat().st_mode & 0o777 == 0o600
    assert (path.read_text(), other.read_text()) == ("after", "before")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_bug_in_writing_is_not_renamed(tmp_path: Path) -> None:
    """Only failures to write get the name of the file."""
    with pytest.raises(KeyError, match="x"), writing(tmp_path / "new/file"):
        raise KeyError("x")


def test_a_long_word_of_a_library_is_cut() -> None:
    """A server may answer with a page; what a remedy is comes last."""
    line = format_failure(MlflowException("<p>hello</p>\n" * 500 + "set that"))
    assert len(line) < 320
    assert line.endswith("set that; fix that, then run it again")


def test_memory_that_ran_out_has_the_size_that_was_asked_for() -> None:
    """NumPy says how much it wanted."""
    line = format_failure(MemoryError("Unable to allocate 8.0 TiB for an array"))
    assert line == (
        "memory ran out: Unable to allocate 8.0 TiB for an array; close other programs, lower"
        " `n_jobs`, or take fewer rows or columns"
    )
