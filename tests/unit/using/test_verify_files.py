"""Every damaged file is found, and what is said to type restores it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.repository import Repository

from equipoise.terminal.errors import UserError
from equipoise.using.verify_files import verify_files

HERE, CACHED = "here", "cached"
TABLE = "raw/table.csv"
WHOLE = "6 files in the workspace and in DVC's cache: no damage\n\n"


def find_in_cache(project: Repository, path: str) -> Path:
    """Return where the cache has a file that is whole, or the listing of a folder."""
    if not Path(path).is_dir():
        return Path(project.find_in_cache(path))
    (listing,) = Path(".dvc/cache/files/md5").glob("*/*.dir")
    return listing


def damage(project: Repository, path: str, places: Sequence[str]) -> list[Path]:
    """Change a bit of copies, and return them; by their times, which DVC goes by, none changed."""
    known = {HERE: Path(path), CACHED: find_in_cache(project, path)}
    copies = [known[place] for place in places]
    for copy in copies:
        before, content = copy.stat(), bytearray(copy.read_bytes())
        content[-2] ^= 1
        copy.chmod(0o644)
        copy.write_bytes(content)
        os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
        copy.chmod(before.st_mode)
    return copies


def find_damage(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what is said of the damaged files of the working directory."""
    capsys.readouterr()
    with pytest.raises(UserError, match=r"damaged; type what stands above$"):
        verify_files(Path())
    return capsys.readouterr().out.splitlines()


def assert_whole(project: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Assert that no file is damaged, and that DVC and Git find nothing to do."""
    verify_files(Path())
    assert capsys.readouterr().out == WHOLE
    assert "up to date" in project.succeed("dvc", "status")
    assert project.succeed("git", "status", "--porcelain") == ""


@pytest.mark.usefixtures("project")
def test_what_is_whole_is_counted_and_what_is_missing_is_not_damaged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Four results, a listing, and the table; DVC itself sees that a file is missing."""
    Path("whole.csv").unlink()
    verify_files(Path())
    assert capsys.readouterr().out == WHOLE


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_damage(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = Path("whole.csv")
    place.unlink()
    if kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    said = find_damage(capsys)
    option = "-rf" if kind == "folder" else "-f"
    assert said[-1] == f"to make results again: rm {option} whole.csv && dvc repro"


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("whole.csv", [HERE]),
        ("whole.csv", [CACHED]),
        ("parts/b.csv", [HERE, CACHED]),
        ("parts", [CACHED]),
    ],
)
def test_a_damaged_result_is_named_and_made_again(
    path: str, places: Sequence[str], project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file, one in a folder, or the listing of that in the cache, wherever it is damaged."""
    in_cache = find_in_cache(project, path)
    copies = damage(project, path, places)
    line, remedy = find_damage(capsys)
    assert line.startswith(f"{path} is damaged")
    assert (str(in_cache) in line) == (CACHED in places)
    command = f"rm -f {' '.join(map(str, copies))} && dvc repro"
    assert remedy == f"to make results again: {command}"
    project.succeed("sh", "-c", command)
    assert_whole(project, capsys)


@pytest.mark.parametrize(
    ("places", "source"), [([CACHED], "add"), ([HERE], "checkout"), ([HERE, CACHED], "pull")]
)
def test_a_table_that_was_added_comes_back_from_the_copy_that_is_left(
    places: Sequence[str], source: str, project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file itself, that of the cache, or that of a remote: no stage can make it."""
    damage(project, TABLE, places)
    _, remedy = find_damage(capsys)
    assert (f"if you edited it, dvc add {TABLE}; if not, " in remedy) == (HERE in places)
    (command,) = re.findall(rf"rm -f .* && dvc {source} {TABLE}$", remedy)
    project.succeed("sh", "-c", command)
    assert_whole(project, capsys)
