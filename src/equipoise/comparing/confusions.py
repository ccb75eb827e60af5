"""Confusion matrices of all arms in long form, as plots read them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

VIEWS = ("default", "tuned")
TWO_CLASSES = ("negative", "positive")
# By actual class, then by predicted one.
COUNTS = (("tn", "fp"), ("fn", "tp"))


def confusion_table(arms: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a row for each arm, view, actual and predicted class.

    It has the test rows, how many of a thousand they are, and their share of the actual class.
    """
    return pd.DataFrame(row for metrics in arms for row in _rows(metrics))


def _rows(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    labels = metrics.get("classes", TWO_CLASSES)
    places = range(len(labels))
    for view, actual, predicted in product(VIEWS, places, places):
        of_class = _matrix(metrics, view)[actual]
        rows = of_class[predicted]
        yield {
            "arm": metrics["arm"],
            "view": view,
            "actual": labels[actual],
            "predicted": labels[predicted],
            "rows": rows,
            "per_thousand": 1000 * rows / metrics["test"]["n"],
            "share": rows / max(1, sum(of_class)),
        }


def _matrix(metrics: Mapping[str, Any], view: str) -> list[list[int]]:
    if "classes" in metrics:
        counts: list[list[int]] = metrics["confusion"][view]
        return counts
    return [[metrics[view][name] for name in row] for row in COUNTS]
