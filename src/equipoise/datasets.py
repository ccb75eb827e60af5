"""The table that the trial is run on: made, or read from a user's file and checked."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype

from equipoise.checks.contents import reading
from equipoise.checks.values import brief
from equipoise.columns import split_column, typed
from equipoise.contract.data_params import FileData, SyntheticData
from equipoise.contract.errors import UserError, nearest
from equipoise.contract.tables import GROUP, ROW, TARGET, TIME, TWO_CLASSES, class_counts

RAW_FOLDER = Path("data/raw")
LABELS_SHOWN = 5
MOST_CLASSES = 100
# Read as they are written, which numbers are not: 007 is a word, 01022026 may be a date.
IN_WORDS = frozenset({"boolean", "category", "date", "text"})


@dataclass(frozen=True)
class Dataset:
    """Features, typed by kind, and a `target` in one frame, and where they came from.

    Of two classes the positive one is 1 and the other 0; several keep their labels.
    """

    table: pd.DataFrame
    schema: dict[str, Any]


def make_dataset(data: SyntheticData | FileData, seed: int) -> Dataset:
    """Return the table that `data` describes; a `UserError` names the column that is wrong."""
    if isinstance(data, FileData):
        return _tidy(read_table(data), data)
    return _make_synthetic(data, seed)


def read_table(data: FileData) -> pd.DataFrame:
    """Read the user's CSV (also compressed) or Parquet file, wherever it lies in data/raw."""
    path = Path(data.path)
    if ".csv" not in path.suffixes and path.suffix != ".parquet":
        raise UserError(f"data.path: '{data.path}' should end in .csv, .csv.gz or .parquet")
    folder = path.parent.resolve()  # of the file itself DVC may make a link to its cache
    if folder != RAW_FOLDER.resolve() and RAW_FOLDER.resolve() not in folder.parents:
        raise UserError(f"data.path: '{path}' is outside {RAW_FOLDER}/; put the file there")
    if not path.exists():
        files = [str(p) for p in RAW_FOLDER.rglob("*") if p.is_file() and p.name[0] != "."]
        raise UserError(f"data.path: '{path}' does not exist; {nearest(str(path), files)}")
    with reading(path):
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return _read_csv(path, [name for name, kind in data.columns.items() if kind in IN_WORDS])


def _read_csv(path: Path, words: Iterable[str]) -> pd.DataFrame:
    """Read a CSV whose header names every column once; columns of words as they are written."""
    names = pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0]
    if len(names) == 1:
        raise UserError(
            f"data.path: '{path}' has one column, {brief(names[0])}, and a target and features are"
            " needed; separate fields by commas"
        )
    for name in names[names.duplicated() & names.notna()]:
        raise UserError(f"data.path: in '{path}' column '{name}' is there twice; rename one")
    as_words = dict.fromkeys(words, "str")
    # In pieces, 1 might be a number here and text there.
    table = pd.read_csv(path, low_memory=False, dtype=as_words)
    if not isinstance(table.index, pd.RangeIndex):
        raise UserError(f"data.path: '{path}' has rows with more fields than its header; mend it")
    return table


def _make_synthetic(data: SyntheticData, seed: int) -> Dataset:
    from sklearn.datasets import make_classification  # noqa: PLC0415 - 1.3 s that a file can do without

    classes = len(data.weights)
    arguments = data.model_dump(mode="json", exclude={"source"})
    X, y = make_classification(random_state=seed, n_classes=classes, **arguments)
    for label in set(range(classes)) - set(y):
        raise UserError(
            f"data.weights: {data.weights[label]} of n_samples = {data.n_samples} makes no row of"
            f" class {label}; raise one of them"
        )
    columns = [f"feature_{position}" for position in range(data.n_features)]
    table = pd.DataFrame(X, columns=columns).assign(**{TARGET: y})
    positive = "1" if classes == TWO_CLASSES else None
    schema = _schema(table, dict.fromkeys(columns, "numeric"), TARGET, positive)
    return Dataset(table, schema | {"labels": user_labels(table[TARGET], table[TARGET])})


def _tidy(raw: pd.DataFrame, data: FileData) -> Dataset:
    """Return features as floats and the target as classes, or say which column prevents it."""
    raw = raw.set_axis(raw.columns.map(str), axis=1)
    _check_columns(raw, data)
    split_by = {key: name for key, name in ((GROUP, data.group), (TIME, data.time)) if name}
    features = raw.drop(columns=[data.target, *split_by.values(), *data.drop])
    _check_features(features, data)
    target, positive = _target(raw[data.target], data)
    columns, kinds = typed(features, data.columns)
    infinite = [n for n in columns if is_float_dtype(columns[n]) and np.isinf(columns[n]).any()]
    _refuse(infinite, "infinite values in", "mend or drop them")
    own = {key: split_column(raw[name], key) for key, name in split_by.items()}
    table = columns.assign(**{TARGET: target}, **own).reset_index(drop=True)
    labels = user_labels(raw[data.target], target)
    return Dataset(table, _schema(table, kinds, data.target, positive) | {"labels": labels})


