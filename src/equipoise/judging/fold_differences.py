"""How far an arm is from another over the folds, and how that would vary with other data.

Two things vary. Other rows would be scored: `rows`, the variance of the mean difference when rows
are drawn again and models stay, rows of all folds and repeats together. And other rows would
train other models: `trainings`, by how much folds of one repeat differ beyond what their rows
explain. No unbiased estimate can be made of these from one set of folds (Bengio and Grandvalet,
2004): models trained on rows in common vary together, and how closely depends on the procedure.
So the weights of the two are set by simulation, on the safe side.
"""

from math import sqrt

import numpy as np
import pandas as pd

from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.metrics.names import ROUNDING, Floats, Labels

# Columns of replicates: how many rows of each class one has of a fold.
DRAWN = "drawn_"
# What rows and trainings count for in the variance of a mean difference. Smooth procedures, such as
# a logistic regression with class weights, pass on to all folds what their common rows happen to
# be, which no difference between folds shows: therefore more than the rows alone, in proportion.
ROWS_WEIGHT, TRAININGS_WEIGHT = 1.75, 0.25


def estimate_fold_difference(
    differences: Floats, repeat: Labels, replicates: Floats, drawn: Floats, n_rare: int
) -> EstimatedDifference:
    """Return the mean difference over folds, higher is better, and how it varies.

    `differences` has a value for each fold, `repeat` the repeat that it belongs to, `replicates`
    the same of rows drawn again (folds x draws), `drawn` how many rows of each class that were
    (folds x draws x classes). `n_rare` is the number of train rows of the rarest class.
    """
    effect = float(differences.mean())
    rows = float(np.nanvar(np.nanmean(replicates, axis=0), ddof=1))
    within, degrees = _measure_within_repeats(differences, repeat)
    of_rows = np.mean(
        [_measure_at_class_counts(*own) for own in zip(replicates, drawn, strict=True)]
    )
    trainings = max(0.0, within - float(of_rows))
    parts = np.array([ROWS_WEIGHT * rows, TRAININGS_WEIGHT * trainings])
    variance = float(parts.sum())
    if variance <= (ROUNDING * effect) ** 2:
        return EstimatedDifference(effect, abs(effect) / sqrt(len(differences) + 1), degrees)
    # Satterthwaite (1946); the variance from rows is known as well as the rarest class is.
    squares = parts**2 / np.array([max(1, n_rare - 1), degrees])
    return EstimatedDifference(effect, sqrt(variance), variance**2 / float(squares.sum()))


def estimate_over_folds(
    values: pd.Series, replicates: pd.Series, folds: pd.DataFrame, fold_replicates: pd.DataFrame
) -> EstimatedDifference:
    """Return the mean of a column over folds, and how it varies (`estimate_fold_difference`).

    `values` and `replicates` are columns of the frames that `judge_by_fold` gives, or differences
    of columns of two arms.
    """
    drawn = fold_replicates[[name for name in fold_replicates if str(name).startswith(DRAWN)]]
    return estimate_fold_difference(
        values.to_numpy(),
        folds["repeat"].to_numpy(),
        replicates.to_numpy().reshape(len(folds), -1),
        drawn.to_numpy().reshape(len(folds), -1, drawn.shape[1]),
        int(folds["n_rare"].iloc[0]),
    )


def _measure_within_repeats(differences: Floats, repeat: Labels) -> tuple[float, int]:
    """Return the variance between folds of a repeat, and its degrees of freedom."""
    by_repeat = [differences[repeat == each] for each in np.unique(repeat)]
    degrees = sum(len(own) - 1 for own in by_repeat)
    squares = sum(float(((own - own.mean()) ** 2).sum()) for own in by_repeat)
    return squares / degrees, degrees


def _measure_at_class_counts(replicates: Floats, drawn: Floats) -> float:
    """Return the variance of a fold's replicates as if each had the fold's own class counts.

    Folds are stratified, so class counts explain nothing of how folds differ; what they explain
    of the replicates is taken out, by linear regression.
    """
    known = np.isfinite(replicates)
    counts = np.column_stack([np.ones(known.sum()), drawn[known]])
    solution, _, rank, _ = np.linalg.lstsq(counts, replicates[known])
    left = replicates[known] - counts @ solution
    return float((left**2).sum() / max(1, len(left) - rank))
