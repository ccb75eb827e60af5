"""A job whose files a kill or a disk has spoilt: what a user reads, and what puts it right."""

import re
import sys

import pytest
from dvc_objects.fs.utils import tmp_fname
from tests.repository import BIN, Repository

# Files, and the stage that reads each.
READERS = {
    "data/split/train.parquet": "resample --strategy smote",
    "models/smote-logistic.skops": "audit",
}
EQUIPOISE = (sys.executable, "-m", "equipoise")
# What calls DVC, and what it says when it then goes on.
DOORS = {
    ("make",): "Data and pipelines are up to date",
    (*EQUIPOISE, "doctor", "--deep"): "in DVC's cache: no damage",
    (*EQUIPOISE, "ui"): "MLflow cannot be brought up to date",
    (*EQUIPOISE, "promote"): "registry.name",
    (*EQUIPOISE, "prune", "--yes"): "nothing was pruned: http://127.0.0.1:1",
}
NO_SERVER = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:1", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}


def test_a_truncated_file_of_the_cache_is_named_with_what_makes_it_again(
    repository: Repository,
) -> None:
    """DVC checks it out and takes it for whole; its reader does not, and says what to type."""
    for path in READERS:
        truncate_and_heal(path, repository)
    assert "up to date" in repository.succeed("dvc", "status")
    assert repository.succeed("git", "status", "--porcelain") == ""


def truncate_and_heal(path: str, repository: Repository) -> None:
    """Spoil a file as a disk would, and do what its reader says."""
    whole, cached = (repository.path / path).read_bytes(), repository.find_in_cache(path)
    repository.succeed(
        "sh", "-c", f"chmod u+w {cached}; truncate -s 100 {cached}; chmod a-w {cached}"
    )
    (repository.path / path).unlink()
    repository.succeed("dvc", "checkout")
    assert "up to date" in repository.succeed("dvc", "status")
    stage, *options = READERS[path].split()
    script = (sys.executable, f"src/stages/{stage}.py", *options)
    (line,) = repository.run(*script, PYTHONPATH="src").stderr.splitlines()
    assert line.startswith(f"error: {path} ")
    (command,) = re.findall(r"; `(.*)` makes it again$", line)
    assert command == f"rm -f {path} {cached} && dvc repro"
    told = f"error: {path} is damaged, in DVC's cache too; `{command}` makes it again\n"
    assert repository.run("equipoise", "card").stderr == told
    repository.succeed("sh", "-c", command)
    assert (repository.path / path).read_bytes() == whole


@pytest.mark.parametrize("command", DOORS, ids=" ".join)
def test_a_command_that_calls_dvc_repairs_what_a_kill_has_left(
    command: tuple[str, ...], repository: Repository
) -> None:
    """Before anything else; then it does its work, or says why it cannot."""
    (repository.path / ".venv").symlink_to(BIN.parent)
    for path in (".dvc/tmp/rwlock", "dvc.lock"):
        (repository.path / path).write_bytes(b"")
    done = repository.run(*command, PYTHONPATH="src", **NO_SERVER)
    assert "Removed .dvc/tmp/rwlock" in done.stdout
    assert "Restored dvc.lock from Git" in done.stdout
    assert DOORS[command] in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert repository.succeed("git", "status", "--porcelain", "dvc.lock") == ""


def test_what_a_killed_dvc_leaves_in_a_folder_is_none_of_the_results(
    repository: Repository,
) -> None:
    """An empty file of a name of its own, where it tried a link, would be in dvc.lock for ever."""
    for name in (tmp_fname(), f"smote-logistic.json{tmp_fname()}", ".smote-logistic.json.part"):
        (repository.path / "reports/metrics" / name).touch()
    assert "up to date" in repository.succeed("dvc", "status")
