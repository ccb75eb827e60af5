"""The table that the trial is run on: made, or read from a user's file and checked."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_integer_dtype

from equipoise.checks.contents import refuse_made
from equipoise.checks.finding import Finding
from equipoise.core.table_schema import Label, TableSchema
from equipoise.core.tables import (
    GROUP,
    ROW,
    SEGMENT,
    TARGET,
    TIME,
    TWO_CLASSES,
    count_classes,
    format_count,
    set_columns,
    split_off_target,
)
from equipoise.data.arrow_types import replace_arrow_types
from equipoise.data.column_kinds import (
    convert_columns,
    find_forms,
    make_notes_on_words,
    split_column,
    warn_of_either_way,
    warn_of_lost_digits,
    warn_of_short_dates,
)
from equipoise.data.gap_words import clear_gap_words
from equipoise.data.known_gaps import GAP_WORDS
from equipoise.data.majority_sampling import read_sampled_table
from equipoise.data.segment_column import read_segments
from equipoise.data.table_files import RawTable, find_table, read_file, refuse_repeated
from equipoise.data.target import (
    count_other_labels,
    list_user_labels,
    mark_unlabelled,
    note_unlabelled,
    read_target,
    restore_labels,
)
from equipoise.data.written_values import LARGEST_NUMBER
from equipoise.params.data_params import FileData, SyntheticData
from equipoise.terminal.errors import UserError, suggest_nearest

# What pandas calls a column without a name.
UNNAMED = "Unnamed: "
OTHER_HEADER = "if another row names the columns, set data.read.header to its number"
LONGEST_EXAMPLE = 40


@dataclass(frozen=True)
class Dataset:
    """Features, typed by kind, and a `target` in one frame, and where they came from.

    Of two classes the positive one is 1 and the other 0; several keep their labels. `findings`
    are what was taken for something that it may not be.
    """

    table: pd.DataFrame
    schema: TableSchema
    findings: tuple[Finding, ...] = ()


def make_dataset(data: SyntheticData | FileData, seed: int) -> Dataset:
    """Return the table that `data` describes; a `UserError` names the column that is wrong."""
    dataset = (
        read_file_as_dataset(find_table(data), data, seed)
        if isinstance(data, FileData)
        else _make_synthetic(data, seed)
    )
    return round_dataset(dataset) if data.float32 else dataset


def round_dataset(dataset: Dataset) -> Dataset:
    """Return a dataset whose decimals are in single precision."""
    schema = replace(dataset.schema, float32=True)
    return replace(dataset, table=_round_features(dataset.table), schema=schema)


def read_file_as_dataset(path: Path, data: FileData, seed: int) -> Dataset:
    """Return the rows that the trial has of a file, wherever that lies: all, or the sample."""
    if data.sample is None:
        return read_frame_as_dataset(read_file(path, data), data)
    read = read_sampled_table(path, data, data.sample.majority_per_minority, seed)
    dataset = read_frame_as_dataset(read.kept, data)
    return replace(dataset, schema=replace(dataset.schema, population=read.population))


def read_frame_as_dataset(read: RawTable, data: FileData) -> Dataset:
    """Return features typed by kind and the target as classes, or say which column prevents it.

    `data.path` is not looked at.
    """
    refuse_repeated([*read.frame])
    raw = replace_arrow_types(read.frame.set_axis(read.frame.columns.map(str), axis=1))
    empty = _find_nameless_empty(raw, data)
    raw = raw.drop(columns=empty)
    counters = _find_row_numbers(raw, data)
    raw = raw.drop(columns=counters)
    _check_columns(replace(read, frame=raw), data)
    if isinstance(raw[data.target].dtype, pd.SparseDtype):  # pandas cannot count its values
        dense = pd.Series(raw[data.target].to_numpy(), index=raw.index)
        raw = set_columns(raw, {data.target: dense})
    raw, left_out = _leave_out_unlabelled(raw, data)
    raw = raw.reset_index(drop=True)  # a user's own index may have one name for two rows
    split_by = {key: name for key, name in ((GROUP, data.group), (TIME, data.time)) if name}
    features = raw.drop(columns=[data.target, *split_by.values(), *data.drop])
    _check_features(features, data)
    target = read_target(raw[data.target], data)
    decimal = read.decimal or data.read.decimal
    features, of_gaps = clear_gap_words(features, data, decimal)
    columns, kinds = convert_columns(features, data.columns, decimal)
    _check_numbers(columns)
    own = {key: split_column(raw[name], key) for key, name in split_by.items()}
    of_times: tuple[Finding, ...] = ()
    if data.time is not None:
        of_times = warn_of_short_dates(own[TIME], data.time)
        of_times += warn_of_either_way(raw[data.time], own[TIME])
    if data.segment is not None:
        own[SEGMENT] = read_segments(raw[data.segment])
    table = columns.assign(**{TARGET: target.classes}, **own)
    of_columns = make_notes_on_words(features, columns, data.columns)
    of_columns += warn_of_lost_digits(features, columns)
    of_names = (*_note_nameless_empty(empty), *map(_note_row_numbers, counters))
    findings = (*read.findings, *of_names, *left_out, *of_times)
    labels = list_user_labels(raw[data.target], target.classes)
    schema = _make_schema(table, (features, kinds), data.target, target.positive, labels)
    if target.positive is not None:
        others = count_other_labels(raw[data.target], target.classes)
        schema = replace(schema, others=others if len(others) > 1 else {})
    schema = replace(schema, written=read.written)
    return Dataset(table, schema, (*findings, *target.findings, *of_gaps, *of_columns))


def _make_synthetic(data: SyntheticData, seed: int) -> Dataset:
    from sklearn.datasets import make_classification  # noqa: PLC0415 - 1.3 s that a file can do without

    refuse_made(data.n_samples, data.n_features)
    classes = len(data.weights)
    arguments = data.model_dump(mode="json", exclude={"source", "float32"})
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
    return Dataset(table, _make_schema(table, (table[columns], kinds), TARGET, positive, labels))


def _round_features(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose decimals are in single precision: seven digits, in half the room."""
    features, _ = split_off_target(table)
    decimals = features.columns[features.dtypes.map(is_float_dtype)]
    return set_columns(table, {name: table[name].astype("float32") for name in decimals})


