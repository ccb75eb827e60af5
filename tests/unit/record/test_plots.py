"""The pictures: real files, with the right words and numbers on them."""

import io
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from equipoise.record.plots import LONGEST_LABEL, MOST_COUNTED, cell_figures

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


def of_classes(labels: list[str], matrix: list[list[int]] | None = None) -> dict[str, Figure]:
    """The figures of an arm on several classes, whose curves end at heights of their own."""
    matrix = np.eye(len(labels), dtype=int).tolist() if matrix is None else matrix
    metrics: dict[str, Any] = {"cell": "smote-logistic", "classes": labels, "default": {}}
    metrics["confusion"] = {"default": matrix, "tuned": np.transpose(matrix).tolist()}
    curves = [
        pd.DataFrame({"curve": name, "x": x, "y": np.array(y) / (2 + code), "class": label})
        for code, label in enumerate(labels)
        for name, (x, y) in POINTS.items()
        if name != "threshold"
    ]
    return cell_figures(metrics, pd.concat(curves))


ODD = ["50%+", "a b", "ü"]
MATRIX = [[1, 13, 5], [0, 121_000, 4], [0, 12, 24]]


@pytest.mark.parametrize("name", ["precision_recall", "roc", "reliability"])
def test_each_class_has_its_own_line_under_its_own_name(name: str) -> None:
    """The legend tells the classes apart, in the order of the metrics file."""
    axes = axes_of(of_classes(ODD)[name])
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ODD
    lines = axes.get_lines()[: len(ODD)]
    for code, (line, handle) in enumerate(zip(lines, legend.get_lines(), strict=True)):
        x, y = POINTS[name]
        assert data_of(line) == (x, [value / (2 + code) for value in y])
        assert line.get_color() == handle.get_color()
    assert len({line.get_color() for line in lines}) == len(ODD)
    assert len(axes.get_lines()) == len(ODD) + (name != "precision_recall")


def test_one_positive_class_needs_no_legend(figures: dict[str, Figure]) -> None:
    """There is one line, and the title says whose."""
    assert not any(axes_of(figure).get_legend() for figure in figures.values())


def test_the_confusion_matrix_of_several_classes_has_a_row_and_a_column_for_each() -> None:
    """Default decisions: actual classes down, predicted across, darkest where most of a row are."""
    axes = axes_of(of_classes(ODD, MATRIX)["confusion_matrix"])
    counts = {text.get_position(): text.get_text() for text in axes.texts}
    assert counts == {
        (predicted, actual): f"{count:,}"
        for actual, row in enumerate(MATRIX)
        for predicted, count in enumerate(row)
    }
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [label.get_text() for label in labels] == ODD
    (image,) = axes.images
    drawn = np.array(image.get_array())
    assert drawn == pytest.approx(np.array(MATRIX) / np.sum(MATRIX, axis=1, keepdims=True))
    white = {text.get_position() for text in axes.texts if text.get_color() == "white"}
    assert white == {(1, 0), (1, 1), (2, 2)}


@pytest.mark.parametrize(
    "labels",
    [
        ["$0-$50", "$_$", "a$b"],
        ["_hidden", "_nolegend_", ""],
        ["a rather long label of a class"] * 2 + ["x" * 200],
    ],
    ids=["formulas", "underscores", "long"],
)
def test_any_label_can_be_drawn(labels: list[str]) -> None:
    """Signs that matplotlib reads as formulas, or as not to be shown, are drawn; no text is cut."""
    labels = [f"{label}{code}" for code, label in enumerate(labels)]
    for name, figure in of_classes(labels).items():
        file = io.BytesIO()
        figure.savefig(file, format="png")
        assert file.getvalue().startswith(PNG)
        axes = axes_of(figure)
        legend = axes.get_legend()
        texts = [*axes.get_yticklabels(), *axes.get_xticklabels()]
        if name != "confusion_matrix":
            assert legend is not None
            texts = list(legend.get_texts())
        for text, label in zip(texts, labels * 2, strict=False):
            shown = text.get_text().replace(r"\$", "$").removesuffix("…")
            assert label.startswith(shown)
            assert len(shown) >= min(len(label), LONGEST_LABEL - 1)
            box, inside = text.get_window_extent(), figure.bbox
            assert inside.x0 <= box.x0 < box.x1 <= inside.x1
            assert inside.y0 <= box.y0 < box.y1 <= inside.y1


@pytest.mark.parametrize("classes", [10, MOST_COUNTED + 1])
def test_counts_of_many_classes_do_not_run_into_each_other(classes: int) -> None:
    """The picture grows with the classes; where there are too many for counts it has none."""
    matrix = np.full((classes, classes), 12_345).tolist()
    figure = of_classes([str(code) for code in range(classes)], matrix)["confusion_matrix"]
    figure.canvas.draw()
    texts = axes_of(figure).texts
    assert len(texts) == (classes**2 if classes <= MOST_COUNTED else 0)
    for one, other in pairwise(texts):
        if one.get_position()[1] == other.get_position()[1]:
            assert one.get_window_extent().x1 < other.get_window_extent().x0
    assert max(figure.get_size_inches() * figure.dpi) < 2100
