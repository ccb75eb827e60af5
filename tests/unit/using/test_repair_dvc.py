"""DVC's own files after a kill are repaired, and left alone while DVC is at work."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dvc.lock import Lock
from tests.repository import BIN, Repository

from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.using.repair_dvc import repair_dvc_files

RWLOCK, LOCK = Path(".dvc/tmp/rwlock"), Path("dvc.lock")
# DVC, killed where it has opened a file of its own to write it, and written nothing yet.
KILLED = "import os, signal, {0}; {1} = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
KILLED += "from dvc.cli import main; main(['commit', '--force'])"
WRITERS = {RWLOCK: ("json", "json.dump"), LOCK: ("ruamel.yaml", "ruamel.yaml.YAML.dump")}


def in_a_hash(lock: bytes) -> int:
    """Return a place where DVC cannot read what is before it; there are others where it can."""
    return lock.rindex(b"md5: ") + len("md5: ") + 1


def assert_clean(project: Repository) -> None:
    """Assert that DVC runs and finds nothing to do, and that nothing is to be committed."""
    assert "up to date" in project.succeed("dvc", "status")
    assert project.succeed("git", "status", "--porcelain") == ""


@pytest.mark.parametrize("path", WRITERS, ids=str)
def test_what_a_kill_leaves_of_a_file_is_repaired(
    path: Path, project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """DVC itself leaves it empty, and then stops at it until it is repaired."""
    done = project.run(sys.executable, "-c", KILLED.format(*WRITERS[path]))
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b""
    assert str(path) in project.run("dvc", "status").stderr
    repair_dvc_files(Layout())
    (line,) = capsys.readouterr().out.splitlines()
    assert str(path) in line
    assert "a killed run had left it cut short" in line
    assert_clean(project)


def test_a_lock_file_that_is_cut_short_comes_from_git(project: Repository) -> None:
    """Wherever it is cut; if it was staged so, the committed one is taken."""
    whole = LOCK.read_bytes()
    for length in (0, 25, in_a_hash(whole)):
        LOCK.write_bytes(whole[:length])
        repair_dvc_files(Layout())
        assert LOCK.read_bytes() == whole
    LOCK.write_bytes(whole[: in_a_hash(whole)])
    project.succeed("git", "add", "dvc.lock")
    repair_dvc_files(Layout())
    assert LOCK.read_bytes() == whole


def test_a_lock_file_that_git_does_not_have_comes_from_the_run_cache(project: Repository) -> None:
    """As after the first run of a project, if it was killed."""
    project.succeed("git", "rm", "--quiet", "--cached", "dvc.lock")
    project.succeed("git", "commit", "--quiet", "--message", "Without")
    whole = LOCK.read_bytes()
    LOCK.write_bytes(whole[: in_a_hash(whole)])
    repair_dvc_files(Layout())
    assert project.repro() == []
    assert LOCK.read_bytes() == whole


def test_a_damaged_database_of_dvcs_is_named_with_what_makes_it_again(
    project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DVC says neither which one it is, nor where."""
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "of_dvc"))
    project.environment["DVC_SITE_CACHE_DIR"] = str(tmp_path / "of_dvc")
    assert_clean(project)
    for database in ("hashes/local", "links"):
        (path,) = tmp_path.glob(f"of_dvc/repo/*/{database}/cache.db")
        path.write_bytes(path.read_bytes()[:4096] + bytes(4096))
        assert project.run("dvc", "status").returncode != 0
        with pytest.raises(
            UserError, match=r"DVC's databases in .*: one cannot be read"
        ) as refused:
            repair_dvc_files(Layout())
        project.succeed("sh", "-c", str(refused.value).split("`")[1])
        repair_dvc_files(Layout())
        assert_clean(project)


@pytest.mark.parametrize("text", [None, "<<<<<<< ours\nschema: '2.0'\n"])
@pytest.mark.usefixtures("project")
def test_what_no_kill_has_left_stays_as_it_is(text: str | None) -> None:
    """Files that DVC can read, and the conflicts of a merge, which are the user's to settle."""
    if text is not None:
        LOCK.write_text(text)
    before = {path: path.read_bytes() for path in WRITERS}
    repair_dvc_files(Layout())
    assert {path: path.read_bytes() for path in WRITERS} == before


