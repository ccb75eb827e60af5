"""What a screening found: the ranking of the arms, and what to run next."""

from collections.abc import Mapping
from dataclasses import dataclass

from equipoise.params.screen_params import Value


@dataclass(frozen=True)
class RankedArm:
    """An arm of a screening.

    `value` is the mean of the metric over its `folds`. `behind` is how far the winner is ahead
    over the same folds, positive whichever way the metric goes, and `interval` the interval of
    that, both None over too few folds. An arm that was dropped was credibly behind `leader` after
    its last fold. If it was tuned, `chosen` has its configuration in each fold, and `untuned` the
    mean without.
    """

    arm: str
    strategy: str
    model: str
    folds: int
    value: float
    behind: float | None = None
    interval: tuple[float, float] | None = None
    leader: str | None = None
    chosen: tuple[Mapping[str, Value], ...] = ()
    untuned: float | None = None

    @property
    def is_dropped(self) -> bool:
        """Whether it was credibly behind."""
        return self.leader is not None


@dataclass(frozen=True)
class OfferedRun:
    """A section `run` of params.yaml."""

    strategies: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True)
class Screened:
    """The arms, the best first, those that were dropped last; why others are left out.

    `folds` are those of all repeats. `level` is the chance of dropping the best arm that was
    accepted, `confidence` that of each interval. `fits` counts fits in folds, those of tuning
    apart.
    """

    metric: str
    folds: int
    level: float
    confidence: float
    budget: int
    fits: int
    arms: tuple[RankedArm, ...]
    left_out: Mapping[str, str]
    run: OfferedRun

    @property
    def saved(self) -> float:
        """The share of the fits of arms that can be fitted, which dropping saved."""
        return 1 - sum(arm.folds for arm in self.arms) / max(1, len(self.arms) * self.folds)


@dataclass(frozen=True)
class Screening:
    """What a screening found, and the processor seconds of each arm."""

    found: Screened
    seconds: Mapping[str, float]
