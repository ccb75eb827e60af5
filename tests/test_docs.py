"""The documentation builds without a warning; what it tells people to write and run is there."""

import os
import re
import statistics
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from equipoise.params.trial_params import Params
from equipoise.terminal.params_file import load_params

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md")),
]
# A block of YAML without a title, as it stands in a page: it belongs in params.yaml.
PARAMS_BLOCK = re.compile(r"^([ ]*)```yaml\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
CATALOGUES = ("strategies", "models")
MADE = (
    "dist/",
    "data/",
    "models/",
    "predictions/",
    "reports/",
    "scores/",
    "site/",
    "mlflow.db",
    "mlartifacts",
)
# What MLflow's names of metrics begin with, which are no folders.
SECTIONS = (
    *("by_threshold/", "calibrated/", "class_", "constant_guess/", "default/", "interval/"),
    *("metrics.", "out_of_fold/", "prior_corrected/", "test/", "tuned/"),
)
# Files and folders that DVC or MLflow make for some, if at all.
OTHERS = {".dvc/config.local", ".dvc/tmp", ".dvc/tmp/exps/", "./mlruns"}
# Where a page may say that a path starts.
ROOTS = [ROOT / origin for origin in ("", "docs", "src/equipoise")]


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a repository as `make docs` does."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What building the site said, and where it is."""
    folder = tmp_path_factory.mktemp("site")
    built = build(ROOT, folder)
    assert built.returncode == 0, built.stderr
    return built.stderr, folder


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_site_builds_without_a_warning(site: tuple[str, Path]) -> None:
    """Links, anchors, nav and docstrings are in order; each page of docs is in the site."""
    said, folder = site
    assert re.findall(r".*\b(?:warning|error)\b.*", said, re.IGNORECASE) == []
    sources = [*DOCS.rglob("*.md"), *DOCS.rglob("*.ipynb")]
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in sources}
    assert pages <= {path.relative_to(folder) for path in folder.rglob("*.html")}
    reference = (folder / "reference/verdict.html").read_text(encoding="utf-8")
    assert 'id="equipoise.comparing.verdict.compare_arms"' in reference


def test_no_page_loads_anything_from_a_network(site: tuple[str, Path]) -> None:
    """The site can be read where there is none."""
    loads = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"?https?://[^>]*>")
    pages = [path.read_text(encoding="utf-8") for path in site[1].rglob("*.html")]
    assert [found for page in pages for found in loads.findall(page)] == []


def params_blocks(page: str) -> list[str]:
    return [textwrap.dedent(body) for _, body in PARAMS_BLOCK.findall(text_of(page))]


@pytest.mark.parametrize(
    ("page", "block"),
    [pytest.param(page, block, id=page) for page in PAGES for block in params_blocks(page)],
)
def test_a_block_of_yaml_is_params_that_load(page: str, block: str, tmp_path: Path) -> None:
    """What a page says to write in params.yaml is taken, beside what is there."""
    sections = yaml.safe_load(block)
    assert set(sections) <= set(Params.model_fields), page
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for name, section in sections.items():
        params[name] = params[name] | section if name in CATALOGUES else section
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(params), encoding="utf-8")
    assert load_params(path)


def test_the_main_pages_show_params() -> None:
    """Blocks are found, so that the test above has something to say."""
    assert {page for page in PAGES if params_blocks(page)} >= {
        "README.md",
        "docs/own-data.md",
        "docs/statistics.md",
        "docs/strategies.md",
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_make_verb_exists(page: str) -> None:
    """`make x` in a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text_of(page), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists_or_is_made(page: str) -> None:
    """Files and folders that a page names are there, or a stage makes them."""
    pattern = r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:yaml|yml|toml|lock))`"
    named = set(re.findall(pattern, text_of(page))) - OTHERS
    kinds = ("", ".py")  # a module goes by its name
    missing = [
        name
        for name in named
        if not any((root / f"{name}{kind}").exists() for root in ROOTS for kind in kinds)
    ]
    assert [name for name in missing if not name.startswith(MADE + SECTIONS)] == []


def test_the_makefile_documents_every_verb() -> None:
    """CONTRIBUTING.md or the README has each target that people call."""
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    texts = text_of("README.md") + text_of("CONTRIBUTING.md")
    assert [verb for verb in targets if f"make {verb}" not in texts] == []


# A difference in docs/honesty.md: its truth, then in percent how often the interval held it and how
# often it was called different; in brackets, by the corrected test.
WORDS = {word: number for number, word in enumerate(["six", "seven", "eight", "nine"], 6)}
MEASURED = re.compile(r"([+-][\d.]+): (\d+), (\d+) \((\d+)\)")


def test_the_power_that_is_claimed_is_that_of_the_tables() -> None:
    """How much more often than the corrected test differences are found, where it finds some."""
    text, few, ratios = (DOCS / "honesty.md").read_text(encoding="utf-8"), False, []
    for line in text.splitlines():
        if "draws" in line and not line.startswith("|"):
            few = "70 in the train part" in line or (few and line.startswith("The same"))
        found = MEASURED.findall(line) if line.startswith("|") else []
        # Of so few positives nothing is claimed about the recalibrated Brier score, the last one.
        for _, _, claimed, corrected in found[: -1 if few else None]:
            if 20 <= int(corrected) <= 60:
                ratios.append(int(claimed) / int(corrected))
    said = re.search(
        r"In (\d+) cases, .*? ([\d.]+) times as often in the median, and at least 1.3 times as"
        r" often in (\d+) of them. In (\w+) cases it finds it less often, ([\d.]+) to",
        " ".join(text.split()),
    )
    assert said is not None
    cases, median, most, fewer, least = said.groups()
    assert int(cases) == len(ratios)
    assert float(median) == pytest.approx(statistics.median(ratios), abs=0.05)
    assert int(most) == sum(ratio >= 1.3 for ratio in ratios)
    assert WORDS[fewer] == sum(ratio < 1 for ratio in ratios)
    assert float(least) == pytest.approx(min(ratios), abs=0.006)