def _find_nameless_empty(raw: pd.DataFrame, data: FileData) -> list[str]:
    """Return columns with neither a name nor a value, as separators at the end of lines make."""
    nameless = [n for n in map(str, raw) if n.startswith(UNNAMED) and n not in _list_used(data)]
    return [
        name
        for name in nameless
        if (raw[name].isna() | raw[name].astype("str").str.strip().isin(GAP_WORDS)).all()
    ]


def _note_nameless_empty(names: Sequence[str]) -> tuple[Finding, ...]:
    if not names:
        return ()
    message = (
        f"data.path: left out: {format_count(len(names), 'column')} with neither a name nor a"
        " value, which separators at the end of lines produce"
    )
    return (Finding("note", "data.path", message),)


def _list_used(data: FileData) -> set[str | None]:
    return {data.target, data.group, data.time, data.segment, *data.drop, *data.columns}


def _find_row_numbers(raw: pd.DataFrame, data: FileData) -> list[str]:
    """Return the first columns that have no name and number the rows, as R and pandas write it."""
    used = _list_used(data)
    return [*takewhile(lambda name: name not in used and _numbers_rows(raw[name]), map(str, raw))]


def _numbers_rows(column: pd.Series) -> bool:
    """Tell a column without a name that counts up, or has each of as many numbers as rows once."""
    if not str(column.name).startswith(UNNAMED) or not is_integer_dtype(column):
        return False
    reach = column.max() - column.min() + 1 if len(column) else 0
    return bool(column.is_unique and (column.is_monotonic_increasing or reach == len(column)))


