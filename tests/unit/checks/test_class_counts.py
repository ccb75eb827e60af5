"""A positive class that is not the rare one, and one with too few rows."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from equipoise.checks.class_counts import find_common_positives, find_few_rows, find_small_sample
from equipoise.params.data_params import FileData
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


@pytest.mark.parametrize(("kept", "notes"), [(5, 1), (19.9, 1), (20, 0)])
def test_a_sample_with_few_of_the_commonest_class_is_noted(kept: float, notes: int) -> None:
    """Unless there were no more of them, so that none is left out."""
    asked = {"source": "file", "path": "data/raw/t.csv", "target": "y"}
    data = FileData.model_validate({**asked, "sample": {"majority_per_minority": kept}})
    assert len(find_small_sample(part(*[0] * 200, *[1] * 10), data)) == notes
    assert find_small_sample(part(*[0] * 40, *[1] * 10), data) == []


def test_a_part_with_too_few_rows_of_a_class_is_warned_of(
    make_params: Callable[..., Params],
) -> None:
    """Before a trial is run that can only say that it cannot tell."""
    enough, few = part(*[0] * 90, *[1] * 50), part(*[0] * 90, *[1] * 49)
    uncertainty = make_params().uncertainty
    assert find_few_rows(enough, enough, uncertainty) == []
    (finding,) = find_few_rows(enough, few, uncertainty)
    assert finding.level == "warning"
    assert "49 test rows of the rarest class: with fewer than 50" in finding.message
    assert "about fitted models" in finding.message
    assert "about remedies" in find_few_rows(few, enough, uncertainty)[0].message
