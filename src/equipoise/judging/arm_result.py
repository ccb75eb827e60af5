"""What is known of one arm, as a record: what has no meaning is None here, and not in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from equipoise.metrics.names import NET_BENEFIT

Numbers = Mapping[str, float]
# Rows, whole unless they are restated for another prevalence.
Matrix = tuple[tuple[float, ...], ...]
# The confusion matrix of two classes, cell by cell: by actual class, then by decided one.
CELLS = ("tn", "fp", "fn", "tp")
# The section of the best that the same guess for every row can do.
CONSTANT = "constant_guess"
# Whether a limit is kept out of fold, as 0 or 1 among the numbers.
LIMIT_KEPT = "limit_kept"
# The share of positives among the test rows, where numbers are restated for another one.
OBSERVED_PREVALENCE = "observed_prevalence"


@dataclass(frozen=True)
class UsedRule:
    """What decisions were made with: a threshold or, over several classes, a weight by label.

    Neither where each row has a threshold of its own, nor where the most probable class is taken.
    """

    threshold: float | None = None
    weights: Numbers | None = None


@dataclass(frozen=True)
class Decided:
    """Decisions of the test part: their numbers, rows by actual and decided class, and the rule."""

    numbers: Numbers
    confusion: Matrix
    rule: UsedRule = field(default_factory=UsedRule)

    @property
    def cells(self) -> dict[str, float]:
        """The confusion matrix of two classes by the names of its cells."""
        return dict(zip(CELLS, chain.from_iterable(self.confusion), strict=True))


@dataclass(frozen=True)
class ArmResult:
    """All numbers of an arm, by name: on the test part, with intervals, and out of fold.

    `test` has those of the model's own scores, with `n` and `prevalence`; `calibrated`,
    `prior_corrected` and `constant_guess` those of other probabilities; `default`, `tuned` and
    `elkan` those of decisions; `out_of_fold` the promise of train; `by_class` those of each of
    several classes, against all the others. Of two, `net_benefit` has it by threshold odds.
    `intervals` go by the names that replicates have.
    """

    arm: str
    strategy: str
    model: str
    treatment: str
    test: Numbers
    calibrated: Numbers
    constant_guess: Numbers
    out_of_fold: Numbers
    default: Decided
    tuned: Decided
    elkan: Decided | None = None
    prior_corrected: Numbers | None = None
    by_class: Mapping[str, Numbers] = field(default_factory=dict)
    net_benefit: Numbers | None = None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    limit_kept: bool | None = None
    note: str | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels of several classes, from low to high; none of two."""
        return tuple(self.by_class)

    @property
    def of_several(self) -> bool:
        """Whether there are several classes, and not a positive one and its negatives."""
        return bool(self.classes)

    @property
    def views(self) -> dict[str, Decided]:
        """The decisions that there are, by view."""
        views = {"default": self.default, "tuned": self.tuned, "elkan": self.elkan}
        return {view: decided for view, decided in views.items() if decided is not None}

    @property
    def sections(self) -> dict[str, Numbers]:
        """All numbers that there are, by the names of the file's sections."""
        probabilities = {
            "test": self.test,
            "calibrated": self.calibrated,
            "prior_corrected": self.prior_corrected,
            CONSTANT: self.constant_guess,
            NET_BENEFIT: self.net_benefit,
        }
        limit = {} if self.limit_kept is None else {LIMIT_KEPT: float(self.limit_kept)}
        return {
            **{name: numbers for name, numbers in probabilities.items() if numbers is not None},
            **{view: decided.numbers for view, decided in self.views.items()},
            "out_of_fold": {**self.out_of_fold, **limit},
            **{name_class_section(label): own for label, own in self.by_class.items()},
        }

    @property
    def keeps_limit(self) -> bool:
        """Whether out-of-fold decisions keep the objective's limit: true without one."""
        return self.limit_kept is not False

    @property
    def rarest_class(self) -> str | None:
        """The one of several classes with the fewest test rows; of two there is none to choose."""
        rows = {label: own["n"] for label, own in self.by_class.items()}
        return min(rows, key=lambda label: rows[label], default=None)

    @property
    def n_rare(self) -> int:
        """How many test rows are of the rarest class."""
        if self.of_several:
            return int(min(own["n"] for own in self.by_class.values()))
        share = self.test.get(OBSERVED_PREVALENCE, self.test["prevalence"])
        return round(self.test["n"] * min(share, 1 - share))

    @property
    def rows_worth(self) -> float:
        """How many test rows without weights would vary as much as these do (Kish, 1965)."""
        now, own = self.test["prevalence"], self.test.get(OBSERVED_PREVALENCE)
        if own is None:
            return self.test["n"]
        return self.test["n"] / (now**2 / own + (1 - now) ** 2 / (1 - own))


def name_class_section(label: str) -> str:
    """Return the section that has a class's numbers, the class against all the others."""
    return f"class_{label}"
