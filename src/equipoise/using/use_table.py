"""Make a user's file the table of the trial: read it, say what it is, write the params."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from equipoise.checks.finding import tell
from equipoise.checks.suite import check_table
from equipoise.core.json_values import JsonObject
from equipoise.core.table_schema import Label
from equipoise.core.tables import TWO_CLASSES
from equipoise.data.datasets import RAW_FOLDER, RawTable, read_file, read_frame_as_dataset
from equipoise.params.data_params import FileData
from equipoise.params.params_file import parse_params, read_yaml
from equipoise.storage.files import hash_file, write_text
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import UserError, suggest_nearest
from equipoise.using.description import describe_dataset
from equipoise.using.params_text import replace_section, replace_value

# On most tables the choice of a model moves more than any remedy does.
MODELS = ("logistic", "boosting")


def use_table(layout: Layout, table: Path, target: str, positive: str | None) -> None:
    """Write `data` and `run.models` of params.yaml for a table, and say what was understood.

    A file from elsewhere is copied to data/raw. Of two labels the rarer one is positive, unless
    `positive` says otherwise. A `UserError` says what is wrong, and nothing is written then.
    """
    old = read_yaml(layout.params)
    path = _find_place(table)
    source = table if not path.exists() else path
    raw = _read(source, path, target, old.get("data"))
    label = _choose_positive(raw.frame[target], positive)
    data = _make_section(old.get("data"), path, target, label)
    text = layout.params.read_text(encoding="utf-8")
    text = replace_section(text, "data", data)
    known = [name for name in MODELS if name in old.get("models", {})]
    if known:
        text = replace_value(text, "run", "models", known)
    params = parse_params({**old, "data": data}, str(layout.params))
    if not isinstance(params.data, FileData):
        raise TypeError("a table's params are of a file")
    dataset = read_frame_as_dataset(raw, params.data)
    lines = [f"{path}", *describe_dataset(dataset, raw.frame), ""]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    tell([*dataset.findings, *check_table(dataset.table, params.data)])
    if source != path:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    write_text(text, layout.params)
    sys.stdout.writelines(f"{line}\n" for line in _list_next_steps(layout, path, known))


def _find_place(table: Path) -> Path:
    """Return where in data/raw a table lies, or is to lie."""
    if not table.is_file():
        raise UserError(f"{table} is not a file; give the path of a table")
    raw, resolved = RAW_FOLDER.resolve(), table.resolve()
    if raw in resolved.parents:
        return RAW_FOLDER / resolved.relative_to(raw)
    place = RAW_FOLDER / table.name
    if place.exists() and hash_file(place) != hash_file(table):
        raise UserError(f"{place} is another file already; rename one of them")
    return place


def _read(source: Path, path: Path, target: str, old: object) -> RawTable:
    """Return the table, read as params say for the same file."""
    how = _keep_for_same_file(old, path).get("read", {})
    new = {"source": "file", "path": path.as_posix(), "target": target, "read": how}
    raw = read_file(source, FileData.model_validate(new))
    columns = raw.frame.columns
    if target not in columns:
        raise UserError(f"--target: no column '{target}'; {suggest_nearest(target, columns)}")
    return raw


def _choose_positive(labels: pd.Series, asked: str | None) -> Label | None:
    """Return the label that is asked for, as the table has it, or the rarer one of two."""
    counts = labels.value_counts()
    if asked is None:
        return _make_plain(counts.index[-1]) if len(counts) == TWO_CLASSES else None
    for label in counts.index:
        if str(label) == asked or str(_make_plain(label)) == asked:
            return _make_plain(label)
    known = suggest_nearest(asked, map(str, counts.index))
    raise UserError(f"--positive: no row has '{asked}' in '{labels.name}'; {known}")


def _make_plain(label: object) -> Label:
    """Return a label as YAML has it: 1.0 is how a column with gaps has 1."""
    value = label.item() if hasattr(label, "item") else label
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, bool | int | float) else str(value)


def _make_section(old: object, path: Path, target: str, positive: Label | None) -> JsonObject:
    """Return the section of the table; what was written for the same file stays."""
    kept = _keep_for_same_file(old, path)
    new = {"source": "file", "path": path.as_posix(), "target": target}
    own = {name: value for name, value in kept.items() if name != "positive"}
    return {**own, **new, **({} if positive is None else {"positive": positive})}


def _keep_for_same_file(old: object, path: Path) -> Mapping[str, Any]:
    return old if isinstance(old, dict) and old.get("path") == path.as_posix() else {}


def _list_next_steps(layout: Layout, path: Path, models: list[str]) -> Iterator[str]:
    also = f", and run.models: [{', '.join(models)}]" if models else ""
    yield f"Written to {layout.params}: the section data{also}."
    yield "Next:"
    steps = {
        f"dvc add {path}": "keeps the table, beside the code",
        "equipoise doctor": "looks for trouble, in seconds",
        "dvc repro": "runs the trial",
    }
    width = max(map(len, steps))
    yield from (f"  {step:{width}}  # {what}" for step, what in steps.items())
