"""Remedies over many tables: mean ranks, and how far from the baseline's is far enough.

After Demsar (2006), Statistical comparisons of classifiers over multiple data sets: Friedman's test
of whether strategies differ at all, and Bonferroni-Dunn's critical difference of mean ranks from
that of a control. Ranks do not depend on the scale that a table's numbers have.
"""

from dataclasses import dataclass
from math import sqrt

import pandas as pd
from scipy.stats import friedmanchisquare, norm


@dataclass(frozen=True)
class Ranks:
    """The mean rank of each strategy over the tables, 1 being the best.

    `p` is that of Friedman's test. A strategy whose mean rank is more than `critical` away from
    that of the baseline differs from it; the chance that any of several equal ones does so is at
    most the level.
    """

    means: pd.Series
    tables: int
    p: float
    critical: float


def rank_over_tables(values: pd.DataFrame, level: float) -> Ranks:
    """Return the ranks of strategies (columns) over tables (rows); higher values are better."""
    tables, strategies = values.shape
    means = values.rank(axis=1, ascending=False).mean()
    p = float(friedmanchisquare(*(values[name] for name in values)).pvalue)
    return Ranks(means, tables, p, find_critical_difference(strategies, tables, level))


def find_critical_difference(strategies: int, tables: int, level: float) -> float:
    """Return Bonferroni-Dunn's critical difference, for all strategies but one against that one."""
    quantile = float(norm.isf(level / (2 * (strategies - 1))))
    return quantile * sqrt(strategies * (strategies + 1) / (6 * tables))
