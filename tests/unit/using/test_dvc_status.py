"""What has changed since DVC ran some stages, by real DVC."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.repository import Repository

from equipoise.storage.dvc_status import list_changes
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError


def write(name: str, text: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / name).write_text(text)

    return edit


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (write("notes.txt", "of nobody"), []),
        (write("raw/table.csv", "a,b\n5,6\n"), ["raw/table.csv"]),
        (write("parts/a.csv", "3\n"), ["parts"]),
        (remove("raw/table.csv"), []),  # not there, and no other one
        (remove("dvc.lock"), ["raw/table.csv", "whole.csv", "parts"]),
    ],
)
def test_what_a_stage_reads_or_has_made_is_named_if_it_is_another(
    edit: Callable[[Path], None], changes: list[str], project: Repository
) -> None:
    edit(project.path)
    assert list_changes(Layout(), ["make"]) == changes


def test_a_frozen_stage_is_not_asked_for_what_it_reads(project: Repository) -> None:
    project.succeed("dvc", "freeze", "make")
    write("raw/table.csv", "a,b\n5,6\n")(project.path)
    assert list_changes(Layout(), ["make", "use"]) == []


def test_where_dvc_cannot_tell_it_is_said_why(project: Repository) -> None:
    write("dvc.yaml", "stages: 3\n")(project.path)
    with pytest.raises(UserError, match=r"DVC cannot say what has changed: .*; fix that"):
        list_changes(Layout(), ["make"])


def test_without_dvc_nothing_has_changed(tmp_path: Path) -> None:
    assert list_changes(Layout(tmp_path), ["make"]) == []
