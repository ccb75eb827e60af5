"""The sections of params.yaml, checked and frozen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    TypeAdapter,
    field_validator,
    model_validator,
)

from equipoise.core.arms import TREATMENTS, ArmName
from equipoise.core.few_rows import Part
from equipoise.core.json_values import JsonObject
from equipoise.core.table_schema import Label
from equipoise.params.class_labels import number_labels
from equipoise.params.data_params import FileData, SyntheticData
from equipoise.params.decision_params import Decision
from equipoise.params.registry_params import Registry
from equipoise.params.screen_params import MOST_REPEATS, Screen
from equipoise.params.section import Name, Names, Section, Seed, Weights, make_mistake
from equipoise.terminal.errors import suggest_nearest

Dates = Literal["parts", "cyclic"]


class Split(Section):
    """The share of rows kept aside for the test, and what is never torn apart.

    Of 0 no row is kept aside, and nothing is claimed about fitted models.
    """

    test_size: float = Field(ge=0, lt=1)
    method: Literal["stratified", "group", "time"] = "stratified"

    @property
    def has_test(self) -> bool:
        """Whether some rows are kept aside."""
        return self.test_size > 0

    @property
    def is_forward(self) -> bool:
        """Whether test is later than train, and a fold later than those that it is scored by."""
        return self.method == "time"

    @property
    def scored(self) -> Part:
        """What the rows are called that remedies are judged by: by time, not all of train."""
        return "scored train" if self.is_forward else "train"


class Entry(Section):
    """A part of params.yaml that knows where it stands there."""

    _key: str = PrivateAttr(default="")

    @property
    def key(self) -> str:
        """Where params.yaml has it, dotted."""
        return self._key

    def at(self, key: str) -> Self:
        """Return it, and the components in it, as one that params.yaml has at this key."""
        located = self.model_copy()
        for own in (vars(located), located.model_extra or {}):
            own.update({name: _locate(value, f"{key}.{name}") for name, value in own.items()})
        located._key = key  # noqa: SLF001 - its own
        return located


def _parse_argument(value: Any) -> Any:
    """Return an argument of a class, with each `{class: ...}` in it as a component."""
    if isinstance(value, list):
        return ARGUMENTS.validate_python(value)
    if not (isinstance(value, Mapping) and "class" in value):
        return value
    if not all(isinstance(text, str) for text in (value["class"], *value)):
        raise make_mistake(f"{dict(value)!r} should be {{class: Name, argument: value}}")
    return Component.model_validate(value)


# Of an argument's key in params.yaml and its value: what takes the value's place.
Change = Callable[[str, Any], Any]
Argument = Annotated[Any, BeforeValidator(_parse_argument)]
ARGUMENTS = TypeAdapter(list[Argument])


class Component(Entry):
    """A class by name, and the arguments of its constructor."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    class_name: str = Field(alias="class", max_length=200)
    __pydantic_extra__: dict[str, Argument] = Field(init=False)
    _written: Mapping[str, Any] | None = PrivateAttr(default=None)

    @property
    def short_name(self) -> str:
        """The name of the class without its package."""
        return self.class_name.rpartition(".")[2]

    @property
    def arguments(self) -> dict[str, Any]:
        """The keys beside `class`: whatever its constructor takes."""
        return dict(self.__pydantic_extra__)

    @property
    def written(self) -> Mapping[str, Any]:
        """The arguments as params.yaml has them, with classes by their labels."""
        return self.arguments if self._written is None else self._written

    def number_labels(self, labels: Sequence[Label]) -> Self:
        """Return it with two classes named by number, in the components in it as well."""
        return self.replace_arguments(partial(number_labels, labels=labels))

    def replace_arguments(self, change: Change) -> Self:
        """Return it with what a function makes of each key and value, at any depth."""
        changed = {
            name: _change_argument(f"{self.key}.{name}", value, change)
            for name, value in self.arguments.items()
        }
        copy = self.model_copy(update=changed)
        copy._written = self.written  # noqa: SLF001 - its own
        return copy


def walk_components(value: Any) -> Iterator[Component]:
    """Give a component, or those of a list, each before those in its arguments at any depth."""
    if isinstance(value, Component):
        yield value
        value = [*value.arguments.values()]
    for inner in value if isinstance(value, list) else ():
        yield from walk_components(inner)


def _change_argument(key: str, value: Any, change: Change) -> Any:
    if isinstance(value, Component):
        return value.replace_arguments(change)
    if isinstance(value, list) and any(walk_components(value)):
        return [_change_argument(key, inner, change) for inner in value]
    return change(key, value)


def _locate(value: Any, key: str) -> Any:
    """Return an argument, the components in it as those that params.yaml has at this key."""
    if isinstance(value, list):
        return [_locate(inner, f"{key}.{position}") for position, inner in enumerate(value)]
    return value.at(key) if isinstance(value, Component) else value


