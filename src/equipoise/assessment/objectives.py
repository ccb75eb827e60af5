"""What decisions are worth: the objectives that a threshold is tuned for, and reported by.

An objective is a formula over an `Outcome`, and perhaps a `Limit` that decisions must keep.
Outcomes hold counts or arrays of counts, so that the same lines serve one set of decisions,
every threshold, and thousands of bootstrap replicates. A new objective is one line in
`OBJECTIVES`; `params.Decision` names it and the keys that its line takes. Higher is better,
but for those named in `metrics.LOWER_IS_BETTER`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from equipoise.assessment.metrics import (
    Confusion,
    Floats,
    balanced_accuracy,
    confusion,
    f1,
    fbeta,
    g_mean,
    mcc,
    precision,
    recall,
)
from equipoise.contract.decision_params import Decision
from equipoise.contract.tables import ROW
from equipoise.terminal.errors import UserError, nearest

PER_THOUSAND = 1000


@dataclass(frozen=True)
class Outcome(Confusion):
    """What decisions came to: counts, and the sum of the amounts of the positives missed.

    Where no amounts are at stake each row counts as 1, and `missed` is `fn`.
    """

    missed: Floats

    @classmethod
    def of(cls, counts: Confusion, missed: Floats | None = None) -> Self:
        """Return counts with what was missed: as many as `fn`, unless amounts say otherwise."""
        cells = {cell.name: getattr(counts, cell.name) for cell in fields(Confusion)}
        return cls(**cells, missed=counts.fn if missed is None else missed)


@dataclass(frozen=True)
class Limit:
    """A bound on one measure of the decisions, and the key of `decision` that sets it."""

    key: str
    name: str
    measure: Callable[[Confusion], Floats]
    bound: float
    is_ceiling: bool = False

    def room(self, outcome: Outcome) -> Floats:
        """Return how far inside the limit decisions are: negative where they break it."""
        above = self.measure(outcome) - self.bound
        return -above if self.is_ceiling else above


@dataclass(frozen=True)
class Objective:
    """What decisions are worth, and the limit within which that counts."""

    value: Callable[[Outcome], Floats]
    limit: Limit | None = None


@dataclass(frozen=True)
class Worth:
    """The objective's value of decisions, and whether they keep its limit (true without one)."""

    value: Floats
    met: NDArray[np.bool_]


def mean_cost(o: Outcome, false_negative: float, false_positive: float) -> Floats:
    """Return the cost per row, in the unit of the two costs (times that of the amounts)."""
    rows = o.tn + o.fp + o.fn + o.tp
    return (false_negative * o.missed + false_positive * o.fp) / rows


def mean_matrix_cost(o: Outcome, costs: Sequence[Sequence[float]]) -> Floats:
    """Return the cost per row under a matrix of costs: actual by predicted, negative first."""
    (tn, fp), (fn, tp) = costs
    return (tn * o.tn + fp * o.fp + fn * o.fn + tp * o.tp) / (o.tn + o.fp + o.fn + o.tp)


def alerts_per_thousand(c: Confusion) -> Floats:
    """Return how many of a thousand rows alert."""
    return PER_THOUSAND * (c.tp + c.fp) / (c.tn + c.fp + c.fn + c.tp)


# Each is made from the keys of `decision` that it goes by.
OBJECTIVES: dict[str, Callable[..., Objective]] = {
    "f1": lambda: Objective(f1),
    "fbeta": lambda beta: Objective(partial(fbeta, beta=beta)),
    "balanced_accuracy": lambda: Objective(balanced_accuracy),
    "mcc": lambda: Objective(mcc),
    "g_mean": lambda: Objective(g_mean),
    "cost": lambda **given: Objective(
        partial(mean_matrix_cost if "costs" in given else mean_cost, **given)
    ),
    "recall_at_precision": lambda floor: Objective(
        recall, Limit("floor", "precision", precision, floor)
    ),
    "precision_at_recall": lambda floor: Objective(
        precision, Limit("floor", "recall", recall, floor)
    ),
    "alerts": lambda per_thousand: Objective(
        recall,
        Limit(
            "per_thousand",
            "alerts per thousand rows",
            alerts_per_thousand,
            per_thousand,
            is_ceiling=True,
        ),
    ),
}


