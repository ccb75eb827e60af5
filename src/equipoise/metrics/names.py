"""How metrics are called, and what arrays they are made of."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
# The section whose metrics go by their own name; those of others have it before theirs.
PLAIN = "test"
LOWER_IS_BETTER = frozenset({"brier_score", "log_loss", "calibration_error", "cost"})
# Values this close, relative to the largest, differ by rounding of sums only.
ROUNDING = 1e-12


def name_column(section: str, metric: str) -> str:
    """Return the name of a section's metric where names have no sections."""
    return metric if section == PLAIN else f"{section}_{metric}"