def _tag_numeric(value: Any) -> str:
    """Return which member of the union a value of `preprocess.numeric` is to be read as."""
    if isinstance(value, list):
        return "classes"
    return "class" if isinstance(value, Mapping | Component) else "word"


Numeric = Annotated[
    Annotated[Literal["auto", "passthrough", "standardize"], Tag("word")]
    | Annotated[Component, Tag("class")]
    | Annotated[Annotated[list[Component], Field(min_length=1)], Tag("classes")],
    Discriminator(_tag_numeric),
]


class Preprocess(Section):
    """What is done to features before anything else is fitted.

    `numeric: auto` standardizes the numbers of a user's file, whose scales may differ widely, and
    leaves those of a made table as they are; a transformer of scikit-learn, or a list of them one
    after another, takes the place of that. Of a column with more than `most_categories` values,
    `one_hot` puts the rarest together; `target` puts in the place of each the share of every class
    among its rows. `cyclic` puts the hour, weekday, day and month of a date on circles, where the
    last is beside the first; `parts` leaves them as numbers.
    """

    numeric: Numeric = "auto"
    categories: Literal["one_hot", "target"] = "one_hot"
    most_categories: int = Field(default=100, ge=2)
    dates: Dates = "parts"

    @property
    def transformers(self) -> list[Component]:
        """The classes that numbers go through, one after another; none where a word says it."""
        if isinstance(self.numeric, str):
            return []
        return self.numeric if isinstance(self.numeric, list) else [self.numeric]


# Packages that a class may be taken from without being asked for in `plugins`.
ALLOWED_PACKAGES = ("sklearn", "imblearn", "lightgbm", "xgboost", "catboost", "equipoise")


class Strategy(Entry):
    """How imbalance is treated; an empty entry treats it with nothing."""

    sampler: Component | None = None
    class_weight: Literal["balanced"] | Weights | None = None
    ensemble: Component | None = None

    @property
    def treatment(self) -> str:
        """The least simple of the `TREATMENTS` that the strategy uses."""
        used = (True, self.class_weight, self.sampler, self.ensemble)
        return [name for name, part in zip(TREATMENTS, used, strict=True) if part is not None][-1]

    def number_labels(self, labels: Sequence[Label]) -> Self:
        """Return it with two classes named by number."""
        weights = number_labels(f"{self.key}.class_weight", self.class_weight, labels)
        weighted = self.model_copy(update={"class_weight": weights})
        return weighted.replace_arguments(partial(number_labels, labels=labels))

    def replace_arguments(self, change: Change) -> Self:
        """Return it with what a function makes of each key and value of sampler and ensemble."""
        parts = {"sampler": self.sampler, "ensemble": self.ensemble}
        changed = {name: part and part.replace_arguments(change) for name, part in parts.items()}
        return self.model_copy(update=changed)


