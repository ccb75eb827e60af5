"""The table that the trial is run on: made, or read from a user's file and checked."""

import zlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from pandas.api.types import is_complex_dtype, is_numeric_dtype

from equipoise.contract.data_params import FileData, SyntheticData
from equipoise.contract.errors import UserError, nearest
from equipoise.contract.tables import ROW, TARGET

RAW_FOLDER = Path("data/raw")
LABELS_SHOWN = 5
# What a file that is not what its name says may raise, compressed or not.
UNREADABLE = (ValueError, OSError, EOFError, ImportError, zlib.error, BadZipFile, LZMAError)


@dataclass(frozen=True)
class Dataset:
    """Float features and a 0/1 `target` (1: positive) in one frame, and where they came from."""

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
    folder = path.parent.resolve()  # of the file itself DVC may make a link to its cache
    if folder != RAW_FOLDER.resolve() and RAW_FOLDER.resolve() not in folder.parents:
        raise UserError(f"data.path: '{path}' is outside {RAW_FOLDER}/; put the file there")
    if ".csv" not in path.suffixes and path.suffix != ".parquet":
        raise UserError(f"data.path: '{path}' should end in .csv, .csv.gz or .parquet")
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except FileNotFoundError as missing:
        files = [str(p) for p in RAW_FOLDER.rglob("*") if p.is_file() and p.name[0] != "."]
        raise UserError(
            f"data.path: '{path}' does not exist; {nearest(str(path), files)}"
        ) from missing
    except UNREADABLE as bad:
        reason = " ".join(str(bad).split())
        raise UserError(f"data.path: '{path}' cannot be read: {reason}") from bad


def _read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV whose header names every column once."""
    names = pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0]
    for name in names[names.duplicated() & names.notna()]:
        raise UserError(f"data.path: in '{path}' column '{name}' is there twice; rename one")
    table = pd.read_csv(path)
    if not isinstance(table.index, pd.RangeIndex):
        raise UserError(f"data.path: '{path}' has rows with more fields than its header; mend it")
    return table


def _make_synthetic(data: SyntheticData, seed: int) -> Dataset:
    from sklearn.datasets import make_classification  # noqa: PLC0415 - 1.3 s that a file can do without

    X, y = make_classification(
        random_state=seed, **data.model_dump(mode="json", exclude={"source"})
    )
    columns = [f"feature_{position}" for position in range(data.n_features)]
    table = pd.DataFrame(X, columns=columns).assign(**{TARGET: y})
    return Dataset(table, _schema(table, dict.fromkeys(columns, "float64"), TARGET, "1"))


def _tidy(raw: pd.DataFrame, data: FileData) -> Dataset:
    """Return features as floats and the target as 0/1, or say which column prevents it."""
    raw = raw.set_axis(raw.columns.map(str), axis=1)
    _check_columns(raw, data)
    features = raw.drop(columns=[data.target, *data.drop])
    _check_features(features)
    positive = _positive_label(raw[data.target], data)
    target = (raw[data.target] == positive).astype("int64")
    table = features.astype("float64").assign(**{TARGET: target}).reset_index(drop=True)
    types = {str(name): str(dtype) for name, dtype in features.dtypes.items()}
    return Dataset(table, _schema(table, types, data.target, str(positive)))


def _check_columns(raw: pd.DataFrame, data: FileData) -> None:
    if raw.empty:
        raise UserError(f"data.path: '{data.path}' has no rows")
    for name in raw.columns[raw.columns.duplicated()]:
        raise UserError(f"data.path: column '{name}' is there twice; rename one")
    for key, name in [("target", data.target), *(("drop", name) for name in data.drop)]:
        if name not in raw.columns:
            raise UserError(f"data.{key}: no column '{name}'; {nearest(name, raw.columns)}")
    for name in {TARGET, ROW} & set(raw.columns) - {data.target, *data.drop}:
        raise UserError(f"data.path: a feature may not be called '{name}'; rename or drop it")


def _check_features(features: pd.DataFrame) -> None:
    if features.columns.empty:
        raise UserError("data.drop: no feature is left; drop fewer columns")
    unnamed = [name for name in features if str(name).startswith("Unnamed: ")]
    _refuse(unnamed, "no name in the header for", "name or drop them")
    words = [name for name in features if not _is_numeric(features[name])]
    _refuse(words, "not numeric in", "encode or drop them")
    _refuse(features.columns[features.isna().any()], "missing values in", "fill or drop them")
    infinite = [name for name in features if np.isinf(features[name].astype("float64")).any()]
    _refuse(infinite, "infinite values in", "fill or drop them")


def _is_numeric(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_complex_dtype(column)


def _refuse(columns: Iterable[Hashable], problem: str, remedy: str) -> None:
    named = [f"'{name}'" for name in columns]
    if named:
        raise UserError(
            f"data.path: {problem} {', '.join(named)}; this version cannot take them, so {remedy}"
        )


def _positive_label(target: pd.Series, data: FileData) -> Any:
    """Return the label of the positive class as the file has it."""
    if target.isna().any():
        missing = int(target.isna().sum())
        raise UserError(f"data.target: {missing} rows of '{data.target}' have no label; drop them")
    labels = sorted(target.map(_hashable).unique().tolist(), key=str)
    if len(labels) == 1:
        raise UserError(
            f"data.target: every row of '{data.target}' is {labels[0]!r}; two classes are needed"
        )
    if data.positive is None:
        if labels in ([0, 1], [False, True]):
            return labels[1]
        raise UserError(f"data.positive is required: '{data.target}' holds {_some(labels)}")
    for label in labels:
        if (
            label == data.positive
            or str(label) == str(data.positive)
            or _as_number(label) == _as_number(data.positive)
        ):
            return label
    raise UserError(
        f"data.positive: {data.positive!r} is not in '{data.target}', which holds"
        f" {_some(labels)}; put words in quotes, or YAML may read them as something else"
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
    table: pd.DataFrame, types: dict[str, str], target: str, positive: str
) -> dict[str, Any]:
    return {
        "rows": len(table),
        "columns": types,
        "target": target,
        "positive": positive,
        "positives": int(table[TARGET].sum()),
    }
