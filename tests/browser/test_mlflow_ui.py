"""MLflow's own page over the record of a finished job: what matters is there as it opens."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from mlflow.entities import Run
from playwright.sync_api import Page, expect
from tests.browser.conftest import PATIENCE, SIZE, Watched
from tests.repository import BIN, Repository, clean_environment
from tests.server import free_port, serving

ARMS = ("baseline-logistic", "smote-logistic", "class_weight-logistic")
HEADLINE = ("average_precision", "roc_auc", "calibrated_brier_score", "default_f1", "tuned_f1")
# MLflow asks for users, of whom this server has none; browsers call a second layout an error.
HARMLESS = re.compile(r"users/current|ResizeObserver loop completed with undelivered notifications")
# What has been seen of MLflow's own: its assistant, which opens once by itself.
CLOSED = """
if (window === window.top) {
  localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');
}
"""
# Of a table's headers, from left to right.
BEGINS_WITH = """names => {
  const left = cell => cell.getBoundingClientRect().left;
  const cells = [...document.querySelectorAll('.ag-header-cell')];
  const found = cells.sort((one, other) => left(one) - left(other))
    .map(cell => cell.textContent.trim()).filter(Boolean);
  return names.every((name, position) => found[position] === name);
}"""
# What some of a text lies outside of.
CUT_BY = """text => {
  const letters = document.createRange();
  letters.selectNodeContents(text);
  const {left, right} = letters.getBoundingClientRect();
  const around = [];
  for (let box = text; box; box = box.parentElement) around.push(box);
  return around.filter(box => {
    const edges = box.getBoundingClientRect();
    const cuts = getComputedStyle(box).overflowX !== 'visible';
    return cuts && (left < edges.left - 1 || right > edges.right + 1);
  }).map(box => box.className);
}"""
WIDTHS = (1280, 1440, 1920)

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def address(shown: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `mlflow ui` shows the finished job's experiment."""
    port = free_port()
    command = [
        str(BIN / "mlflow"), "ui", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{shown.path / 'mlflow.db'}",
    ]  # fmt: skip
    (trial,) = shown.trials()
    with serving(command, port, tmp_path_factory.mktemp("server"), clean_environment()) as uri:
        yield f"{uri}/#/experiments/{trial.info.experiment_id}"


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    """A page on which nothing goes wrong, and that asks no other machine for anything."""
    watched.page.add_init_script(CLOSED)
    yield watched.page
    assert [error for error in watched.errors if not HARMLESS.search(error)] == []
    assert watched.elsewhere == []


@pytest.fixture
def trial(shown: Repository) -> Run:
    """The parent run."""
    (trial,) = shown.trials()
    return trial


