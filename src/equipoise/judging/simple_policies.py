"""What an arm has to be better than to be of use: an alert for every row, or for none."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from equipoise.judging.evidence import Evidence
from equipoise.metrics.names import NET_BENEFIT, PREVALENCE, Floats, name_column

ALL, NONE = "all", "none"


def value_alerting_all(prevalence: Floats | float, odds: float) -> Floats:
    """Return the net benefit of an alert for every row; that of no alert is 0."""
    return np.asarray(prevalence - (1 - prevalence) * odds)


def make_policy(name: str, arm: Evidence, odds: Sequence[str]) -> Evidence:
    """Return the evidence of alerting on every row, or on none, from that of any arm."""

    def decide_alike(frame: pd.DataFrame) -> pd.DataFrame:
        share = frame[PREVALENCE].to_numpy(np.float64)
        every = {
            name_column(NET_BENEFIT, each): value_alerting_all(share, float(each)) for each in odds
        }
        return frame.assign(**(every if name == ALL else dict.fromkeys(every, 0.0)))

    return replace(
        arm,
        folds=decide_alike(arm.folds),
        fold_replicates=decide_alike(arm.fold_replicates),
        replicates=decide_alike(arm.replicates),
    )
