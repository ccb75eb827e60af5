"""The memory that there is, and how many fits at a time it allows."""

import os
from pathlib import Path

import pytest

from equipoise.terminal import available_memory
from equipoise.terminal.available_memory import limit_by_memory, measure_available_memory


@pytest.fixture(autouse=True)
def no_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run in a container with a limit."""
    monkeypatch.setattr(available_memory, "GROUPS", tmp_path / "groups")


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


@pytest.mark.parametrize(
    ("most", "held", "expected"),
    [
        ("6000000", "4000000", 2_000_000 + 300),  # files that were read can be given up
        ("6000000", "9000000", 0),
        ("9999999", "1", 5000 * 1024),
        ("max", "4000000", 5000 * 1024),
        ("6000000", None, 5000 * 1024),
    ],
)
def test_a_container_has_what_its_limit_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: str, held: str | None, expected: int
) -> None:
    """If that is less than what the machine has; where it cannot be read, it is none."""
    group = tmp_path / "groups/user/job"
    group.mkdir(parents=True)
    (tmp_path / "cgroup").write_text("1:cpu:/other\n0::/user/job\n")
    (tmp_path / "meminfo").write_text("MemAvailable: 5000 kB\n")
    (group / "memory.max").write_text(f"{most}\n")
    (group / "memory.stat").write_text("anon 7\ninactive_file 100\nactive_file 200\n")
    if held is not None:
        (group / "memory.current").write_text(f"{held}\n")
    monkeypatch.setattr(available_memory, "OWN_GROUP", tmp_path / "cgroup")
    monkeypatch.setattr(available_memory, "MEMORY_TABLE", tmp_path / "meminfo")
    assert measure_available_memory() == expected


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
