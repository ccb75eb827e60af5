"""The pictures of one arm that MLflow shows."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LABELS = {
    "precision_recall": ("recall", "precision"),
    "roc": ("false positive rate", "true positive rate"),
    "reliability": ("mean predicted probability", "observed share of positives"),
}

# A share of a row above this is drawn so dark that its count must be white.
DARK = 0.5
# As much of a label fits beside a picture.
LONGEST_LABEL = 20
# What a class takes of the sides of a confusion matrix, in inches.
CELL = 0.6
# Of more classes than this only shades are drawn.
MOST_COUNTED = 30


def cell_figures(metrics: Mapping[str, Any], curves: pd.DataFrame) -> dict[str, Figure]:
    """Return a figure for each curve of an arm and for its confusion matrix, by name."""
    figures = {}
    for name, (x_label, y_label) in LABELS.items():
        figure, axes = _figure(metrics["cell"], x_label, y_label)
        by_label = _lines(curves[curves["curve"] == name])
        marker = "o" if name == "reliability" else None
        lines = [axes.plot(p["x"], p["y"], marker=marker)[0] for p in by_label.values()]
        if "classes" in metrics:
            axes.legend(lines, [*map(_drawn, by_label)], title="class")
        if name != "precision_recall":
            axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        figures[name] = figure
    return figures | {"confusion_matrix": _confusion_matrix(metrics)}


def _lines(points: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the points of each class, or of the only curve there is."""
    if "class" not in points:
        return {"": points}
    return {str(label): own for label, own in points.groupby("class", sort=False)}


def _drawn(label: str) -> str:
    """Return a label as it is drawn: short, and never taken for a formula."""
    short = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
    return short.replace("$", r"\$")


def _confusion_matrix(metrics: Mapping[str, Any]) -> Figure:
    figure, axes = _figure(metrics["cell"], "predicted", "actual")
    labels = [_drawn(label) for label in metrics.get("classes", ["negative", "positive"])]
    counts = metrics["default"]
    two_classes = [[counts.get("tn"), counts.get("fp")], [counts.get("fn"), counts.get("tp")]]
    rows = metrics["confusion"]["default"] if "classes" in metrics else two_classes
    shares = [[count / max(1, sum(row)) for count in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for actual, row in enumerate(rows):
        for predicted, count in enumerate(row):
            color = "white" if shares[actual][predicted] > DARK else "black"
            if len(rows) <= MOST_COUNTED:
                axes.text(predicted, actual, f"{count:,}", ha="center", va="center", color=color)
    if "classes" in metrics:
        _make_room(figure, len(labels))
    ticks = range(len(labels))
    axes.set(xticks=ticks, yticks=ticks, xticklabels=labels, yticklabels=labels)
    return figure


def _make_room(figure: Figure, n_classes: int) -> None:
    """Let a confusion matrix grow with its classes, whose labels stand upright below it."""
    side = max(figure.get_size_inches()[0], CELL * min(n_classes, MOST_COUNTED) + 2)
    figure.set_size_inches(side, side)
    figure.set_layout_engine("constrained")
    figure.axes[0].tick_params("x", labelrotation=90)


def _figure(title: str, x_label: str, y_label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5, 4.5), dpi=100)
    axes = figure.add_subplot(title=title, xlabel=x_label, ylabel=y_label)
    figure.subplots_adjust(left=0.16, right=0.96, bottom=0.12, top=0.92)
    return figure, axes
