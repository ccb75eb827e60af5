"""params.yaml, read once, checked, and frozen."""

import re
from collections.abc import Mapping, Sequence
from math import ceil, isclose, log2
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from equipoise.contract.errors import UserError, nearest

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
Names = Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]
Strings = Annotated[tuple[str, ...], Field(strict=False)]
Weights = Annotated[dict[int, Annotated[float, Field(gt=0)]], Field(min_length=1)]
Share = Annotated[float, Field(gt=0, lt=1)]

# What pydantic says in Python's words, said in YAML's.
SAYINGS = {
    "tuple_type": "a list",
    "missing_positional_only_argument": "a longer list",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "dict_type": "keys and values",
    "model_type": "keys and values, as in {{key: value}}",
    "model_attributes_type": "keys and values, as in {{key: value}}",
    "string_pattern_mismatch": "letters, digits and underscores",
}


def _mistake(message: str) -> PydanticCustomError:
    return PydanticCustomError("mistake", "{message}", {"message": message})


class Section(BaseModel):
    """A part of params.yaml whose keys are all known and whose values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, section: object) -> object:
        if isinstance(section, Mapping) and cls.model_config["extra"] == "forbid":
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in section:
                if key not in known:
                    raise _mistake(f"unknown key '{key}'; {nearest(str(key), known)}")
        return section


class SyntheticData(Section):
    """A problem made by `sklearn.datasets.make_classification`, with its own names."""

    source: Literal["synthetic"]
    n_samples: int = Field(ge=20)
    n_features: int = Field(ge=1)
    n_informative: int = Field(ge=1)
    n_redundant: int = Field(default=2, ge=0)
    n_repeated: int = Field(default=0, ge=0)
    n_clusters_per_class: int = Field(default=2, ge=1)
    weights: Annotated[tuple[Share, Share], Field(strict=False)]
    flip_y: float = Field(default=0.01, ge=0, le=1)
    class_sep: float = Field(default=1.0, gt=0)

    @field_validator("weights")
    @classmethod
    def _shares_add_up(cls, weights: tuple[float, float]) -> tuple[float, float]:
        if not isclose(sum(weights), 1):
            raise _mistake(f"{list(weights)} should add up to 1")
        return weights

    @model_validator(mode="after")
    def _features_add_up(self) -> Self:
        used = self.n_informative + self.n_redundant + self.n_repeated
        if used > self.n_features:
            raise _mistake(
                f"n_informative + n_redundant + n_repeated = {used} is more than"
                f" n_features = {self.n_features}; raise n_features"
            )
        clusters = 2 * self.n_clusters_per_class
        if self.n_informative < log2(clusters):
            raise _mistake(
                f"n_informative = {self.n_informative} is too few for n_clusters_per_class"
                f" = {self.n_clusters_per_class}; raise the first or lower the second"
            )
        return self


class FileData(Section):
    """A user's own table: `target` names the column to predict, `positive` its rare label."""

    source: Literal["file"]
    path: str
    target: str
    positive: str | int | float | bool | None = None
    drop: Strings = ()


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


class Strategy(Section):
    """How imbalance is treated; an empty entry treats it with nothing."""

    sampler: Component | None = None
    class_weight: Literal["balanced"] | Weights | None = None
    ensemble: Component | None = None


class Run(Section):
    """The arms of the trial; the first strategy is the one that the others must beat."""

    strategies: Names
    models: Names


class CrossValidation(Section):
    """Repeated stratified k-fold on the train part."""

    folds: int = Field(default=5, ge=2)
    repeats: int = Field(default=2, ge=1)


class Decision(Section):
    """What a decision threshold is tuned for."""

    objective: Literal["f1"] = "f1"


