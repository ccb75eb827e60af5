"""Classes too rare for what the job asks of them: folds, neighbours."""

import numpy as np
import pandas as pd

from equipoise.checks.finding import Finding
from equipoise.contract.errors import UserError
from equipoise.contract.params import Component, Params
from equipoise.contract.tables import TARGET, TWO_CLASSES, features_and_target
from equipoise.fitting.categories import suited
from equipoise.fitting.components import Sampler, build_sampler
from equipoise.fitting.fold_rows import fold_rows
from equipoise.fitting.resampling import check_neighbours


def check_job(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Return what the strategies and folds of the job cannot do with the rows of train."""
    return too_few_for_folds(train, params) + too_few_for_neighbours(train, params)


def too_few_for_folds(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Find folds that not every class, or group, can be spread over."""
    try:
        _labels_to_fit(train, params)
    except UserError as mistake:
        return [Finding("error", "cross_validation.folds", str(mistake))]
    return []


def too_few_for_neighbours(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Find samplers that look for more neighbours than the smallest fold leaves of a class.

    One that cannot be built, or not for such columns, is found as well.
    """
    try:
        folds = _labels_to_fit(train, params)
    except UserError:  # another check says so
        return []
    sizes = pd.DataFrame([labels.value_counts() for labels in folds]).min().astype("int64")
    smallest = pd.Series(np.repeat(sizes.index, sizes))
    findings = []
    for name in params.run.strategies:
        spec, key = params.strategies[name].sampler, f"strategies.{name}.sampler"
        if spec is None:
            continue
        try:
            sampler, at = _over_sampler(spec, train, key, params.seed)
            check_neighbours(sampler, smallest, at)
        except UserError as mistake:
            findings.append(Finding("error", key, str(mistake)))
    return findings


def _labels_to_fit(train: pd.DataFrame, params: Params) -> list[pd.Series]:
    """Return the labels that each fold is fitted on; none where there is nothing to tell apart."""
    labelled = train.dropna(subset=[TARGET])
    if labelled[TARGET].nunique() < TWO_CLASSES:
        return []
    folds = fold_rows(labelled, params.cross_validation, params.seed)
    return [labelled[TARGET].iloc[fitted] for fitted, _ in folds]


def _over_sampler(spec: Component, train: pd.DataFrame, key: str, seed: int) -> tuple[Sampler, str]:
    """Return what makes new rows, and its key: the sampler, or the SMOTE that is part of it."""
    sampler = build_sampler(suited(spec, _kinds_once_clean(train), key), key, seed)
    arguments = sampler.get_params()
    if "smote" not in arguments:
        return sampler, key
    from imblearn.over_sampling import SMOTE  # noqa: PLC0415 - 0.5 s that others save

    default = SMOTE(sampling_strategy=arguments["sampling_strategy"])
    return arguments["smote"] or default, f"{key}.smote"


def _kinds_once_clean(train: pd.DataFrame) -> pd.DataFrame:
    """Return no rows of what a sampler will see: categories, and anything else as a number."""
    X, _ = features_and_target(train.head(0))
    numbers = [name for name in X if not isinstance(X[name].dtype, pd.CategoricalDtype)]
    return X.assign(**dict.fromkeys(map(str, numbers), pd.Series(dtype="float64")))
