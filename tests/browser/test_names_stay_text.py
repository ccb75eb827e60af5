"""Names and labels that are scripts, addresses or Markdown: text on every page that shows them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from playwright.sync_api import Dialog, Page, expect
from tests.browser.conftest import PATIENCE, Watched, open_report
from tests.hostile import ADDRESS, HOSTILE, MARKED, hostile_job
from tests.repository import BIN, PARENT, clean_environment
from tests.server import free_port, serving
from tests.stages.conftest import run_stage

from equipoise.storage.layout import Layout
from equipoise.using.arm_card import write_arm_card

# MLflow warns of its own calls.
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job, which has run and is in MLflow."""
    folder = hostile_job(tmp_path_factory.mktemp("hostile") / "job")
    (folder / "dvc.yaml").write_text("stages: {}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)  # a test that called MLflow may leave it
        run_stage("track")
    return folder


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    """A page that asks nothing of anyone, whatever it shows."""
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    watched.page.on("dialog", note)
    yield watched.page
    assert asked == watched.elsewhere == []
    assert watched.page.locator(f"[href*='{ADDRESS}'], [src*='{ADDRESS}']").count() == 0


def test_the_report_shows_names_as_they_are(page: Page, watched: Watched, job: Path) -> None:
    """In tables, checks, charts and what classes are chosen by; no script is added."""
    open_report(page, job / "reports/report.html")
    for label in (HOSTILE, MARKED):
        expect(page.get_by_role("row", name=f"actual {label}").first).to_be_visible()
    expect(page.locator("#checks")).to_contain_text(HOSTILE)
    expect(page.locator("select[name=class]")).to_have_value(HOSTILE)
    page.locator("select[name=class]").select_option("plain")
    expect(page.locator("[data-chart=rows-over] svg.marks")).to_contain_text("<script>")
    assert page.locator("script").count() == 2
    assert watched.errors == []


def test_the_card_shows_names_as_they_are(
    page: Page, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that is made of its Markdown has no script at all."""
    monkeypatch.chdir(job)
    write_arm_card(Layout(), None, Path("card.md"))
    page.goto((job / "card.html").as_uri())
    for label in (HOSTILE, MARKED):
        expect(page.get_by_text(label).first).to_be_visible()
    assert page.locator("script").count() == 0


def test_mlflow_shows_names_as_they_are(page: Page, job: Path, tmp_path: Path) -> None:
    """In the descriptions of the trial and of a model."""
    store, port = f"sqlite:///{job / 'mlflow.db'}", free_port()
    client = MlflowClient(store)
    (experiment,) = (e.experiment_id for e in client.search_experiments() if e.name != "Default")
    runs = {PARENT in run.data.tags: run for run in client.search_runs([experiment])}
    outputs = runs[True].outputs
    assert outputs is not None
    (model,) = outputs.model_outputs
    command = [
        str(BIN / "mlflow"), "ui", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", store,
    ]  # fmt: skip
    with serving(command, port, tmp_path, clean_environment()) as server:
        for place in (f"runs/{runs[False].info.run_id}", f"models/{model.model_id}"):
            page.goto(f"{server}/#/experiments/{experiment}/{place}")
            expect(page.get_by_text(re.compile(r"alert\('x'\)")).first).to_be_visible()
            expect(page.get_by_text("loud", exact=True)).to_have_count(0)