@pytest.mark.usefixtures("project")
def test_a_file_that_dvc_is_writing_stays_as_it_is() -> None:
    """It is empty for a moment then, and DVC holds its lock."""
    RWLOCK.write_bytes(b"")
    lock = Lock(".dvc/tmp/rwlock.lock")
    lock.lock()
    with pytest.raises(UserError, match="DVC is at work here; run this again once"):
        repair_dvc_files(Layout())
    assert RWLOCK.read_bytes() == b""
    lock.unlock()


@pytest.mark.usefixtures("project")
def test_nothing_is_touched_while_a_stage_runs() -> None:
    """DVC holds no lock then, and the list has its process: it may lose neither."""
    with Path("dvc.yaml").open("a") as pipeline:
        pipeline.write("  wait: {cmd: touch started && sleep 100}\n")
    dvc = subprocess.Popen([BIN / "dvc", "repro", "wait"], start_new_session=True)
    while not Path("started").exists():
        time.sleep(0.1)
        assert dvc.poll() is None
    RWLOCK.write_bytes(b"")
    with pytest.raises(UserError, match=rf"DVC is at work here \(process {dvc.pid}\)"):
        repair_dvc_files(Layout())
    assert RWLOCK.read_bytes() == b""
    os.killpg(dvc.pid, signal.SIGKILL)
    dvc.wait()
    repair_dvc_files(Layout())
    assert not RWLOCK.exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("path", [".dvc/tmp/rwlock", "dvc.lock", ".dvc/config"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(path: str) -> None:
    Path(path).unlink(missing_ok=True)
    os.mkfifo(path)
    with pytest.raises(UserError, match=f"'{path}' is a pipe"):
        repair_dvc_files(Layout())


@pytest.mark.parametrize("left", [[], [".a8f.tmp"]])
def test_a_folder_without_a_run_goes_from_the_run_cache(
    left: list[str], project: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """DVC would stop at it for ever; what other folders have is still taken from there."""
    runs = [*Path(".dvc/cache/runs").glob("*/*/*")]
    lost = next(run.parent for run in runs if "parts/a.csv" in run.read_text())
    shutil.rmtree(lost)
    LOCK.unlink()
    lost.mkdir()
    assert "join() argument must be str" in project.run("dvc", "repro").stderr
    for name in left:
        (lost / name).touch()
    os.utime(lost)
    repair_dvc_files(Layout())
    assert lost.exists()  # DVC may be about to write into it
    os.utime(lost, (0, 0))
    repair_dvc_files(Layout())
    assert f"Removed {lost}, a folder of DVC's run cache" in capsys.readouterr().out
    assert project.repro() == ["use"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("config", "[core]\nurl https://me:login@host", ".dvc/config: .* at line 2; correct that"),
        ("config.local", "[remote", ".dvc/config.local: .* at line 1; correct that"),
        ("config", "[core]\nremotes = a", ".dvc/config or config.local: .*'remotes'"),
    ],
)
def test_settings_that_dvc_cannot_read_are_named(name: str, text: str, said: str) -> None:
    """With the file and the place, and without the line, for a login may be in it."""
    Path(".dvc", name).write_text(text)
    with pytest.raises(UserError, match=said) as mistake:
        repair_dvc_files(Layout())
    assert "login" not in str(mistake.value)


BOMB = "\n".join(["a0: &a0 [1, 2]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"seed: {'9' * 4301}", "found a number of 4,301 characters (line 1)"),
        (BOMB, "with its aliases written out it holds"),
    ],
    ids=["number", "bomb"],
)
def test_params_that_dvc_cannot_read_are_named_before_it_is_asked(
    text: str, found: str, project: Repository
) -> None:
    """Of the number it says `unexpected error`; with such aliases it does not end."""
    Path("params.yaml").write_text(text)
    done = project.run(sys.executable, "-m", "equipoise.using.repair_dvc")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: params.yaml is not valid YAML: {found}")
    assert done.stderr.count("\n") == 1
