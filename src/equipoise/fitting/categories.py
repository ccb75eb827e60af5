"""Samplers on tables with categories: the right one of the family, or a reason why not."""

from dataclasses import dataclass

import pandas as pd
from pandas.api.types import is_numeric_dtype

from equipoise.core.json_values import JsonObject
from equipoise.core.tables import split_off_target
from equipoise.fitting.traits import CATEGORICAL, MIXED, SMOTE, TRAITS, find_traits
from equipoise.params.trial_params import Component, Preprocess, Strategy
from equipoise.terminal.errors import UserError

# The category of a synthetic row whose neighbours have rare values: no value of the table.
RARE = "(rare values)"
TAKE_CATEGORIES = tuple(name for name, traits in TRAITS.items() if traits.takes_categories)


@dataclass(frozen=True)
class SamplerUsed:
    """The class that samples, if any does, and a note where params name another."""

    sampler: str | None
    notes: tuple[str, ...]


NO_SAMPLER = SamplerUsed(None, ())


def choose_sampler(spec: Component, X: pd.DataFrame) -> Component:
    """Return the sampler that `spec` means on these columns: SMOTE becomes SMOTENC or SMOTEN.

    SMOTENC where some columns are categories, SMOTEN where all are (Chawla et al., 2002). A
    `UserError` refuses a sampler that cannot take what is there; one that is not of
    imbalanced-learn may try.
    """
    if not _is_of_imblearn(spec):
        return spec
    categories = [name for name in map(str, X) if not is_numeric_dtype(X[name])]
    numbers = len(X.columns) - len(categories)
    name = spec.class_name.rpartition(".")[2]
    if "categorical_features" in spec.arguments:
        raise UserError(f"{spec.key}.categorical_features: the table tells them; remove it")
    if not categories:
        if name in {MIXED, CATEGORICAL}:
            raise UserError(
                f"{spec.key}.class: {name} is for categories, and there are none; use SMOTE"
            )
        return spec
    _check_takes(spec, name, categories)
    if name in {MIXED, CATEGORICAL} and (name == CATEGORICAL) != (numbers == 0):
        raise UserError(
            f"{spec.key}.class: {name} does not suit {len(categories)} columns of categories and"
            f" {numbers} of numbers; write SMOTE, and the right one is taken"
        )
    if name not in {SMOTE, MIXED}:
        return spec
    if numbers == 0:
        return _rename_component(spec, CATEGORICAL, {})
    return _rename_component(spec, MIXED, {"categorical_features": categories})


def group_rare(spec: Component, X: pd.DataFrame, preprocess: Preprocess) -> pd.DataFrame:
    """Return columns as a sampler is given them: for SMOTENC, rare values of a category are one.

    They are one where they are encoded, if they are many. SMOTENC holds a number for each value
    of each neighbour of all new rows at once: gigabytes for a category of thousands.
    """
    if spec.class_name.rpartition(".")[2] != MIXED or preprocess.categories != "one_hot":
        return X
    grouped = {}
    for name in (name for name in map(str, X) if not is_numeric_dtype(X[name])):
        counts = X[name].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        if len(counts) > preprocess.most_categories:
            common = counts.index[: preprocess.most_categories - 1]
            grouped[name] = X[name].where(X[name].isin(common), RARE)
    return X.assign(**grouped)


def describe_sampler(strategy: Strategy, X: pd.DataFrame) -> SamplerUsed:
    """Return the class that samples these columns, and a note where params name another.

    Without a sampler there is no class.
    """
    if strategy.sampler is None:
        return NO_SAMPLER
    named, used = (
        spec.class_name.rpartition(".")[2]
        for spec in (strategy.sampler, choose_sampler(strategy.sampler, X))
    )
    names = [name for name in map(str, X) if not is_numeric_dtype(X[name])]
    how_many = "all" if len(names) == len(X.columns) else "some"
    note = (
        f"{strategy.sampler.key}.class: {used} takes the place of {named}, for {how_many} columns"
        f" are categories, the first '{next(iter(names), '')}'"
    )
    return SamplerUsed(used, (note,) if used != named else ())


def make_rowless_frame(train: pd.DataFrame) -> pd.DataFrame:
    """Return no rows of what a sampler will see: categories, and anything else as a number."""
    X, _ = split_off_target(train.head(0))
    numbers = [n for n in map(str, X) if not isinstance(X[n].dtype, pd.CategoricalDtype)]
    return X.assign(**dict.fromkeys(numbers, pd.Series(dtype="float64")))


def _check_takes(spec: Component, name: str, categories: list[str]) -> None:
    there = f"the table has {len(categories)} columns of them, the first '{categories[0]}'"
    if name not in TAKE_CATEGORIES:
        raise UserError(
            f"{spec.key}.class: {name} cannot take categories, and {there};"
            f" choose {', '.join(TAKE_CATEGORIES)}, or drop these columns"
        )
    blurs = find_traits(name).blurs
    if blurs is not None and spec.arguments.get(blurs) is not None:
        raise UserError(
            f"{spec.key}.{blurs}: {name} cannot blur categories, and {there}; remove it, or drop"
            " these columns"
        )


def _rename_component(spec: Component, name: str, more: JsonObject) -> Component:
    return Component.model_validate({"class": name, **more, **spec.arguments}).at(spec.key)


def _is_of_imblearn(spec: Component) -> bool:
    return "." not in spec.class_name or spec.class_name.startswith("imblearn.")
