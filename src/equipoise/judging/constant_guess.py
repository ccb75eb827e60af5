"""What the same guess for every row comes to: the least that an arm has to be better than."""

from dataclasses import replace

import numpy as np

from equipoise.deciding.objectives import Objective
from equipoise.metrics.names import PLAIN
from equipoise.metrics.probabilities import measure_probabilities
from equipoise.metrics.ranking import rank_classes
from equipoise.metrics.scores import Scores


def measure_constant_guess(rows: Scores, train: Scores, objective: Objective) -> dict[str, float]:
    """Return what rows score by the shares of classes in train, and by the best single decision.

    Of a limit that no single decision keeps the objective is 0.
    """
    constant = np.tile(train.shares, (len(rows.y_true), 1))
    alike = replace(rows, probabilities={PLAIN: constant})
    return (
        measure_probabilities(rows.y_true, constant, rows.classes.judged, rows.row_weights)
        | rank_classes(alike)
        | {objective.name: _value_best_decision(rows, objective)}
    )


def _value_best_decision(rows: Scores, objective: Objective) -> float:
    tallies = [
        objective.tally(rows, np.full(len(rows.y_true), code)) for code in range(len(rows.classes))
    ]
    kept = [float(objective.utility(tally)) for tally in tallies if objective.is_met(tally).all()]
    return objective.sign * max(kept, default=0.0)
