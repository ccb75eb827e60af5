"""The table that the trial is run on: made, or read from a user's file and checked."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype
from pandas.errors import ParserWarning

from equipoise.checks.contents import reading
from equipoise.checks.finding import Finding
from equipoise.checks.values import quote_value
from equipoise.core.table_schema import Label, TableSchema
from equipoise.core.tables import GROUP, ROW, TARGET, TIME, TWO_CLASSES, count_classes
from equipoise.data.column_kinds import convert_columns, make_notes_on_words, split_column
from equipoise.data.csv_dialect import ENCODINGS, find_dialect
from equipoise.data.target import GAP_WORDS, list_user_labels, read_target
from equipoise.params.data_params import FileData, SyntheticData
from equipoise.terminal.errors import UserError, suggest_nearest

RAW_FOLDER = Path("data/raw")
# Models that compute in single precision (forests, XGBoost) refuse what is beyond 3.4e38, and sum
# columns to find that out: this leaves room for a hundred million such numbers.
LARGEST_NUMBER = 1e30
# Read as they are written, which numbers are not: 007 is a word, 01022026 may be a date.
IN_WORDS = frozenset({"boolean", "category", "date", "text"})


@dataclass(frozen=True)
class Dataset:
    """Features, typed by kind, and a `target` in one frame, and where they came from.

    Of two classes the positive one is 1 and the other 0; several keep their labels. `findings`
    are what was taken for something that it may not be.
    """

    table: pd.DataFrame
    schema: TableSchema
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class RawTable:
    """A user's table as it is in the file, and what to know of how it was read."""

    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def make_dataset(data: SyntheticData | FileData, seed: int) -> Dataset:
    """Return the table that `data` describes; a `UserError` names the column that is wrong."""
    if isinstance(data, FileData):
        raw = read_table(data)
        return _tidy_table(raw.frame, data, raw.findings)
    return _make_synthetic(data, seed)


def read_frame_as_dataset(raw: RawTable, data: FileData) -> Dataset:
    """Return a user's table as `make_dataset` does a file; `data.path` is not looked at."""
    return _tidy_table(raw.frame, data, raw.findings)


def read_table(data: FileData) -> RawTable:
    """Read the user's file, wherever it lies in data/raw."""
    path = Path(data.path)
    _check_ending(path)
    folder = path.parent.resolve()  # of the file itself DVC may make a link to its cache
    if folder != RAW_FOLDER.resolve() and RAW_FOLDER.resolve() not in folder.parents:
        raise UserError(f"data.path: '{path}' is outside {RAW_FOLDER}/; put the file there")
    if not path.exists():
        files = [str(p) for p in RAW_FOLDER.rglob("*") if p.is_file() and p.name[0] != "."]
        raise UserError(f"data.path: '{path}' does not exist; {suggest_nearest(str(path), files)}")
    return read_file(path, data)


def read_file(path: Path, data: FileData) -> RawTable:
    """Read a CSV (also compressed) or Parquet file, wherever it is."""
    _check_ending(path)
    with reading(path, data.read.encoding):
        if path.suffix == ".parquet":
            return RawTable(pd.read_parquet(path))
        *encodings, last = [data.read.encoding] if data.read.encoding else ENCODINGS
        for encoding in encodings:
            with suppress(UnicodeDecodeError):
                return _read_csv(path, data, encoding)
        return _read_csv(path, data, last)


def _check_ending(path: Path) -> None:
    if ".csv" not in path.suffixes and path.suffix not in {".parquet", ".tsv"}:
        shown = "" if path == Path() else path
        raise UserError(f"data.path: '{shown}' should end in .csv, .csv.gz, .tsv or .parquet")


def _read_csv(path: Path, data: FileData, encoding: str) -> RawTable:
    """Read a CSV whose header names every column once; columns of words as they are written.

    A gap is what pandas takes for one; in the target only an empty cell is.
    """
    dialect = find_dialect(path, data.read, encoding)
    how: dict[str, Any] = {
        "sep": dialect.separator,
        "decimal": dialect.decimal,
        "thousands": dialect.thousands,
        "encoding": encoding,
        "keep_default_na": False,
    }
    # None may be a name.
    names = pd.read_csv(path, header=None, nrows=1, dtype=str, na_values=[""], **how).iloc[0]
    if len(names) == 1:
        raise UserError(
            f"data.path: '{path}' has one column, {quote_value(names[0])}, and a target and"
            " features are needed; set data.read.separator to what separates the fields"
        )
    for name in names[names.duplicated() & names.notna()]:
        raise UserError(f"data.path: in '{path}' column '{name}' is there twice; rename one")
    as_words = {name: "str" for name, kind in data.columns.items() if kind in IN_WORDS}
    gaps = {**dict.fromkeys(names.dropna(), GAP_WORDS), data.target: [""]}
    # In pieces, 1 might be a number here and text there.
    with catch_warnings():
        simplefilter("error", ParserWarning)
        try:
            table = pd.read_csv(
                path, low_memory=False, dtype=as_words, na_values=gaps, index_col=False, **how
            )
        except ParserWarning as longer:
            raise UserError(
                f"data.path: '{path}' has rows with more fields than its header; fix it"
            ) from longer
    return RawTable(table, dialect.describe_reading())


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
    labels = list_user_labels(table[TARGET], table[TARGET])
    kinds = dict.fromkeys(columns, "numeric")
    return Dataset(table, _make_schema(table, kinds, TARGET, positive, labels))


