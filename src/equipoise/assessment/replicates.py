"""Every metric of an arm on two classes, for each bootstrap replicate of the test part."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from equipoise.assessment.bootstrap import (
    Counts,
    Stratum,
    Summands,
    everything,
    replicate,
    strata_of,
)
from equipoise.assessment.metrics import (
    CALIBRATION_BINS,
    PLAIN,
    Confusion,
    Floats,
    Labels,
    calibration_bins,
    column,
    decision_metrics,
    log_losses,
)
from equipoise.assessment.objectives import Outcome, objective_value
from equipoise.assessment.ranking import Ranking
from equipoise.contract.decision_params import Decision
from equipoise.contract.params import Uncertainty

# The names under which columns are summed.
RESIDUALS = tuple(f"residual {b}" for b in range(CALIBRATION_BINS))
CELLS = ("tn", "fp", "fn", "tp")
DECISIONS = "decisions"


@dataclass(frozen=True)
class Scored:
    """The test rows as one arm sees them.

    `probabilities` has the scores by section: `test` as the model gives them, and what
    calibration makes of them; `decisions` has labels by view.
    """

    y_true: Labels
    probabilities: Mapping[str, Floats]
    decisions: Mapping[str, Labels]
    amount: Floats | None = None


def replicate_metrics(
    scored: Scored, decision: Decision, uncertainty: Uncertainty, seed: int
) -> pd.DataFrame:
    """Return a row for each replicate (`bootstrap.replicate`) and a column for each metric.

    Columns: `average_precision`, `roc_auc`; for each section of probabilities `brier_score`,
    `log_loss` and `calibration_error`, the last as its distance from what was observed; for
    each view `<view>_<decision metric>` and `<view>_<objective>`.
    """
    strata = strata_of(scored.y_true, seed)
    ranking = Ranking.of(strata, 1, scored.probabilities[PLAIN])
    decisions = Summands.of(strata, _decision_columns(scored))
    losses = {
        section: ProbabilitySums.of(strata, scored.y_true, score).sums
        for section, score in scored.probabilities.items()
    }
    sums = Summands.stacked({DECISIONS: decisions} | losses)
    observed = sums.totals(everything(strata))

    def statistic(counts: Counts) -> dict[str, Floats]:
        totals = sums.totals(counts)
        lost = {
            column(section, name): values
            for section in losses
            for name, values in _lost(totals, observed, f"{section} ").items()
        }
        return ranking.metrics(counts) | lost | _decided(totals, scored, decision)

    return replicate(strata, statistic, uncertainty, seed)


@dataclass(frozen=True)
class ProbabilitySums:
    """The losses of one score for one class, ready for any replicate."""

    sums: Summands
    observed: Mapping[str, Floats]

    @classmethod
    def of(cls, strata: list[Stratum], y_true: Labels, score: Floats) -> "ProbabilitySums":
        """Return the losses of scores, and what is off in each bin of the reliability curve."""
        bins = calibration_bins(score)
        off = score - y_true
        losses = {
            "rows": np.ones(len(score)),
            "brier_score": off**2,
            "log_loss": log_losses(y_true, score),
        }
        residuals = {name: np.where(bins == b, off, 0) for b, name in enumerate(RESIDUALS)}
        sums = Summands.of(strata, losses | residuals)
        return cls(sums, sums.totals(everything(strata)))

    def metrics(self, counts: Counts) -> dict[str, Floats]:
        """Return the losses of each replicate.

        `calibration_error` is how far the bins have moved from where they were observed: the
        error itself, being absolute, can have moved no further (the triangle inequality).
        """
        return _lost(self.sums.totals(counts), self.observed)


def _lost(
    totals: Mapping[str, Floats], observed: Mapping[str, Floats], prefix: str = ""
) -> dict[str, Floats]:
    rows = totals[f"{prefix}rows"]
    moved = [np.abs(totals[prefix + name] - observed[prefix + name]) for name in RESIDUALS]
    return {
        "brier_score": totals[f"{prefix}brier_score"] / rows,
        "log_loss": totals[f"{prefix}log_loss"] / rows,
        "calibration_error": np.sum(moved, axis=0) / rows,
    }


def _decision_columns(scored: Scored) -> dict[str, Floats]:
    """Return, by view, the cells of the confusion matrix and what is missed.

    Each is summed for itself: a difference of sums may be rounded to below nought.
    """
    positive = scored.y_true.astype(np.float64)
    at_stake = positive if scored.amount is None else positive * scored.amount
    columns: dict[str, Floats] = {}
    for view, y_pred in scored.decisions.items():
        columns |= {
            f"{view} tn": (1 - y_pred) * (1 - positive),
            f"{view} fp": y_pred * (1 - positive),
            f"{view} fn": (1 - y_pred) * positive,
            f"{view} tp": y_pred * positive,
            f"{view} missed": (1 - y_pred) * at_stake,
        }
    return columns


def _decided(totals: Mapping[str, Floats], scored: Scored, decision: Decision) -> dict[str, Floats]:
    metrics = {}
    for view in scored.decisions:
        sums = {cell: totals[f"{DECISIONS} {view} {cell}"] for cell in (*CELLS, "missed")}
        missed = sums.pop("missed")
        outcome = Outcome.of(Confusion(**sums), missed=missed)
        worth = {decision.objective: objective_value(outcome, decision).value}
        for name, values in (decision_metrics(outcome) | worth).items():
            metrics[f"{view}_{name}"] = values
    return metrics
