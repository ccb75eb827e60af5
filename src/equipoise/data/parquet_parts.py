"""The Parquet files of a folder, which are parts of one table."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
from pandas.api.types import (
    infer_dtype,
    is_integer_dtype,
    is_unsigned_integer_dtype,
)
from pyarrow.dataset import HivePartitioning, dataset, get_partition_keys

from equipoise.checks.finding import Finding
from equipoise.core.tables import format_count, format_label, set_columns
from equipoise.data.number_words import CODE
from equipoise.terminal.errors import UserError

PARQUET = ".parquet"
# What pandas calls values, in words; all others are words themselves.
KINDS = {
    **dict.fromkeys(("integer", "floating", "decimal", "mixed-integer-float"), "numbers"),
    **dict.fromkeys(("date", "datetime", "datetime64"), "dates"),
    "boolean": "true and false",
}
# NumPy's kinds of numbers: whole ones with a sign, without one, and floats.
NUMBERS = "iuf"
# pandas' types for whole numbers beside a gap.
SIGNED, UNSIGNED = pd.Int64Dtype(), pd.UInt64Dtype()
WholeKind = pd.Int64Dtype | pd.UInt64Dtype
WholeNumbers = Mapping[Any, WholeKind]


def list_parts(path: Path) -> list[tuple[Path, Mapping[str, Any]]]:
    """Return each Parquet file with the columns that its folders name, as `region=EU` does.

    Of codes, as in `shop=07`, all values stay words.
    """
    files = list_parquet(path)
    if path.is_file():
        return [(path, {})]
    kind = HivePartitioning.discover()
    whole = dataset(
        [*map(str, files)], format="parquet", partitioning=kind, partition_base_dir=str(path)
    )
    named = {
        Path(p.path): get_partition_keys(p.partition_expression) for p in whole.get_fragments()
    }
    written = {file: dict(_read_folders(file.relative_to(path))) for file in files}
    found = (pair for values in written.values() for pair in values.items())
    codes = {name for name, value in found if CODE.match(value)}
    for file, words in written.items():
        named[file] |= {name: words[name] for name in codes if named[file].get(name) is not None}
    return [(file, named[file]) for file in files]


def _read_folders(file: Path) -> Iterator[tuple[str, str]]:
    """Give the name and the value of each column that folders name."""
    for folder in file.parts[:-1]:
        name, sign, value = folder.partition("=")
        if sign:
            yield name, unquote(value)


def list_parquet(path: Path) -> list[Path]:
    """Return a file, or all Parquet files in a folder, in order; a `UserError` if it has none.

    Those that are hidden are none of the table.
    """
    files = [path] if path.is_file() else [file for file in walk_parquet(path) if file.is_file()]
    if not files:
        raise UserError(f"data.path: '{path}' has no Parquet files; name the table in it")
    return files


def walk_parquet(folder: Path) -> list[Path]:
    """Return what is called Parquet in a folder and is not hidden, in order."""
    found = (file for file in folder.rglob("[!._]*") if file.suffix.lower() == PARQUET)
    return sorted(found)


def list_columns(parts: Iterable[pd.DataFrame]) -> list[Any]:
    """Return the columns that some part has, each once, in the order in which they come."""
    return [*dict.fromkeys(name for part in parts for name in part)]


def find_whole_numbers(parts: Iterable[pd.DataFrame]) -> WholeNumbers:
    """Return the columns that are whole numbers in some part, and the type that gaps need there."""
    found: dict[Any, bool] = {}
    for part in parts:
        for name, kind in part.dtypes.items():
            if is_integer_dtype(kind):
                found[name] = found.get(name, True) and is_unsigned_integer_dtype(kind)
    return {name: UNSIGNED if without_sign else SIGNED for name, without_sign in found.items()}


def fill_whole_numbers(part: pd.DataFrame, whole: WholeNumbers) -> pd.DataFrame:
    """Return a part in which these columns are whole numbers: what it lacks is gaps, floats change.

    Beside floats, or with and without a sign, the large numbers of other parts would be others.
    """
    filled: dict[Any, pd.Series] = {}
    for name, kind in whole.items():
        if name not in part:
            filled[name] = pd.Series(pd.NA, part.index, kind)
        else:
            column = pd.Series(part[name])
            if column.dtype.kind in {*NUMBERS} - {kind.kind} and are_whole(column.dropna(), kind):
                filled[name] = column.astype(kind)
    return set_columns(part, filled) if filled else part


def are_whole(numbers: pd.Series, kind: WholeKind = SIGNED) -> bool:
    """Tell numbers without decimals that 64 bits hold."""
    low, high = np.iinfo(kind.type).min, float(np.iinfo(kind.type).max)
    return bool(((numbers % 1 == 0) & (numbers >= low) & (numbers < high)).all())


def warn_of_lacking_columns(
    parts: Mapping[Path, pd.DataFrame], every: Iterable[Any]
) -> Iterator[Finding]:
    """Give a warning of each column that some parts of a table have, and others have not."""
    for name in every:
        lacking = [file for file, part in parts.items() if name not in part]
        if lacking:
            message = (
                f"column {format_label(name)} is not in {format_count(len(lacking), 'file')} of the"
                f" folder, such as '{lacking[0].name}': their rows have gaps there"
            )
            yield Finding("warning", str(name), message)


def warn_of_other_types(
    parts: Mapping[Path, pd.DataFrame], every: Iterable[Any]
) -> Iterator[Finding]:
    """Give a warning of each column that is words in one part, say, and numbers in another."""
    for name in every:
        first: dict[str, Path] = {}
        for file, part in parts.items():
            if name in part and (values := _name_values(pd.Series(part[name].dropna()))):
                first.setdefault(values, file)
        if len(first) > 1:
            (one, here), (other, there), *_ = first.items()
            message = (
                f"column {format_label(name)} has {one} in '{here.name}' and {other} in"
                f" '{there.name}': the same value may be two; write it with one type"
            )
            yield Finding("warning", str(name), message)


def _name_values(known: pd.Series) -> str:
    """Return what the values of a column are, in words; nothing of none."""
    if known.empty:
        return ""
    values = known.cat.categories if isinstance(known.dtype, pd.CategoricalDtype) else known
    return KINDS.get(infer_dtype(values), "words")
