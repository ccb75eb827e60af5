"""What arms are compared by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from equipoise.judging.arm_result import ArmResult


@dataclass(frozen=True)
class Evidence:
    """What arms are compared by: an arm's result, and its numbers on other rows.

    `folds` has its scores by fold, `fold_replicates` what they are when rows of train are drawn
    again; `replicates` what the numbers of the test part are when its rows are. `segments` has
    what is known of the arm in each segment of the table that has rows enough.
    """

    result: ArmResult
    folds: pd.DataFrame
    fold_replicates: pd.DataFrame
    replicates: pd.DataFrame
    segments: Mapping[str, "Evidence"] = field(default_factory=dict, kw_only=True)
