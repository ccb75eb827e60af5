"""What goes from DVC's cache, and what stays though no commit names it."""

import hashlib
from pathlib import Path

import pytest
from tests.repository import Repository

from equipoise.terminal.errors import UserError
from equipoise.using import unused_cache
from equipoise.using.unused_cache import list_unused, remove_unused


def add(project: Repository, *texts: str) -> set[str]:
    """Have DVC keep a file in a folder for each text; return the hashes of these files."""
    folder = project.path / "rows"
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}.csv").write_text(text)
    project.succeed("dvc", "add", "--quiet", "rows")
    return {hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts}


def go_back(project: Repository) -> None:
    """Forget what was not committed."""
    project.succeed("git", "checkout", "--quiet", ".")
    project.succeed("dvc", "checkout", "--quiet", "rows.dvc")


def hashes(paths: list[Path]) -> set[str]:
    return {f"{path.parent.name}{path.name}" for path in paths}


def files(paths: list[Path]) -> set[str]:
    """The hashes of files, without those of folders."""
    return {each for each in hashes(paths) if not each.endswith(".dir")}


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A project of one commit, in a folder with signs that mean something to DVC's config."""
    project = Repository(tmp_path / "a, 'b' # c;\nd")
    project.path.mkdir()
    project.start_git()
    project.succeed("dvc", "init", "--quiet")
    add(project, "committed", "also committed")
    project.commit("Start")
    return project


def test_a_project_without_git_keeps_what_its_files_name(tmp_path: Path) -> None:
    """In a folder whose name DVC could not write into its config."""
    project = Repository(tmp_path / "é")
    project.path.mkdir()
    project.succeed("dvc", "init", "--quiet", "--no-scm")
    former = add(project, "former")
    add(project, "here")
    assert files(list_unused(project.path, ())) == former
    assert list_unused(project.path, sorted(former | hashes(list_unused(project.path, ())))) == []


def test_what_nothing_names_goes_and_all_else_stays(project: Repository) -> None:
    """A state that was neither committed nor stashed goes; a look removes nothing."""
    tried = add(project, "tried", "also committed")
    go_back(project)
    unused = list_unused(project.path, ())
    assert files(unused) < tried
    assert len(unused) == 2
    assert all(path.exists() for path in unused)
    remove_unused(project.path, ())
    assert not any(path.exists() for path in unused)
    assert list_unused(project.path, ()) == []
    project.succeed("dvc", "checkout", "--force")


def test_what_the_files_here_name_stays(project: Repository) -> None:
    add(project, "not committed yet")
    assert list_unused(project.path, ()) == []


def test_what_any_stash_names_stays_a_folder_with_all_in_it(project: Repository) -> None:
    for text in ("first", "second"):
        add(project, text)
        project.succeed("git", "stash", "--quiet")
    go_back(project)
    assert list_unused(project.path, ()) == []
    project.succeed("git", "stash", "drop", "--quiet", "stash@{0}")
    assert files(list_unused(project.path, ())) == add(project, "second")


def test_what_an_older_stash_has_of_untracked_files_stays(
    project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are in a parent of the stash that no reference leads to; Git is asked twice here."""
    monkeypatch.setattr(unused_cache, "MOST_COMMITS", 3)
    (project.path / "table.csv").write_text("untracked")
    project.succeed("dvc", "add", "--quiet", "table.csv")
    project.succeed("git", "stash", "--quiet", "--include-untracked")
    add(project, "second")
    project.succeed("git", "stash", "--quiet")
    (project.path / "table.csv").unlink()
    go_back(project)
    assert list_unused(project.path, ()) == []


def test_what_a_rebase_has_stashed_stays(project: Repository) -> None:
    """Git keeps it in a file of its own until the rebase is done."""
    text = project.path / "text"
    for branch in ("one", "other"):
        project.succeed("git", "checkout", "--quiet", "-b", branch, "main")
        text.write_text(branch)
        project.commit(branch)
    add(project, "stashed")
    assert project.run("git", "rebase", "--autostash", "one").returncode
    project.succeed("git", "add", "text")
    go_back(project)
    assert list_unused(project.path, ()) == []


def test_a_link_to_the_cache_of_another_project_is_refused(
    project: Repository, tmp_path: Path
) -> None:
    (project.path / ".dvc/cache").rename(tmp_path / "shared")
    (project.path / ".dvc/cache").symlink_to(tmp_path / "shared")
    with pytest.raises(UserError, match="may be the cache of other projects too"):
        list_unused(project.path, ())


def test_what_a_queued_experiment_names_stays(project: Repository) -> None:
    stage = "{cmd: cp -r rows copy, deps: [rows], outs: [copy]}"
    (project.path / "dvc.yaml").write_text(f"stages: {{copy: {stage}}}")
    project.commit("Pipeline")
    add(project, "tried")
    project.succeed("dvc", "exp", "run", "--quiet", "--queue")
    go_back(project)
    assert list_unused(project.path, ()) == []


def test_what_is_asked_for_stays(project: Repository) -> None:
    """As what a registered model was trained on; what is no hash of the cache is no matter."""
    [tried] = add(project, "tried")
    go_back(project)
    assert tried in hashes(list_unused(project.path, ()))
    assert tried not in hashes(list_unused(project.path, {tried, "0" * 32, "churn", "a/" * 5000}))


def test_what_an_experiment_needs_that_runs_in_a_copy_stays(project: Repository) -> None:
    """DVC runs it in a folder of .dvc/tmp, and no reference names it before it is done."""
    add(project, "tried")
    copy = Repository(project.path / ".dvc/tmp/exps/standalone/tmp1")
    project.succeed("git", "clone", "--quiet", ".", str(copy.path))
    copy.succeed("dvc", "config", "--local", "cache.dir", str(project.path / ".dvc/cache"))
    (copy.path / "rows.dvc").write_text((project.path / "rows.dvc").read_text())
    go_back(project)
    assert list_unused(project.path, ()) == []


def test_a_cache_that_others_may_use_is_refused(project: Repository) -> None:
    shared = project.path.parent / "shared"
    project.succeed("dvc", "cache", "dir", "--quiet", str(shared))
    with pytest.raises(UserError, match=r"cache\.dir: '.*/shared' may be the cache"):
        list_unused(project.path, ())


def test_it_is_for_the_root_of_a_project(project: Repository) -> None:
    with pytest.raises(UserError, match="is no DVC project; run this where"):
        list_unused(project.path / "rows", ())


def test_a_commit_that_cannot_be_read_stops_it(project: Repository) -> None:
    """What it names is not known, so nothing is removed."""
    (project.path / "rows.dvc").write_text("outs: [")
    project.commit("Broken")
    with pytest.raises(UserError, match=r"^dvc gc --workspace failed: .*; fix that"):
        remove_unused(project.path, ())
