"""What a search for a rule has found."""

from dataclasses import dataclass

from equipoise.deciding.rules import Rule


@dataclass(frozen=True)
class Tuned:
    """A rule, the objective's value by it, and whether the limit could be kept.

    `limit_kept` is None where the objective has no limit. `note` says in words what a user
    should know of the choice; None if nothing.
    """

    rule: Rule
    value: float
    limit_kept: bool | None
    note: str | None
