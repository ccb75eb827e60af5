"""The decision threshold that serves an objective best on out-of-fold scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.assessment.metrics import (
    LOWER_IS_BETTER,
    Confusion,
    Floats,
    Labels,
)
from equipoise.assessment.objectives import (
    Limit,
    Outcome,
    checked_amounts,
    make_objective,
    objective_value,
)
from equipoise.contract.decision_params import Decision
from equipoise.terminal.errors import UserError

# Values this close, relative to the largest, differ by rounding of sums only.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Tuned:
    """A threshold, the objective's value there, and whether its limit could be kept.

    `note` says in words what a user should know of the choice; None if nothing.
    """

    threshold: float
    value: float
    reached: bool
    note: str | None


def confusion_by_threshold(y_true: ArrayLike, y_score: ArrayLike) -> tuple[Floats, Confusion]:
    """Return every distinct score, highest first, and the counts when rows at or above it alert."""
    true = np.asarray(y_true) == 1
    scores, (tp, fp) = _alerted(y_score, true, ~true)
    return scores, Confusion(tn=fp[-1] - fp, fp=fp, fn=tp[-1] - tp, tp=tp)


def outcome_by_threshold(
    y_true: ArrayLike, y_score: ArrayLike, amount: ArrayLike | None = None
) -> tuple[Floats, Outcome]:
    """Return every threshold that decides differently, highest first, and what it comes to.

    The first is just above the highest score, where none of these rows alerts; then come the
    distinct scores.
    """
    true = np.asarray(y_true) == 1
    stake = true if amount is None else np.where(true, amount, 0)
    scores, sums = _alerted(y_score, true, ~true, stake)
    tp, fp, saved = (np.append(0, alerted) for alerted in sums)
    counts = Confusion(tn=fp[-1] - fp, fp=fp, fn=tp[-1] - tp, tp=tp)
    silent = np.nextafter(scores[0], np.inf)
    return np.append(silent, scores), Outcome.of(counts, saved[-1] - saved)


def tune(
    y_true: ArrayLike, y_score: ArrayLike, decision: Decision, amount: ArrayLike | None = None
) -> Tuned:
    """Return the threshold with the best objective: of several equals, the highest.

    A row is positive if its score is at or above it. Every distinct score is tried, and no
    alert at all. Where no threshold keeps the limit, the best of those nearest to it is taken.
    `amount` holds what is at stake in each row, if `decision.amount` names its column.
    """
    _check(y_true, y_score)
    at_stake = _at_stake(amount, decision)
    thresholds, outcomes = outcome_by_threshold(y_true, y_score, at_stake)
    worth = objective_value(outcomes, decision)
    limit, reached = make_objective(decision).limit, bool(worth.met.any())
    allowed = worth.met if limit is None or reached else _best(limit.room(outcomes))
    utility = -worth.value if decision.objective in LOWER_IS_BETTER else worth.value
    chosen = int(np.argmax(_best(np.where(allowed, utility, -np.inf))))
    notes = _notes(thresholds, outcomes, chosen, limit)
    return Tuned(
        threshold=float(thresholds[chosen]),
        value=float(worth.value[chosen]),
        reached=reached,
        note="; ".join(notes) or None,
    )


def decide(y_score: ArrayLike, threshold: ArrayLike) -> Labels:
    """Return 1 for each score at or above the threshold, or its row's own, else 0."""
    return (np.asarray(y_score) >= np.asarray(threshold)).astype(np.int64)


def _alerted(y_score: ArrayLike, *weights: ArrayLike) -> tuple[Floats, list[Floats]]:
    """Return distinct scores, highest first, and weights summed over rows at or above each."""
    scores, position = np.unique(np.asarray(y_score, dtype=np.float64), return_inverse=True)
    sums = [np.bincount(position, np.asarray(weight, np.float64)) for weight in weights]
    return scores[::-1], [np.cumsum(by_score[::-1]) for by_score in sums]


def _best(values: Floats) -> NDArray[np.bool_]:
    """Return where values are the highest, but for rounding."""
    tolerance = ROUNDING * np.abs(values[np.isfinite(values)]).max()
    return np.asarray(values >= values.max() - tolerance)


def _check(y_true: ArrayLike, y_score: ArrayLike) -> None:
    scores, labels = np.asarray(y_score, dtype=np.float64), np.unique(np.asarray(y_true))
    unusable = int((~np.isfinite(scores)).sum())
    if unusable:
        raise UserError(
            f"y_score: {unusable} of {len(scores)} scores are NaN or infinite, so no threshold can"
            " be tuned; choose a model that gives a number for every row"
        )
    if labels.tolist() != [0, 1]:
        raise UserError(
            f"y_true: holds {labels.tolist()}, and a threshold is tuned on rows of both classes,"
            " 0 and 1; bring rows of each"
        )


def _at_stake(amount: ArrayLike | None, decision: Decision) -> Floats | None:
    if decision.amount is None:
        return None
    if amount is None:
        raise UserError(
            f"decision.amount: column '{decision.amount}' is not with the scores; add it to the"
            " table, or remove the key"
        )
    return checked_amounts(amount, decision.amount)


def _notes(thresholds: Floats, outcomes: Outcome, chosen: int, limit: Limit | None) -> list[str]:
    """Return what is unusual about the choice, in words."""
    notes = []
    room = np.zeros_like(thresholds) if limit is None else limit.room(outcomes)
    if len(thresholds) == 2:  # noqa: PLR2004 - nothing alerts, or everything
        notes.append(f"every score is {thresholds[1]:.6g}: rows alert all or not at all")
    if limit and room.max() < 0:
        notes.append(
            f"no threshold reaches decision.{limit.key} = {limit.bound:g}: the best {limit.name}"
            f" is {limit.measure(outcomes)[chosen]:.4g}, and its threshold is taken; lower the"
            f" {limit.key}"
        )
    if chosen == 0 and limit and room[1] < 0:
        notes.append(
            f"nothing alerts: the highest score alone gives {limit.measure(outcomes)[1]:.4g}"
            f" {limit.name}, and decision.{limit.key} allows {limit.bound:g}; raise it"
        )
    elif chosen == 0:
        notes.append("nothing alerts: no threshold on these scores serves the objective better")
    return notes
