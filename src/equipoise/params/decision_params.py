"""The `decision` section of params.yaml: what decisions are tuned for."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from equipoise.params.section import (
    SMALLEST_COST,
    Cost,
    CostMatrix,
    Odds,
    Section,
    Share,
    make_mistake,
)


class Decision(Section):
    """What decisions are tuned for, and the keys that this objective goes by.

    `costs` has what each decision costs: a row for each actual class and a column for each
    predicted one, in the order of their labels (numbers by size, words by alphabet). Where the
    positive one of two would be first by that, the matrix is refused. `prevalence` is the share of
    positives where decisions are made, if it is not the table's; `odds` are the lowest and the
    highest threshold odds that decision curves have.
    """

    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "fbeta": ("beta",),
        "cost": ("false_negative", "false_positive"),
        "recall_at_precision": ("floor",),
        "precision_at_recall": ("floor",),
        "alerts": ("per_thousand",),
    }
    WITH_ANY: ClassVar[tuple[str, ...]] = ("objective", "prevalence", "odds")
    MAY_HAVE: ClassVar[Mapping[str, tuple[str, ...]]] = {"cost": ("amount", "costs")}

    objective: Literal[
        "f1",
        "fbeta",
        "balanced_accuracy",
        "mcc",
        "g_mean",
        "cost",
        "recall_at_precision",
        "precision_at_recall",
        "alerts",
        "weighted_f1",
    ] = "f1"
    beta: float | None = Field(default=None, gt=0)
    false_negative: Cost | None = None
    false_positive: Cost | None = None
    amount: str | None = None
    costs: CostMatrix | None = None
    floor: float | None = Field(default=None, gt=0, le=1)
    per_thousand: float | None = Field(default=None, gt=0, le=1000)
    prevalence: Share | None = None
    odds: Odds | None = None

    @property
    def arguments(self) -> dict[str, float | CostMatrix]:
        """What the objective is made from, by key: numbers, or the matrix `costs`."""
        return {key: getattr(self, key) for key in self._needed}

    @property
    def _needed(self) -> tuple[str, ...]:
        if self.objective == "cost" and self.costs is not None:
            return ("costs",)
        return self.NEEDS.get(self.objective, ())

    @field_validator("costs")
    @classmethod
    def _a_cost_for_each_decision(cls, costs: CostMatrix | None) -> CostMatrix | None:
        rows = [list(row) for row in costs or ()]
        if costs is not None and (len(rows) < 2 or {*map(len, rows)} != {len(rows)}):  # noqa: PLR2004 - the fewest classes
            raise make_mistake(
                f"{rows} should be square: a row and a column for each of the classes"
            )
        if costs is not None and not any(map(any, rows)):
            raise make_mistake(f"{rows} has only zeros; raise one of the costs")
        for actual, row in enumerate(rows):
            if min(row) < row[actual]:
                raise make_mistake(
                    f"{row}: in row {actual + 1} a mistake costs less than being right"
                    f" ({min(row):g} against {row[actual]:g}); lower the cost on the diagonal"
                )
        return costs

    @field_validator("false_negative", "false_positive", "costs")
    @classmethod
    def _costs_are_not_tiny(cls, given: float | CostMatrix | None) -> float | CostMatrix | None:
        rows = given if isinstance(given, tuple) else ((given or 0,),)
        if tiny := [cost for row in rows for cost in row if 0 < cost < SMALLEST_COST]:
            raise make_mistake(
                f"{tiny[0]:g} should be 0, or {SMALLEST_COST:g} or more; give all costs in a"
                " smaller unit"
            )
        return given

    @field_validator("odds", mode="before")
    @classmethod
    def _odds_are_two(cls, odds: Any) -> Any:
        if isinstance(odds, list | tuple) and not odds[1:]:
            raise make_mistake(f"{odds!r} should be the lowest odds and then the highest")
        return odds

    @field_validator("odds")
    @classmethod
    def _odds_are_a_range(cls, odds: Odds | None) -> Odds | None:
        if odds is not None and odds[0] >= odds[1]:
            raise make_mistake(
                f"[{odds[0]:g}, {odds[1]:g}] should be the lowest odds and then the highest"
            )
        return odds

    @model_validator(mode="after")
    def _keys_fit_the_objective(self) -> Self:
        keys = [key for key in type(self).model_fields if key not in self.WITH_ANY]
        mistakes = [misfit for key in keys if (misfit := self._find_misfit(key))]
        if self.false_negative == self.false_positive == 0:
            mistakes.append(
                "false_negative and false_positive are both 0, and objective 'cost' needs one"
                " above 0; raise it"
            )
        rivals = [key for key in (*self.NEEDS["cost"], "amount") if getattr(self, key) is not None]
        if self.objective == "cost" and self.costs is not None and rivals:
            mistakes.append(f"costs cannot go with {' and '.join(rivals)}; remove one or the other")
        if mistakes:
            raise make_mistake("; ".join(mistakes))
        return self

    def _find_misfit(self, key: str) -> str | None:
        given = getattr(self, key) is not None
        if key in self._needed and not given:
            instead = ", or costs instead" if self.objective == "cost" else ""
            return f"{key} is required by objective '{self.objective}' and missing; set it{instead}"
        tables = (self.NEEDS, self.MAY_HAVE)
        if not given or any(key in table.get(self.objective, ()) for table in tables):
            return None
        takers = [name for table in tables for name in table if key in table[name]]
        return (
            f"{key} is not used by objective '{self.objective}'; remove it, or choose"
            f" objective {' or '.join(repr(name) for name in takers)}"
        )

    @model_serializer(mode="wrap")
    def _keys_in_use(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Pydantic holds values against this type, and for JSON `costs` are lists by now.
        return {key: value for key, value in dump(self).items() if value is not None}
