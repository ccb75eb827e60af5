"""A page of the Chromium that the system has, with everything it complains of or asks for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.repository import ROOT, Repository

SIZE = 1280, 800
# In milliseconds; pages are slow while other tests run beside them.
PATIENCE = 60_000


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that open pages where there is no browser; the header says so."""
    ours = [item for item in items if item.get_closest_marker("browser")]
    if CHROMIUM is None and ours:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@dataclass
class Watched:
    """A page, and what went wrong on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Take down errors on the console, exceptions, and requests to other machines."""
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self.elsewhere.append(request.url)


def open_report(page: Page, file: Path) -> Page:
    """Open a report from disk, and wait until its charts are drawn."""
    page.goto(file.as_uri())
    expect(page.locator("html")).to_have_attribute("data-drawn", "true")
    return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A new page, of someone who has not been there before."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    context.set_default_timeout(PATIENCE)
    watched = Watched(context.new_page())
    watched.watch()
    yield watched
    context.close()


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures for the docs go, if they are asked for."""
    folder = request.config.getoption("--screenshots")
    return Path(folder) if folder else None


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest, screenshots: Path | None) -> Repository:
    """The job whose pages are opened: for pictures the repository's own, in a fresh clone."""
    if screenshots:
        return Repository(ROOT)
    finished: Repository = request.getfixturevalue("finished")
    return finished
