"""A positive class that is not the rare one."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from equipoise.checks.class_counts import find_common_positives
from equipoise.params.trial_params import Params


def part(*target: Any) -> pd.DataFrame:
    """Return one feature, and these labels."""
    return pd.DataFrame({"feature": range(len(target)), "target": target})


def test_a_positive_class_that_is_the_majority_is_warned_of(
    make_params: Callable[..., Params],
) -> None:
    """Several classes have none, and half of the rows is not more than half."""
    data = make_params().data
    (finding,) = find_common_positives(part(0, 1, 1, 1), data)
    assert (finding.level, finding.subject) == ("warning", "data.positive")
    assert "75.0% of rows" in finding.message
    for target in ((0, 1), (0, 0, 1), ("a", "b", "b"), (0, 1, 2, 1, 1, 1)):
        assert find_common_positives(part(*target), data) == []
