"""What is known of one arm, as a record: what has no meaning is None here, and not in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

Numbers = Mapping[str, float]
Matrix = tuple[tuple[int, ...], ...]
# The confusion matrix of two classes, cell by cell: by actual class, then by decided one.
CELLS = ("tn", "fp", "fn", "tp")
# The section of the best that the same guess for every row can do.
CONSTANT = "constant_guess"


@dataclass(frozen=True)
class UsedRule:
    """What decisions were made with: a threshold or, over several classes, a weight by label."""

    threshold: float | None = None
    weights: Numbers | None = None


@dataclass(frozen=True)
class ArmResult:
    """All numbers of an arm: on the test part, with intervals, and out of fold.

    `sections` have numbers by name: `test` those of the model's own scores, with `n` and
    `prevalence`; `calibrated`, `prior_corrected` and `constant_guess` those of other
    probabilities; `default`, `tuned` and `elkan` those of decisions; `out_of_fold` the promise of
    train; `class_<label>` those of each of several classes, whose labels are `classes`. By view,
    `rules` are what decisions were made with, `confusions` the test rows by actual and decided
    class. `intervals` go by the names that replicates have.
    """

    arm: str
    strategy: str
    model: str
    treatment: str
    sections: Mapping[str, Numbers]
    rules: Mapping[str, UsedRule]
    confusions: Mapping[str, Matrix]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    classes: tuple[str, ...] | None = None
    note: str | None = None

    def __getitem__(self, section: str) -> Numbers:
        """Return the numbers of a section."""
        return self.sections[section]

    def count_cells(self, view: str) -> dict[str, int]:
        """Return the confusion matrix of two classes by the names of its cells."""
        return dict(zip(CELLS, chain.from_iterable(self.confusions[view]), strict=True))

    @property
    def keeps_limit(self) -> bool:
        """Whether out-of-fold decisions keep the objective's limit, if it has one."""
        return bool(self["out_of_fold"].get("limit_kept", True))

    @property
    def n_rare(self) -> int:
        """How many test rows are of the rarest class."""
        if self.classes is not None:
            return int(min(self.of_class(label)["n"] for label in self.classes))
        rows, share = self["test"]["n"], self["test"]["prevalence"]
        return round(rows * min(share, 1 - share))

    def of_class(self, label: str) -> Numbers:
        """Return the numbers of one of several classes, against all the others."""
        return self.sections[name_class_section(label)]


def name_class_section(label: str) -> str:
    """Return the section that has a class's numbers, the class against all the others."""
    return f"class_{label}"
