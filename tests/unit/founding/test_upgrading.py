"""An upgrade rewrites what nobody has edited, and tells why stages run again."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from equipoise.founding.code_file import Code, check_version, read_code, write_code
from equipoise.founding.edited_pipeline import check_stage, list_undeclared
from equipoise.founding.fingerprints import hash_stages, hash_text
from equipoise.founding.project_files import describe_code, make_files
from equipoise.founding.stage_code import list_code_of_stages
from equipoise.founding.upgrading import plan_upgrade, show_file, upgrade_project
from equipoise.storage.files.formats import write_text
from equipoise.terminal.errors import UserError

SCRIPT = "src/stages/decide.py"
JUDGING = "judging/evidence.py"
FORMER = "# as an earlier version had it\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files of a project, as the code here makes them."""
    folder = tmp_path / "trial"
    for path, text in make_files("trial").items():
        write_text(text, folder / path)
    write_code(describe_code("trial"), folder)
    return folder


def made_before(project: Path, part: str = JUDGING, files: tuple[str, ...] = ()) -> None:
    """Have the project be of a version in which a part of the library, and files, were others."""
    code = read_code(project)
    parts = {**code.parts, part: "another"}
    given = {**code.files, **dict.fromkeys(files, hash_text(FORMER))}
    stages = hash_stages(list_code_of_stages(), parts)
    write_code(Code("trial", "0.0.9", stages, parts, given), project)
    for path in files:
        write_text(FORMER, project / path)


def contents(project: Path) -> dict[Path, bytes]:
    """Return what each file holds."""
    return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_where_nothing_is_new_nothing_changes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Edits of the user are no reason to do anything."""
    write_text("mine", project / SCRIPT)
    before = contents(project)
    upgrade_project(project)
    assert contents(project) == before
    assert capsys.readouterr().out.startswith("Nothing to do: this project is of equipoise ")


def test_the_stages_that_use_a_changed_part_are_named_with_it(project: Path) -> None:
    """No others; a script that is rewritten is a reason too."""
    made_before(project, files=(SCRIPT,))
    using = [name for name, parts in list_code_of_stages().items() if JUDGING in parts]
    reasons = plan_upgrade(project).reasons
    assert "train" not in using
    assert reasons == {**dict.fromkeys(using, ("judging",)), "decide": (SCRIPT,)}


def test_an_untouched_file_is_rewritten_and_an_edited_one_left(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was left is named once, with how to see what is new; params are never rewritten."""
    made_before(project, files=(SCRIPT, "dvc.yaml", "params.yaml"))
    write_text(f"{FORMER}stages: {{}}\n", project / "dvc.yaml")
    edited = contents(project)
    upgrade_project(project)
    said = capsys.readouterr().out
    assert f"Rewritten: {SCRIPT}\n" in said
    assert "Left as you have it: dvc.yaml, params.yaml\n" in said
    assert (project / SCRIPT).read_text() == show_file(project, SCRIPT)
    for path in (project / "dvc.yaml", project / "params.yaml"):
        assert path.read_bytes() == edited[path]
    upgrade_project(project)
    assert capsys.readouterr().out.startswith("Nothing to do")


def leave_out(project: Path, line: str) -> None:
    """Have the project be of a version whose dvc.yaml, which its user has edited, lacks a line."""
    made_before(project, files=("dvc.yaml",))
    text = show_file(project, "dvc.yaml")
    assert line in text
    write_text(f"# mine\n{text.replace(line, '')}", project / "dvc.yaml")


def test_a_pipeline_that_is_left_and_not_enough_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the upgrade, and by the stage from then on: DVC would not run it for what it reads."""
    listed = "      - reports/fits/${key}.json\n      - src/stages/decide.py\n"
    leave_out(project, f"      - predictions/${{key}}/oof.parquet\n{listed}")
    upgrade_project(project)
    assert (
        "dvc.yaml: the stage decide reads predictions/STRATEGY-MODEL/oof" in capsys.readouterr().out
    )
    arm = {"strategy": "smote", "model": "tree"}
    with pytest.raises(
        UserError, match=r"the stage decide reads predictions/smote-tree/oof\.parquet"
    ):
        check_stage(project, "decide", arm)
    check_stage(project, "evaluate", arm)


def test_a_pipeline_that_declares_more_is_as_good(project: Path) -> None:
    """A stage of the user's, none at all of ours, a section for its key, a folder for its file."""
    text = show_file(project, "dvc.yaml").replace("      - data.source\n", "      - data\n")
    text = text.replace("      - src/stages/train.py\n", "      - src\n")
    write_text(text.replace("  audit:\n", "  mine:\n"), project / "dvc.yaml")
    assert list_undeclared(project) == []


