"""What a trial found, as records: what has no meaning is None here, and not in the file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from equipoise.judging.arm_result import ArmResult, RarestRows, UsedRule
from equipoise.judging.probability import Probability

Claim = Literal["remedy", "model"]
Source = Literal["cv", "test"]
VerdictName = Literal["better", "worse", "equivalent", "undecided", "no hits"]


@dataclass(frozen=True)
class Answer:
    """How an arm differs from another in one metric, and what that says.

    `claim` tells what it is about: the `remedy` (over the folds, `source` cv) or the fitted
    `model` (on test). `p_holm` is corrected over the arms of the question, `rope` the
    half-width of "no difference", and `p_equivalent`, corrected too, the p-value of a difference
    of at least that much. `probability` has the folds' posterior, if train has
    rows enough to claim; `positives_needed` how many more positives would decide what is undecided
    on test, if the effect is as large as it looks, `_at_best` and `_at_worst` if it is off by a
    standard error; None if no realistic number would.
    """

    arm: str
    against: str
    view: str
    metric: str
    source: Source
    claim: Claim
    effect: float
    interval: tuple[float, float]
    p: float
    p_holm: float
    rope: float
    p_equivalent: float
    verdict: VerdictName
    probability: Probability | None = None
    positives_needed: int | None = None
    positives_needed_at_best: int | None = None
    positives_needed_at_worst: int | None = None


@dataclass(frozen=True, kw_only=True)
class SegmentAnswer(Answer):
    """How an arm differs from another in a segment of the table."""

    segment: str


@dataclass(frozen=True)
class SegmentVerdicts:
    """What is said of each segment, and how many rows of the rarest class it has.

    A segment with too few has no answers.
    """

    rarest: Mapping[str, RarestRows]
    answers: tuple[SegmentAnswer, ...]
    conclusions: tuple[str, ...]


@dataclass(frozen=True)
class Recommendation:
    """Which arm to take, with which rule, and why.

    It decides by `threshold` or, over several classes, by `weights`, by label. `settled` tells
    whether the folds settle it; if not, it is open between `leading` and `simplest`, which is then
    the simplest arm that is not credibly worse. `beats_guess` tells whether `leading` decides
    better, over the folds, than one decision for every case, and `can_tell` whether train has rows
    enough of every class for any claim.
    """

    arm: str
    why: str
    calibration: str
    settled: bool
    simplest: str
    leading: str
    threshold: float | None = None
    weights: Mapping[str, float] | None = None
    beats_guess: bool = True
    can_tell: bool = True

    @property
    def of_several(self) -> bool:
        """Whether there are several classes: a tuned rule has weights then, else a threshold."""
        return self.weights is not None

    @property
    def rule(self) -> UsedRule:
        """What the arm decides with."""
        return UsedRule(self.threshold, self.weights)

    def select_from(self, arms: Iterable[ArmResult]) -> ArmResult:
        """Return the result of the arm to take."""
        return next(arm for arm in arms if arm.arm == self.arm)


@dataclass(frozen=True)
class Verdicts:
    """Every answer: arms against the baseline strategy, models against the first one.

    `elkan` has how deciding by least expected cost differs from deciding as tuned.
    """

    baseline: str
    objective: str
    comparisons: tuple[Answer, ...]
    models: tuple[Answer, ...]
    elkan: tuple[Answer, ...]


@dataclass(frozen=True)
class Comparison(Verdicts):
    """The verdicts, what they mean in sentences, and the recommendation.

    `net_benefit` says at which threshold odds the recommended arm is of use, of two classes.
    `left_out` says, by arm, why it has no part in this; None if every arm has. `segments` has the
    verdict in each segment of the table; None if no column tells any. `arms` has the few numbers of
    each arm that is compared, by which it is known again.
    """

    conclusions: tuple[str, ...]
    conclusions_on_test: tuple[str, ...]
    recommended: Recommendation
    net_benefit: tuple[str, ...] = ()
    left_out: Mapping[str, str] | None = None
    segments: SegmentVerdicts | None = None
    arms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
