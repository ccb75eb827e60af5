"""The section `screen` of params.yaml: which arms are raced, by what, and how they are tuned."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from equipoise.params.section import Name, Names, Section, make_mistake

# Of cross-validation; far fewer tell as much.
MOST_REPEATS = 1_000

Value = str | int | float | bool | None


class Range(Section):
    """Numbers from `low` to `high`, drawn evenly; with `log`, evenly on a logarithmic scale.

    They are whole if both ends are.
    """

    low: int | float
    high: int | float
    log: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low >= self.high:
            raise make_mistake(f"low = {self.low:g} should be less than high = {self.high:g}")
        if self.log and self.low <= 0:
            raise make_mistake(f"low = {self.low:g} should be above 0, because log is true")
        return self


def _name_kind(values: object) -> str:
    return "range" if isinstance(values, Mapping | Range) else "choices"


Choices = Annotated[tuple[Value, ...], Field(min_length=1, strict=False)]
Values = Annotated[
    Annotated[Choices, Tag("choices")] | Annotated[Range, Tag("range")], Discriminator(_name_kind)
]


class Screen(Section):
    """The race of `equipoise screen`; what is left out is as the trial has it.

    `level` is the chance of dropping the best arm that is accepted: of 0 no arm is dropped. With a
    `budget`, each arm whose model has a `space` (by argument: a list of values or a range) is tuned
    in every fold by that many configurations.
    """

    strategies: Names | None = None
    models: Names | None = None
    metric: Literal["objective", "average_precision", "roc_auc"] = "objective"
    folds: int | None = Field(default=None, ge=2)
    repeats: int | None = Field(default=None, ge=1, le=MOST_REPEATS)
    level: float = Field(default=0.05, ge=0, lt=1)
    budget: int = Field(default=0, ge=0, le=10_000)
    space: dict[Name, dict[Name, Values]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_something_to_tune(self) -> Self:
        if self.budget == 1:
            raise make_mistake(
                "budget = 1 is the model as it is in models, so nothing would be tuned; set it to 2"
                " or more, or to 0"
            )
        if self.budget and not self.space:
            raise make_mistake(
                f"budget = {self.budget} needs space, what to draw configurations from; set it, as"
                " in space: {logistic: {C: {low: 0.01, high: 100, log: true}}}"
            )
        return self