def test_a_file_of_the_user_is_not_in_the_way(project: Path) -> None:
    """What a former version did not give is made if nothing is there; what it alone gave, goes."""
    code = read_code(project)
    given = {name: own for name, own in code.files.items() if name not in (SCRIPT, ".dvcignore")}
    given |= {"src/stages/former.py": hash_text(FORMER), "src/stages/own.py": hash_text(FORMER)}
    write_code(replace(code, files=given), project)
    write_text("mine", project / SCRIPT)
    (project / ".dvcignore").unlink()
    write_text(FORMER, project / "src/stages/former.py")
    write_text("mine", project / "src/stages/own.py")
    upgrade_project(project)
    assert (project / SCRIPT).read_text() == (project / "src/stages/own.py").read_text() == "mine"
    assert (project / ".dvcignore").exists()
    assert not (project / "src/stages/former.py").exists()


def test_a_pipeline_that_cannot_be_read_is_said_in_one_line(project: Path) -> None:
    """Nothing is written then."""
    made_before(project)
    write_text("stages: nothing\n", project / "dvc.yaml")
    before = contents(project)
    with pytest.raises(UserError, match=r"dvc\.yaml has no stages that can be read"):
        upgrade_project(project)
    assert contents(project) == before


def test_a_script_of_a_stage_that_is_gone_is_made_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No other file is: a user may do without it."""
    before = contents(project)
    (project / SCRIPT).unlink()
    (project / ".dvcignore").unlink()
    upgrade_project(project)
    del before[project / ".dvcignore"]
    assert contents(project) == before
    said = capsys.readouterr().out
    assert f"Rewritten: {SCRIPT}" in said
    assert "No stage runs again" in said


def test_an_upgrade_that_was_stopped_goes_on(project: Path) -> None:
    """A script that is already rewritten was not edited by anybody."""
    made_before(project, files=(SCRIPT,))
    write_text(show_file(project, SCRIPT), project / SCRIPT)
    assert plan_upgrade(project).left == ()


def test_a_stage_refuses_a_version_that_its_results_are_not_of(project: Path) -> None:
    """Else DVC would keep results of two versions under one fingerprint."""
    check_version(project)
    made_before(project)
    with pytest.raises(UserError, match=r"is of equipoise 0\.0\.9, .* run `equipoise upgrade`"):
        check_version(project)


def list_file(project: Path, path: str) -> None:
    """Have code.json say that the project was given a file, as that of a stranger might."""
    code = json.loads((project / "code.json").read_text())
    code["files"][path] = hash_text(FORMER)
    write_text(json.dumps(code), project / "code.json")


@pytest.mark.parametrize("path", ["/{}/theirs", "src/../../theirs", ".git/theirs", "a" * 5000])
def test_code_that_names_what_no_project_is_given_is_refused(project: Path, path: str) -> None:
    """An upgrade would remove the file, and there are many whose text all know."""
    path = path.format(project.parent)
    (project / ".git").mkdir()
    theirs = [project.parent / "theirs", project / ".git/theirs"]
    for file in theirs:
        write_text(FORMER, file)
    list_file(project, path)
    with pytest.raises(UserError, match="is not as `equipoise` has written it"):
        upgrade_project(project)
    assert all(file.exists() for file in theirs)


def test_a_link_out_of_the_project_is_not_followed(project: Path) -> None:
    """Neither to remove a file there, nor to write one."""
    theirs = project.with_name("theirs")
    write_text(FORMER, theirs / "former.py")
    (project / "linked").symlink_to(theirs)
    list_file(project, "linked/former.py")
    with pytest.raises(UserError, match=r"'linked/former.py' is outside the project, behind a"):
        upgrade_project(project)
    assert [path.name for path in theirs.iterdir()] == ["former.py"]


def test_names_of_files_cannot_move_the_cursor(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are those of code.json."""
    write_text(FORMER, project / "a\x1b[2Jb")
    list_file(project, "a\x1b[2Jb")
    upgrade_project(project)
    assert "Removed: a\\x1b[2Jb\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"), [(None, "is missing"), ("{}", "is not as"), ("[", "is not as")]
)
def test_code_that_cannot_be_read_is_said_in_one_line(
    project: Path, text: str | None, said: str
) -> None:
    """Outside a project, or after an edit by hand."""
    (project / "code.json").unlink() if text is None else write_text(text, project / "code.json")
    with pytest.raises(UserError, match=said):
        plan_upgrade(project)
