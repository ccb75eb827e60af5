"""Confusion matrices of all arms in long form, as plots read them."""

from collections.abc import Iterable, Iterator
from itertools import product

import pandas as pd

from equipoise.judging.arm_result import ArmResult

VIEWS = ("default", "tuned")
COLUMNS = ("arm", "view", "actual", "predicted", "rows", "per_thousand", "share")
NEGATIVE_AND_POSITIVE = ("negative", "positive")


def make_confusion_table(arms: Iterable[ArmResult]) -> pd.DataFrame:
    """Return a row for each arm, view, actual and predicted class; none without a test part.

    It has the test rows, how many of a thousand they are, and their share of the actual class.
    """
    rows = (row for arm in arms if arm.tested for row in _list_rows(arm))
    return pd.DataFrame(rows, columns=COLUMNS)


def _list_rows(arm: ArmResult) -> Iterator[dict[str, str | float]]:
    labels = arm.classes if arm.of_several else NEGATIVE_AND_POSITIVE
    places = range(len(labels))
    for view, actual, predicted in product(VIEWS, places, places):
        of_class = arm.views[view].confusion[actual]
        rows = of_class[predicted]
        yield {
            "arm": arm.arm,
            "view": view,
            "actual": labels[actual],
            "predicted": labels[predicted],
            "rows": rows,
            "per_thousand": 1000 * rows / arm.test["n"],
            "share": rows / max(1, sum(of_class)),
        }
