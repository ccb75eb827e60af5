"""The target: which class is meant to be the rare one."""

import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.core.tables import TARGET
from equipoise.params.data_params import Data

POSITIVE, HALF = 1, 0.5


def find_common_positives(table: pd.DataFrame, _data: Data) -> list[Finding]:
    """Find a positive class with more than half of the rows: what is rare is meant to be it."""
    target = table[TARGET]
    if {*target.unique()} != {0, 1}:
        return []
    share = float((target == POSITIVE).mean())
    if share <= HALF:
        return []
    found = (
        f"data.positive: {share:.1%} of rows are of the positive class, which is meant to be the"
        " rare one; if the other class is the one to find, set data.positive to its label"
    )
    return [Finding("warning", "data.positive", found)]
