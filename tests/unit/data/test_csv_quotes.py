"""Quotation marks that hide lines of a CSV file, and those that do not."""

import gzip
from pathlib import Path

import pytest

from equipoise.data.datasets import read_file_as_dataset
from equipoise.data.table_batches import read_batches
from equipoise.data.table_files import read_file
from equipoise.params.data_params import FileData
from equipoise.terminal.errors import UserError

ROWS = 40
HIDING = {
    "a lone mark": {10: '"ab', 20: '"ab'},
    "backslashes": {10: r'"6\""', 12: '"5 cm"'},
    "nothing after it": {10: '"ab'},
}


def write(path: Path, notes: dict[int, str]) -> Path:
    """Write rows with a note in some of them; those of the target have both labels."""
    rows = [f"{row},{notes.get(row, 'x')},{row % 3 % 2}" for row in range(2, ROWS)]
    path.write_text("\n".join(["n,note,y", *rows, ""]))
    return path


def data(path: Path, **keys: object) -> FileData:
    return FileData.model_validate(
        {"source": "file", "path": str(path), "target": "y", "positive": 1, **keys}
    )


@pytest.mark.parametrize("notes", HIDING.values(), ids=HIDING)
def test_lines_that_a_mark_hides_are_named(notes: dict[int, str], tmp_path: Path) -> None:
    """By whatever reads the file: all at once, in batches, or to sample."""
    path = write(tmp_path / "table.csv", notes)
    sampled = data(path, sample={"majority_per_minority": 1})
    first, last = min(notes), max(notes) if len(notes) > 1 else ROWS - 1
    for read in (
        lambda: read_file(path, data(path)),
        lambda: next(read_batches(path, data(path))),
        lambda: read_file_as_dataset(path, sampled, 1),
    ):
        with pytest.raises(UserError, match=f"make one row of lines {first} to {last}; "):
            read()


def test_a_packed_file_and_one_of_another_encoding_are_looked_at_too(tmp_path: Path) -> None:
    plain = write(tmp_path / "table.csv", HIDING["a lone mark"])
    packed, other = tmp_path / "packed.csv.gz", tmp_path / "other.csv"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    other.write_text(plain.read_text(), encoding="utf-16")
    for path in (packed, other):
        with pytest.raises(UserError, match="make one row of lines 10 to 20; "):
            read_file(path, data(path))


@pytest.mark.parametrize(
    "note",
    ['5"', 'a 5" pipe', '"two\nlines"', '"two\nlines, 5"" each"', '"a, b"'],
)
def test_marks_as_others_write_them_are_fine(note: str, tmp_path: Path) -> None:
    """Of inches, or around a value with a line break, here in one row of three."""
    path = write(tmp_path / "table.csv", dict.fromkeys(range(3, ROWS, 3), note))
    frame = read_file(path, data(path)).frame
    assert frame["n"].tolist() == list(range(2, ROWS))
