"""Columns and scores that are not as they were on the test part.

Numbers and scores are compared by the two-sample Kolmogorov-Smirnov test, categories and gaps by
the chi-square test. A difference is an alarm if it is significant after Holm's correction (1979)
and large too: with enough rows any difference is significant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, ks_2samp

from equipoise.judging.intervals import correct_by_holm
from equipoise.metrics.names import Floats

# Smaller differences do not matter, however sure they are: a tenth of the rows has moved.
LARGE = 0.1
# Categories with fewer rows expected in either table are put together (Cochran, 1954).
FEWEST_EXPECTED = 5
NUMBERS, CATEGORIES = frozenset({"numeric", "integer"}), frozenset({"category", "boolean"})


@dataclass(frozen=True)
class Drift:
    """How far something is from the test part, and the p-value of no difference.

    `size` is the largest difference of the cumulative shares of a number, or half of the summed
    differences of the shares of categories: the share of rows that would have to change.
    """

    what: str
    size: float
    p: float

    def is_alarm(self, level: float) -> bool:
        """Whether the difference is sure, and matters."""
        return self.p < level and self.size >= LARGE


def compare_columns(
    test: pd.DataFrame, batch: pd.DataFrame, kinds: Mapping[str, str]
) -> Iterator[Drift]:
    """Give the drift of each column, and of the gaps in it, p-values not corrected.

    Of dates and text only gaps are compared: later rows have later dates, and texts hardly repeat.
    """
    for name, kind in kinds.items():
        before, now = test[name], batch[name]
        if kind in CATEGORIES:
            yield compare_categories(name, before, now)
            continue
        if kind in NUMBERS:
            numbers = [column.dropna().to_numpy(np.float64) for column in (before, now)]
            yield compare_numbers(name, numbers[0], numbers[1])
        if before.isna().any() or now.isna().any():
            yield compare_categories(f"gaps in {name}", before.isna(), now.isna())


def compare_numbers(what: str, before: Floats, now: Floats) -> Drift:
    """Return the drift of numbers by the two-sample Kolmogorov-Smirnov test; none if one has none.

    Where values repeat, the p-value is too large rather than too small.
    """
    if not (len(before) and len(now)):
        return Drift(what, 0.0, 1.0)
    found = ks_2samp(before, now, method="asymp")
    return Drift(what, float(found.statistic), float(found.pvalue))


def compare_categories(what: str, before: pd.Series, now: pd.Series) -> Drift:
    """Return the drift of the shares of categories by the chi-square test; a gap is one too.

    Rare categories are put together, and those that are new are compared as any.
    """
    words = [column.astype("str").where(column.notna()) for column in (before, now)]
    counts = pd.concat([each.value_counts(dropna=False) for each in words], axis=1).fillna(0)
    table = counts.to_numpy(np.float64)
    rows = table.sum(axis=0)
    if rows.min() == 0:
        return Drift(what, 0.0, 1.0)
    rare = table.sum(axis=1) * rows.min() / rows.sum() < FEWEST_EXPECTED
    pooled = np.vstack([table[~rare], table[rare].sum(axis=0)])
    pooled = pooled[pooled.sum(axis=1) > 0]
    size = float(np.abs(pooled[:, 0] / rows[0] - pooled[:, 1] / rows[1]).sum() / 2)
    p = float(chi2_contingency(pooled).pvalue) if len(pooled) > 1 else 1.0
    return Drift(what, size, p)


def correct_drifts(drifts: list[Drift]) -> list[Drift]:
    """Return drifts with p-values corrected for their number (Holm, 1979)."""
    corrected = correct_by_holm([drift.p for drift in drifts])
    return [replace(drift, p=p) for drift, p in zip(drifts, corrected, strict=True)]
