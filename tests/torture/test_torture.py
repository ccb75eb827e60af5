"""Minutes of the battery; all of it is `make torture`."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.repository import ROOT, Repository, clean_environment
from tests.torture.ground import compare


@pytest.mark.slow
def test_nothing_in_a_part_of_the_battery_is_for_good(tmp_path: Path) -> None:
    # One of each kind of what is tried by itself, and fifty random inputs.
    part = ("--share", "0.005", "--only", "kills", "limits", "faults", "fuzz")
    command = ("--seed", "1", *part, "--kept", str(tmp_path / "kept.jsonl"))
    battery = subprocess.run(
        [sys.executable, "-m", "tests.torture", *command],
        cwd=ROOT,
        env=clean_environment() | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert battery.returncode == 0, battery.stdout + battery.stderr


def test_the_battery_sees_a_run_that_nothing_has_finished(
    finished: Repository, repository: Repository
) -> None:
    client = repository.client()
    client.create_run(client.search_experiments()[0].experiment_id)
    assert compare(repository, finished).startswith("another record: ")


def test_the_battery_sees_another_lock(finished: Repository, repository: Repository) -> None:
    lock = repository.path / "dvc.lock"
    lock.write_text(lock.read_text().replace("nfiles: ", "nfiles: 1"))
    assert compare(repository, finished).startswith("another dvc.lock: ")
