"""The numbers by which decisions between several classes are judged.

Classes are codes: positions in the list of classes, ordered as `np.unique` orders labels.
Metrics are formulas over a `Tally`, whose leading axes let the same lines serve one set of
decisions, every candidate of a search, and thousands of bootstrap replicates. A new one is
one function and one line in `DECISION_METRICS`, a new objective one line in `OBJECTIVES`.

0/0 is 0, as scikit-learn's zero_division=0 has it, and every class counts: one without rows
has recall 0, as with `labels=range(K)` there, so no mean over classes is flattered by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from equipoise.assessment.metrics import Floats
from equipoise.assessment.thresholds import ROUNDING
from equipoise.contract.decision_params import Decision
from equipoise.terminal.errors import UserError


@dataclass(frozen=True)
class Tally:
    """What decisions came to, by class: all that the metrics need of a confusion matrix.

    `hits` (... x K) are the rows of each class that are decided right, `predicted` (... x K)
    the rows decided to be of each class, `support` (K, or as the others) the rows of each
    class. `cost` (...) is what the decisions cost together; None without a cost matrix.
    """

    hits: Floats
    predicted: Floats
    support: Floats
    cost: Floats | None = None

    @classmethod
    def of(
        cls, y_true: ArrayLike, y_pred: ArrayLike, n_classes: int, costs: ArrayLike | None = None
    ) -> Self:
        """Return the tally of codes decided for rows of known classes."""
        return cls.of_confusions(confusion_matrix(y_true, y_pred, n_classes), costs)

    @classmethod
    def of_confusions(cls, confusions: ArrayLike, costs: ArrayLike | None = None) -> Self:
        """Return the tally of confusion matrices: ... x K actual x K predicted."""
        counts = np.asarray(confusions, dtype=np.float64)
        priced = None if costs is None else np.sum(counts * np.asarray(costs), axis=(-2, -1))
        return cls(
            hits=np.diagonal(counts, axis1=-2, axis2=-1),
            predicted=counts.sum(axis=-2),
            support=counts.sum(axis=-1),
            cost=priced,
        )

    @property
    def rows(self) -> Floats:
        """How many rows were decided."""
        return np.asarray(self.support.sum(axis=-1))


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, n_classes: int) -> Floats:
    """Return the counts of rows by actual and predicted class: K x K."""
    cell = np.asarray(y_true, np.int64) * n_classes + np.asarray(y_pred, np.int64)
    counts = np.bincount(cell, minlength=n_classes**2).astype(np.float64)
    return counts.reshape(n_classes, n_classes)


def precision(t: Tally) -> Floats:
    """Return by class the share of decisions for it that are right: ... x K."""
    return _ratio(t.hits, t.predicted)


def recall(t: Tally) -> Floats:
    """Return by class the share of its rows that are found: ... x K."""
    return _ratio(t.hits, t.support)


def f1(t: Tally) -> Floats:
    """Return by class the harmonic mean of precision and recall (van Rijsbergen, 1979): ... x K."""
    return _ratio(2 * t.hits, t.predicted + t.support)


def fbeta(t: Tally, beta: float) -> Floats:
    """Return by class F-beta: recall weighs beta^2 as much as precision (van Rijsbergen, 1979)."""
    of_missed = beta / (beta + 1 / beta)
    return _ratio(t.hits, of_missed * t.support + (1 - of_missed) * t.predicted)


def accuracy(t: Tally) -> Floats:
    """Return the share of right decisions."""
    return _ratio(t.hits.sum(axis=-1), t.rows)


def balanced_accuracy(t: Tally) -> Floats:
    """Return the mean recall of the classes (Brodersen et al., 2010)."""
    return np.asarray(recall(t).mean(axis=-1))


def macro_f1(t: Tally) -> Floats:
    """Return the mean F1 of the classes (Sokolova and Lapalme, 2009)."""
    return np.asarray(f1(t).mean(axis=-1))


def weighted_f1(t: Tally) -> Floats:
    """Return the mean F1 of the classes, each weighed by its rows."""
    return _ratio(np.sum(f1(t) * t.support, axis=-1), t.rows)


def macro_fbeta(t: Tally, beta: float) -> Floats:
    """Return the mean F-beta of the classes."""
    return np.asarray(fbeta(t, beta).mean(axis=-1))


def mcc(t: Tally) -> Floats:
    """Return the correlation of actual and predicted classes, R_K (Gorodkin, 2004)."""
    rows = t.rows[..., np.newaxis]
    covariance = np.sum(t.hits * rows - t.predicted * t.support, axis=-1)
    of_predicted = np.sum(t.predicted * _rest(rows, t.predicted), axis=-1)
    of_actual = np.sum(t.support * _rest(rows, t.support), axis=-1)
    return _ratio(covariance, np.sqrt(of_predicted) * np.sqrt(of_actual))


def g_mean(t: Tally) -> Floats:
    """Return the geometric mean of the recalls of the classes (Kubat and Matwin, 1997)."""
    recalls = recall(t)
    return np.asarray(recalls.prod(axis=-1) ** (1 / recalls.shape[-1]))


def mean_cost(t: Tally) -> Floats:
    """Return the cost per row, in the unit of the cost matrix that the tally was made with."""
    if t.cost is None:
        raise TypeError("a tally made without a cost matrix has no cost")
    return np.asarray(t.cost / t.rows)


DECISION_METRICS: dict[str, Callable[[Tally], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
    "weighted_f1": weighted_f1,
    "mcc": mcc,
    "g_mean": g_mean,
}

# Each is made from the keys of `decision` that it goes by.
OBJECTIVES: dict[str, Callable[..., Callable[[Tally], Floats]]] = {
    "f1": lambda: macro_f1,
    "weighted_f1": lambda: weighted_f1,
    "fbeta": lambda beta: partial(macro_fbeta, beta=beta),
    "balanced_accuracy": lambda: balanced_accuracy,
    "mcc": lambda: mcc,
    "g_mean": lambda: g_mean,
    "cost": lambda costs: mean_cost,  # noqa: ARG005 - a tally is made with the costs
}


def decision_metrics(t: Tally) -> dict[str, Floats]:
    """Return every decision metric of a tally."""
    return {name: metric(t) for name, metric in DECISION_METRICS.items()}


def objective(decision: Decision) -> Callable[[Tally], Floats]:
    """Return what decisions between several classes are worth: with `f1`, their macro F1.

    Higher is better, but for those named in `metrics.LOWER_IS_BETTER`. A `UserError` refuses
    an objective that goes by one positive class.
    """
    name = decision.objective
    one_from_the_rest = "set data.positive to tell one class from the rest"
    if name not in OBJECTIVES:
        raise UserError(
            f"decision.objective: '{name}' has no meaning with several classes; choose from"
            f" {', '.join(OBJECTIVES)}, or {one_from_the_rest}"
        )
    if name == "cost" and decision.costs is None:
        raise UserError(
            "decision.objective: 'cost' with false_negative and false_positive has no meaning with"
            " several classes; give decision.costs instead, a row for each actual class and a"
            f" column for each predicted one, or {one_from_the_rest}"
        )
    return OBJECTIVES[name](**decision.arguments)


def cost_matrix(decision: Decision, n_classes: int) -> Floats | None:
    """Return what each decision costs: K actual x K predicted; None where nothing has a cost.

    A `UserError` refuses a matrix for another number of classes.
    """
    if decision.costs is None:
        return None
    costs = np.asarray(decision.costs, dtype=np.float64)
    if costs.shape != (n_classes, n_classes):
        found = " x ".join(map(str, costs.shape))
        raise UserError(
            f"decision.costs: {found} costs for {n_classes} classes; give {n_classes} rows, one"
            f" for each actual class, of {n_classes} costs, one for each predicted class"
        )
    return costs


def _rest(rows: Floats, counts: Floats) -> Floats:
    """Return how many rows are left: none where counts that are no whole numbers leave rounding."""
    rest = rows - counts
    return np.where(rest > ROUNDING * rows, rest, 0)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    # Zeros laid out in memory as the numerator, for long tallies are twice as fast that way.
    zeros = np.zeros_like(numerator)
    return np.divide(numerator, denominator, out=zeros, where=np.asarray(denominator) != 0)
