"""File formats: Parquet for frames, JSON for numbers, CSV for curves."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import is_float_dtype

from equipoise.core.difference import Difference
from equipoise.core.json_values import Json, JsonObject, Unchecked
from equipoise.terminal.environment import read_text, replacing, require_regular, writing
from equipoise.terminal.errors import UserError
from equipoise.terminal.remaking import describe_remaking

KEPT, SYNTHETIC = "kept.parquet", "synthetic.parquet"
SIGNIFICANT_DIGITS = 6
# A threshold is a score of some row: rounded up, it would no longer reach that row. Others
# are calculated with later.
EXACT = frozenset({"threshold", "weights"})


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame to Parquet, its index kept if it has a name, folders made as needed."""
    # Of numbers that hardly repeat a dictionary is no shorter, and takes four times as long.
    listed = [str(name) for name in frame if not is_float_dtype(frame[name])]
    with writing(path):
        frame.to_parquet(path, index=frame.index.name is not None, use_dictionary=listed)


def read_frame(path: Path, columns: Collection[str] | None = None) -> pd.DataFrame:
    """Read what `write_frame` wrote: all of it, or those of some columns that it has."""
    if path.is_dir():  # which pandas reads as a table of all that is in it
        raise UserError(f"{path} is a folder, and a file is needed; remove it, and run `dvc repro`")
    if columns is not None:
        columns = [name for name in read_metadata(path).schema.names if name in columns]
    with _expecting_file(path):
        # The file is not copied to memory first, and what it was decoded to is given back.
        frame = pd.read_parquet(path, columns=columns, pre_buffer=False, memory_map=True)
    _release_memory()
    return frame


def _release_memory() -> None:
    from pyarrow import default_memory_pool  # noqa: PLC0415 - as below

    default_memory_pool().release_unused()


def read_metadata(path: Path) -> Any:
    """Read what the file of a frame says of it: types, rows, gaps; not the rows themselves."""
    from pyarrow.parquet import read_metadata as read  # noqa: PLC0415 - pandas too has it on demand

    with _expecting_file(path):
        return read(path)


def list_differences(folder: Path) -> tuple[Path, Path]:
    """Return the files in which a folder has what resampling changed."""
    return folder / KEPT, folder / SYNTHETIC


def write_difference(difference: Difference, folder: Path) -> None:
    """Write `kept.parquet` and `synthetic.parquet`, each only if there is such a difference."""
    changed = (difference.kept, difference.synthetic)
    for path, rows in zip(list_differences(folder), changed, strict=True):
        path.unlink(missing_ok=True)
        if rows is not None:
            write_frame(rows, path)


def read_difference(folder: Path) -> Difference:
    """Read what `write_difference` wrote."""
    kept, synthetic = (
        read_frame(path) if path.exists() else None for path in list_differences(folder)
    )
    return Difference(kept, synthetic)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame to CSV with numbers at six significant digits, without its index."""
    form = f"%.{SIGNIFICANT_DIGITS}g"
    with writing(path):
        frame.to_csv(path, index=False, float_format=form, lineterminator="\n")


def read_csv(path: Path) -> pd.DataFrame:
    """Read what `write_csv` wrote."""
    with _expecting_file(path):
        # An arm may be called None, and classes 1.10 and 1.1.
        return pd.read_csv(path, keep_default_na=False, dtype={"class": "str"})


def concat_csv(paths: Iterable[Path], target: Path) -> None:
    """Write what several CSV files hold as one."""
    write_csv(pd.concat(map(read_csv, paths)), target)


def write_json(values: JsonObject, path: Path) -> None:
    """Write numbers at six significant digits and keys sorted, so that files diff well."""
    text = json.dumps(round_as_written(values), indent=2, sort_keys=True, allow_nan=False)
    write_text(f"{text}\n", path)


def write_text(text: str, path: Path) -> None:
    """Write text in UTF-8."""
    with writing(path):
        path.write_text(text, encoding="utf-8")


def replace_text(text: str, path: Path) -> None:
    """Write text in UTF-8: all of it is there, or what was there stays."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def read_json(path: Path, keys: Iterable[str] = ()) -> Unchecked:
    """Read what `write_json` wrote; a `UserError` names the first of the keys that is missing."""
    with _expecting_file(path):
        values: Unchecked = json.loads(read_text(path))
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            raise UserError(f"{path} has no '{key}'; {describe_remaking(path)}")
    return values


@contextmanager
def _expecting_file(path: Path) -> Iterator[None]:
    try:
        require_regular(path)
        yield
    except FileNotFoundError as missing:
        raise UserError(f"{path} is missing; run `dvc repro`") from missing
    except (ValueError, OSError, RecursionError) as spoilt:
        reason = " ".join(str(spoilt).split()).rstrip(".")
        raise UserError(f"{path} cannot be read: {reason}; {describe_remaking(path)}") from spoilt


def round_as_written(values: JsonObject) -> Unchecked:
    """Return what `read_json` makes of values that `write_json` has written."""
    return {str(k): v if k in EXACT else _round_value(v) for k, v in values.items()}


def _round_value(value: Json) -> Json:
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(value, Mapping):
        return round_as_written(value)
    if isinstance(value, list | tuple):
        return [_round_value(item) for item in value]
    return value


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    require_regular(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_with_md5(path: Path) -> str:
    """Return the MD5 of a file's bytes, by which DVC knows it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()