class Run(Section):
    """The arms of the trial; the first strategy is the one that the others must beat."""

    strategies: Names
    models: Names
    strict: bool = False

    @property
    def arms(self) -> list[ArmName]:
        """Every arm of the trial, model by model."""
        return [ArmName(strategy, model) for model in self.models for strategy in self.strategies]

    def find_baseline(self, model: str) -> ArmName:
        """Return the arm that the others with the same model must beat."""
        return ArmName(self.strategies[0], model)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every other arm, with the baseline of its model."""
        arms = ((arm, self.find_baseline(arm.model)) for arm in self.arms)
        return [(str(arm), str(baseline)) for arm, baseline in arms if arm != baseline]


class CrossValidation(Section):
    """Repeated stratified k-fold on the train part.

    Rows are shuffled by `seed`, by that of params if it is None. With one repeat, folds are those
    of scikit-learn's `StratifiedKFold` with the same arguments.
    """

    folds: int = Field(default=5, ge=2)
    repeats: int = Field(default=2, ge=1, le=MOST_REPEATS)
    shuffle: bool = True
    seed: Seed | None = None

    @model_validator(mode="after")
    def _only_shuffled_rows_differ(self) -> Self:
        if not self.shuffle and self.repeats > 1:
            raise make_mistake(
                f"repeats: {self.repeats} would be the same folds again, because shuffle is false;"
                " set it to 1"
            )
        if not self.shuffle and self.seed is not None:
            raise make_mistake(
                f"seed: {self.seed} shuffles nothing; remove it, or set shuffle to true"
            )
        return self


class Uncertainty(Section):
    """The level of the intervals, and the replicates behind them."""

    confidence: float = Field(default=0.95, gt=0, le=0.9999)
    resamples: int = Field(default=2000, ge=100, le=1_000_000)


class Verdict(Section):
    """The region of practical equivalence: differences too small to matter.

    It is a share of what the baseline gains over a constant guess, or of what is left to gain.
    """

    rope: float = Field(default=0.05, gt=0, lt=1)


class Record(Section):
    """Where MLflow keeps the record: an `experiment` of its own for each table, unless named."""

    experiment: Annotated[str, Field(min_length=1, max_length=200)] | None = None


NamingClasses = TypeVar("NamingClasses", Strategy, Component)


@dataclass(frozen=True)
class Arm:
    """One strategy with one model, and what is done to features before."""

    strategy: Strategy
    model: Component
    preprocess: Preprocess
    seed: int


class Params(Section):
    """All of params.yaml."""

    seed: Seed
    data: Annotated[SyntheticData | FileData, Field(discriminator="source")]
    split: Split
    preprocess: Preprocess = Preprocess()
    run: Run
    strategies: dict[Name, Strategy]
    models: dict[Name, Component]
    cross_validation: CrossValidation = CrossValidation()
    decision: Decision = Decision()
    calibration: Literal["auto", "none", "prior", "sigmoid", "isotonic", "venn_abers"] = "auto"
    verdict: Verdict = Verdict()
    uncertainty: Uncertainty = Uncertainty()
    plugins: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    allow: Annotated[tuple[Literal["memory", "random_state"], ...], Field(strict=False)] = ()
    mlflow: Record = Record()
    registry: Registry = Registry()
    screen: Screen = Screen()
    n_jobs: int = -1
    _labels: tuple[Label, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _entries_know_their_keys(self) -> Self:
        for name, strategy in self.strategies.items():
            self.strategies[name] = strategy.at(f"strategies.{name}")
        for name, model in self.models.items():
            self.models[name] = model.at(f"models.{name}")
        return self

    @field_validator("strategies", "models")
    @classmethod
    def _names_differ_on_any_disk(cls, entries: dict[Name, Any]) -> dict[Name, Any]:
        seen: dict[str, str] = {}
        for name in entries:
            first = seen.setdefault(name.casefold(), name)
            if first != name:
                raise make_mistake(
                    f"'{first}' and '{name}' differ in capital letters only, so some disks would"
                    " have one file for both; rename one"
                )
        return entries

    @field_validator("preprocess")
    @classmethod
    def _transformers_know_their_keys(cls, preprocess: Preprocess) -> Preprocess:
        located = _locate(preprocess.numeric, "preprocess.numeric")
        return preprocess.model_copy(update={"numeric": located})

    @field_validator("n_jobs")
    @classmethod
    def _some_processors(cls, n_jobs: int) -> int:
        if n_jobs == 0:
            raise make_mistake("0 should be -1 (all processors) or a number of processors")
        return n_jobs

    @model_validator(mode="after")
    def _classes_are_of_allowed_packages(self) -> Self:
        allowed = (*ALLOWED_PACKAGES, *self.plugins)
        for component in self._walk_components():
            path = component.class_name
            if "." in path and path.partition(".")[0] not in allowed:
                raise make_mistake(
                    f"{component.key}.class: '{path}' is not from an allowed package"
                    f" ({', '.join(allowed)}); add its package to `plugins` if you trust it"
                )
        return self

    @model_validator(mode="after")
    def _components_write_nothing_and_can_be_repeated(self) -> Self:
        for component in self._walk_components():
            self._check_arguments(component.key, component.model_dump(by_alias=True))
        for model, space in self.screen.space.items():
            for name, values in space.items():
                for value in values if isinstance(values, tuple) else ():
                    self._check_arguments(f"screen.space.{model}", {name: value})
        return self

    def _check_arguments(self, key: str, written: Mapping[str, Any]) -> None:
        if written.get("memory") is not None and "memory" not in self.allow:
            raise make_mistake(
                f"{key}.memory: {written['memory']!r} would be filled with pickles; remove"
                " it, or add memory to `allow`"
            )
        if written.get("allow_writing_files"):  # of CatBoost
            raise make_mistake(
                f"{key}.allow_writing_files: {written['allow_writing_files']!r} has the model write"
                " files that no stage knows; remove it"
            )
        if written.get("random_state", 0) is None and "random_state" not in self.allow:
            raise make_mistake(
                f"{key}.random_state: null gives other results each time; remove it (`seed` is"
                " used then), or add random_state to `allow`"
            )

    def select_arm(self, name: ArmName) -> Arm:
        """Return the arm of a strategy and a model of the catalogues, as `name_classes` does."""
        strategy, model = self.strategies[name.strategy], self.models[name.model]
        return Arm(
            self.name_classes(strategy), self.name_classes(model), self.preprocess, self.seed
        )

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of the table, in the order of the classes; none before they are known."""
        return self._labels

    def for_labels(self, labels: Sequence[Label]) -> Self:
        """Return the params of a table with these labels, by which an entry names its classes."""
        known = self.model_copy()
        known._labels = tuple(labels)  # noqa: SLF001 - its own
        return known

    def name_classes(self, entry: NamingClasses) -> NamingClasses:
        """Return an entry that names classes as the parts of the table do.

        A `UserError` names a label that is no class.
        """
        return entry.number_labels(self.labels)

    def _walk_components(self) -> Iterator[Component]:
        """Give every component of both catalogues and of `preprocess`, at any depth."""
        parts = [part for s in self.strategies.values() for part in (s.sampler, s.ensemble)]
        return walk_components([*self.preprocess.transformers, *parts, *self.models.values()])

    @model_validator(mode="before")
    @classmethod
    def _settle_auto(cls, raw: Any) -> Any:
        """Return params that say what is done to numbers, which goes by where they come from."""
        data, preprocess = (_read_entry(raw, key) for key in ("data", "preprocess"))
        if data is None or (preprocess is None and "preprocess" in raw):
            return raw
        if (preprocess or {}).get("numeric", "auto") != "auto":
            return raw
        numeric = "standardize" if data.get("source") == "file" else "passthrough"
        return {**raw, "preprocess": {**(preprocess or {}), "numeric": numeric}}

    @model_validator(mode="after")
    def _the_split_has_its_column(self) -> Self:
        for key in ("group", "time"):
            column, method = getattr(self.data, key, None), self.split.method
            if method == key and column is None:
                raise make_mistake(
                    f"split.method: '{key}' needs data.{key}, the name of the column to split by;"
                    " set it"
                )
            if method != key and column is not None:
                raise make_mistake(
                    f"data.{key}: '{column}' is not used by split.method '{method}'; remove it, or"
                    f" set split.method to '{key}'"
                )
        if self.split.is_forward and self.cross_validation.repeats > 1:
            raise make_mistake(
                f"cross_validation.repeats: {self.cross_validation.repeats} has no meaning where"
                " folds follow time; set it to 1"
            )
        return self

    @model_validator(mode="after")
    def _segments_can_be_judged(self) -> Self:
        restated = {
            "decision.prevalence": self.decision.prevalence,
            "data.sample": getattr(self.data, "sample", None),
        }
        for key, value in restated.items():
            if value is not None and getattr(self.data, "segment", None) is not None:
                raise make_mistake(
                    f"data.segment: segments differ in their share of positives, and {key} restates"
                    " numbers for a single share; remove one of them"
                )
        if getattr(self.data, "segment", None) is not None and not self.split.has_test:
            raise make_mistake(
                "data.segment: segments are judged by test rows too; set split.test_size above 0,"
                " or remove it"
            )
        return self

    @model_validator(mode="after")
    def _names_are_in_the_catalogue(self) -> Self:
        for kind in ("strategies", "models"):
            self._check_names(f"run.{kind}", getattr(self.run, kind), kind)
            self._check_names(f"screen.{kind}", getattr(self.screen, kind) or (), kind)
        self._check_names("screen.space", tuple(self.screen.space), "models")
        return self

    def _check_names(self, key: str, names: Sequence[str], kind: str) -> None:
        catalogue = getattr(self, kind)
        for position, name in enumerate(names):
            if name not in catalogue:
                raise make_mistake(
                    f"{key}: '{name}' is not in the catalogue `{kind}`;"
                    f" {suggest_nearest(name, catalogue)}"
                )
            if name in names[:position]:
                raise make_mistake(f"{key}: '{name}' is listed twice; remove one")

    @model_validator(mode="after")
    def _folds_by_time_are_not_repeated(self) -> Self:
        if self.split.is_forward and (self.screen.repeats or 1) > 1:
            raise make_mistake(
                f"screen.repeats: {self.screen.repeats} has no meaning where folds follow time;"
                " set it to 1"
            )
        return self

    def dump_entries(self, strategy: str, model: str) -> JsonObject:
        """Return what both catalogues have of one arm."""
        entries = {"strategy": self.strategies[strategy], "model": self.models[model]}
        return {kind: own.model_dump(mode="json", by_alias=True) for kind, own in entries.items()}

    def dump_used(self) -> JsonObject:
        """Return what shapes the results: no unused catalogue entry, nothing about the record."""
        beside = {"n_jobs", "mlflow", "registry", "screen"}
        used = self.model_dump(mode="json", by_alias=True, exclude=beside)
        for kind in ("strategies", "models"):
            used[kind] = {name: used[kind][name] for name in used["run"][kind]}
        return used


def _read_entry(raw: Any, key: str) -> JsonObject | None:
    """Return a section of params as keys and values; None if it is not a section."""
    entry = raw.get(key) if isinstance(raw, Mapping) else None
    if isinstance(entry, Section):
        return entry.model_dump(by_alias=True)
    return entry if isinstance(entry, Mapping) else None
