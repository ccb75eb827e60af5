"""The report page in a browser: it draws, sorts and toggles, and asks nobody for anything."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import PATIENCE, Watched, open_report
from tests.repository import Repository

ARMS = ("baseline-logistic", "smote-logistic", "class_weight-logistic")
SMOTE = "smote-logistic"

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def page(shown: Repository, watched: Watched) -> Iterator[Page]:
    """The page of the finished job, on which nothing goes wrong."""
    file = shown.path / "reports/report.html"
    watched.page.on("request", lambda asked: watched.elsewhere.append(asked.url))
    yield open_report(watched.page, file)
    assert watched.errors == []
    own = {file.as_uri()}
    assert [url for url in watched.elsewhere if not url.startswith(("data:", "blob:"))] == [*own]


def arms_table(page: Page) -> Locator:
    return page.locator("#arms table").first


def column(page: Page, heading: str) -> list[str]:
    """Return a column of the table of arms, as it is shown from top to bottom."""
    headings = arms_table(page).locator("thead th").all_inner_texts()
    (place,) = (n for n, text in enumerate(headings) if text.strip(" ▲▼\n") == heading)
    rows = arms_table(page).locator("tbody tr").all()
    return [row.locator("th, td").nth(place).inner_text().split("\n")[0] for row in rows]


def test_every_chart_is_drawn(page: Page, screenshots: Path | None) -> None:
    """No place for a chart stays empty, and each is told in words."""
    charts = page.locator("[data-chart]")
    assert charts.count() == charts.locator("svg.marks").count() > 10
    for chart in charts.all():
        box = chart.locator("svg.marks").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 50
        assert chart.get_attribute("role") == "img"
        assert len(chart.get_attribute("aria-label") or "") > 30
    if screenshots:
        page.add_style_tag(content="#shown, header { position: static !important; }")
        page.screenshot(path=screenshots / "report.png")
        for section in ("differences", "curves", "resampling"):
            page.locator(f"#{section}").screenshot(path=screenshots / f"report-{section}.png")


def test_the_first_screen_answers(page: Page) -> None:
    """What to do, what that comes to and what remedies change are seen before any scrolling."""
    finding = page.get_by_role("heading", level=1)
    expect(finding).to_contain_text("baseline-logistic")
    first = (page.locator(".numbers").first, page.locator("#verdict figure svg.marks"))
    for seen in (finding, *first):
        box = seen.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 720
    page.locator("#method").scroll_into_view_if_needed()
    expect(page.get_by_role("navigation")).to_be_in_viewport()


def test_the_recommended_arm_is_marked_wherever_it_stands(page: Page, shown: Repository) -> None:
    """In tables and among matrices, and its line is the bolder one."""
    comparison = json.loads((shown.path / "reports/comparison.json").read_text())
    marked = page.locator("tr.recommended th, .recommended h3")
    assert {*marked.all_text_contents()} == {comparison["recommended"]["arm"]}
    for mark in marked.all():
        assert "★" in mark.evaluate("element => getComputedStyle(element, '::before').content")
    widths = page.locator("[data-chart=curve-roc] .mark-line path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('stroke-width'))"
    )
    assert widths.count("3.2") == 1


def test_headings_sort_up_and_down(page: Page) -> None:
    """By mouse and by keyboard; numbers as numbers."""
    heading = arms_table(page).get_by_role("button", name="average precision")
    heading.click()
    falling = [float(text) for text in column(page, "average precision")]
    assert falling == sorted(falling, reverse=True)
    assert heading.locator("..").get_attribute("aria-sort") == "descending"
    heading.focus()
    page.keyboard.press("Enter")
    assert [float(text) for text in column(page, "average precision")] == falling[::-1]
    arms_table(page).get_by_role("button", name="arm", exact=True).click()
    assert column(page, "arm") == sorted(ARMS)


def test_an_arm_is_taken_away_and_brought_back(page: Page) -> None:
    """A box takes a strategy from tables and charts alike; the keyboard reaches it."""
    lines = page.locator("[data-chart=curve-roc] .mark-line.role-mark path")
    row = arms_table(page).locator(f"tr[data-arm={SMOTE}]")
    drawn = lines.count()
    forest = page.locator("[data-chart=forest-ranking-roc_auc] svg.marks")
    tall = forest.bounding_box()
    box = page.get_by_role("checkbox", name="smote", exact=True)
    box.focus()
    page.keyboard.press("Space")
    expect(row).to_be_hidden()
    expect(lines).to_have_count(drawn - 1)
    expect(page.locator(f"figure[data-arm={SMOTE}]")).to_be_hidden()
    short = forest.bounding_box()
    assert tall is not None
    assert short is not None
    assert short["height"] < tall["height"] - 20
    expect(page.locator("#hidden")).to_have_text(re.compile("^1 of 3 arms are hidden"))
    expect(page.locator("figure[data-strategy=smote]")).to_be_hidden()
    box.check()
    expect(row).to_be_visible()
    expect(page.locator("#hidden")).to_have_text("")
    expect(lines).to_have_count(drawn)


def test_a_line_tells_its_numbers(page: Page) -> None:
    """Pointing at where an arm decides shows which it is."""
    page.locator("[data-chart=curve-roc] .mark-symbol.role-mark path[fill^='#']").last.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("-logistic")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_paper(page: Page, scheme: str) -> None:
    """By 4.5 to 1 at least (WCAG 2.2), in the light and in the dark."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    colors = page.evaluate(
        """() => ['body', '.lead', '.note, small', 'td.worse, td.better', 'a[href="#curves"]']
        .map((name) => document.querySelector(name)).filter(Boolean)
        .map((element) => getComputedStyle(element).color)"""
    )
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(colors) >= 4
    assert min(contrast(color, paper) for color in colors) >= 4.5
    assert (luminance(paper) < 0.1) == (scheme == "dark")


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    channels = [int(number) / 255 for number in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return how far two colours stand apart, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_it_fits_a_phone(page: Page) -> None:
    """Nothing but tables is wider than the screen, and those scroll by themselves."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_prints_with_what_tells_the_lines_apart(page: Page) -> None:
    """On paper the key to colours stays; what only links stay away."""
    page.emulate_media(media="print")
    expect(page.locator("#shown")).to_be_visible()
    expect(page.locator("nav")).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main details:not([open])").count() == 0