def _note_row_numbers(name: str) -> Finding:
    return Finding(
        "note", name, "data.path: the first column has no name and numbers the rows: it is left out"
    )


def _leave_out_unlabelled(
    raw: pd.DataFrame, data: FileData
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the rows that have a label, if params ask for them, and how many have none."""
    unlabelled = mark_unlabelled(raw[data.target], data)
    if data.unlabelled != "drop" or not unlabelled.any() or unlabelled.all():
        return raw, ()
    labelled = raw[~unlabelled]
    labelled = set_columns(labelled, {data.target: restore_labels(labelled[data.target])})
    return labelled, note_unlabelled(int(unlabelled.sum()), len(raw), data)


def _check_columns(read: RawTable, data: FileData) -> None:
    raw = read.frame
    if raw.empty:
        raise UserError(f"data.path: '{data.path}' has no rows; put the table there")
    named = {"group": data.group, "time": data.time, "segment": data.segment}
    by = [(key, name) for key, name in named.items() if name]
    for key, name in [("target", data.target), *by, *(("drop", name) for name in data.drop)]:
        if name not in raw.columns:
            raise UserError(f"data.{key}: no column '{name}'; {suggest_column(name, read)}")
    used = {data.target, data.group, data.time, *data.drop}
    for name in {TARGET, ROW, GROUP, TIME, SEGMENT} & set(raw.columns) - used:
        raise UserError(f"data.path: a feature may not be called '{name}'; rename or drop it")


def suggest_column(name: str, read: RawTable) -> str:
    """Return which column may be meant by a name that none has, and how the names were read."""
    known = [*map(str, read.frame.columns)]
    hints = [OTHER_HEADER] if any(column.startswith(UNNAMED) for column in known) else []
    return "; ".join([suggest_nearest(name, known), *hints, *(f.message for f in read.findings)])


def _check_features(features: pd.DataFrame, data: FileData) -> None:
    if features.columns.empty:
        raise UserError("data.drop: no feature is left; drop fewer columns")
    unnamed = [name for name in features if str(name).startswith(UNNAMED)]
    _refuse_columns(unnamed, "no name in the header for", f"name or drop them; {OTHER_HEADER}")
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
        f"data.path: column '{name}' holds {value:g}, and models in single precision cannot use"
        f" a number beyond {LARGEST_NUMBER:g}; fix or drop it"
        for name, value in furthest.items()
        if abs(value) > LARGEST_NUMBER
    ]
    if too_large:
        raise UserError(*too_large)


def _refuse_columns(columns: Iterable[Hashable], problem: str, remedy: str) -> None:
    named = [f"'{name}'" for name in columns]
    if named:
        raise UserError(f"data.path: {problem} {', '.join(named)}; {remedy}")


def _make_schema(
    table: pd.DataFrame,
    features: tuple[pd.DataFrame, Mapping[str, str]],
    target: str,
    positive: str | None,
    labels: Sequence[Label],
) -> TableSchema:
    read, kinds = features
    return TableSchema(
        rows=len(table),
        columns=dict(kinds),
        target=target,
        positive=positive,
        positives=None if positive is None else int(table[TARGET].sum()),
        classes=count_classes(table[TARGET]),
        labels=tuple(labels),
        examples={name: _show_first_value(read[name], table[name]) for name in kinds},
        gaps={name: int(table[name].isna().sum()) for name in kinds},
        forms=find_forms(read, table[[*kinds]]),
        booleans={
            name: tuple(sorted(table[name].dropna().astype("str").unique()))
            for name, kind in kinds.items()
            if kind == "boolean"
        },
    )


def _show_first_value(read: pd.Series, column: pd.Series) -> str:
    """Return, on one line and as it was read, the first value of the column that is not a gap."""
    known = column.notna().to_numpy()
    value = read.iloc[int(known.argmax())] if known.any() else ""
    text = f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}..."
