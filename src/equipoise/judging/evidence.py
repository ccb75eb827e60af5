"""What arms are compared by."""

from dataclasses import dataclass

import pandas as pd

from equipoise.judging.arm_result import ArmResult


@dataclass(frozen=True)
class Evidence:
    """What arms are compared by: an arm's result, and its numbers on other rows.

    `folds` has its scores by fold, `fold_replicates` what they are when rows of train are drawn
    again; `replicates` what the numbers of the test part are when its rows are.
    """

    result: ArmResult
    folds: pd.DataFrame
    fold_replicates: pd.DataFrame
    replicates: pd.DataFrame
