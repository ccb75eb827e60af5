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


def cell_figures(metrics: Mapping[str, Any], curves: pd.DataFrame) -> dict[str, Figure]:
    """Return a figure for each curve of an arm and for its confusion matrix, by name."""
    figures = {}
    for name, (x_label, y_label) in LABELS.items():
        figure, axes = _figure(metrics["cell"], x_label, y_label)
        points = curves[curves["curve"] == name]
        axes.plot(points["x"], points["y"], marker="o" if name == "reliability" else None)
        if name != "precision_recall":
            axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        figures[name] = figure
    return figures | {"confusion_matrix": _confusion_matrix(metrics)}


def _confusion_matrix(metrics: Mapping[str, Any]) -> Figure:
    figure, axes = _figure(metrics["cell"], "predicted", "actual")
    counts = metrics["default"]
    rows = [[counts["tn"], counts["fp"]], [counts["fn"], counts["tp"]]]
    shares = [[count / max(1, sum(row)) for count in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for actual, row in enumerate(rows):
        for predicted, count in enumerate(row):
            color = "white" if shares[actual][predicted] > DARK else "black"
            axes.text(predicted, actual, f"{count:,}", ha="center", va="center", color=color)
    labels = ["negative", "positive"]
    axes.set(xticks=[0, 1], yticks=[0, 1], xticklabels=labels, yticklabels=labels)
    return figure


def _figure(title: str, x_label: str, y_label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5, 4.5), dpi=100)
    axes = figure.add_subplot(title=title, xlabel=x_label, ylabel=y_label)
    figure.subplots_adjust(left=0.16, right=0.96, bottom=0.12, top=0.92)
    return figure, axes
