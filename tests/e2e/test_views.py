"""What DVC shows of a finished job: tables that fit a terminal, plots with every arm on them."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import vl_convert
import yaml
from tests.repository import ROOT, Repository

ARMS = ("baseline-logistic", "smote-logistic", "class_weight-logistic")
PLOTS = {
    plot for section in yaml.safe_load((ROOT / "dvc.yaml").read_text())["plots"] for plot in section
}
WIDTH = 120


def drawn(repository: Repository, *command: str) -> dict[str, str]:
    """Return what `dvc plots` draws, as SVG: DVC fills in the templates, Vega-Lite draws."""
    told = json.loads(repository.run("dvc", "plots", *command, "--json").stdout)
    assert "errors" not in told
    specs: dict[str, Any] = {name: plot for name, (plot,) in told["data"].items()}
    assert not any("<DVC_METRIC" in json.dumps(spec) for spec in specs.values())
    return {name: vl_convert.vegalite_to_svg(spec["content"]) for name, spec in specs.items()}


def panels(picture: str, kind: str) -> list[tuple[str, str, set[str]]]:
    """Return how far down each panel is, its first text, and the arms that its marks are of."""
    (group,) = (g for g in ET.fromstring(picture).iter() if is_of(g, kind))  # noqa: S314 - our own picture
    found = []
    for panel in group:
        text = next((inner.text or "" for inner in panel.iter() if inner.tag.endswith("text")), "")
        arms = set(re.findall(r"arm: ([^;]+);", ET.tostring(panel, encoding="unicode")))
        found.append((panel.get("transform", "").split(",")[-1], text, arms))
    return found


def is_of(group: ET.Element, kind: str) -> bool:
    """Tell whether a group of an SVG holds the panels of a kind."""
    classes = group.get("class", "").split()
    return "mark-group" in classes and kind in classes


def test_every_template_is_used(finished: Repository) -> None:
    """There is one for each plot, and none that nothing draws."""
    sections = yaml.safe_load((finished.path / "dvc.yaml").read_text())["plots"]
    used = {plot["template"] for section in sections for plot in section.values()}
    assert used == {path.stem for path in (finished.path / ".dvc/plots").glob("*.json")}


def test_plots_show_every_arm(finished: Repository) -> None:
    """Each plot is a picture with all arms by name, each curve drawn once for each arm."""
    pictures = drawn(finished, "show")
    assert set(pictures) == PLOTS
    for name, picture in pictures.items():
        assert [arm for arm in ARMS if f">{arm}<" not in picture] == []
        if name != "confusion":
            assert picture.count('aria-roledescription="line mark"') >= len(ARMS)
    assert "not by a threshold" not in pictures["threshold"]


def test_plots_diff_shows_both_revisions(repository: Repository) -> None:
    """An arm that only one of two revisions has keeps its own numbers, in its own row."""
    for name in ("reports/confusion.csv", "reports/curves.csv"):
        lines = (repository.path / name).read_text().splitlines(keepends=True)
        kept = [line for line in lines if "smote-logistic" not in line]
        (repository.path / name).write_text("".join(kept))
    for name, picture in drawn(repository, "diff", "HEAD").items():
        assert "workspace<" in picture
        assert "HEAD<" in picture
        assert [arm for arm in ARMS if f">{arm}<" not in picture] == []
        if name == "confusion":
            headers = {row: text for row, text, _ in panels(picture, "row_header")}
            numbers = [(row, arms) for row, _, arms in panels(picture, "cell") if arms]
            assert sorted(headers.values()) == sorted(ARMS)
            assert len(numbers) == 2 * (2 * len(ARMS) - 1)
            assert [arms for row, arms in numbers if arms != {headers[row]}] == []


def test_several_classes_have_a_panel_each_and_no_threshold(repository: Repository) -> None:
    """A table of several classes is drawn by the same templates."""
    path = repository.path / "reports/curves.csv"
    header, *lines = path.read_text().splitlines()
    shown = [line for line in lines if not line.startswith(("threshold", "chosen", "net_benefit"))]
    both = [f"{line},{label}" for label in ("a b", "<c>") for line in shown]
    path.write_text("\n".join([f"{header},class", *both]) + "\n")
    pictures = drawn(repository, "show")
    for name in ("precision-recall", "roc", "reliability"):
        assert ">class a b<" in pictures[name]
        assert ">class &lt;c&gt;<" in pictures[name]
    assert "not by a threshold" in pictures["threshold"]
    assert "Net benefit is for two classes" in pictures["net-benefit"]


@pytest.mark.parametrize("command", ["show", "diff"])
def test_metrics_fit_a_terminal(repository: Repository, command: str) -> None:
    """A row for each arm, or for each number that changed, in 120 columns, as experiments have."""
    for arm in ARMS:
        path = repository.path / "scores" / arm
        numbers = json.loads(path.read_text())
        path.write_text(json.dumps({name: value + 0.01 for name, value in numbers.items()}))
    header, *rows = repository.succeed("dvc", "metrics", command).splitlines()
    assert max(map(len, [header, *rows])) <= WIDTH
    if command == "show":
        assert header.split()[:2] == ["Path", "average_precision"]
        assert {"tuned_f1", "default_f1"} < set(header.split())
        assert [row.split()[0] for row in rows] == [
            *(f"scores/{arm}" for arm in ARMS),
            "reports/recommended",
        ]
    else:
        assert {row.split()[-1] for row in rows} == {"0.01"}
        assert len(rows) == 5 * len(ARMS)
