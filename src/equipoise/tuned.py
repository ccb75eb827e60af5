"""What tuned decisions go by, in words: a threshold or, over several classes, a weight for each."""

from collections.abc import Mapping
from typing import Any


def rule(decided: Mapping[str, Any]) -> str:
    """Return what it is that decides."""
    return "threshold" if "threshold" in decided else "class weights"


def value(decided: Mapping[str, Any], digits: int = 4) -> str:
    """Return the threshold, or the weight of each class by its label."""
    if "threshold" in decided:
        return f"{decided['threshold']:.{digits}g}"
    return ", ".join(f"{label}: {weight:.3g}" for label, weight in decided["weights"].items())