def picture(page: Page, folder: Path | None, name: str) -> None:
    """Write a picture for the docs, if they are asked for, once what moves has come to rest."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(3000)
        page.screenshot(path=folder / f"{name}.png")


def view(name: str) -> str:
    """Return what opens a saved view of the runs."""
    return f"runs?workflowType=machine_learning&viewStateShareKey={name}"


def expect_columns(page: Page, names: Sequence[str]) -> None:
    """Expect these columns from the left, after the two that MLflow always has there."""
    page.wait_for_function(BEGINS_WITH, arg=["Run Name", "Created", *names])


def expect_in_full(page: Page, text: str) -> None:
    """Expect a text of the table, no letter of which is cut or out of sight."""
    shown = page.locator(".ag-root").get_by_text(text, exact=True).first
    expect(shown).to_be_in_viewport(ratio=1)
    assert shown.evaluate(CUT_BY) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_trials_open_with_what_is_recommended_in_front(
    address: str, page: Page, trial: Run, width: int, screenshots: Path | None
) -> None:
    """Then the tuned objective and what had changed; nothing is cut, and arms unfold below."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{view('trials')}")
    row = page.get_by_role("link", name=str(trial.info.run_name))
    expect(row).to_be_visible()
    expect_columns(page, ["recommended", "tuned_f1", "what_changed"])
    shown = [trial.data.tags["recommended"], "recommended", "tuned_f1", "what_changed"]
    for text in shown:
        expect_in_full(page, text)
    expect(page.get_by_text(trial.data.tags["what_changed"], exact=True)).to_be_in_viewport()
    if width == SIZE[0]:
        picture(page, screenshots, "mlflow-trials")
    for arm in ARMS:
        expect(page.get_by_role("link", name=arm, exact=True)).to_have_count(0)
    page.locator(".ag-center-cols-container, .ag-pinned-left-cols-container").locator(
        "button, [role=button]"
    ).first.click()
    for arm in ARMS:
        expect(page.get_by_role("link", name=arm, exact=True)).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_arms_open_with_their_names_and_numbers_in_full(
    address: str, page: Page, width: int
) -> None:
    """What they are ranked by comes first, then the headline; no dataset, no duration before."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{view('arms')}")
    ranked_by = "out_of_fold/tuned_f1"
    expect_columns(page, [ranked_by, "average_precision", "roc_auc"])
    for text in (*ARMS, ranked_by, "average_precision"):
        expect_in_full(page, text)


def test_arms_open_ranked_with_the_numbers_that_matter(
    address: str, page: Page, shown: Repository, trial: Run, screenshots: Path | None
) -> None:
    """Out of fold decides the order; the headline is in columns; the trial is no arm."""
    page.goto(f"{address}/{view('arms')}")
    links = page.get_by_role("link", name=re.compile(r"^\S+-logistic$"))
    expect(links).to_have_count(len(ARMS))
    arms = shown.arms_of(trial)
    ranked = sorted(ARMS, key=lambda n: -arms[n].data.metrics["out_of_fold/tuned_f1"])
    tops = {arm: page.get_by_role("link", name=arm, exact=True).bounding_box() for arm in ARMS}
    assert sorted(ARMS, key=lambda arm: (tops[arm] or {"y": -1})["y"]) == ranked
    expect(page.get_by_role("columnheader", name="average_precision").first).to_be_visible()
    number = f"{arms[ranked[0]].data.metrics['average_precision']:.3f}"[:-1]
    expect(page.get_by_role("gridcell").filter(has_text=number).first).to_be_visible()
    picture(page, screenshots, "mlflow-runs")


def test_a_trial_says_what_was_found(address: str, page: Page, trial: Run) -> None:
    """Its description is the verdict, its arms and its data are beside it, its files behind."""
    page.goto(f"{address}/runs/{trial.info.run_id}")
    expect(page.get_by_text(re.compile("^(Recommended|Not settled): "))).to_be_visible()
    for arm in ARMS:
        expect(page.get_by_role("link", name=arm).first).to_be_visible()
    expect(page.get_by_text("data.n_samples")).to_be_visible()
    page.goto(f"{address}/runs/{trial.info.run_id}/artifacts")
    for name in ("comparison.json", "verdict.json", "params.yaml"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    page.get_by_text("report.html", exact=True).first.click()
    report = page.frame_locator("iframe")
    expect(report.get_by_role("heading", level=1)).to_be_visible()
    expect(report.locator("html")).to_have_attribute("data-drawn", "true")
    report.get_by_role("link", name="method").click()
    expect(report.get_by_role("heading", name="How it was done")).to_be_in_viewport()


def test_an_arm_shows_its_headline_first_and_its_curve(
    address: str, page: Page, shown: Repository, trial: Run
) -> None:
    """Before any other number; and the objective by threshold is a chart in a section."""
    run = shown.arms_of(trial)["smote-logistic"]
    page.goto(f"{address}/runs/{run.info.run_id}")
    for name in HEADLINE:
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    page.goto(f"{address}/runs/{run.info.run_id}/model-metrics")
    expect(page.get_by_text(re.compile(r"^by_threshold")).first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_a_model_says_what_it_decides_and_names_its_datasets(
    address: str, page: Page, shown: Repository, trial: Run, screenshots: Path | None
) -> None:
    """On its page, which its numbers are on too, each beside the part of the data it is of."""
    outputs = shown.arms_of(trial)["smote-logistic"].outputs
    assert outputs is not None
    page.goto(f"{address}/models/{outputs.model_outputs[0].model_id}?workflowType=machine_learning")
    for title in ("What it decides.", "How well it does.", "Limits."):
        expect(page.get_by_text(title)).to_be_visible()
    expect(page.get_by_text("Datasets used")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^test \(#")).first).to_be_visible()
    picture(page, screenshots, "mlflow-model")


def test_arms_are_compared(
    address: str, page: Page, shown: Repository, trial: Run, screenshots: Path | None
) -> None:
    """Parallel coordinates open with strategies and average precision, all arms below."""
    runs = json.dumps([run.info.run_id for run in shown.arms_of(trial).values()])
    origin, experiment = address.split("#", maxsplit=1)[0], json.dumps([trial.info.experiment_id])
    page.goto(
        f"{origin}#/compare-runs?runs={quote(runs)}&experiments={quote(experiment)}"
        "&workflowType=machine_learning"
    )
    expect(page.get_by_text("Comparing 3 Runs")).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    expect(page.get_by_text("average_precision", exact=True).first).to_be_visible()
    for arm in ARMS:
        expect(page.get_by_text(arm, exact=True).first).to_be_visible()
    picture(page, screenshots, "mlflow-compare")
