"""A user's new table, a batch at a time, as it is in the file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from equipoise.core.json_values import JsonObject
from equipoise.core.table_schema import TableSchema, Writing
from equipoise.data.table_batches import Wanted, read_batches
from equipoise.params.data_params import FileData, ReadOptions
from equipoise.params.trial_params import Params
from equipoise.terminal.errors import UserError, suggest_nearest


def read_new_table(
    path: Path, params: Params, schema: TableSchema, others: Sequence[str], option: str
) -> Iterator[pd.DataFrame]:
    """Give batches of a table; `others`, which an option names, are read as they are written.

    A `UserError` says what is wrong with the file, or which of the others it lacks.
    """
    kinds = {**dict.fromkeys(others, "category"), **schema.columns}
    section: JsonObject = {
        "source": "file",
        "path": str(path),
        "target": schema.target,
        "columns": kinds,
    }
    read = params.data.read if isinstance(params.data, FileData) else ReadOptions()
    data = FileData.model_validate({**section, "read": read})
    with naming_no_key():
        for batch in read_batches(path, data, Wanted(usual=schema.written or Writing())):
            named = batch.set_axis(batch.columns.map(str), axis=1)
            _check_others(others, named, option)
            yield named


@contextmanager
def naming_no_key() -> Iterator[None]:
    """Say what is wrong with a table without `data.path`, which does not name it."""
    try:
        yield
    except UserError as mistake:
        raise UserError(*(line.replace("data.path: ", "") for line in mistake.args)) from mistake


def _check_others(others: Sequence[str], named: pd.DataFrame, option: str) -> None:
    for name in others:
        if name not in named:
            hint = suggest_nearest(name, [*map(str, named)])
            raise UserError(f"{option}: the table has no column '{name}'; {hint}")
