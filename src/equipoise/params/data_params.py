"""The `data` section of params.yaml: where the table comes from."""

from math import isclose, log2
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from equipoise.core.table_schema import Label
from equipoise.params.section import Section, Share, Strings, make_mistake

# Where tables lie.
RAW_FOLDER = Path("data/raw")

# Of a table that is made. They take 8 GB.
MOST_VALUES = 1_000_000_000

Kind = Literal["numeric", "integer", "boolean", "category", "date", "text"]
Labels = Annotated[tuple[Label, ...], Field(strict=False)]


class SyntheticData(Section):
    """A problem made by `sklearn.datasets.make_classification`, with its own names.

    There are as many classes as `weights`. With `float32`, decimals are kept in half the room.
    """

    source: Literal["synthetic"]
    float32: bool = False
    n_samples: int = Field(ge=20, le=100_000_000)
    n_features: int = Field(ge=1)
    n_informative: int = Field(ge=1)
    n_redundant: int = Field(default=2, ge=0)
    n_repeated: int = Field(default=0, ge=0)
    n_clusters_per_class: int = Field(default=2, ge=1, le=1_000)
    weights: Annotated[tuple[Share, ...], Field(min_length=2, max_length=100, strict=False)]
    flip_y: float = Field(default=0.01, ge=0, le=1)
    class_sep: float = Field(default=1.0, gt=0, le=1e6)

    @field_validator("weights")
    @classmethod
    def _shares_add_up(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if not isclose(sum(weights), 1):
            raise make_mistake(f"{list(weights)} should add up to 1")
        return weights

    @model_validator(mode="after")
    def _fits_into_memory(self) -> Self:
        values = self.n_samples * self.n_features
        if values > MOST_VALUES:
            raise make_mistake(
                f"n_samples x n_features = {values:.1e} values would take {8 * values / 1e9:,.0f}"
                f" GB; lower one of them, so that there are at most {MOST_VALUES:.0e}"
            )
        return self

    @model_validator(mode="after")
    def _features_add_up(self) -> Self:
        used = self.n_informative + self.n_redundant + self.n_repeated
        if used > self.n_features:
            raise make_mistake(
                f"n_informative + n_redundant + n_repeated = {used} is more than"
                f" n_features = {self.n_features}; raise n_features"
            )
        classes = len(self.weights)
        if self.n_informative < log2(classes * self.n_clusters_per_class):
            raise make_mistake(
                f"n_informative = {self.n_informative} is too few for n_clusters_per_class"
                f" = {self.n_clusters_per_class} and {classes} classes; raise the first or lower"
                " the second"
            )
        return self


class ReadOptions(Section):
    """How a file is written, where it should not be found out; the `sheet` of a workbook.

    `header` is the row of a CSV or a sheet that names the columns, the first being 1; `gaps` are
    words and numbers that stand for a gap in every feature. With more columns than `most_columns`
    a file is not read.
    """

    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'"] | None = None
    encoding: str | None = None
    sheet: Annotated[str, Field(min_length=1)] | None = None
    header: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    gaps: Labels = ()
    most_columns: Annotated[int, Field(ge=1)] = 20_000

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str | None) -> str | None:
        try:
            "".encode(encoding or "utf-8")
        except (LookupError, ValueError) as unknown:
            raise make_mistake(
                f"{encoding!r} is not an encoding that Python knows; write utf-8, cp1252 or another"
            ) from unknown
        return encoding

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.thousands is not None and self.thousands == self.decimal:
            raise make_mistake(
                f"thousands and decimal are both {self.decimal!r}; remove one of them"
            )
        return self


class MajoritySample(Section):
    """Of the commonest class only so many rows for each row of the others; of these, all."""

    majority_per_minority: float = Field(ge=1, le=1e6)


class FileData(Section):
    """A user's own table: `target` names the column to predict, `positive` its rare label.

    Labels in a list are all positive, just as they are written, and no others. Without `positive`,
    each of several labels is a class of its own; those in `distinct_labels` are so though they
    look alike. `columns` pins kinds; `group` and `time` name the columns that a split goes by,
    which are not features, and `segment` the column by which verdicts are given too. `read` says
    how a file is written. Rows without a label are refused unless `unlabelled` is to drop them.
    With `float32`, decimals are kept in half the room. With `sample`, a table may be larger than
    memory: most of its commonest class is left out.
    """

    source: Literal["file"]
    path: str
    float32: bool = False
    sample: MajoritySample | None = None
    read: ReadOptions = ReadOptions()
    target: str
    positive: Label | Annotated[Labels, Field(min_length=1)] | None = None
    distinct_labels: Labels = ()
    unlabelled: Literal["refuse", "drop"] = "refuse"
    drop: Strings = ()
    columns: dict[str, Kind] = Field(default_factory=dict)
    group: str | None = None
    time: str | None = None
    segment: str | None = None

    @field_validator("drop", "group", "time", "segment")
    @classmethod
    def _leaves_the_target(
        cls, value: tuple[str, ...] | str | None, info: ValidationInfo
    ) -> tuple[str, ...] | str | None:
        names = (value,) if isinstance(value, str) else value or ()
        if info.data.get("target") in names:
            raise make_mistake(
                f"'{info.data['target']}' is data.target already; name another column"
            )
        return value


Data = SyntheticData | FileData


def list_gaps(data: Data) -> tuple[Label, ...]:
    """Return the values that params call gaps."""
    return data.read.gaps if isinstance(data, FileData) else ()
