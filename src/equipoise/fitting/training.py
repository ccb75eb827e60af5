"""An arm trained: scored out of fold, then fitted on all of train, and how its fits went."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from equipoise.core.difference import Difference
from equipoise.core.fit_report import FitReport
from equipoise.fitting.components import Classifier
from equipoise.fitting.convergence import summarise_fits
from equipoise.fitting.crossfit import CrossFit
from equipoise.fitting.fit_warnings import Warned, recording_warnings
from equipoise.fitting.models import fit
from equipoise.params.trial_params import Arm


@dataclass(frozen=True)
class Trained:
    """What training an arm gives: out-of-fold scores, the final model, how its fits went.

    `warned` has what each fit warned of, that of the final model last.
    """

    scores: pd.DataFrame
    model: Classifier
    fits: FitReport
    warned: Sequence[Sequence[Warned]]


def fit_final(arm: Arm, train: pd.DataFrame, difference: Difference, folds: CrossFit) -> Trained:
    """Return an arm fitted on all of `train`, its sampler's `difference` applied, and its folds."""
    with recording_warnings() as warned:
        model = fit(arm, train, difference)
    fits = summarise_fits(arm, folds.warned, warned)
    return Trained(folds.scores, model, fits, [*folds.warned, warned])
