"""The sections of params.yaml, checked and frozen."""

from collections.abc import Mapping
from math import ceil
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from equipoise.contract.data_params import FileData, SyntheticData
from equipoise.contract.errors import nearest
from equipoise.contract.section import Name, Names, Section, Share, Weights, mistake


class Split(Section):
    """The share of rows kept aside for the test."""

    test_size: Share


class Preprocess(Section):
    """What is done to features before anything else is fitted."""

    numeric: Literal["passthrough", "standardize"] = "passthrough"


class Component(Section):
    """A class by name, and the arguments of its constructor."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True, allow_inf_nan=False)

    class_name: str = Field(alias="class")

    @property
    def arguments(self) -> dict[str, Any]:
        """The keys beside `class`."""
        return dict(self.model_extra or {})


# Ways to treat imbalance, the simplest first.
TREATMENTS = ("nothing", "weights", "sampler", "ensemble")


class Strategy(Section):
    """How imbalance is treated; an empty entry treats it with nothing."""

    sampler: Component | None = None
    class_weight: Literal["balanced"] | Weights | None = None
    ensemble: Component | None = None

    @property
    def treatment(self) -> str:
        """The least simple of the `TREATMENTS` that the strategy uses."""
        used = (True, self.class_weight, self.sampler, self.ensemble)
        return [name for name, part in zip(TREATMENTS, used, strict=True) if part is not None][-1]


class Run(Section):
    """The arms of the trial; the first strategy is the one that the others must beat."""

    strategies: Names
    models: Names


class CrossValidation(Section):
    """Repeated stratified k-fold on the train part."""

    folds: int = Field(default=5, ge=2)
    repeats: int = Field(default=2, ge=1)


class Decision(Section):
    """What a decision threshold is tuned for, and the keys that this objective goes by."""

    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "fbeta": ("beta",),
        "cost": ("false_negative", "false_positive"),
        "recall_at_precision": ("floor",),
        "precision_at_recall": ("floor",),
        "alerts": ("per_thousand",),
    }
    MAY_HAVE: ClassVar[Mapping[str, tuple[str, ...]]] = {"cost": ("amount",)}

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
    ] = "f1"
    beta: float | None = Field(default=None, gt=0)
    false_negative: float | None = Field(default=None, ge=0)
    false_positive: float | None = Field(default=None, ge=0)
    amount: str | None = None
    floor: float | None = Field(default=None, gt=0, le=1)
    per_thousand: float | None = Field(default=None, gt=0, le=1000)

    @property
    def arguments(self) -> dict[str, float]:
        """The numbers that the objective needs, by key."""
        return {key: getattr(self, key) for key in self.NEEDS.get(self.objective, ())}

    @model_validator(mode="after")
    def _keys_fit_the_objective(self) -> Self:
        keys = [key for key in type(self).model_fields if key != "objective"]
        mistakes = [misfit for key in keys if (misfit := self._misfit(key))]
        if self.false_negative == self.false_positive == 0:
            mistakes.append(
                "false_negative and false_positive are both 0, and objective 'cost' needs one to"
                " weigh; raise it"
            )
        if mistakes:
            raise mistake("; ".join(mistakes))
        return self

    def _misfit(self, key: str) -> str | None:
        given, needs = getattr(self, key) is not None, self.NEEDS.get(self.objective, ())
        if key in needs and not given:
            return f"{key} is required by objective '{self.objective}' and missing; set it"
        if not given or key in needs or key in self.MAY_HAVE.get(self.objective, ()):
            return None
        takers = [
            name for table in (self.NEEDS, self.MAY_HAVE) for name in table if key in table[name]
        ]
        return (
            f"{key} is not used by objective '{self.objective}'; remove it, or choose"
            f" objective {' or '.join(repr(name) for name in takers)}"
        )

    @model_serializer(mode="wrap")
    def _keys_in_use(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in dump(self).items() if value is not None}


class Uncertainty(Section):
    """The level of the intervals, and the bootstrap replicates behind them."""

    confidence: Share = 0.95
    resamples: int = Field(default=2000, ge=100)


class Verdict(Section):
    """How small a difference is no difference: the region of practical equivalence.

    For losses it is a share of what the constant guess of the prevalence would lose.
    """

    rope: float = Field(default=0.01, gt=0, lt=1)


class Params(Section):
    """All of params.yaml."""

    seed: int = Field(ge=0, lt=2**32)
    data: Annotated[SyntheticData | FileData, Field(discriminator="source")]
    split: Split
    preprocess: Preprocess = Preprocess()
    run: Run
    strategies: dict[Name, Strategy]
    models: dict[Name, Component]
    cross_validation: CrossValidation = CrossValidation()
    decision: Decision = Decision()
    calibration: Literal["auto", "none", "prior", "sigmoid", "isotonic"] = "auto"
    verdict: Verdict = Verdict()
    uncertainty: Uncertainty = Uncertainty()
    n_jobs: int = -1

    @field_validator("n_jobs")
    @classmethod
    def _some_processors(cls, n_jobs: int) -> int:
        if n_jobs == 0:
            raise mistake("0 should be -1 (all processors) or a number of them")
        return n_jobs

    @model_validator(mode="after")
    def _run_is_in_the_catalogue(self) -> Self:
        for kind in ("strategies", "models"):
            names, catalogue = getattr(self.run, kind), getattr(self, kind)
            for position, name in enumerate(names):
                if name not in catalogue:
                    raise mistake(
                        f"run.{kind}: '{name}' is not in the catalogue `{kind}`;"
                        f" {nearest(name, catalogue)}"
                    )
                if name in names[:position]:
                    raise mistake(f"run.{kind}: '{name}' is listed twice; remove one")
        return self

    @model_validator(mode="after")
    def _replicates_can_decide(self) -> Self:
        remedies = (len(self.run.strategies) - 1) * len(self.run.models)
        needed = ceil(2 * remedies / (1 - self.uncertainty.confidence))
        if self.uncertainty.resamples < needed:
            raise mistake(
                f"uncertainty.resamples: {self.uncertainty.resamples} is too few for {remedies}"
                f" comparisons at confidence {self.uncertainty.confidence}: none could be"
                f" decided; raise it to at least {needed}"
            )
        return self

    def used(self) -> dict[str, Any]:
        """Return what shapes the results: no unused catalogue entry, no `n_jobs`."""
        used = self.model_dump(mode="json", by_alias=True, exclude={"n_jobs"})
        for kind in ("strategies", "models"):
            used[kind] = {name: used[kind][name] for name in used["run"][kind]}
        return used
