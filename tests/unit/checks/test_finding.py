"""What is done about findings."""

from pathlib import Path

import pytest

from equipoise.checks.finding import Finding, Findings, print_findings, stop_on_errors
from equipoise.storage.files.record_files import read_record, write_record
from equipoise.terminal.errors import UserError

FOUND = [
    Finding("note", "rows", "rows: some"),
    Finding("error", "data.target", "data.target: none"),
    Finding("warning", "id", "column 'id': all different"),
    Finding("error", "x", "column 'x': infinite"),
]


def test_all_errors_are_said_at_once_and_nothing_else() -> None:
    """All errors are listed at once, and warnings are not counted among them."""
    with pytest.raises(UserError) as stopped:
        stop_on_errors(FOUND)
    assert str(stopped.value) == "data.target: none\ncolumn 'x': infinite"


def test_warnings_and_notes_stop_nothing() -> None:
    """Only errors stop the work."""
    stop_on_errors([finding for finding in FOUND if finding.level != "error"])


def test_findings_survive_their_file(tmp_path: Path) -> None:
    """What is read back makes the same findings, in the same order."""
    write_record(Findings(FOUND), tmp_path / "checks.json")
    assert read_record(tmp_path / "checks.json", Findings).findings == FOUND


def test_a_finding_is_said_with_its_level() -> None:
    """A line on its own tells how bad it is."""
    assert str(FOUND[0]) == "note: rows: some"


def test_what_is_wider_than_a_terminal_goes_on_in_an_indented_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is lost, no word is cut, and a short one keeps its line."""
    long = Finding("warning", "x", f"column 'x': {'some-words ' * 15}{'w' * 120}; drop it")
    print_findings([FOUND[0], long])
    short, *lines = capsys.readouterr().out.splitlines()
    assert short == str(FOUND[0])
    assert [line[:2] for line in lines] == ["wa", "  ", "  ", "  "]
    assert max(len(line) for line in lines if "www" not in line) <= 100
    assert " ".join(line.strip() for line in lines) == str(long)
