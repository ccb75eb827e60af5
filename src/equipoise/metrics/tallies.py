"""What decisions came to, and the numbers by which they are judged: of two classes or several.

Classes are codes: positions in the list of classes, ordered as `np.unique` orders labels.
Metrics are formulas over a `Tally`, whose first axis has the classes; other axes let the same
lines serve one set of decisions, every candidate of a search, and thousands of bootstrap
replicates. A new one is one function and one line in the table that it belongs to.

0/0 is 0, as scikit-learn's zero_division=0 has it, and every class counts: one without rows
has recall 0, as with `labels=range(K)` there, so no mean over classes is flattered by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from equipoise.metrics.names import Floats


@dataclass(frozen=True)
class Tally:
    """What decisions came to, by class: all that the metrics need of a confusion matrix.

    `hits` (K x ...) are the rows of each class that are decided right, `predicted` (K x ...)
    the rows decided to be of each class, `support` (as the others, or of length 1 along other
    axes) the rows of each class. `cost` (...) is what the decisions cost together; None where
    nothing has a cost.
    """

    hits: Floats
    predicted: Floats
    support: Floats
    cost: Floats | None = None

    @classmethod
    def of(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        n_classes: int,
        costs: Floats | None = None,
        weights: Floats | None = None,
    ) -> Self:
        """Return the tally of codes decided for rows of known classes.

        `costs` is what each row costs by the class decided for it: n x K. A row of each class
        counts for so many as `weights` (K) say.
        """
        each = np.ones(n_classes) if weights is None else weights
        counts = each[:, np.newaxis] * confusion_matrix(y_true, y_pred, n_classes)
        if costs is None:
            return cls.of_confusion(counts)
        paid = each[np.asarray(y_true)] * find_costs(costs, y_pred)
        return cls.of_confusion(counts, np.asarray(paid.sum()))

    @classmethod
    def of_confusion(cls, confusion: ArrayLike, cost: Floats | None = None) -> Self:
        """Return the tally of confusion matrices: K actual x K predicted x ..."""
        counts = np.asarray(confusion, dtype=np.float64)
        hits = np.moveaxis(np.diagonal(counts), -1, 0)
        return cls(hits=hits, predicted=counts.sum(axis=0), support=counts.sum(axis=1), cost=cost)

    @property
    def rows(self) -> Floats:
        """How many rows were decided."""
        return np.asarray(self.support.sum(axis=0))


Formula = Callable[[Tally], Floats]


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, n_classes: int) -> Floats:
    """Return the counts of rows by actual and predicted class: K x K."""
    cell = np.asarray(y_true, np.int64) * n_classes + np.asarray(y_pred, np.int64)
    counts = np.bincount(cell, minlength=n_classes**2).astype(np.float64)
    return counts.reshape(n_classes, n_classes)


def find_costs(costs: Floats, y_pred: ArrayLike) -> Floats:
    """Return what each row's decision costs, of the n x K that each might."""
    return np.asarray(costs[np.arange(len(costs)), np.asarray(y_pred, np.int64)])


def precision(t: Tally) -> Floats:
    """Return by class the share of decisions for it that are right: K x ..."""
    return _divide(t.hits, t.predicted)


def recall(t: Tally) -> Floats:
    """Return by class the share of its rows that are found: K x ..."""
    return _divide(t.hits, t.support)


def f1(t: Tally) -> Floats:
    """Return by class the harmonic mean of precision and recall (van Rijsbergen, 1979): K x ..."""
    return _divide(2 * t.hits, t.predicted + t.support)


def fbeta(t: Tally, beta: float) -> Floats:
    """Return by class F-beta: recall weighs beta^2 as much as precision (van Rijsbergen, 1979)."""
    of_missed = beta / (beta + 1 / beta)
    return _divide(t.hits, of_missed * t.support + (1 - of_missed) * t.predicted)


def accuracy(t: Tally) -> Floats:
    """Return the share of right decisions."""
    return _divide(t.hits.sum(axis=0), t.rows)


def balanced_accuracy(t: Tally) -> Floats:
    """Return the mean recall of the classes (Brodersen et al., 2010)."""
    return np.asarray(recall(t).mean(axis=0))


def macro_f1(t: Tally) -> Floats:
    """Return the mean F1 of the classes (Sokolova and Lapalme, 2009)."""
    return np.asarray(f1(t).mean(axis=0))


def weighted_f1(t: Tally) -> Floats:
    """Return the mean F1 of the classes, each weighted by its rows."""
    return _divide(np.sum(f1(t) * t.support, axis=0), t.rows)


def mcc(t: Tally) -> Floats:
    """Return the correlation of actual and predicted classes (Matthews, 1975; Gorodkin, 2004)."""
    covariance = np.sum(t.hits * t.rows - t.predicted * t.support, axis=0)
    of_predicted = np.sum(t.predicted * (t.rows - t.predicted), axis=0)
    of_actual = np.sum(t.support * (t.rows - t.support), axis=0)
    return _divide(covariance, np.sqrt(of_predicted * of_actual))


def g_mean(t: Tally) -> Floats:
    """Return the geometric mean of the recalls of the classes (Kubat and Matwin, 1997)."""
    recalls = recall(t)
    return np.asarray(recalls.prod(axis=0) ** (1 / len(recalls)))


def mean_cost(t: Tally) -> Floats:
    """Return the cost per row, in the unit of the costs that the tally was made with."""
    if t.cost is None:
        raise TypeError("a tally made without costs has no cost")
    return np.asarray(t.cost / t.rows)


# Numbers of all decisions, of each class, and means over classes.
OVERALL: Mapping[str, Formula] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "mcc": mcc,
    "g_mean": g_mean,
}
BY_CLASS: Mapping[str, Formula] = {"precision": precision, "recall": recall, "f1": f1}
MEANS: Mapping[str, Formula] = {"macro_f1": macro_f1, "weighted_f1": weighted_f1}


def measure_decisions(t: Tally, positive: int | None) -> dict[str, Floats]:
    """Return every decision metric: with a positive class its own, without one the means."""
    overall = {name: metric(t) for name, metric in OVERALL.items()}
    if positive is None:
        return overall | {name: metric(t) for name, metric in MEANS.items()}
    return overall | {name: metric(t)[positive] for name, metric in BY_CLASS.items()}


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    # Zeros laid out in memory as the numerator, for long tallies are twice as fast that way.
    zeros = np.zeros_like(numerator)
    return np.divide(numerator, denominator, out=zeros, where=np.asarray(denominator) != 0)
