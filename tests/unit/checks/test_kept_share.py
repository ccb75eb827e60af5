"""A test part of another size than was asked for is said to be one."""

import numpy as np
import pandas as pd
import pytest

from equipoise.checks.kept_share import find_other_share
from equipoise.core.tables import GROUP, TIME
from equipoise.data.splitting import split_dataset
from equipoise.params.trial_params import Split

ROWS = 2000


def split_table(column: str, largest: float, test_size: float) -> tuple[list[str], float]:
    """Return what is found where one group, or the last day, has this share of the rows."""
    rng = np.random.default_rng(3)
    values = np.where(rng.random(ROWS) < largest, 300, rng.integers(0, 300, ROWS))
    table = pd.DataFrame({"x": rng.random(ROWS), "target": (rng.random(ROWS) < 0.2).astype(int)})
    split = Split(test_size=test_size, method="group" if column == GROUP else "time")
    train, test = split_dataset(table.assign(**{column: values}), split, seed=3)
    return [found.message for found in find_other_share(train, test, split)], len(test) / ROWS


@pytest.mark.parametrize("largest", [0.0, 0.5, 0.6])
def test_a_large_group_is_left_to_train_and_the_share_is_kept(largest: float) -> None:
    found, kept = split_table(GROUP, largest, 0.3)
    assert found == []
    assert kept == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(("column", "name"), [(GROUP, "group"), (TIME, "time")])
def test_a_share_that_cannot_be_kept_is_named_with_what_is_too_large(
    column: str, name: str
) -> None:
    (message,), kept = split_table(column, 0.9, 0.3)
    assert message.startswith(
        f"split.test_size: the test part has {100 * kept:.2g}% of the rows, where 30% were asked"
    )
    assert f"the largest {name} has 9" in message