def _check_columns(raw: pd.DataFrame, data: FileData) -> None:
    if raw.empty:
        raise UserError(f"data.path: '{data.path}' has no rows; put the table there")
    for name in raw.columns[raw.columns.duplicated()]:
        raise UserError(f"data.path: column '{name}' is there twice; rename one")
    by = [(key, name) for key, name in (("group", data.group), ("time", data.time)) if name]
    for key, name in [("target", data.target), *by, *(("drop", name) for name in data.drop)]:
        if name not in raw.columns:
            raise UserError(f"data.{key}: no column '{name}'; {nearest(name, raw.columns)}")
    used = {data.target, data.group, data.time, *data.drop}
    for name in {TARGET, ROW, GROUP, TIME} & set(raw.columns) - used:
        raise UserError(f"data.path: a feature may not be called '{name}'; rename or drop it")


def _check_features(features: pd.DataFrame, data: FileData) -> None:
    if features.columns.empty:
        raise UserError("data.drop: no feature is left; drop fewer columns")
    unnamed = [name for name in features if str(name).startswith("Unnamed: ")]
    _refuse(unnamed, "no name in the header for", "name or drop them")
    for name in data.columns:
        if name not in features:
            known = nearest(name, features.columns)
            raise UserError(f"data.columns: no feature '{name}'; {known}")


def _refuse(columns: Iterable[Hashable], problem: str, remedy: str) -> None:
    named = [f"'{name}'" for name in columns]
    if named:
        raise UserError(f"data.path: {problem} {', '.join(named)}; {remedy}")


def _target(column: pd.Series, data: FileData) -> tuple[pd.Series, str | None]:
    """Return 0/1 and the label of the positive class, or the labels of several classes."""
    if column.isna().any():
        missing = int(column.isna().sum())
        remedy = "drop them" if missing < len(column) else "choose another column"
        raise UserError(f"data.target: {missing} rows of '{data.target}' have no label; {remedy}")
    labels = _labels(column)
    classes = labels.nunique()
    if data.positive is not None or classes <= TWO_CLASSES:
        positive = _positive_label(column, data)
        return (column == positive).astype("int64"), str(positive)
    if classes > MOST_CLASSES:
        raise UserError(
            f"data.target: '{data.target}' holds {classes} labels, and more than {MOST_CLASSES}"
            " are no classes; choose another column, group its values, or set data.positive"
        )
    return labels, None


def user_labels(target: pd.Series, classes: pd.Series) -> list[Any]:
    """Return the user's own label of each class, in the order of the classes.

    `target` is the column as the file has it. Where several labels make the negative class of
    two, it is called after the positive one: "not fraud".
    """
    spelled = {
        code: sorted(target[classes == code].unique().tolist(), key=str)
        for code in sorted(classes.unique().tolist())
    }
    first = [labels[0] for labels in spelled.values()]
    return [
        f"not {first[-1]}" if code == 0 and len(labels) > 1 else labels[0]
        for code, labels in spelled.items()
    ]


def _labels(column: pd.Series) -> pd.Series:
    """Return whole numbers as int64, anything else as text."""
    values = column.to_numpy()
    if values.dtype.kind in "biuf":
        with np.errstate(invalid="ignore"):  # what is too large for int64 does not come out equal
            whole = values.astype("int64")
        if (whole == values).all():
            return pd.Series(whole, index=column.index)
    return column.astype(str)


def _positive_label(target: pd.Series, data: FileData) -> Any:
    """Return the label of the positive class as the file has it."""
    labels = sorted(target.map(_hashable).unique().tolist(), key=str)
    if len(labels) == 1:
        raise UserError(
            f"data.target: every row of '{data.target}' is {labels[0]!r}; bring rows of another"
            " class, or choose another column"
        )
    if data.positive is None:
        if labels in ([0, 1], [False, True]):
            return labels[1]
        raise UserError(
            f"data.positive is required: '{data.target}' holds {_some(labels)}; set it to the rare"
            " one of them"
        )
    for label in labels:
        if (
            label == data.positive
            or str(label) == str(data.positive)
            or _as_number(label) == _as_number(data.positive)
        ):
            return label
    near = nearest(str(data.positive), map(str, labels))
    if not isinstance(data.positive, str):
        remedy = "put words in quotes, or YAML may read them as something else"
    else:
        remedy = near if near.endswith("?") else "set it to one of them"
    raise UserError(
        f"data.positive: {data.positive!r} is not in '{data.target}', which holds {_some(labels)};"
        f" {remedy}"
    )


def _hashable(label: Any) -> Any:
    return label if isinstance(label, Hashable) else str(label)


def _as_number(label: Any) -> float:
    """Return the number that a label is or spells, else NaN, which equals nothing."""
    try:
        return float(label)
    except (TypeError, ValueError):
        return float("nan")


def _some(labels: list[Any]) -> str:
    shown = ", ".join(repr(label) for label in labels[:LABELS_SHOWN])
    return (
        shown if len(labels) <= LABELS_SHOWN else f"{shown} and {len(labels) - LABELS_SHOWN} more"
    )


def _schema(
    table: pd.DataFrame, kinds: Mapping[str, str], target: str, positive: str | None
) -> dict[str, Any]:
    return {
        "rows": len(table),
        "columns": dict(kinds),
        "target": target,
        "positive": positive,
        "positives": None if positive is None else int(table[TARGET].sum()),
        "classes": class_counts(table[TARGET]),
    }
