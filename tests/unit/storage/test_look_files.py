"""Looks are kept whole: a line for each, or none."""

import resource
from dataclasses import replace
from pathlib import Path

import pytest

from equipoise.monitoring.looks import Look
from equipoise.storage.look_files import append_look, read_looks

LOOK = Look(1, "0a1b", "june.csv", "baseline-logistic", ("age",))


def test_a_look_that_does_not_fit_on_the_disk_leaves_those_before(tmp_path: Path) -> None:
    """Half a line would stop every look after it."""
    path = tmp_path / "looks.jsonl"
    append_look(LOOK, path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 9, limits[1]))
    try:
        with pytest.raises(OSError, match=r"File too large.*looks\.jsonl"):
            append_look(replace(LOOK, number=2), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert read_looks(path) == [LOOK]
    assert [*tmp_path.iterdir()] == [path]


def test_looks_are_added_to_a_file_that_an_editor_ended_without_a_line_break(
    tmp_path: Path,
) -> None:
    path = tmp_path / "looks.jsonl"
    append_look(LOOK, path)
    path.write_bytes(path.read_bytes().rstrip())
    append_look(replace(LOOK, number=2), path)
    assert read_looks(path) == [LOOK, replace(LOOK, number=2)]
