"""The decision threshold that serves an objective best on out-of-fold scores."""

import numpy as np
from numpy.typing import NDArray

from equipoise.deciding.objectives import Limit, Objective
from equipoise.deciding.rules import Threshold
from equipoise.deciding.tuned import Tuned
from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.names import ROUNDING, Floats
from equipoise.metrics.ranking import sum_by_score
from equipoise.metrics.scores import Scores
from equipoise.metrics.tallies import Tally


def tally_by_threshold(rows: Scores, objective: Objective) -> tuple[Floats, Tally]:
    """Return every threshold that decides differently, highest first, and what it comes to.

    The first is just above the highest score, where none of these rows alerts; then come the
    distinct scores.
    """
    actual = rows.y_true == POSITIVE
    each = 1 if objective.amount is None or rows.amount is None else rows.amount
    scores, sums = sum_by_score(rows.raw[:, POSITIVE], actual, ~actual, actual * each)
    negative, positive = rows.weights
    weights = positive, negative, positive
    tp, fp, saved = (w * np.append(0, alerted) for w, alerted in zip(weights, sums, strict=True))
    thresholds = np.append(np.nextafter(scores[0], np.inf), scores)
    tn, fn, missed = fp[-1] - fp, tp[-1] - tp, saved[-1] - saved
    counts = Tally(
        hits=np.stack([tn, tp]),
        predicted=np.stack([tn + fn, tp + fp]),
        support=np.array([[fp[-1]], [tp[-1]]]),
        cost=None if objective.costs is None else _sum_costs(objective.costs, tn, fp, missed, tp),
    )
    return thresholds, counts


def tune_threshold(rows: Scores, objective: Objective) -> Tuned:
    """Return the threshold with the best objective: of several equals, the highest.

    A row is positive if its score is at or above it. Every distinct score is tried, and no
    alert at all. Where no threshold keeps the limit, the best of those nearest to it is taken.
    """
    thresholds, found = tally_by_threshold(rows, objective)
    limit, met = objective.limit, objective.is_met(found)
    reached = bool(met.any())
    allowed = met if limit is None or reached else _find_best(limit.room(found))
    utility = objective.utility(found)
    chosen = int(np.argmax(_find_best(np.where(allowed, utility, -np.inf))))
    notes = _make_notes(thresholds, found, chosen, limit)
    return Tuned(
        rule=Threshold(float(thresholds[chosen])),
        value=objective.sign * float(utility[chosen]),
        limit_kept=None if limit is None else reached,
        note="; ".join(notes) or None,
    )


def _sum_costs(costs: Floats, tn: Floats, fp: Floats, missed: Floats, tp: Floats) -> Floats:
    """Return the costs of counts: sums over rows would leave rounding, and with it false ties."""
    (of_tn, of_fp), (of_missed, of_tp) = costs
    return np.asarray(of_tn * tn + of_fp * fp + of_missed * missed + of_tp * tp)


def _find_best(values: Floats) -> NDArray[np.bool_]:
    """Return where values are the highest, but for rounding."""
    tolerance = ROUNDING * np.abs(values[np.isfinite(values)]).max()
    return np.asarray(values >= values.max() - tolerance)


def _make_notes(thresholds: Floats, found: Tally, chosen: int, limit: Limit | None) -> list[str]:
    """Return what is unusual about the choice, in words."""
    notes = []
    room = np.zeros_like(thresholds) if limit is None else limit.room(found)
    if limit and room.max() < 0:
        notes.append(
            f"no threshold reaches decision.{limit.key} = {limit.bound:g}: the best {limit.name}"
            f" is {limit.measure(found)[chosen]:.4g}, so its threshold is used; lower the"
            f" {limit.key}"
        )
    if chosen == 0 and limit and room[1] < 0:
        notes.append(
            f"no row raises an alert: the highest score alone gives {limit.measure(found)[1]:.4g}"
            f" {limit.name}, and decision.{limit.key} allows {limit.bound:g}; raise it"
        )
    elif chosen == 0:
        notes.append(
            "no row raises an alert: no threshold on these scores gives a better objective"
        )
    return notes