def _tidy_table(raw: pd.DataFrame, data: FileData, found: tuple[Finding, ...]) -> Dataset:
    """Return features as floats and the target as classes, or say which column prevents it."""
    raw = raw.set_axis(raw.columns.map(str), axis=1)
    _check_columns(raw, data)
    split_by = {key: name for key, name in ((GROUP, data.group), (TIME, data.time)) if name}
    features = raw.drop(columns=[data.target, *split_by.values(), *data.drop])
    _check_features(features, data)
    target = read_target(raw[data.target], data)
    columns, kinds = convert_columns(features, data.columns)
    _check_numbers(columns)
    own = {key: split_column(raw[name], key) for key, name in split_by.items()}
    table = columns.assign(**{TARGET: target.classes}, **own).reset_index(drop=True)
    findings = (*found, *target.findings, *make_notes_on_words(columns, data.columns))
    labels = list_user_labels(raw[data.target], target.classes)
    schema = _make_schema(table, kinds, data.target, target.positive, labels)
    return Dataset(table, schema, findings)


def _check_columns(raw: pd.DataFrame, data: FileData) -> None:
    if raw.empty:
        raise UserError(f"data.path: '{data.path}' has no rows; put the table there")
    for name in raw.columns[raw.columns.duplicated()]:
        raise UserError(f"data.path: column '{name}' is there twice; rename one")
    by = [(key, name) for key, name in (("group", data.group), ("time", data.time)) if name]
    for key, name in [("target", data.target), *by, *(("drop", name) for name in data.drop)]:
        if name not in raw.columns:
            raise UserError(f"data.{key}: no column '{name}'; {suggest_nearest(name, raw.columns)}")
    used = {data.target, data.group, data.time, *data.drop}
    for name in {TARGET, ROW, GROUP, TIME} & set(raw.columns) - used:
        raise UserError(f"data.path: a feature may not be called '{name}'; rename or drop it")


def _check_features(features: pd.DataFrame, data: FileData) -> None:
    if features.columns.empty:
        raise UserError("data.drop: no feature is left; drop fewer columns")
    unnamed = [name for name in features if str(name).startswith("Unnamed: ")]
    _refuse_columns(unnamed, "no name in the header for", "name or drop them")
    for name in data.columns:
        if name not in features:
            known = suggest_nearest(name, features.columns)
            raise UserError(f"data.columns: no feature '{name}'; {known}")


def _check_numbers(columns: pd.DataFrame) -> None:
    """Raise if a number is infinite, or so large that a model would take it for infinite."""
    numbers = (columns[name] for name in columns if is_float_dtype(columns[name]))
    furthest = {column.name: max(column.min(), column.max(), key=abs) for column in numbers}
    infinite = [name for name, value in furthest.items() if np.isinf(value)]
    _refuse_columns(infinite, "infinite values in", "fix or drop them")
    too_large = [
        f"data.path: column '{name}' holds {value:g}, and models in single precision take no number"
        f" beyond {LARGEST_NUMBER:g}; fix or drop it"
        for name, value in furthest.items()
        if abs(value) > LARGEST_NUMBER
    ]
    if too_large:
        raise UserError("\n".join(too_large))


def _refuse_columns(columns: Iterable[Hashable], problem: str, remedy: str) -> None:
    named = [f"'{name}'" for name in columns]
    if named:
        raise UserError(f"data.path: {problem} {', '.join(named)}; {remedy}")


def _make_schema(
    table: pd.DataFrame,
    kinds: Mapping[str, str],
    target: str,
    positive: str | None,
    labels: Sequence[Label],
) -> TableSchema:
    return TableSchema(
        rows=len(table),
        columns=dict(kinds),
        target=target,
        positive=positive,
        positives=None if positive is None else int(table[TARGET].sum()),
        classes=count_classes(table[TARGET]),
        labels=tuple(labels),
    )
