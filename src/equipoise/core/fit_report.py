"""How the fits of an arm went."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FitCount:
    """How many fits there were, and how many of them did not converge."""

    fits: int
    not_converged: int


@dataclass(frozen=True)
class FitReport:
    """How the fits of an arm went, of folds and the final one, and what it does about imbalance.

    `notes` has a line that says what did not converge, with what may help, if anything did not.
    `unknown_odds` says in words what changes odds nobody knows how much, if anything does.
    `only_scores` tells that the model gives no probabilities.
    """

    folds: FitCount
    final: FitCount
    notes: tuple[str, ...]
    treatment: str
    unknown_odds: str | None
    only_scores: bool = False
