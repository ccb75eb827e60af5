"""Which rows are where: in the parts, among resampled rows, in predictions."""

from collections.abc import Hashable, Iterator

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype
from pandas.util import hash_pandas_object

from equipoise.audit.audit_results import AuditResult, format_found, make_audit_result
from equipoise.audit.made import (
    ArmMade,
    Made,
    Resampled,
    find_shared_rows,
    split_into_blocks,
)
from equipoise.core.tables import ROW, TARGET, count_classes

SAME_FEATURES = "of test with the features of a train row"


def check_split(made: Made) -> list[AuditResult]:
    """Return what was found of the parts."""
    checks = [
        _check_no_shared_rows(made),
        _check_all_rows_placed(made),
        _check_values_unchanged(made),
        _tell_identical_rows(made),
    ]
    if made.group is not None:
        checks.append(_check_groups_apart(made, made.group))
    if made.time is not None:
        checks.append(_check_time_order(made, made.time))
    return checks


def _check_no_shared_rows(made: Made) -> AuditResult:
    both = made.test.index.intersection(made.train.index)
    return make_audit_result(
        "split.disjoint", [format_found(both, "in both parts")], "no row is in both parts"
    )


def _check_all_rows_placed(made: Made) -> AuditResult:
    """Find rows of the dataset in no part, rows that a part has twice, and rows of a part only."""
    placed = made.train.index.append(made.test.index)
    twice = [row for part in (made.train, made.test) for row in part.index[part.index.duplicated()]]
    wrong = [
        format_found(made.dataset.index.difference(placed), "of the dataset in neither part"),
        format_found(placed.difference(made.dataset.index), "that the dataset does not have"),
        format_found(twice, "twice in a part"),
    ]
    return make_audit_result(
        "split.complete", wrong, f"all {len(made.dataset):,} rows are in the parts"
    )


def _check_values_unchanged(made: Made) -> AuditResult:
    wrong = [
        format_found(_find_changed_rows(part, made.dataset), f"of {name} not as in the dataset")
        for name, part in (("train", made.train), ("test", made.test))
    ]
    return make_audit_result("split.unchanged", wrong, "the parts have the values of the dataset")


def _find_changed_rows(part: pd.DataFrame, dataset: pd.DataFrame) -> list[Hashable]:
    """Return the rows of a part that are not as the dataset has them."""
    if set(part) != set(dataset):
        return list(part.index)
    known = part.index.isin(dataset.index)
    blocks = split_into_blocks(part if known.all() else part[known])
    return [row for block in blocks for row in _list_changed(block[dataset.columns], dataset)]


def _list_changed(known: pd.DataFrame, dataset: pd.DataFrame) -> Iterator[Hashable]:
    before = dataset.loc[known.index]
    if not known.equals(before):
        hashes = (hash_pandas_object(rows, index=False).to_numpy() for rows in (before, known))
        yield from known.index[np.not_equal(*hashes)]


def _tell_identical_rows(made: Made) -> AuditResult:
    """Say which test rows cannot be told from train rows: no failure, for they may be others."""
    same = made.test.index[made.as_in_train]
    found = format_found(same.difference(made.train.index), SAME_FEATURES)
    otherwise = f"warning: {found}" if found else f"no row {SAME_FEATURES}"
    return make_audit_result("split.identical_rows", [], otherwise)


def _check_groups_apart(made: Made, group: str) -> AuditResult:
    groups = pd.Index(made.test[group].unique())
    both = groups[groups.isin(made.train[group])]
    wrong = format_found(both, f"of '{group}' in both parts", "group")
    return make_audit_result("split.groups", [wrong], f"no group of '{group}' is in both parts")


def _check_time_order(made: Made, time: str) -> AuditResult:
    last = made.train[time].max()
    early = made.test.index[made.test[time] < last]
    wrong = format_found(early, f"of test with '{time}' before {last}, the last of train")
    return make_audit_result(
        "split.time", [wrong], f"no test row is before the last of train, {last}"
    )


