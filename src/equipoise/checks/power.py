"""The smallest difference between two arms that the test part can detect."""

from collections.abc import Hashable
from math import sqrt

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtri

from equipoise.checks.finding import Finding
from equipoise.checks.values import Floats
from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.core.tables import TARGET, TWO_CLASSES, name_class
from equipoise.params.trial_params import Uncertainty

POWER = 0.8


def find_detectable_differences(
    _train: pd.DataFrame, test: pd.DataFrame, uncertainty: Uncertainty
) -> list[Finding]:
    """Say what the rows of the positive class, or of the rarest of several, can show.

    Nothing is said of so few that nothing is claimed.
    """
    counts: dict[Hashable, int] = test[TARGET].value_counts().sort_index().to_dict()
    if len(counts) < TWO_CLASSES:
        return []
    label = list(counts)[-1] if len(counts) == TWO_CLASSES else min(counts, key=lambda c: counts[c])
    positives, confidence = counts[label], uncertainty.confidence
    if positives < FEWEST_TO_CLAIM:
        return []
    recall = find_detectable_recall(positives, confidence)
    auc = find_detectable_roc_auc(positives, sum(counts.values()) - positives, confidence)
    message = (
        f"split.test_size: with {positives:,} test rows of {name_class(label, counts)}, a"
        f" difference of about {recall:.2g} or more in recall or average precision, or {auc:.2g} in"
        f" ROC-AUC, is found with a chance of {POWER:.0%}; a smaller one may be missed unless the"
        " arms mostly agree; more rows of this class help"
    )
    return [Finding("note", "split.test_size", message)]


def find_detectable_recall(positives: int, confidence: float) -> float:
    """Return the smallest difference in recall that a paired test detects; 1 if it detects none.

    This is the worst case: arms that agree on a positive by chance only, with recalls around 1/2
    (Connor, 1987). It holds for average precision too as far as that is distributed like a share
    of the positives (Boyd, Eng and Page, 2013).
    """
    z_claim, z_power = ndtri((1 + confidence) / 2), ndtri(POWER)

    def find_excess(difference: float) -> float:
        discordant = (1 + difference**2) / 2
        spread = z_claim * sqrt(discordant) + z_power * sqrt(discordant - difference**2)
        return float(difference * sqrt(positives) - spread)

    return float(brentq(find_excess, 0, 1)) if find_excess(1) > 0 else 1.0


def find_detectable_roc_auc(positives: int, negatives: int, confidence: float) -> float:
    """Return the smallest difference in ROC-AUC that a z-test detects; 1 if it detects none.

    This is the worst case: independent arms, with a ROC-AUC where its variance is largest.
    """
    variance = estimate_roc_auc_variance(np.linspace(0.5, 1, 501), positives, negatives).max()
    deviates = ndtri((1 + confidence) / 2) + ndtri(POWER)
    return float(min(1.0, deviates * sqrt(2 * variance)))


def estimate_roc_auc_variance(roc_auc: Floats, positives: int, negatives: int) -> Floats:
    """Return the variance of an observed ROC-AUC (Hanley and McNeil, 1982)."""
    both_positives = roc_auc / (2 - roc_auc) - roc_auc**2
    both_negatives = 2 * roc_auc**2 / (1 + roc_auc) - roc_auc**2
    pairs = (positives - 1) * both_positives + (negatives - 1) * both_negatives
    variance: Floats = (roc_auc * (1 - roc_auc) + pairs) / (positives * negatives)
    return variance
