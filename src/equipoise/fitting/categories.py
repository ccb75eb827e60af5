"""Samplers on tables with categories: the right one of the family, or categories as numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from equipoise.core.tables import set_columns, split_off_target
from equipoise.fitting.traits import CATEGORICAL, MIXED, SMOTE, find_traits
from equipoise.params.trial_params import Component, Preprocess, Strategy
from equipoise.terminal.errors import UserError

# The category of a synthetic row whose neighbours have rare values: no value of the table.
RARE = "(rare values)"
# What scikit-learn calls the values that share a column.
SHARED = "infrequent_sklearn"


@dataclass(frozen=True)
class SamplerUsed:
    """The class that samples, if any does, and a note where params name another."""

    sampler: str | None
    notes: tuple[str, ...]


NO_SAMPLER = SamplerUsed(None, ())


def choose_sampler(spec: Component, X: pd.DataFrame) -> Component:
    """Return the sampler that `spec` means on these columns: SMOTE becomes SMOTENC or SMOTEN.

    SMOTENC where some columns are categories, SMOTEN where all are (Chawla et al., 2002). Others
    that want numbers are given them (`encode_for_sampler`).
    """
    if not _is_of_imblearn(spec):
        return spec
    categories = [name for name in map(str, X) if not is_numeric_dtype(X[name])]
    numbers = len(X.columns) - len(categories)
    name = spec.short_name
    if "categorical_features" in spec.arguments:
        raise UserError(f"{spec.key}.categorical_features: it is set from the table; remove it")
    if not categories:
        if name in {MIXED, CATEGORICAL}:
            raise UserError(
                f"{spec.key}.class: {name} is for categories, and there are none; use SMOTE"
            )
        return spec
    if name in {MIXED, CATEGORICAL} and (name == CATEGORICAL) != (numbers == 0):
        raise UserError(
            f"{spec.key}.class: {name} does not suit {len(categories)} columns of categories and"
            f" {numbers} of numbers; write SMOTE, and the right class is chosen"
        )
    if name not in {SMOTE, MIXED}:
        return spec
    if numbers == 0:
        return spec.model_copy(update={"class_name": CATEGORICAL})
    more = {"categorical_features": categories}
    return spec.model_copy(update={"class_name": MIXED, **more})


def group_rare(spec: Component, X: pd.DataFrame, preprocess: Preprocess) -> pd.DataFrame:
    """Return columns as a sampler is given them: for SMOTENC, rare values of a category are one.

    They are one where they are encoded, if they are many. SMOTENC holds a number for each value
    of each neighbour of all new rows at once: gigabytes for a category of thousands.
    """
    if spec.short_name != MIXED or preprocess.categories != "one_hot":
        return X
    grouped = {}
    for name in (name for name in map(str, X) if not is_numeric_dtype(X[name])):
        counts = X[name].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        if len(counts) > preprocess.most_categories:
            common = counts.index[: preprocess.most_categories - 1]
            grouped[name] = X[name].where(X[name].isin(common), RARE)
    return set_columns(X, grouped)


def describe_sampler(strategy: Strategy, X: pd.DataFrame) -> SamplerUsed:
    """Return the class that samples these columns, and a note where params name another.

    Without a sampler there is no class.
    """
    if strategy.sampler is None:
        return NO_SAMPLER
    named, used = (
        spec.short_name for spec in (strategy.sampler, choose_sampler(strategy.sampler, X))
    )
    names = [name for name in map(str, X) if not is_numeric_dtype(X[name])]
    if wants_numbers(strategy.sampler, X):
        note = (
            f"{strategy.sampler.key}.class: {used} takes only numbers, so categories such as"
            f" '{names[0]}' become columns of 0 and 1"
        )
        return SamplerUsed(used, (note,))
    how_many = "all" if len(names) == len(X.columns) else "some"
    note = (
        f"{strategy.sampler.key}.class: {used} is used instead of {named}, because {how_many}"
        f" columns are categories, such as '{next(iter(names), '')}'"
    )
    return SamplerUsed(used, (note,) if used != named else ())


def make_rowless_frame(train: pd.DataFrame) -> pd.DataFrame:
    """Return no rows of what a sampler will see: categories, and anything else as a number."""
    X, _ = split_off_target(train.head(0))
    numbers = [n for n in map(str, X) if not isinstance(X[n].dtype, pd.CategoricalDtype)]
    return set_columns(X, dict.fromkeys(numbers, pd.Series(dtype="float64")))


def wants_numbers(spec: Component, X: pd.DataFrame) -> bool:
    """Return whether a sampler has to be given categories as numbers.

    One that is not of imbalanced-learn is given them as they are.
    """
    if not _is_of_imblearn(spec) or all(is_numeric_dtype(X[name]) for name in X):
        return False
    traits = find_traits(spec.class_name)
    blurs = traits.blurs is not None and spec.arguments.get(traits.blurs) is not None
    return not traits.takes_categories or blurs


@dataclass(frozen=True)
class Encoded:
    """Rows as a sampler that wants numbers is given them, and the way back."""

    rows: pd.DataFrame
    numbers: list[str]
    categories: list[str]
    encoder: Any

    def decode(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with categories: of each, the value whose column is the largest."""
        own, values = rows.iloc[:, : len(self.numbers)], rows.iloc[:, len(self.numbers) :]
        words = self.encoder.inverse_transform(values.to_numpy())
        words = np.where(words == SHARED, RARE, words)
        decoded = dict(zip(self.categories, words.T, strict=True))
        return set_columns(own.set_axis(self.numbers, axis=1), decoded)


def encode_for_sampler(X: pd.DataFrame, preprocess: Preprocess) -> Encoded:
    """Return rows with a column of 0 and 1 for each value of a category, the rare ones in one."""
    from sklearn.preprocessing import (  # noqa: PLC0415 - a table of numbers saves the time
        OneHotEncoder,
    )

    numbers = [name for name in map(str, X) if is_numeric_dtype(X[name])]
    categories = [name for name in map(str, X) if name not in numbers]
    encoder = OneHotEncoder(max_categories=preprocess.most_categories, sparse_output=False)
    values = encoder.fit_transform(X[categories].astype("object"))
    both = np.hstack([X[numbers].to_numpy("float64"), values])
    columns = [f"x{place}" for place in range(both.shape[1])]
    return Encoded(pd.DataFrame(both, X.index, columns), numbers, categories, encoder)


def _is_of_imblearn(spec: Component) -> bool:
    return "." not in spec.class_name or spec.class_name.startswith("imblearn.")
