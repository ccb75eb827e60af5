"""What decisions are worth: the objectives that they are tuned for, and reported by.

An objective is a formula over a `Tally`, and perhaps a `Limit` that decisions must keep. A new
one is a line in `OBJECTIVES`; `params.decision_params.Decision` names it and the keys that its
line takes, and `comparing.wording.OBJECTIVE_NAMES` says what it is called.
Higher is better, but for those named in `metrics.names.LOWER_IS_BETTER`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from equipoise.core.table_schema import Label, TableSchema
from equipoise.core.tables import ROW, select_features
from equipoise.metrics import tallies
from equipoise.metrics.classes import POSITIVE, Classes
from equipoise.metrics.names import LIMITED, LOWER_IS_BETTER, Floats
from equipoise.metrics.scores import Scores
from equipoise.metrics.tallies import Formula, Tally
from equipoise.params.class_labels import refuse_turned
from equipoise.params.decision_params import Decision
from equipoise.terminal.errors import UserError, suggest_nearest

PER_THOUSAND = 1000
# What has no meaning without one positive class, and what has none with one.
OF_A_POSITIVE_CLASS = LIMITED
OF_SEVERAL_CLASSES = ("weighted_f1",)
# Keys of `decision` that have no meaning with several classes.
OF_TWO_CLASSES = ("prevalence", "odds")


@dataclass(frozen=True)
class Limit:
    """A bound on one measure of the decisions, and the key of `decision` that sets it."""

    key: str
    name: str
    measure: Formula
    bound: float
    is_ceiling: bool = False

    def room(self, tally: Tally) -> Floats:
        """Return how far inside the limit decisions are: negative where they break it."""
        above = self.measure(tally) - self.bound
        return -above if self.is_ceiling else above


@dataclass(frozen=True)
class Objective:
    """What decisions are worth, and the limit within which that counts.

    `costs` (K actual x K decided) are there if the objective is a cost; `amount` names the
    column that a missed positive costs times as much as. `prevalence` is the share of positives
    that decisions are for; None for that of the rows.
    """

    name: str
    value: Formula
    limit: Limit | None = None
    costs: Floats | None = None
    amount: str | None = None
    prevalence: float | None = None

    @property
    def sign(self) -> int:
        """-1 where lower values are better, as of a cost, else 1."""
        return -1 if self.name in LOWER_IS_BETTER else 1

    def utility(self, tally: Tally) -> Floats:
        """Return the value with its sign: higher is better."""
        return self.sign * self.value(tally)

    def is_met(self, tally: Tally) -> NDArray[np.bool_]:
        """Return whether decisions keep the limit: true without one.

        Precision without alerts is 0, so that a floor on it is not met by deciding nothing.
        """
        if self.limit is None:
            return np.ones(tally.predicted.shape[1:], dtype=np.bool_)
        return np.asarray(self.limit.room(tally) >= 0)

    def price(self, rows: Scores) -> Floats | None:
        """Return what each row costs by the class decided for it: n x K; None for no costs."""
        if self.costs is None:
            return None
        costs = self.costs[rows.y_true]
        if self.amount is not None:
            if rows.amount is None:
                raise ValueError(f"amount: None, and the objective goes by column '{self.amount}'")
            positive = rows.y_true == POSITIVE
            costs[positive, 1 - POSITIVE] *= rows.amount[positive]
        return costs

    def tally(self, rows: Scores, decided: ArrayLike) -> Tally:
        """Return what decisions, a code for each row, come to."""
        return Tally.of(rows.y_true, decided, len(rows.classes), self.price(rows), rows.weights)

    def worth(self, rows: Scores, decided: ArrayLike) -> float:
        """Return the value of decisions, a code for each row."""
        return float(self.value(self.tally(rows, decided)))


ValueAndLimit = tuple[Formula, Limit | None]

# Each is made from the classes and the keys of `decision` that it goes by.
OBJECTIVES: Mapping[str, Callable[..., ValueAndLimit]] = {
    "f1": lambda classes: (_make_formula(classes, tallies.f1), None),
    "fbeta": lambda classes, beta: (
        _make_formula(classes, partial(tallies.fbeta, beta=beta)),
        None,
    ),
    "weighted_f1": lambda _: (tallies.weighted_f1, None),
    "balanced_accuracy": lambda _: (tallies.balanced_accuracy, None),
    "mcc": lambda _: (tallies.mcc, None),
    "g_mean": lambda _: (tallies.g_mean, None),
    "cost": lambda _, **__: (tallies.mean_cost, None),
    "recall_at_precision": lambda classes, floor: (
        _make_formula(classes, tallies.recall),
        Limit("floor", "precision", _make_formula(classes, tallies.precision), floor),
    ),
    "precision_at_recall": lambda classes, floor: (
        _make_formula(classes, tallies.precision),
        Limit("floor", "recall", _make_formula(classes, tallies.recall), floor),
    ),
    "alerts": lambda classes, per_thousand: (
        _make_formula(classes, tallies.recall),
        Limit(
            "per_thousand",
            "alerts per thousand rows",
            _make_formula(classes, _count_alerts_per_thousand),
            per_thousand,
            is_ceiling=True,
        ),
    ),
}


def choose_prevalence(decision: Decision, schema: TableSchema) -> float | None:
    """Return the share of positives that params name, or that of a file that was sampled."""
    return decision.prevalence or schema.true_prevalence


def check_cost_order(decision: Decision, labels: Sequence[Label]) -> None:
    """Raise a `UserError` if `costs` might be meant for classes in another order."""
    if decision.objective != "cost" or decision.costs is None:
        return
    if len(decision.costs) != len(labels):
        return
    costs = np.asarray(decision.costs)
    right = np.eye(len(costs), dtype=np.bool_)
    if len({*costs[right]}) > 1 or len({*costs[~right]}) > 1:
        refuse_turned("decision.costs", labels, "set false_negative and false_positive")


def make_objective(
    decision: Decision, classes: Classes, prevalence: float | None = None
) -> Objective:
    """Return the objective that `decision` describes; a `UserError` says if it has no meaning.

    `prevalence` is the share of positives that decisions are for; None for that of the rows.
    """
    _check_meaning(decision, classes)
    value, limit = OBJECTIVES[decision.objective](classes, **decision.arguments)
    costs = _make_cost_matrix(decision, len(classes))
    return Objective(decision.objective, value, limit, costs, decision.amount, prevalence)


def add_amounts(scores: pd.DataFrame, rows: pd.DataFrame, column: str | None) -> pd.DataFrame:
    """Return scores with the `amount` at stake in each row, where a column is named for it.

    `scores` names rows by `row`, the index of `rows`.
    """
    if column is None:
        return scores
    at_stake = pd.Series(read_amounts(rows, column), index=rows.index)
    return scores.assign(amount=at_stake.loc[scores[ROW]].to_numpy())


def read_amounts(rows: pd.DataFrame, column: str) -> Floats:
    """Return what is at stake in each row, none of it missing, infinite or negative.

    A `UserError` names the column that is not there or cannot be an amount.
    """
    features = select_features(rows)
    if column not in features:
        known = suggest_nearest(column, map(str, features.columns))
        raise UserError(f"decision.amount: no column '{column}'; {known}")
    where = f"decision.amount: column '{column}'"
    try:
        # By pandas, as NumPy takes dates for numbers.
        values = np.asarray(features[column].astype("float64"), dtype=np.float64)
    except (TypeError, ValueError) as words:
        raise UserError(f"{where} is not numeric; convert it to numbers") from words
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise UserError(f"{where} has {bad} missing or infinite values; fill or drop these rows")
    if (values < 0).any():
        raise UserError(f"{where} holds {values.min():g}; an amount is 0 or more; fix it")
    return values


def find_elkan_threshold(costs: Floats, amount: ArrayLike | None = None) -> Floats:
    """Return the threshold of least expected cost for calibrated scores (Elkan, 2001).

    With what a mistake costs more than being right, by 2 x 2 `costs`, it is
    false_positive / (false_positive + false_negative), or one for each row where its amount
    multiplies `false_negative`. Where no mistake costs anything it is 1.
    """
    (right_0, false_positive), (false_negative, right_1) = costs
    false_positive, false_negative = false_positive - right_0, false_negative - right_1
    missed = false_negative * np.asarray(1 if amount is None else amount, np.float64)
    both = false_positive + missed
    threshold: Floats = np.divide(false_positive, both, out=np.ones_like(both), where=both > 0)
    return threshold


def _make_formula(classes: Classes, by_class: Formula) -> Formula:
    """Return the formula of the positive class alone, or of the mean over all."""
    return lambda tally: classes.mean(by_class(tally))


def _count_alerts_per_thousand(t: Tally) -> Floats:
    return PER_THOUSAND * t.predicted / t.rows


def _check_meaning(decision: Decision, classes: Classes) -> None:
    name = decision.objective
    one_from_the_rest = "set data.positive to tell one class from the rest"
    for key in OF_TWO_CLASSES:
        if classes.positive is None and getattr(decision, key) is not None:
            raise UserError(
                f"decision.{key}: there are {len(classes)} classes, and it is for two only; remove"
                f" it, or {one_from_the_rest}"
            )
    if classes.positive is not None and name in OF_SEVERAL_CLASSES:
        allowed = ", ".join(other for other in OBJECTIVES if other not in OF_SEVERAL_CLASSES)
        raise UserError(
            f"decision.objective: '{name}' is for several classes, and there are two; choose"
            f" from: {allowed}"
        )
    if classes.positive is None and name in OF_A_POSITIVE_CLASS:
        allowed = ", ".join(other for other in OBJECTIVES if other not in OF_A_POSITIVE_CLASS)
        raise UserError(
            f"decision.objective: '{name}' has no meaning with several classes; choose from"
            f" {allowed}, or {one_from_the_rest}"
        )
    if classes.positive is None and name == "cost" and decision.costs is None:
        raise UserError(
            "decision.objective: 'cost' with false_negative and false_positive has no meaning with"
            " several classes; give decision.costs instead, a row for each actual class and a"
            f" column for each predicted one, or {one_from_the_rest}"
        )


def _make_cost_matrix(decision: Decision, n_classes: int) -> Floats | None:
    """Return what each decision costs: K actual x K decided; None where nothing has a cost."""
    if decision.objective != "cost":
        return None
    if decision.costs is None:
        false_negative, false_positive = decision.arguments.values()
        return np.array([[0, false_positive], [false_negative, 0]], np.float64)
    costs = np.asarray(decision.costs, dtype=np.float64)
    if costs.shape != (n_classes, n_classes):
        found = " x ".join(map(str, costs.shape))
        raise UserError(
            f"decision.costs: {found} costs for {n_classes} classes; give {n_classes} rows, one"
            f" for each actual class, of {n_classes} costs, one for each predicted class"
        )
    return costs
