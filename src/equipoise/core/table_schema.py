"""What a table was read as."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Label = str | int | float | bool


@dataclass(frozen=True)
class Writing:
    """How a text is written: what is between fields, before decimals, and between thousands.

    `row_names` tells whether each row begins with a name that the header has no column for.
    """

    separator: str = ","
    decimal: str = "."
    thousands: str | None = None
    row_names: bool = False


@dataclass(frozen=True)
class TableSchema:
    """The size of a table, its columns by kind, and its classes.

    `classes` has the rows of each; `labels` are the user's own, in the order of the classes. Of two
    classes `positive` is the label of the positive one, and `positives` its rows; where the other
    class has several labels, `others` has the rows of each, the commonest first. Of each column
    `examples` has the first value as it was read, and `gaps` the number of those that are missing.

    The rest is for reading new rows: `forms` says how dates, times and numbers are written that
    are words in the table (see `data.word_forms`), `booleans` has both values of a column,
    `float32` tells whether decimals are in single precision, and `written` how the file is
    written, if it is text.

    Where the commonest class was sampled, `population` has the rows of each class in the file.
    """

    rows: int
    columns: Mapping[str, str]
    target: str
    classes: Mapping[str, int]
    labels: tuple[Label, ...]
    examples: Mapping[str, str]
    gaps: Mapping[str, int]
    positive: str | None = None
    positives: int | None = None
    others: Mapping[str, int] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    booleans: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    float32: bool = False
    written: Writing | None = None
    population: Mapping[str, int] = field(default_factory=dict)

    @property
    def true_prevalence(self) -> float | None:
        """The share of positives in the file, where that of the table is not it."""
        if not self.population:
            return None
        return self.population["1"] / sum(self.population.values())
