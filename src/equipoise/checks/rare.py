"""Classes, and values, too rare for what the job asks of them: folds, neighbours, columns."""

import numpy as np
import pandas as pd

from equipoise.checks.finding import Finding, report_mistake
from equipoise.core.tables import (
    GROUP,
    TARGET,
    TIME,
    format_label,
    split_off_target,
)
from equipoise.fitting.categories import choose_sampler, describe_sampler, make_rowless_frame
from equipoise.fitting.components import build_sampler
from equipoise.fitting.fold_rows import make_folds
from equipoise.fitting.resampling import check_neighbours
from equipoise.params.trial_params import Params
from equipoise.terminal.errors import UserError


def check_job(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Return what the strategies and folds of the job cannot do with the rows of train."""
    return (
        find_too_few_for_folds(train, params)
        + find_too_few_for_neighbours(train, params)
        + find_replaced_samplers(train, params)
        + find_grouped_values(train, params)
    )


def find_too_few_for_folds(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Find folds that not every class, or group, can be spread over."""
    try:
        _list_labels_to_fit(train, params)
    except UserError as mistake:
        return [Finding("error", "cross_validation.folds", str(mistake))]
    return []


def find_too_few_for_neighbours(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Find samplers that look for more neighbours than the smallest fold leaves of a class.

    One that cannot be built, or not for such columns, is found as well.
    """
    try:
        folds = _list_labels_to_fit(train, params)
    except UserError:  # another check says so
        return []
    sizes = pd.DataFrame([labels.value_counts() for labels in folds]).min().astype("int64")
    smallest = pd.Series(np.repeat(sizes.index, sizes))
    findings = []
    for name in params.run.strategies:
        asked = params.strategies[name].sampler
        if asked is None:
            continue
        try:
            spec = choose_sampler(params.name_classes(asked), make_rowless_frame(train))
            sampler = build_sampler(spec, params.seed)
            if {GROUP, TIME}.isdisjoint(train):  # as the stage `train` says it
                check_neighbours(sampler, train[TARGET], spec, params.cross_validation.folds)
            check_neighbours(sampler, smallest, spec)
        except UserError as mistake:
            findings.append(report_mistake(mistake, asked.key, params.run, name))
    return findings


def find_replaced_samplers(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Say what is done for samplers that do not take categories as they are."""
    findings = []
    for name in params.run.strategies:
        strategy = params.strategies[name]
        try:
            used = describe_sampler(strategy, make_rowless_frame(train))
        except UserError:  # another check says so
            continue
        findings += [Finding("note", f"{strategy.key}.sampler", note) for note in used.notes]
    return findings


def find_grouped_values(train: pd.DataFrame, params: Params) -> list[Finding]:
    """Say which categories have more values than columns, so that the rare ones share one."""
    most = params.preprocess.most_categories
    X, _ = split_off_target(train)
    values = {name: X[name].nunique(dropna=False) for name in X.select_dtypes("category")}
    return [
        Finding(
            "note",
            "preprocess.most_categories",
            f"preprocess.most_categories: {format_label(name)} has {count:,} values in train;"
            f" the {most - 1} most common get a column each, and the others share one; raise it, or"
            " set preprocess.categories to target",
        )
        for name, count in values.items()
        if count > most and params.preprocess.categories == "one_hot"
    ]


def _list_labels_to_fit(train: pd.DataFrame, params: Params) -> list[pd.Series]:
    """Return the labels that each fold is fitted on."""
    folds = make_folds(train, params.cross_validation, params.seed)
    return [train[TARGET].iloc[fitted] for fitted, _ in folds]
