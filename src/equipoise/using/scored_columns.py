"""The columns of scored rows."""

from collections.abc import Sequence

from equipoise.core.table_schema import Label
from equipoise.core.tables import TWO_CLASSES

SCORE, PROBABILITY, DECISION, REASON = "score", "probability", "decision", "reason"


def name_by_class(name: str, labels: Sequence[Label]) -> list[str]:
    """Return a column for each of several classes; of two, one says all."""
    return [name] if len(labels) == TWO_CLASSES else [f"{name}_{label}" for label in labels]