def check_resampled(name: str, resampled: Resampled, made: Made) -> list[AuditResult]:
    """Return what was found of a strategy's rows."""
    return [
        _check_kept_rows(name, resampled, made),
        _check_synthetic_rows(name, resampled, made),
        _check_summary(name, resampled, made),
    ]


def _check_kept_rows(name: str, resampled: Resampled, made: Made) -> AuditResult:
    kept = resampled.difference.kept
    if kept is None:
        return make_audit_result(f"{name}.kept", [], "every train row is kept, and no others")
    wrong = _describe_foreign_rows(made.train, pd.Index(kept[ROW]), made)
    return make_audit_result(f"{name}.kept", wrong, f"{len(kept):,} kept rows, all of train")


def _check_synthetic_rows(name: str, resampled: Resampled, made: Made) -> AuditResult:
    synthetic = resampled.difference.synthetic
    if synthetic is None:
        return make_audit_result(f"{name}.synthetic", [], "no row was made")
    sure, by_chance = _find_test_rows_among(synthetic, made)
    perhaps = format_found(
        by_chance, "of test among them, which a sampler can make from train alone"
    )
    return make_audit_result(
        f"{name}.synthetic",
        [format_found(sure, "of test among the synthetic rows")],
        f"{len(synthetic):,} rows were made; {perhaps or 'none is a row of test'}",
    )


def _find_test_rows_among(synthetic: pd.DataFrame, made: Made) -> tuple[pd.Index, pd.Index]:
    """Return the test rows that are synthetic rows: those that prove a leak, and the others.

    Samplers vote on categories, and whole numbers are rounded, so that a row of test may come
    about by itself. What no sampler makes of train is a category, or a number that need not be
    whole, which is in test and nowhere in train.
    """
    test = made.cleaned_test
    if test.empty:
        return test.index, test.index
    met = test[find_shared_rows(test, synthetic, like=test)]
    if met.empty:
        return met.index, met.index
    train = made.clean_rows(made.train)
    met = met[~find_shared_rows(met, train, like=test)]
    whole = {name for name in made.features if is_integer_dtype(made.train[name])}
    foreign = {name: ~met[name].isin(train[name]) for name in met if name not in whole}
    sure = pd.DataFrame(foreign, index=met.index).any(axis=1)
    return met.index[sure], met.index[~sure]


def _check_summary(name: str, resampled: Resampled, made: Made) -> AuditResult:
    kept, synthetic = resampled.difference.kept, resampled.difference.synthetic
    known = pd.concat([made.train[TARGET], made.test[TARGET]])
    known = known[~known.index.duplicated()]
    labels = [made.train[TARGET] if kept is None else known.reindex(kept[ROW])]
    labels += [] if synthetic is None else [synthetic[TARGET]]
    actual = {
        "before": count_classes(made.train[TARGET]),
        "after": count_classes(pd.concat(labels, ignore_index=True)),
        "kept": len(labels[0]),
        "synthetic": 0 if synthetic is None else len(synthetic),
    }
    wrong = [
        f"'{key}' should be {value} and is {getattr(resampled.summary, key)}"
        for key, value in actual.items()
        if getattr(resampled.summary, key) != value
    ]
    return make_audit_result(f"{name}.summary", wrong, "row counts match the summary")


def check_predictions(name: str, arm: ArmMade, made: Made) -> list[AuditResult]:
    """Return what was found of an arm's scored rows, out of fold and of the test part."""
    checks = [
        make_audit_result(
            f"{name}.out_of_fold_rows",
            _describe_foreign_rows(made.train, pd.Index(arm.oof[ROW].unique()), made),
            "only train rows are scored out of fold",
        ),
        _check_scored_once(name, arm.oof, made),
        _check_labels(f"{name}.out_of_fold_labels", arm.oof, made.train),
        _check_test_rows(name, arm.test, made),
        _check_labels(f"{name}.test_labels", arm.test, made.test),
    ]
    if made.group is not None:
        checks.append(_check_groups_in_one_fold(name, arm.oof, made, made.group))
    if made.time is not None:
        checks.append(_check_fold_order(name, arm.oof, made, made.time))
    return checks


