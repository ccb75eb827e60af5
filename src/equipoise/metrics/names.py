"""How metrics are called, and what arrays they are made of."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
# The section whose metrics go by their own name; those of others have it before theirs.
PLAIN = "test"
NET_BENEFIT, PREVALENCE = "net_benefit", "prevalence"
LOWER_IS_BETTER = frozenset({"brier_score", "log_loss", "calibration_error", "cost"})
# Objectives that count within a limit, which decisions by default do not go by.
LIMITED = ("recall_at_precision", "precision_at_recall", "alerts")
# Values this close, relative to the largest, differ by rounding of sums only.
ROUNDING = 1e-12


def name_column(section: str, metric: str) -> str:
    """Return the name of a section's metric where names have no sections."""
    return metric if section == PLAIN else f"{section}_{metric}"


def find_range(column: str, *, several: bool) -> tuple[float, float] | None:
    """Return the lowest and the highest value of a metric, by the name that its column has.

    None for one without bounds, as a cost or a net benefit. The Brier score of several classes is
    a sum over them.
    """
    if column.endswith(("cost", "log_loss")) or column.startswith(NET_BENEFIT):
        return None
    if column.endswith("mcc"):
        return -1.0, 1.0
    return 0.0, 2.0 if several and column.endswith("brier_score") else 1.0