def make_objective(decision: Decision) -> Objective:
    """Return the objective that `decision` describes, if it has a meaning for two classes."""
    if decision.objective not in OBJECTIVES:
        raise UserError(
            f"decision.objective: '{decision.objective}' is for several classes, and there are"
            f" two; choose from: {', '.join(OBJECTIVES)}"
        )
    if decision.costs is not None and len(decision.costs) != 2:  # noqa: PLR2004 - two classes
        raise UserError(
            f"decision.costs: has {len(decision.costs)} rows, and there are 2 classes; give a"
            " row and a column for each"
        )
    return OBJECTIVES[decision.objective](**decision.arguments)


def objective_value(outcome: Outcome, decision: Decision) -> Worth:
    """Return what decisions are worth, for one outcome or for arrays of them.

    Precision without alerts is 0, so that a floor on it is not met by deciding nothing.
    """
    objective = make_objective(decision)
    value = objective.value(outcome)
    if objective.limit is None:
        return Worth(value, np.ones_like(value, dtype=np.bool_))
    return Worth(value, np.asarray(objective.limit.room(outcome) >= 0))


def outcome_of(y_true: ArrayLike, y_pred: ArrayLike, amount: ArrayLike | None = None) -> Outcome:
    """Return what labels predicted for labelled rows came to, with each row's amount if any."""
    counts = confusion(y_true, y_pred)
    if amount is None:
        return Outcome.of(counts)
    missed = (np.asarray(y_true) == 1) & (np.asarray(y_pred) != 1)
    return Outcome.of(counts, np.asarray(np.sum(np.asarray(amount, dtype=np.float64)[missed])))


def amounts(rows: pd.DataFrame, decision: Decision) -> Floats | None:
    """Return what is at stake in each row; None where the objective goes by no amount.

    A `UserError` names the column that is not there or cannot be an amount.
    """
    if decision.amount is None:
        return None
    if decision.amount not in rows:
        known = nearest(decision.amount, map(str, rows.columns))
        raise UserError(f"decision.amount: no column '{decision.amount}'; {known}")
    return checked_amounts(rows[decision.amount], decision.amount)


def with_amounts(scores: pd.DataFrame, rows: pd.DataFrame, decision: Decision) -> pd.DataFrame:
    """Return scores with the `amount` at stake in each row, where the objective goes by it.

    `scores` names rows by `row`, the index of `rows`.
    """
    if decision.amount is None:
        return scores
    at_stake = pd.Series(amounts(rows, decision), index=rows.index)
    return scores.assign(amount=at_stake.loc[scores[ROW]].to_numpy())


def checked_amounts(amount: ArrayLike, column: str) -> Floats:
    """Return amounts as floats, none of them missing, infinite or negative."""
    where = f"decision.amount: column '{column}'"
    try:
        values = np.asarray(amount, dtype=np.float64)
    except (TypeError, ValueError) as words:
        raise UserError(f"{where} is not numeric; convert it to numbers") from words
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise UserError(f"{where} has {bad} missing or infinite values; fill or drop these rows")
    if (values < 0).any():
        raise UserError(f"{where} holds {values.min():g}; an amount is 0 or more; fix it")
    return values


def elkan_threshold(decision: Decision, amount: ArrayLike | None = None) -> Floats:
    """Return the threshold of least expected cost for calibrated scores (Elkan, 2001).

    For objective `cost`: false_positive / (false_positive + false_negative), or one for each
    row where its amount multiplies `false_negative`. Where no mistake costs anything it is 1.
    With a matrix each is what a mistake costs more than being right.
    """
    if decision.costs is None:
        false_negative, false_positive = decision.arguments.values()
    else:
        (right_0, false_positive), (false_negative, right_1) = decision.costs
        false_positive, false_negative = false_positive - right_0, false_negative - right_1
    missed = false_negative * np.asarray(1 if amount is None else amount, np.float64)
    both = false_positive + missed
    threshold: Floats = np.divide(false_positive, both, out=np.ones_like(both), where=both > 0)
    return threshold
