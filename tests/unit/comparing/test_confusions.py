"""Confusion matrices in long form: every count in its place, whatever the number of classes."""

from typing import Any

import pytest
from tests.answers import result_of

from equipoise.comparing.confusions import VIEWS, make_confusion_table

TWO: dict[str, Any] = {
    "arm": "smote-logistic",
    "test": {"n": 500},
    "default": {"tn": 400, "fp": 50, "fn": 20, "tp": 30},
    "tuned": {"tn": 440, "fp": 10, "fn": 40, "tp": 10},
}
THREE: dict[str, Any] = {
    "arm": "baseline-bayes",
    "classes": ["a", "b", "c"],
    "test": {"n": 60},
    "confusion": {
        "default": [[10, 1, 2], [3, 20, 4], [5, 6, 9]],
        "tuned": [[13, 0, 0], [0, 27, 0], [0, 0, 20]],
    },
}


def test_two_classes_are_negative_and_positive() -> None:
    """A missed positive is an actual positive that was predicted negative."""
    table = make_confusion_table([result_of(TWO)])
    counted = table.set_index(["view", "actual", "predicted"])["rows"]
    assert counted["default", "positive", "negative"] == 20
    assert counted["default", "negative", "positive"] == 50
    assert counted["tuned", "positive", "positive"] == 10
    assert len(counted) == 8


def test_several_classes_go_by_their_labels() -> None:
    """Rows of the matrix are actual classes, columns predicted ones."""
    counted = make_confusion_table([result_of(THREE)]).set_index(["view", "actual", "predicted"])[
        "rows"
    ]
    assert counted["default", "c", "a"] == 5
    assert counted["default", "a", "c"] == 2
    assert len(counted) == len(VIEWS) * 9


@pytest.mark.parametrize("arms", [[TWO], [THREE], [TWO, TWO | {"arm": "other"}]])
def test_each_matrix_adds_up_to_a_thousand(arms: list[dict[str, Any]]) -> None:
    """Per thousand is of all test rows, so that arms can be compared."""
    table = make_confusion_table(map(result_of, arms))
    sums = table.groupby(["arm", "view"])["per_thousand"].sum()
    assert len(sums) == len(VIEWS) * len(arms)
    assert sums.tolist() == pytest.approx([1000] * len(sums))
    shares = table.groupby(["arm", "view", "actual"])["share"].sum()
    assert shares.tolist() == pytest.approx([1] * len(shares))
