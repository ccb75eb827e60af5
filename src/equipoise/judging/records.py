"""What an arm is judged by, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import pandas as pd

from equipoise.deciding.objectives import Objective
from equipoise.params.trial_params import Uncertainty


@dataclass(frozen=True)
class Judging:
    """How arms are judged, the same for every arm.

    `forward` tells that folds follow time; then the earliest rows, `never_scored` of them, are
    trained on in every fold and held out in none.
    """

    objective: Objective
    calibration: str
    uncertainty: Uncertainty
    seed: int
    forward: bool = False
    never_scored: int = 0


@dataclass(frozen=True)
class Evaluation:
    """What is known of one arm: its numbers, curves, scores by fold, bootstrap replicates."""

    metrics: dict[str, Any]
    curves: pd.DataFrame
    folds: pd.DataFrame
    replicates: pd.DataFrame

    def with_notes(self, notes: Sequence[str]) -> Self:
        """Return the evaluation with more that a user should know of the arm, said first."""
        own = [self.metrics["note"]] if "note" in self.metrics else []
        said = "; ".join([*notes, *own])
        return replace(self, metrics=self.metrics | {"note": said}) if said else self
