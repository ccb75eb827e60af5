"""What is evidence of what, and the fewest rows of a class that a claim takes."""

from collections.abc import Mapping

from equipoise.comparing.results import Claim, Source
from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.judging.evidence import Evidence

# What the rows of each source are evidence of. Over folds models are trained again, so the
# difference is that of a remedy; the test part has one fitted model of each arm.
REMEDY: Claim = "remedy"
MODEL: Claim = "model"
# With 70 train rows of a class, intervals of the recalibrated Brier score still hold the truth too
# seldom (docs/honesty.md).
FEWEST_FOR_CALIBRATED = 100
CLAIMS: Mapping[Source, Claim] = {"cv": REMEDY, "test": MODEL}


def has_few_positives(arm: Evidence, fewest: int = FEWEST_TO_CLAIM) -> bool:
    """Return whether train has fewer rows of some class than a claim about a remedy takes."""
    return bool(arm.folds["n_rare"].iloc[0] < fewest)
