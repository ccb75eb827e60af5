"""Which arms are credibly behind the leader after some of the folds (Maron and Moore, 1994).

The differences of two arms over the folds that both were in are judged as those of a trial are.
Each pair of arms may be compared after every fold but the first: the level is divided by the
number of comparisons that may go against one arm, so that the chance of dropping the best arm
stays below it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.tables import GROUP, TARGET, TIME
from equipoise.deciding.folds import Fold
from equipoise.fitting.fold_rows import Sides
from equipoise.judging.bootstrap import Counts, Stratum
from equipoise.judging.estimated_difference import EstimatedDifference
from equipoise.judging.fold_differences import estimate_fold_difference
from equipoise.judging.fold_replicates import RowDraws
from equipoise.metrics.names import Floats
from equipoise.screening.yardsticks import Drawn, FoldValue, Yardstick

# The folds that a difference needs before anything can be said of it.
FEWEST_FOLDS = 2


@dataclass(frozen=True)
class Track:
    """What is the same for every arm: in each fold how often replicates draw its rows.

    Folds go `forward` in time, or in any order. `drawn` counts drawn rows by class: replicates x
    classes for each fold. `n_rare` is the number of rows of the rarest class.
    """

    per_repeat: int
    forward: bool
    selected: Sequence[Drawn]
    drawn: Sequence[Floats]
    n_rare: int

    @classmethod
    def of(cls, train: pd.DataFrame, splits: Sequence[Sides], repeats: int, seed: int) -> Self:
        """Draw the rows of train that are held out in some fold."""
        scored = train.iloc[np.unique(np.concatenate([held_out for _, held_out in splits]))]
        codes, _ = pd.factorize(scored[TARGET], sort=True)
        group = scored.get(GROUP)
        draws = RowDraws.of(pd.Series(codes, index=scored.index), seed, group)
        selected = [draws.select(train.index[held_out].to_numpy()) for _, held_out in splits]
        drawn = [_count_drawn(*own) for own in selected]
        per_repeat, n_rare = len(splits) // repeats, int(np.bincount(codes).min())
        return cls(per_repeat, TIME in train, selected, drawn, n_rare)


def _count_drawn(strata: Sequence[Stratum], counts: Counts) -> Floats:
    each = np.ones(sum(len(stratum.rows) for stratum in strata))
    pairs = zip(counts, strata, strict=True)
    return np.column_stack([drawn @ stratum.sum_by_unit(each) for drawn, stratum in pairs])


@dataclass
class Record:
    """The numbers of an arm by fold, and the scores of folds that numbers still depend on."""

    measured: dict[int, FoldValue] = field(default_factory=dict)
    scored: list[pd.DataFrame] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """The mean over folds; nothing is less than that of no folds."""
        values = [own.value for own in self.measured.values()]
        return float(np.mean(values)) if values else -np.inf

    def add(self, scores: pd.DataFrame, number: int, yardstick: Yardstick, track: Track) -> None:
        """Measure the next fold and, with rules that other folds settle, those of its repeat again.

        A fold that has no others has no number then, nor has the first of folds that go forward in
        time, as in a trial.
        """
        repeat, place = divmod(number, track.per_repeat)
        self.scored = [*self.scored, scores] if place and yardstick.needs_others else [scores]
        first = number - len(self.scored) + 1
        for own, held_out in enumerate(self.scored):
            after = [] if track.forward else self.scored[own + 1 :]
            others = [*self.scored[:own], *after] if yardstick.needs_others else [held_out]
            if others and not (track.forward and first + own == 0):
                fold = Fold(repeat, first + own, held_out, pd.concat(others))
                drawn = track.selected[first + own]
                self.measured[first + own] = yardstick.measure_fold(fold, drawn)


def estimate_lead(leader: Record, arm: Record, track: Track) -> EstimatedDifference | None:
    """Return how far an arm is behind over the folds that both have; None over too few folds."""
    numbers = sorted(leader.measured.keys() & arm.measured.keys())
    repeats = np.array(numbers, dtype=np.int64) // track.per_repeat
    if np.bincount(repeats, minlength=1).max() < FEWEST_FOLDS:
        return None
    pairs = [(leader.measured[number], arm.measured[number]) for number in numbers]
    return estimate_fold_difference(
        np.array([ahead.value - own.value for ahead, own in pairs]),
        repeats,
        np.array([ahead.replicates - own.replicates for ahead, own in pairs]),
        np.array([track.drawn[number] for number in numbers]),
        track.n_rare,
    )


def find_leader(records: Mapping[ArmName, Record]) -> ArmName:
    """Return the arm with the best mean: of several equals, the first."""
    return max(records, key=lambda name: records[name].mean)


def find_behind(
    records: Mapping[ArmName, Record], leader: ArmName, track: Track, level: float
) -> list[ArmName]:
    """Return the arms that are behind the leader, each at this one-sided level."""
    behind = []
    for name in (name for name in records if name != leader):
        lead = estimate_lead(records[leader], records[name], track)
        if lead is not None and lead.effect > 0 and lead.p / 2 < level:
            behind.append(name)
    return behind


def share_level(level: float, arms: int, folds: int) -> float:
    """Return the level of one comparison: each arm with each other one, after each fold but one."""
    return level / max(1, (arms - 1) * (folds - 1))
