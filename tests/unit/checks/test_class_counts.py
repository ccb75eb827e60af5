"""The target, and classes that are too small."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from equipoise.checks.class_counts import (
    find_classes_in_one_part,
    find_common_positives,
    find_too_few_classes,
    find_unlabelled_rows,
)
from equipoise.checks.finding import Finding
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]


def part(*target: Any, **sizes: int) -> pd.DataFrame:
    """Return one feature, and these labels, or so many rows of each label."""
    labels = [*target, *(label for label, rows in sizes.items() for _ in range(rows))]
    feature = np.random.default_rng(0).normal(size=len(labels))
    return pd.DataFrame({"feature": feature, "target": labels})


def only(findings: list[Finding]) -> Finding:
    """Return the one finding there is."""
    (finding,) = findings
    return finding


def test_rows_without_a_label_are_counted(make_params: MakeParams) -> None:
    """A missing label is an error with the number of rows; with all labels there is none."""
    finding = only(find_unlabelled_rows(part(0, 1, None, None), make_params().data))
    assert finding.level == "error"
    assert "2 of 4 rows have no label" in finding.message
    assert find_unlabelled_rows(part(0, 1), make_params().data) == []


@pytest.mark.parametrize(
    ("target", "found"),
    [((0, 0, 0), "every label is 0"), (("paid",), "'paid'"), ((None, None), "there is no label")],
)
def test_a_target_that_never_differs_is_an_error(
    make_params: MakeParams, target: tuple[Any, ...], found: str
) -> None:
    """The one label is named."""
    finding = only(find_too_few_classes(part(*target), make_params().data))
    assert (finding.level, finding.subject) == ("error", "data.target")
    assert found in finding.message


def test_two_classes_are_enough(make_params: MakeParams) -> None:
    """Nothing is said of a target with two labels or more."""
    assert find_too_few_classes(part(0, 1), make_params().data) == []
    assert find_too_few_classes(part("a", "b", "c"), make_params().data) == []


def test_a_class_that_one_part_lacks_is_an_error(make_params: MakeParams) -> None:
    """What cannot be tested, and what cannot be learned, are both named."""
    findings = find_classes_in_one_part(part(a=5, b=5), part(a=5, c=5), make_params().uncertainty)
    assert [finding.level for finding in findings] == ["error", "error"]
    assert "class 'b' is in train and has no row in test" in findings[0].message
    assert "class 'c' is in test and has no row in train" in findings[1].message


def test_the_same_classes_in_both_parts_are_fine(make_params: MakeParams) -> None:
    """However their sizes differ."""
    assert find_classes_in_one_part(part(a=5, b=1), part(a=1, b=9), make_params().uncertainty) == []


def test_a_positive_class_that_is_the_majority_is_warned_of(make_params: MakeParams) -> None:
    """Several classes have none, and half of the rows is not more than half."""
    data = make_params().data
    finding = only(find_common_positives(part(0, 1, 1, 1), data))
    assert (finding.level, finding.subject) == ("warning", "data.positive")
    assert "75.0% of rows" in finding.message
    for target in ((0, 1), (0, 0, 1), ("a", "b", "b"), (0, 1, 2, 1, 1, 1)):
        assert find_common_positives(part(*target), data) == []