class Uncertainty(Section):
    """The level of the intervals, and the bootstrap replicates behind them."""

    confidence: Share = 0.95
    resamples: int = Field(default=2000, ge=100)


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
    uncertainty: Uncertainty = Uncertainty()
    n_jobs: int = -1

    @field_validator("n_jobs")
    @classmethod
    def _some_processors(cls, n_jobs: int) -> int:
        if n_jobs == 0:
            raise _mistake("0 should be -1 (all processors) or a number of them")
        return n_jobs

    @model_validator(mode="after")
    def _run_is_in_the_catalogue(self) -> Self:
        for kind in ("strategies", "models"):
            names, catalogue = getattr(self.run, kind), getattr(self, kind)
            for position, name in enumerate(names):
                if name not in catalogue:
                    raise _mistake(
                        f"run.{kind}: '{name}' is not in the catalogue `{kind}`;"
                        f" {nearest(name, catalogue)}"
                    )
                if name in names[:position]:
                    raise _mistake(f"run.{kind}: '{name}' is listed twice; remove one")
        return self

    @model_validator(mode="after")
    def _replicates_can_decide(self) -> Self:
        remedies = (len(self.run.strategies) - 1) * len(self.run.models)
        needed = ceil(2 * remedies / (1 - self.uncertainty.confidence))
        if self.uncertainty.resamples < needed:
            raise _mistake(
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


def cell_name(strategy: str, model: str) -> str:
    """Return the key of a strategy with a model, in file names and in the record."""
    return f"{strategy}-{model}"


class _Loader(yaml.SafeLoader):
    """YAML as DVC reads it: `1e-3` is a number (YAML 1.2)."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9][0-9]*[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def load_params(path: Path, **chosen: str) -> Params:
    """Return the checked params; a `UserError` names every key that is wrong.

    A `strategy` or `model` that is chosen must be in its catalogue.
    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as missing:
        raise UserError(f"{path} is missing; run from the repository's root") from missing
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as bad:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(bad).split())}") from bad
    if not isinstance(raw, Mapping):
        raise UserError(f"{path} must hold keys and values, and holds {type(raw).__name__}")
    try:
        params = Params.model_validate(raw)
    except ValidationError as invalid:
        lines = dict.fromkeys(_describe(error, raw) for error in _roots(invalid.errors()))
        raise UserError("\n".join(f"{path}: {line}" for line in lines)) from invalid
    for option, catalogue in (("strategy", params.strategies), ("model", params.models)):
        if option in chosen and chosen[option] not in catalogue:
            known = nearest(chosen[option], catalogue)
            raise UserError(f"--{option}: '{chosen[option]}' is not in {path}; {known}")
    return params


def _roots(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Return the errors without those that only follow from another one further inside."""
    inside = [error["loc"][: len(error["loc"]) - 1] for error in errors]
    return [error for error in errors if error["type"] != "too_short" or error["loc"] not in inside]


def _describe(error: ErrorDetails, raw: Mapping[str, Any]) -> str:
    kind = error["type"]
    key = _dotted_key(error["loc"], raw, missing=kind == "missing")
    if kind == "mistake":
        return f"{key}: {error['msg']}" if key else error["msg"]
    if kind == "missing":
        return f"{key} is required and missing"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        source = error["input"].get("source") if isinstance(error["input"], Mapping) else None
        return f"{key}.source: {source!r} should be 'synthetic' or 'file'"
    meant = SAYINGS.get(kind, "").format(**error.get("ctx", {}))
    plain = error["msg"].removeprefix("Input should ").removeprefix("be ")
    return f"{key}: {error['input']!r} should be {meant or plain}"


def _dotted_key(location: Sequence[int | str], raw: Mapping[str, Any], *, missing: bool) -> str:
    """Return the user's key: pydantic's location less the names of union members."""
    node: Any = raw
    parts: list[str] = []
    for position, part in enumerate(location):
        if (isinstance(node, Mapping) and part in node) or _is_index(node, part):
            node = node[part]
            parts.append(str(part))
        elif missing and position == len(location) - 1 and isinstance(part, str):
            parts.append(part)
    return ".".join(parts)


def _is_index(node: object, part: int | str) -> bool:
    return isinstance(node, list) and isinstance(part, int) and part < len(node)
