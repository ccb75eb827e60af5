"""What is not the same in train and test."""

from math import sqrt

import pandas as pd
from scipy.special import ndtr

from equipoise.checks.finding import Finding
from equipoise.core.tables import TARGET, format_label, name_class, split_off_target
from equipoise.params.trial_params import Uncertainty

# Smaller differences do not matter, however sure they are: of a prevalence by this factor, of a
# share of missing values by these many points.
FACTOR = 1.25
POINTS = 0.05


def find_prevalence_drift(
    train: pd.DataFrame, test: pd.DataFrame, uncertainty: Uncertainty
) -> list[Finding]:
    """Find classes that are more frequent in one part, credibly and by a factor that matters."""
    labels = sorted(set(train[TARGET].dropna()) & set(test[TARGET].dropna()))
    tested = labels[-1:] if len(labels) == 2 else labels  # noqa: PLR2004 - of two, one says all
    alpha = (1 - uncertainty.confidence) / max(len(tested), 1)
    findings = []
    for label in tested:
        shares = tuple((part[TARGET] == label).mean() for part in (train, test))
        p = compare_two_proportions((shares[0], shares[1]), (len(train), len(test)))
        if p < alpha and max(shares) >= FACTOR * min(shares):
            message = (
                f"data.target: {name_class(label, labels)} is {shares[0]:.2%} of train and"
                f" {shares[1]:.2%} of test (p = {p:.2g}); thresholds and probabilities learned on"
                " train may not hold: change the split, or trust only the ranking"
            )
            findings.append(Finding("warning", "data.target", message))
    return findings


def find_missing_drift(
    train: pd.DataFrame, test: pd.DataFrame, uncertainty: Uncertainty
) -> list[Finding]:
    """Find columns with more missing values in one part, credibly and by points that matter."""
    shares = pd.DataFrame(
        {name: split_off_target(part)[0].isna().mean() for name, part in _name_parts(train, test)}
    )
    alpha = (1 - uncertainty.confidence) / max(len(shares), 1)
    findings = []
    for name, in_train, in_test in shares.itertuples():
        p = compare_two_proportions((in_train, in_test), (len(train), len(test)))
        if p < alpha and abs(in_train - in_test) >= POINTS:
            message = (
                f"column {format_label(name)}: {in_train:.1%} of train and {in_test:.1%} of test"
                f" have no value (p = {p:.2g}); find out what has changed, or put it in data.drop"
            )
            findings.append(Finding("warning", str(name), message))
    return findings


def compare_two_proportions(shares: tuple[float, float], rows: tuple[int, int]) -> float:
    """Return the two-sided p of the pooled two-proportion z-test, 1 if nothing can differ."""
    if min(rows) == 0:
        return 1.0
    pooled = (shares[0] * rows[0] + shares[1] * rows[1]) / sum(rows)
    variance = pooled * (1 - pooled) * (1 / rows[0] + 1 / rows[1])
    return float(2 * ndtr(-abs(shares[0] - shares[1]) / sqrt(variance))) if variance > 0 else 1.0


def _name_parts(train: pd.DataFrame, test: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [("train", train), ("test", test)]
