"""The target: which class is meant to be the rare one, and whether it has rows enough."""

import pandas as pd

from equipoise.checks.finding import FEW_ROWS, Finding
from equipoise.core.few_rows import FEWEST_TO_CLAIM, Part, count_rarest, explain_few_rows
from equipoise.core.tables import TARGET
from equipoise.params.data_params import Data
from equipoise.params.trial_params import Uncertainty

POSITIVE, HALF = 1, 0.5
# Of a sample: with 5 for each positive and one positive in 200, 95 % intervals of average precision
# held the truth in 73 % of 30 draws, with 20 in 95 % of 100 (benchmarks/sampled_majority.py).
FEWEST_PER_MINORITY = 20


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


def find_small_sample(table: pd.DataFrame, data: Data) -> list[Finding]:
    """Find a sample that leaves so few rows of the commonest class that intervals are too short."""
    if data.source != "file" or data.sample is None:
        return []
    asked, counts = data.sample.majority_per_minority, table[TARGET].value_counts()
    if asked >= FEWEST_PER_MINORITY or counts.max() < asked * (counts.sum() - counts.max()):
        return []
    key = "data.sample.majority_per_minority"
    found = (
        f"{key}: {asked:g} rows of the commonest class for each other one are few: intervals of"
        " precision and average precision are too short, and these numbers too high by chance;"
        f" take {FEWEST_PER_MINORITY} or more"
    )
    return [Finding("note", key, found)]


def find_few_rows(
    train: pd.DataFrame, test: pd.DataFrame, _uncertainty: Uncertainty
) -> list[Finding]:
    """Find parts with so few rows of some class that nothing can be said of arms by them."""
    findings = []
    parts: tuple[tuple[Part, pd.DataFrame], ...] = (("train", train), ("test", test))
    for name, part in parts:
        rows = min(part[TARGET].value_counts(), default=0)
        if 0 < rows < FEWEST_TO_CLAIM:
            found = f"{count_rarest(name, rows)}: {explain_few_rows(name)}; add rows of that class"
            findings.append(Finding("warning", FEW_ROWS, found))
    return findings
