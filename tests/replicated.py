"""Replicates as the product draws them, and what a slow count makes of the same rows."""

import numpy as np
import pandas as pd

from equipoise.deciding.objectives import make_objective
from equipoise.judging.bootstrap import Counts, make_strata, replicate
from equipoise.judging.replicates import replicate_metrics as replicate_by_objective
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.probabilities import make_calibration_bins
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision


def replicate_metrics(rows: Scores, decision: Decision, resamples: int, seed: int) -> pd.DataFrame:
    objective = make_objective(decision, rows.classes, decision.prevalence)
    return replicate_by_objective(rows, objective, resamples, seed)


def drawn(y_true: Labels, resamples: int, seed: int) -> Floats:
    """How often each replicate counts each row, the observed one first."""
    strata = make_strata(y_true, seed)

    def by_row(counts: Counts) -> dict[str, Floats]:
        rows = np.empty((len(counts[0]), len(y_true)))
        for stratum, own in zip(strata, counts, strict=True):
            rows[:, stratum.rows] = own[:, stratum.unit]
        return {str(row): values for row, values in enumerate(rows.T)}

    return replicate(strata, by_row, resamples, seed).to_numpy()


def bins_moved(y_true: Labels, score: Floats, weights: Floats) -> float:
    """By how much, a row, the bins of the reliability curve are off where they were not."""
    off, bin_of = score - y_true, make_calibration_bins(score)
    moved = [abs(((weights - 1) * off)[bin_of == b].sum()) for b in np.unique(bin_of)]
    return float(sum(moved) / weights.sum())


def replicate_unmoved(folds: pd.DataFrame, draws: int = 50) -> pd.DataFrame:
    """Replicates of folds that other rows would not move: what varies is what folds vary by."""
    positives = np.random.default_rng(0).poisson(20, len(folds) * draws)
    repeated = folds.loc[folds.index.repeat(draws)].reset_index(drop=True)
    return repeated.assign(drawn_0=200 - positives, drawn_1=positives)
