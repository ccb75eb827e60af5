"""Where a result comes from, told exactly."""

import hashlib
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.record.provenance import find_data_digests, make_fingerprint, make_provenance_tags
from equipoise.storage.files.formats import hash_file

COMMIT, DIRTY = "mlflow.source.git.commit", "git.dirty"


@pytest.fixture(autouse=True)
def _no_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with no experiment, no settings and no repository around it."""
    for name in ("DVC_EXP_NAME", "DVC_EXP_BASELINE_REV", "GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@example.org")
    monkeypatch.chdir(tmp_path)


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def commit() -> str:
    """The commit of a repository in the working folder, with nothing uncommitted."""
    git("init", "--quiet")
    Path("params.yaml").write_text("seed: 42\n")
    git("add", "params.yaml")
    git("commit", "--quiet", "--message", "first")
    return git("rev-parse", "HEAD")


@given(content=st.binary(min_size=1, max_size=100), data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_digest_changes_with_one_bit(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    """The smallest edit of a file is another file; the same bytes elsewhere are not."""
    folder = tmp_path_factory.mktemp("digest")
    position = data.draw(st.integers(0, len(content) - 1))
    edited = bytearray(content)
    edited[position] ^= 1
    for name, these in [("one", content), ("copy", content), ("edited", bytes(edited))]:
        (folder / name).write_bytes(these)
    assert hash_file(folder / "one") == hash_file(folder / "copy")
    assert hash_file(folder / "one") != hash_file(folder / "edited")


def test_a_digest_is_the_sha256_that_other_tools_compute(tmp_path: Path) -> None:
    """`sha256sum` of the file, so that a user can check it."""
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert expected == hash_file(tmp_path / "abc")


def test_a_fingerprint_ignores_the_order_of_keys_and_files() -> None:
    """The same state, listed in another order, is not published twice."""
    files = [Path("a"), Path("b")]
    for file in files:
        file.write_text(file.name)
    one = make_fingerprint({"seed": 1, "run": {"models": ["m"], "strategies": ["s"]}}, files)
    other = make_fingerprint(
        {"run": {"strategies": ["s"], "models": ["m"]}, "seed": 1}, files[::-1]
    )
    assert one == other


@pytest.mark.parametrize(
    ("params", "content", "name"),
    [({"seed": 2}, "x", "a"), ({"seed": 1}, "y", "a"), ({"seed": 1}, "x", "b")],
)
def test_a_fingerprint_tells_states_apart(params: dict[str, int], content: str, name: str) -> None:
    """Another param, another content and another file are each another state."""
    Path("a").write_text("x")
    expected = make_fingerprint({"seed": 1}, [Path("a")])
    Path(name).write_text(content)
    assert expected != make_fingerprint(params, [Path(name)])


def test_a_fingerprint_ignores_when_a_file_was_written() -> None:
    """A forced run that writes the same bytes is the same state."""
    Path("a").write_text("x")
    expected = make_fingerprint({}, [Path("a")])
    Path("a").unlink()
    Path("a").write_text("x")
    assert expected == make_fingerprint({}, [Path("a")])


def test_a_clean_repository_is_named_by_its_commit(commit: str) -> None:
    """The commit alone is enough to find the code again."""
    assert {COMMIT: commit, DIRTY: "false"} == make_provenance_tags()


@pytest.mark.parametrize("file", ["params.yaml", "new.py"])
def test_uncommitted_work_is_told(commit: str, file: str) -> None:
    """A commit does not vouch for edits or files that it does not have."""
    Path(file).write_text("seed: 1\n")
    assert {COMMIT: commit, DIRTY: "true"} == make_provenance_tags()


def test_what_was_made_is_no_edit(commit: str) -> None:
    """Outputs that Git has change with every run, and a card is there once it is written."""
    Path("dvc.lock").write_text("stages: {evaluate: {outs: [{path: reports/a b.json}]}}")
    Path("reports").mkdir()
    Path("reports/a b.json").write_text("{}")
    Path("card.md").write_text("# Card")
    made = [Path("card.md"), Path.cwd().parent / "elsewhere.md"]
    assert {COMMIT: commit, DIRTY: "false"} == make_provenance_tags(made)
    assert {COMMIT: commit, DIRTY: "true"} == make_provenance_tags()


def test_a_lock_in_conflict_is_no_obstacle(commit: str) -> None:
    """It is DVC's, which says so itself; a card can be written all the same."""
    Path("dvc.lock").write_text("<<<<<<< HEAD\nstages:\n  a: {}\n=======\n")
    assert {COMMIT: commit, DIRTY: "false"} == make_provenance_tags()


def test_a_repository_without_a_commit_names_none() -> None:
    """Before the first commit there is nothing to name."""
    git("init", "--quiet")
    assert make_provenance_tags() == {}


def test_a_repository_that_git_distrusts_is_not_passed_over(
    commit: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where another user owns it, in a container say: Git's own switch for tests does that."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(Path("gitconfig").absolute()))
    folder = Path("a folder")
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert make_provenance_tags() == {}
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    *_, remedy = said.strip().partition("to trust it: ")
    subprocess.run(shlex.split(remedy), check=True)
    assert make_provenance_tags()[COMMIT] == commit


def test_outside_a_repository_no_tag_is_invented() -> None:
    """An unpacked archive has no commit."""
    assert make_provenance_tags() == {}


def test_without_git_no_tag_is_invented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where Git is not installed, as in many containers, results are still published."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert make_provenance_tags() == {}


def test_an_experiment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A DVC experiment is found again by its name and the revision it started from."""
    monkeypatch.setenv("DVC_EXP_NAME", "wordy-newt")
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", "abc")
    expected = {"dvc.experiment": "wordy-newt", "dvc.baseline_revision": "abc"}
    assert expected == make_provenance_tags()


LOCK = """
stages:
  generate-data:
    outs: [{path: data/dataset.parquet, hash: md5, md5: 1111, size: 4}]
  split:
    outs:
      - {path: data/split/train.parquet, hash: md5, md5: 2222, size: 4}
      - {path: data/split/test.parquet, hash: md5, md5: 3333, size: 5}
"""


def test_parts_have_the_hash_that_dvc_has() -> None:
    """As dvc.lock says it; a file of another size, or of no lock, has its own, of the same kind."""
    parts = {name: Path("data/split", f"{name}.parquet") for name in ("train", "test")}
    for path in parts.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"four")
    own = hashlib.md5(b"four", usedforsecurity=False).hexdigest()
    assert find_data_digests(parts, Path("dvc.lock")) == {"train": own, "test": own}
    Path("dvc.lock").write_text(LOCK)
    assert find_data_digests(parts, Path("dvc.lock")) == {"train": "2222", "test": own}
    Path("dvc.lock").write_text("")
    assert find_data_digests(parts, Path("dvc.lock")) == {"train": own, "test": own}


def test_a_file_whose_name_is_no_text_is_an_edit_as_any(commit: str) -> None:
    """Git gives the bytes of the name, if it is told to quote none."""
    git("config", "core.quotePath", "false")
    Path(os.fsdecode(b"table-\xff.csv")).touch()
    assert make_provenance_tags() == {COMMIT: commit, DIRTY: "true"}
