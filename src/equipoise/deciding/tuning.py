"""The rule that serves an objective best on scores of rows that models did not see."""

from equipoise.deciding.class_weights import tune_class_weights
from equipoise.deciding.objectives import Objective
from equipoise.deciding.thresholds import tune_threshold
from equipoise.deciding.tuned import Tuned
from equipoise.metrics.scores import Scores


def tune_rule(rows: Scores, objective: Objective) -> Tuned:
    """Return the rule that serves best: a threshold for a positive class, else class weights.

    Class weights would serve two classes as well, at nine times the cost of a threshold.
    """
    search = tune_class_weights if rows.classes.positive is None else tune_threshold
    return search(rows, objective)
