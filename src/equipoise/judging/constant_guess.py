"""What the same guess for every row comes to, and what no arm can be better than."""

from dataclasses import replace

import numpy as np

from equipoise.deciding.objectives import Objective
from equipoise.metrics.names import PLAIN
from equipoise.metrics.probabilities import measure_probabilities
from equipoise.metrics.ranking import rank_classes
from equipoise.metrics.scores import Scores


def measure_constant_guess(rows: Scores, train: Scores, objective: Objective) -> dict[str, float]:
    """Return what rows score by the shares of classes in train, and by the best single decision.

    Of a limit that no single decision keeps the objective is 0. Where right decisions have a cost,
    `least_cost` is what rows cost with the cheapest decision for each.
    """
    constant = np.tile(train.shares, (len(rows.y_true), 1))
    alike = replace(rows, probabilities={PLAIN: constant})
    return (
        measure_probabilities(rows.y_true, constant, rows.classes.judged, rows.row_weights)
        | rank_classes(alike)
        | {objective.name: _value_best_decision(rows, objective)}
        | _measure_least_cost(rows, objective)
    )


def _value_best_decision(rows: Scores, objective: Objective) -> float:
    tallies = [
        objective.tally(rows, np.full(len(rows.y_true), code)) for code in range(len(rows.classes))
    ]
    kept = [float(objective.utility(tally)) for tally in tallies if objective.is_met(tally).all()]
    return objective.sign * max(kept, default=0.0)


def _measure_least_cost(rows: Scores, objective: Objective) -> dict[str, float]:
    """Return what decisions cost that know every class, unless that is nothing."""
    costs = objective.price(rows)
    if costs is None or objective.costs is None or not objective.costs.diagonal().any():
        return {}
    return {f"least_{objective.name}": objective.worth(rows, costs.argmin(axis=1))}
