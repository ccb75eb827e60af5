"""The pictures: real files, with the right words and numbers on them."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from equipoise.record.plots import cell_figures

PNG = b"\x89PNG\r\n\x1a\n"
AXIS_LABELS = {
    "precision_recall": ("recall", "precision"),
    "roc": ("false positive rate", "true positive rate"),
    "reliability": ("mean predicted probability", "observed share of positives"),
    "confusion_matrix": ("predicted", "actual"),
}
COUNTS = {"tn": 131_331, "fp": 12, "fn": 134, "tp": 23}
POINTS = {
    "precision_recall": ([0.2, 0.6, 1.0], [1.0, 0.5, 0.1]),
    "roc": ([0.0, 0.3, 1.0], [0.0, 0.8, 1.0]),
    "reliability": ([0.1, 0.4], [0.2, 0.3]),
    "threshold": ([0.1, 0.9], [0.3, 0.4]),
}


@pytest.fixture
def figures() -> dict[str, Figure]:
    frames = [pd.DataFrame({"curve": name, "x": x, "y": y}) for name, (x, y) in POINTS.items()]
    metrics: dict[str, Any] = {"cell": "smote-logistic", "default": COUNTS}
    return cell_figures(metrics, pd.concat(frames))


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def data_of(line: Line2D) -> tuple[list[float], list[float]]:
    return np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist()


def test_an_arm_has_its_curves_and_its_confusion_matrix(figures: dict[str, Figure]) -> None:
    """Whoever compares runs finds the same pictures in each."""
    assert set(AXIS_LABELS) == set(figures)


@pytest.mark.parametrize("name", AXIS_LABELS)
def test_a_figure_is_a_picture(figures: dict[str, Figure], name: str) -> None:
    """Each figure can be saved as a PNG of a size that can be read, without a warning."""
    file = io.BytesIO()
    figures[name].savefig(file, format="png")
    assert file.getvalue().startswith(PNG)
    assert min(figures[name].get_size_inches() * figures[name].dpi) >= 400


@pytest.mark.parametrize("name", AXIS_LABELS)
def test_a_figure_says_what_it_shows(figures: dict[str, Figure], name: str) -> None:
    """The arm is the title, and both axes have their names."""
    axes = axes_of(figures[name])
    assert AXIS_LABELS[name] == (axes.get_xlabel(), axes.get_ylabel())
    assert axes.get_title() == "smote-logistic"


@pytest.mark.parametrize("name", ["precision_recall", "roc", "reliability"])
def test_a_curve_is_drawn_through_its_own_points(figures: dict[str, Figure], name: str) -> None:
    """No curve is drawn under another's name, and none is cut off by the axes."""
    axes = axes_of(figures[name])
    line = axes.get_lines()[0]
    assert POINTS[name] == data_of(line)
    assert axes.get_xlim() == (0, 1)
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] >= 1


@pytest.mark.parametrize(
    ("name", "lines"), [("precision_recall", 1), ("roc", 2), ("reliability", 2)]
)
def test_the_diagonal_is_drawn_where_it_means_something(
    figures: dict[str, Figure], name: str, lines: int
) -> None:
    """Guessing is the diagonal of a ROC plot, honesty that of a reliability plot."""
    drawn = axes_of(figures[name]).get_lines()
    assert lines == len(drawn)
    if lines == 2:
        assert data_of(drawn[1]) == ([0, 1], [0, 1])


def test_the_confusion_matrix_has_each_count_in_its_place(figures: dict[str, Figure]) -> None:
    """Actual classes down, predicted ones across, and thousands told apart."""
    axes = axes_of(figures["confusion_matrix"])
    counts = {text.get_position(): text.get_text() for text in axes.texts}
    assert counts == {(0, 0): "131,331", (1, 0): "12", (0, 1): "134", (1, 1): "23"}
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [label.get_text() for label in labels] == ["negative", "positive"]


def test_counts_are_legible_on_dark_and_on_light(figures: dict[str, Figure]) -> None:
    """A class's common outcome is dark with a white count, its rare one light with a black."""
    colours = {t.get_position(): t.get_color() for t in axes_of(figures["confusion_matrix"]).texts}
    assert colours == {(0, 0): "white", (1, 0): "black", (0, 1): "white", (1, 1): "black"}
