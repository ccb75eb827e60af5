"""The page: everything on it, nothing from elsewhere, and a user's words as they are."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import f1_score
from tests.hostile import HOSTILE, hostile_job

from equipoise.storage.files.formats import hash_file, read_frame, read_json

from .conftest import Stage, run_stage

SECTIONS = ["verdict", "differences", "arms", "curves", "decisions", "resampling", "scores"]


class Page(HTMLParser):
    """The text, the ids, the tags and what is loaded, of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.charts: dict[str, str] = {}
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element is and what it loads."""
        own = dict(attrs)
        self.tags.append(tag)
        self.ids += [own["id"] or ""] if "id" in own else []
        self.links += [own[name] or "" for name in ("src", "href") if name in own]
        if "data-chart" in own:
            self.charts[own["data-chart"] or ""] = own["aria-label"] or ""

    def handle_data(self, data: str) -> None:
        """Keep text that is not a script's or a style's."""
        if self.tags and self.tags[-1] not in {"script", "style"}:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, single spaces between them."""
        return " ".join(" ".join(self.words).split())


def draw(folder: Path) -> Page:
    """Audit a job and draw its page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_stage("audit")
        run_stage("report")
    return Page((folder / "reports/report.html").read_text())


@pytest.fixture(scope="module")
def drawn(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished job with its page; not to be written to."""
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("drawn") / "job"))
    draw(folder)
    return folder


@pytest.fixture(scope="module")
def page(drawn: Path) -> Page:
    """The page of the finished job."""
    return Page((drawn / "reports/report.html").read_text())


def charts_of(folder: Path) -> dict[str, Any]:
    """Return the specifications that a page holds."""
    text = (folder / "reports/report.html").read_text()
    found = re.search(r"^const CHARTS = (.*);$", text, re.MULTILINE)
    assert found
    charts: dict[str, Any] = json.loads(found[1])
    return charts


def test_the_sections_come_from_the_verdict_down(page: Page) -> None:
    """What matters most comes first; how it was done comes last."""
    sections = [name for name in page.ids if name not in {"shown", "hidden"}]
    assert sections == [SECTIONS[0], "table", *SECTIONS[1:], "checks", "method"]


def test_nothing_is_loaded_from_elsewhere(drawn: Path, page: Page) -> None:
    """Links stay on the page, and the page forbids any other."""
    assert [link for link in page.links if not link.startswith(("#", "data:"))] == []
    assert "default-src 'none'" in (drawn / "reports/report.html").read_text()


def test_each_chart_has_a_place_and_words_for_it(drawn: Path, page: Page) -> None:
    """Every chart is drawn once, and told to who cannot see it."""
    assert set(charts_of(drawn)) == set(page.charts)
    assert all(len(words) > 30 for words in page.charts.values())
    curves = {"precision_recall", "roc", "reliability", "threshold", "net_benefit"}
    assert {f"curve-{name}" for name in curves} <= set(page.charts)
    assert {"rows-smote", "rows-under", "rows-cleaned"} <= set(page.charts)
    assert "rows-class_weight" not in page.charts


def test_the_verdict_is_that_of_the_comparison(drawn: Path, page: Page) -> None:
    """The page recommends what `compare` recommends, and says the same of each arm."""
    comparison = read_json(drawn / "reports/comparison.json")
    assert f"Recommended: {comparison['recommended']['arm']} with threshold " in page.text
    for conclusion in comparison["conclusions"]:
        assert conclusion in page.text


def test_the_tuned_threshold_is_marked_on_each_curve(drawn: Path) -> None:
    """On precision-recall and ROC at the test part's numbers, by threshold where it was tuned."""
    charts = charts_of(drawn)
    metrics = read_json(drawn / "reports/metrics/smote-logistic.json")
    tuned, oof = metrics["tuned"], read_frame(drawn / "predictions/smote-logistic/oof.parquet")
    worth = f1_score(oof["y_true"], oof["y_score"] >= tuned["threshold"])
    false_alerts = tuned["fp"] / (tuned["fp"] + tuned["tn"])
    expected = {
        "curve-precision_recall": (tuned["recall"], tuned["precision"]),
        "curve-roc": (false_alerts, tuned["recall"]),
        "curve-threshold": (tuned["threshold"], worth),
    }
    for name, place in expected.items():
        marks = charts[name]["layer"][-1]["data"]["values"]
        (own,) = (m for m in marks if (m["arm"], m["view"]) == ("smote-logistic", "tuned"))
        assert (own["x"], own["y"]) == pytest.approx(place, rel=1e-4)


def test_findings_and_the_audit_are_listed(drawn: Path, page: Page) -> None:
    """What the checks warned of, and each thing that the audit looked at."""
    findings = [
        finding["message"]
        for part in ("table", "parts")
        for finding in read_json(drawn / f"data/checks/{part}.json")["findings"]
    ]
    assert findings
    assert all(" ".join(message.split()) in page.text for message in findings)
    audited = read_json(drawn / "reports/audit.json")["checks"]
    assert all(f"{name} , {check['detail']}" in page.text for name, check in audited.items())


def test_a_leak_that_the_audit_found_is_in_sight(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    """A failed check is not folded away among those that passed."""
    folder = Path(shutil.copytree(drawn, tmp_path / "job"))
    audit = read_json(folder / "reports/audit.json")
    audit["checks"]["split.disjoint"] = {"passed": False, "detail": "3 rows are in both parts"}
    (folder / "reports/audit.json").write_text(json.dumps(audit))
    monkeypatch.chdir(folder)
    stage("report")
    text = Page((folder / "reports/report.html").read_text()).text
    assert "The audit found possible leaks: split.disjoint : 3 rows are in both parts" in text
    assert "found none" not in text


def test_hashes_are_of_the_files(drawn: Path, page: Page) -> None:
    """A reader can check that these are the data that were used."""
    assert f"sha256 {hash_file(drawn / 'data/dataset.parquet')}" in page.text


def test_the_page_is_the_same_bytes_again(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    """No time, no path, no order that varies."""
    folder = Path(shutil.copytree(drawn, tmp_path / "elsewhere"))
    first = (folder / "reports/report.html").read_bytes()
    assert str(drawn).encode() not in first
    monkeypatch.chdir(folder)
    stage("report")
    assert (folder / "reports/report.html").read_bytes() == first


def test_what_a_user_calls_things_is_shown_as_it_is(tmp_path: Path) -> None:
    """Labels and columns with signs of HTML are text, in tables and in charts' data."""
    folder = hostile_job(tmp_path / "job")
    text = (folder / "reports/report.html").read_text()
    page = Page(text)
    assert HOSTILE not in text
    assert f"actual {HOSTILE}" in page.text
    assert HOSTILE in page.text.partition("Data checks")[2]
    assert page.tags.count("script") == 2
    assert json.dumps(HOSTILE).strip('"') in json.dumps(charts_of(folder))


def test_by_time_the_rows_that_are_scored_count(by_time: Path, tmp_path: Path) -> None:
    """In the heading and in the verdict: the earliest rows of train are only learned from."""
    job = Path(shutil.copytree(by_time, tmp_path / "job"))
    said = re.findall(r"(\d+) scored train rows of the rarest class", draw(job).text)
    oof = read_frame(job / "predictions/baseline-logistic/oof.parquet")
    assert {*said} == {str(oof.drop_duplicates("row")["y_true"].value_counts().min())}
    assert len(said) > 1
