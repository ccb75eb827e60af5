"""What train settles about an arm, before any test row is seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equipoise.core.table_schema import Label
from equipoise.deciding.calibrators import Calibrator, Restated
from equipoise.deciding.rules import Rule


@dataclass(frozen=True)
class Settled:
    """What out-of-fold rows settle: how scores are decided and calibrated."""

    rule: Rule
    calibrator: Calibrator


@dataclass(frozen=True)
class ArmDecision:
    """How the scores of an arm become labels and probabilities.

    `labels` are the user's own, in the order of the columns of scores. `out_of_fold` has what the
    decision promises, on rows of train that the models behind their scores did not see; it rests on
    `folds`, which are in the order of `split_by_fold`. `ratios` say by how much the arm multiplied
    the share of each class in what it learned from, up to a constant; None where nobody knows.
    `limit_kept` tells whether the rule keeps the objective's limit out of fold; None where there is
    none. `note` says what is unusual about the decision. `only_scores` tells that scores are no
    probabilities before they are calibrated. Of two classes `share` is that of positives where
    probabilities hold before they are restated: among the out-of-fold rows.
    """

    labels: tuple[Label, ...]
    rule: Rule
    calibrator: Calibrator
    treatment: str
    out_of_fold: Mapping[str, float]
    ratios: tuple[float, ...] | None = None
    limit_kept: bool | None = None
    note: str | None = None
    folds: tuple[Settled, ...] = ()
    only_scores: bool = False
    share: float | None = None

    @property
    def prevalence(self) -> float | None:
        """The share of positives that the decision is for; None for that of the table."""
        return find_prevalence(self.calibrator)


def find_prevalence(calibrator: Calibrator) -> float | None:
    """Return the share of positives that probabilities are restated for; None if they are not."""
    return calibrator.now if isinstance(calibrator, Restated) else None


def changes_odds(ratios: Sequence[float]) -> bool:
    """Return whether the shares of classes were multiplied by different ratios."""
    return not np.allclose(ratios, ratios[0])
