"""A model card of the trial that lies here: what its files say, and nothing of single rows."""

import json
import re
from pathlib import Path

import pytest

from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError
from equipoise.using.arm_card import write_arm_card
from equipoise.using.card_files import make_page

from .conftest import run_stage


@pytest.fixture(autouse=True)
def audit(visits: Path) -> None:
    """The finished trial is audited, as a card says."""
    del visits
    run_stage("audit")


def test_a_card_has_the_numbers_of_the_arm_and_says_what_each_is_about(visits: Path) -> None:
    write_arm_card(Layout(), "smote-logistic", Path("card.md"))
    text = (visits / "card.md").read_text()
    result = json.loads((visits / "reports/metrics/smote-logistic.json").read_text())
    low, high = result["interval"]["tuned_recall"]
    recall = f"| decisions | recall | {result['tuned']['recall']:.3f} | {low:.3f} to {high:.3f} |"
    assert recall in text
    assert "claims about this one fitted model" in text
    assert f"F1 is {result['out_of_fold']['tuned_f1']:.3f}: a claim about this way of train" in text
    assert f"| ill | {result['tuned']['fn']} | {result['tuned']['tp']} |" in text
    assert "yes if its score is at least" in text
    assert "SMOTENC kept" in text
    assert "with fewer than 50, nothing can be said" in text
    assert re.search(r"\d+ checks of the audit for leaks passed", text)
    assert re.search(r"\| models/smote-logistic\.skops \| [0-9a-f]{64} \|", text)


def test_a_card_says_nothing_of_single_rows(visits: Path) -> None:
    """It may be published: the words of a user's text are nowhere in it."""
    write_arm_card(Layout(), None, Path("card.md"))
    assert "said" in (visits / "data/raw/visits.csv").read_text()
    assert not re.search(r"said \d", (visits / "card.md").read_text())


def test_a_page_shows_what_users_wrote_as_text() -> None:
    """HTML in the name of a column is no element."""
    page = make_page("# <script>alert(1)</script>\n\n| a |\n| --- |\n| <img src=x> |\n", "arm")
    assert "<script>" not in page
    assert "<img" not in page
    assert "<table>" in page


def test_both_files_have_the_name_that_is_asked_for(visits: Path) -> None:
    write_arm_card(Layout(), None, Path("card.v1"))
    assert (visits / "card.v1.md").exists()
    assert (visits / "card.v1.html").exists()
    Path("taken.html").mkdir()
    for out, said in (
        ("reports", "'reports' is a folder"),
        ("none/card.md", "does not exist"),
        ("taken.md", r"'taken\.html' is a folder"),
        ("/dev/null", "'/dev/null' is no regular file"),
    ):
        with pytest.raises(UserError, match=f"--out: .*{said}"):
            write_arm_card(Layout(), None, Path(out))
    assert not (visits / "taken.md").exists()


def test_a_card_replaces_a_card_and_no_other_text(visits: Path) -> None:
    readme = visits / "README.md"
    readme.write_text("# Visits\n")
    with pytest.raises(UserError, match=r"'README.md' is no model card, and would be lost"):
        write_arm_card(Layout(), None, Path("README.md"))
    assert readme.read_text() == "# Visits\n"
    for _ in range(2):
        write_arm_card(Layout(), None, Path("again.md"))


def test_a_card_does_not_replace_what_the_pipeline_makes(visits: Path) -> None:
    (visits / "dvc.lock").write_text("stages: {report: {outs: [{path: reports/report.html}]}}")
    with pytest.raises(UserError, match=r"'reports/report.html' is made by the pipeline, and"):
        write_arm_card(Layout(), "smote-logistic", Path("reports/report"))


def test_an_unknown_arm_is_refused(visits: Path) -> None:
    with pytest.raises(UserError, match=r"--arm: the trial has no 'smot-logistic'; did you mean"):
        write_arm_card(Layout(), "smot-logistic", Path("card.md"))
    assert not (visits / "card.md").exists()


@pytest.mark.parametrize("text", ["null", "[]", "{}", '{"passed": true, "checks": {"a": 1}}'])
def test_an_audit_that_is_none_is_named(text: str, visits: Path) -> None:
    """With the command that makes it again."""
    (visits / "reports/audit.json").write_text(text)
    with pytest.raises(UserError, match=r"^reports/audit\.json: .*`rm -f reports/audit\.json && "):
        write_arm_card(Layout(), None, Path("card.md"))
