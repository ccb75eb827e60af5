"""What an arm is judged by, and what comes of it."""

from dataclasses import dataclass

import pandas as pd

from equipoise.deciding.objectives import Objective
from equipoise.judging.evidence import Evidence
from equipoise.params.trial_params import Uncertainty


@dataclass(frozen=True)
class Judging:
    """How arms are judged, the same for every arm.

    `forward` tells that folds follow time; then the earliest rows, `never_scored` of them, are
    trained on in every fold and held out in none. Of two classes `odds` are the threshold odds of
    the net benefit.
    """

    objective: Objective
    uncertainty: Uncertainty
    seed: int
    forward: bool = False
    never_scored: int = 0
    odds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Evaluation(Evidence):
    """What is known of one arm: the evidence, and the curves that plots draw."""

    curves: pd.DataFrame


@dataclass(frozen=True)
class EvaluatedArm(Evaluation):
    """All that is known of an arm, and its scores and decisions of the test part."""

    test: pd.DataFrame
