"""The memory that there is, and how many fits at a time it allows."""

import os
from pathlib import Path

import pytest

from equipoise.terminal import available_memory
from equipoise.terminal.available_memory import limit_by_memory, measure_available_memory


def test_this_machine_says_what_is_available() -> None:
    """Something, and no more than it has."""
    available = measure_available_memory()
    assert available is not None
    assert 0 < available <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_linux_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be had counts, not what is free at the moment."""
    said = tmp_path / "meminfo"
    said.write_text("MemTotal: 9000 kB\nMemFree: 1000 kB\nMemAvailable:    5000 kB\n")
    monkeypatch.setattr(available_memory, "MEMORY_TABLE", said)
    assert measure_available_memory() == 5000 * 1024


@pytest.mark.parametrize("text", [None, "MemTotal: 9000 kB\n"])
def test_other_systems_are_asked_for_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    """Where there is no table of Linux, or it does not say; no answer is no number."""
    said = tmp_path / "meminfo"
    if text is not None:
        said.write_text(text)
    monkeypatch.setattr(available_memory, "MEMORY_TABLE", said)
    assert (measure_available_memory() or 0) > 0
    monkeypatch.setattr(os, "sysconf_names", {})
    assert measure_available_memory() is None


@pytest.mark.parametrize(("kilobytes", "expected"), [(1, 1), (10**9, 4)])
def test_fits_at_a_time_are_as_many_as_memory_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kilobytes: int, expected: int
) -> None:
    """One is always tried; no more than were asked for are."""
    said = tmp_path / "meminfo"
    said.write_text(f"MemAvailable: {kilobytes} kB\n")
    monkeypatch.setattr(available_memory, "MEMORY_TABLE", said)
    assert bytearray(100_000_000)[-1] == 0  # held for a moment
    assert limit_by_memory(4) == expected
