"""The share of rows that are kept for the test, against the one that was asked for."""

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.core.tables import GROUP, TIME
from equipoise.params.trial_params import Split

# Of the smaller of both parts as asked for: a part that differs by less is no matter.
WORTH_A_WARNING = 0.25
TOGETHER = {
    "group": (GROUP, "group", "name a finer group as data.group"),
    "time": (TIME, "time", "name a finer time as data.time"),
}


def find_other_share(train: pd.DataFrame, test: pd.DataFrame, split: Split) -> list[Finding]:
    """Find a test part that is larger or smaller than asked for, as groups or times are large."""
    if split.method not in TOGETHER or test.empty:
        return []
    kept = len(test) / (len(train) + len(test))
    asked = split.test_size
    if abs(kept - asked) <= WORTH_A_WARNING * min(asked, 1 - asked):
        return []
    column, name, remedy = TOGETHER[split.method]
    largest = pd.concat([train[column], test[column]]).value_counts(normalize=True).iloc[0]
    message = (
        f"split.test_size: the test part has {100 * kept:.2g}% of the rows, where"
        f" {100 * asked:.3g}% were asked for: rows of one {name} stay on one side, and the largest"
        f" {name} has {100 * largest:.2g}% of them; choose another share, or {remedy}"
    )
    return [Finding("warning", "split.test_size", message)]