def _check_scored_once(name: str, oof: pd.DataFrame, made: Made) -> AuditResult:
    """Find rows scored twice in a repeat, or never, as a time split leaves the first ones."""
    twice = oof.loc[oof.duplicated(["repeat", ROW]), ROW].unique()
    never = [
        row
        for _, rows in oof.groupby("repeat")[ROW]
        for row in made.train.index.difference(pd.Index(rows))
        if made.time is None
    ]
    wrong = [
        format_found(twice, "scored twice in a repeat"),
        format_found(never, "of train not scored in a repeat"),
    ]
    most = "each train row is scored once" if made.time is None else "no row is scored twice"
    return make_audit_result(f"{name}.out_of_fold_once", wrong, f"{most} in a repeat")


def _check_groups_in_one_fold(name: str, oof: pd.DataFrame, made: Made, group: str) -> AuditResult:
    keys = ["repeat", "fold", "group"]
    placed = oof.assign(group=made.dataset[group].reindex(oof[ROW]).to_numpy())[keys]
    places = placed.drop_duplicates()
    torn = places.loc[places.duplicated(["repeat", "group"]), "group"].unique()
    wrong = format_found(torn, f"of '{group}' in two folds of a repeat", "group")
    return make_audit_result(
        f"{name}.out_of_fold_groups", [wrong], f"each group of '{group}' is in one fold"
    )


def _check_fold_order(name: str, oof: pd.DataFrame, made: Made, time: str) -> AuditResult:
    """Find folds with a row before one that was never scored, or before one of an earlier fold."""
    early = []
    for _, rows in oof.groupby("repeat"):
        fold = rows.drop_duplicates(ROW).set_index(ROW)["fold"].reindex(made.train.index)
        ends = made.train[time].groupby(fold.fillna(-1)).agg(["min", "max"])
        early += ends.index[ends["min"] < ends["max"].cummax().shift()].astype(int).tolist()
    wrong = format_found(early, f"with a '{time}' before what its model learned from", "fold")
    return make_audit_result(f"{name}.out_of_fold_time", [wrong], f"folds follow '{time}'")


def _check_test_rows(name: str, predictions: pd.DataFrame, made: Made) -> AuditResult:
    rows = pd.Index(predictions[ROW])
    wrong = [
        format_found(rows.difference(made.test.index), "that the test part does not have"),
        format_found(made.test.index.difference(rows), "of test not scored"),
        format_found(rows[rows.duplicated()], "scored twice"),
    ]
    return make_audit_result(
        f"{name}.test_rows", wrong, f"the {len(rows):,} test rows are scored, and no others"
    )


def _check_labels(name: str, predictions: pd.DataFrame, part: pd.DataFrame) -> AuditResult:
    """Find rows whose `y_true` is not the part's target."""
    target = part[TARGET][~part.index.duplicated()]
    known = predictions[predictions[ROW].isin(target.index)]
    actual = target.loc[known[ROW]].to_numpy()
    wrong = known.loc[actual != known["y_true"].to_numpy(), ROW].unique()
    return make_audit_result(
        name,
        [format_found(wrong, "with a label that does not match")],
        "every label matches its row",
    )


def _describe_foreign_rows(part: pd.DataFrame, rows: pd.Index, made: Made) -> list[str]:
    """Return, in words, which rows are of test or of no part."""
    foreign = rows[~rows.isin(part.index)]
    of_test = foreign.isin(made.test.index)
    return [
        format_found(foreign[of_test], "of test"),
        format_found(foreign[~of_test], "of no part"),
    ]
