"""All rows of the rare classes and a uniform sample of the commonest, of a table of any size.

The file is read twice, a batch at a time: once for its labels, once for the rows that are kept. Of
a text whose encoding params do not name, that is found out before.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd

from equipoise.checks.contents import reading
from equipoise.checks.finding import Finding
from equipoise.core.tables import set_columns
from equipoise.data.csv_dialect import find_dialect
from equipoise.data.csv_quotes import refuse_hidden_lines
from equipoise.data.table_batches import Wanted, find_encoding, is_text, read_batches
from equipoise.data.table_files import RawTable, read_cells, warn_of_unused_options
from equipoise.data.target import (
    check_labels,
    count_labels,
    make_hashable,
    mark_unlabelled,
    note_unlabelled,
    restore_labels,
)
from equipoise.params.data_params import FileData
from equipoise.terminal.errors import UserError

# What is a number and what a word is told from all rows that are kept, not batch by batch.
AS_WRITTEN = Wanted(as_written=True)
# Reads rows as if the file had no others.
Understand = Callable[[pd.DataFrame], RawTable]


@dataclass(frozen=True)
class SampledTable:
    """The rows that are kept, and how many rows of each class the file has."""

    kept: RawTable
    population: Mapping[str, int]


@dataclass(frozen=True)
class _Counted:
    """How many rows have each label, as it is written, and how many have none."""

    labels: Mapping[Hashable, int]
    unlabelled: int


@dataclass(frozen=True)
class _Classes:
    """The rows of each class, and the labels, as they are written, of the commonest one."""

    rows: pd.Series
    commonest: frozenset[Hashable]


def read_sampled_table(
    path: Path, data: FileData, majority_per_minority: float, seed: int
) -> SampledTable:
    """Return all rows but those of the commonest class, and of that one so many for each of them.

    Those are drawn uniformly, without replacement.
    """
    unused = warn_of_unused_options(path, data.read)
    data = _settle_encoding(path, data)
    understand = _find_reader(path, data)
    first = next(read_batches(path, data, AS_WRITTEN))
    if data.target not in first:
        return SampledTable(understand(first), {})  # whoever checks the columns says so
    counted = _count_rows(path, data)
    classes = _find_classes(counted, understand, data)
    rarer = int(classes.rows.sum() - classes.rows.max())
    wanted = min(ceil(majority_per_minority * rarer), int(classes.rows.max()))
    read = understand(_draw_rows(path, data, classes, wanted, seed))
    if data.unlabelled == "drop" and counted.unlabelled:
        labels = restore_labels(read.frame[data.target])
        read = replace(read, frame=set_columns(read.frame, {data.target: labels}))
    notes = (*unused, *_note_sample(wanted, classes), *_note_unlabelled(counted, data))
    population = {str(name): int(rows) for name, rows in classes.rows.items()}
    return SampledTable(replace(read, findings=(*read.findings, *notes)), population)


def count_rows_by_label(path: Path, data: FileData) -> pd.Series:
    """Return how many rows of a file have each label, as labels are read; it is read in batches."""
    data = _settle_encoding(path, data)
    return (
        _read_labels(_count_rows(path, data), _find_reader(path, data), data).groupby(level=0).sum()
    )


def _settle_encoding(path: Path, data: FileData) -> FileData:
    """Return params that name the encoding of a text: to find it, all of the file is read.

    A `UserError` names lines that a quotation mark hides.
    """
    if not is_text(path):
        return data
    with reading(path, data.read.encoding):
        encoding = find_encoding(path, data)
        dialect = find_dialect(path, data.read, encoding)
        refuse_hidden_lines(path, encoding, dialect.written.separator)
    read = data.read.model_copy(update={"encoding": encoding})
    return data.model_copy(update={"read": read})


def _find_reader(path: Path, data: FileData) -> Understand:
    encoding = data.read.encoding
    if encoding is None or not is_text(path):
        return RawTable
    return lambda cells: read_cells(cells, path, data, encoding)


def _count_rows(path: Path, data: FileData) -> _Counted:
    labels: Counter[Hashable] = Counter()
    unlabelled = 0
    for batch in read_batches(path, data, replace(AS_WRITTEN, columns=[data.target])):
        missing = mark_unlabelled(batch[data.target], data)
        labels.update(count_labels(batch[data.target][~missing]))
        unlabelled += int(missing.sum())
    return _Counted(labels, unlabelled)


def _find_classes(counted: _Counted, understand: Understand, data: FileData) -> _Classes:
    """Return the classes that labels stand for; a `UserError` says what is wrong with them."""
    rows = _read_labels(counted, understand, data)
    by_label = rows.groupby(level=0).sum()
    in_order = {label: int(by_label[label]) for label in sorted(by_label.index, key=str)}
    refused = 0 if data.unlabelled == "drop" else counted.unlabelled
    labels = check_labels(in_order, refused, data)
    if labels.positive is None:
        raise UserError(
            f"data.sample: '{data.target}' has {len(in_order)} classes, and a sample is for two"
            " only; remove it, or set data.positive to make it one class against the rest"
        )
    classes = labels.assign_classes(rows.index.to_series())
    by_class = rows.groupby(classes.to_numpy()).sum()
    commonest = classes == by_class.idxmax()
    return _Classes(by_class, frozenset(np.array([*counted.labels], object)[commonest]))


def _read_labels(counted: _Counted, understand: Understand, data: FileData) -> pd.Series:
    """Return how many rows have each label that is written, by what it is read as."""
    read = understand(pd.DataFrame({data.target: [*counted.labels]})).frame[data.target]
    if data.unlabelled == "drop" and counted.unlabelled:
        read = restore_labels(read)
    return pd.Series([*counted.labels.values()], index=read, dtype="int64")


def _draw_rows(
    path: Path, data: FileData, classes: _Classes, wanted: int, seed: int
) -> pd.DataFrame:
    """Return the rows to keep, `wanted` of the commonest class.

    How many of them a batch gives is hypergeometric: as if all were drawn at once.
    """
    generator = np.random.default_rng(seed)
    left, kept = int(classes.rows.max()), []
    for batch in read_batches(path, data, AS_WRITTEN):
        labels = batch[data.target]
        common = make_hashable(labels).isin(classes.commonest).to_numpy()
        keep = ~common
        if data.unlabelled == "drop":
            keep &= ~mark_unlabelled(labels, data).to_numpy()
        here = int(common.sum())
        drawn = generator.hypergeometric(here, left - here, wanted) if wanted else 0
        keep[generator.choice(np.flatnonzero(common), drawn, replace=False)] = True
        left, wanted = left - here, wanted - drawn
        kept.append(batch[keep])
    return _join(kept)


def _join(batches: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of batches; a column of categories stays one, though they are others."""
    joined = pd.concat(batches, ignore_index=True)
    if not joined.columns.is_unique:
        return joined  # whoever checks the columns says so
    kinds = [batch.dtypes for batch in batches]
    categorical = [
        name for name in joined if all(isinstance(k.get(name), pd.CategoricalDtype) for k in kinds)
    ]
    return joined.astype(dict.fromkeys(categorical, "category"))


def _note_sample(wanted: int, classes: _Classes) -> tuple[Finding, ...]:
    rows = int(classes.rows.max())
    message = (
        f"data.sample: {wanted:,} of the {rows:,} rows of the commonest class are kept, drawn at"
        " random; results are those of the whole table"
    )
    return (Finding("note", "data.sample", message),) if wanted < rows else ()


def _note_unlabelled(counted: _Counted, data: FileData) -> tuple[Finding, ...]:
    if not counted.unlabelled:
        return ()
    rows = sum(counted.labels.values()) + counted.unlabelled
    return note_unlabelled(counted.unlabelled, rows, data)
