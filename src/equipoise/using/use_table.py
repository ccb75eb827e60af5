"""Make a user's file the table of the trial: read it, say what it is, write the params."""

import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import yaml

from equipoise.checks.finding import print_findings
from equipoise.checks.suite import check_table
from equipoise.core.json_values import JsonObject, Unchecked
from equipoise.core.table_schema import Label
from equipoise.core.tables import TWO_CLASSES
from equipoise.data.datasets import (
    read_file_as_dataset,
    read_frame_as_dataset,
    suggest_column,
)
from equipoise.data.description import describe_table
from equipoise.data.known_gaps import GAP_WORDS
from equipoise.data.majority_sampling import count_rows_by_label
from equipoise.data.parquet_parts import walk_parquet
from equipoise.data.table_batches import read_batches
from equipoise.data.table_files import RawTable, read_file
from equipoise.data.target import find_label, mark_unlabelled
from equipoise.params.data_params import RAW_FOLDER, FileData
from equipoise.storage.files.formats import hash_file
from equipoise.storage.layout import Layout
from equipoise.terminal.environment import replacing, writing
from equipoise.terminal.errors import UserError, print_in_full, suggest_nearest
from equipoise.terminal.params_file import parse_params
from equipoise.terminal.yaml_file import dump_yaml, parse_yaml, read_yaml
from equipoise.using.kept_files import read_address
from equipoise.using.params_text import replace_section, replace_value

# On most tables the choice of a model moves more than any remedy does.
MODELS = ("logistic", "boosting")
# Keys of the section that say how a file is to be understood: all but which, and for what.
KEPT = tuple(
    name for name in FileData.model_fields if name not in {"source", "path", "target", "positive"}
)
# Methods of `split` that need a column, whose name is the value of the key so called.
BY_COLUMN = ("group", "time")
# Keys that messages name, and the options of the command line that write them.
OPTIONS = {
    "data.positive": "--positive",
    "data.unlabelled: drop": "--unlabelled drop",
    "data.read.sheet": "--sheet",
    "data.read.header": "--header",
    "data.sample.majority_per_minority": "--sample",
}


@dataclass(frozen=True)
class Asked:
    """What a user says of a table: None where the table, or what params have, is to tell."""

    target: str
    positive: str | None = None
    sheet: str | None = None
    header: int | None = None
    unlabelled: str | None = None
    sample: float | None = None


def use_table(
    layout: Layout, table: Path, asked: Asked, before: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write `data` and `run.models` of params.yaml for a table, and say what was understood.

    A file from elsewhere is copied to data/raw. Of two labels the rarer one is positive, unless
    `asked` says otherwise. What a user has written for the same file stays. A `UserError` says what
    is wrong, and nothing is written then. `before` has commands that come before the next ones, and
    what each is for.
    """
    try:
        _use_table(layout, table, asked, before)
    except UserError as mistake:
        raise UserError(*map(_name_options, mistake.args)) from mistake


def _use_table(layout: Layout, table: Path, asked: Asked, before: Mapping[str, str]) -> None:
    old = read_yaml(layout.params)
    path = _find_place(table)
    source = table if not path.exists() else path
    data = _make_section(old, path, asked)
    file = _parse_section(layout, old, data)
    whole = read_file(source, file) if file.sample is None else None
    counts = _count_in_file(source, file) if whole is None else _count_in_table(whole, file)
    if asked.positive is not None or "positive" not in data:
        label = _choose_positive(counts, asked.positive)
        data = {**data, **({} if label is None else {"positive": label})}
    known = () if _is_of_file(old.get("data"), path) else old.get("models") or ()
    models = [name for name in MODELS if name in known]
    text = _edit_params(layout, old, data, models)
    file = _parse_section(layout, old, data)
    dataset = (
        read_file_as_dataset(source, file, old["seed"])
        if whole is None
        else read_frame_as_dataset(whole, file)
    )
    findings = [*dataset.findings, *check_table(dataset.table, file)]
    # Before anything is said: who reads it may go, as `head` does.
    _write_table_and_params(layout.params, text, None if source == path else source, path)
    print_in_full(f"{path}", *describe_table(dataset.schema), "")
    print_findings([replace(f, message=_name_options(f.message)) for f in findings])
    print_in_full(*_list_next_steps(layout, path, models, before))


def _name_options(message: str) -> str:
    """Return a message that names, beside a key, the option that writes it."""
    for key, option in OPTIONS.items():
        message = message.replace(key, f"{key} ({option})")
    return message


def _parse_section(layout: Layout, old: JsonObject, data: JsonObject) -> FileData:
    """Return the section as params have it; a `UserError` names what is wrong in any of them."""
    params = parse_params({**old, "data": data}, str(layout.params))
    if not isinstance(params.data, FileData):
        raise TypeError("a table's params are of a file")
    return params.data


def _edit_params(layout: Layout, old: Unchecked, data: JsonObject, models: Sequence[str]) -> bytes:
    """Return params.yaml with the section of the table; a `UserError` if an edit would break it."""
    text = layout.params.read_bytes().decode("utf-8")
    ends = "\r\n" if "\r\n" in text else "\n"
    expected = {**old, "data": data}
    try:
        edited = replace_section(text.replace(ends, "\n"), "data", data)
        if models:
            edited = replace_value(edited, "run", "models", list(models))
            expected["run"] = {**old["run"], "models": list(models)}
        kept = parse_yaml(edited) == expected
    except yaml.YAMLError:
        kept = False
    if not kept:
        raise UserError(
            f"{layout.params} cannot be edited safely, perhaps because it has anchors; write this"
            f" section yourself: data: {dump_yaml(dict(data), flow=True).strip()}"
        )
    return edited.replace("\n", ends).encode("utf-8")


def _write_table_and_params(params: Path, text: bytes, source: Path | None, place: Path) -> None:
    """Put the file into data/raw, unless it is there, and write params.yaml: both or neither."""
    with writing(place if source is not None else params):
        if source is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            _copy_table(source, place)
        try:
            with replacing(params.resolve()) as part:
                part.write_bytes(text)
        except OSError:
            if source is not None:
                _remove_table(place)
            raise


def _copy_table(source: Path, place: Path) -> None:
    """Copy a file, or a folder with all in it, whole or not at all."""
    if source.is_file():
        with replacing(place) as part:
            shutil.copy(source, part)  # who may not read the one may not read the other
        return
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # left by one that was killed
    try:
        shutil.copytree(source, part)
        part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _remove_table(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink()


def _find_place(table: Path) -> Path:
    """Return where in data/raw a table lies, or is to lie."""
    if not table.exists():
        if address := read_address(table):
            raise UserError(
                f"{address} is an address; fetch the table first, as in 'dvc import-url {address}"
                f" data/raw/{table.name}', and give that path"
            )
        raise UserError(f"{table} does not exist; give the path of a table")
    raw, resolved = RAW_FOLDER.resolve(), table.resolve()
    named = table.parent.resolve() / table.name  # of the file itself DVC may make a link
    for path in (named, resolved):
        if raw in path.parents and path.name != "..":
            return RAW_FOLDER / path.relative_to(raw)
    if table.is_dir() and (raw.is_relative_to(resolved) or not walk_parquet(table)):
        raise UserError(f"{table} is not a folder of Parquet files; name the table in it")
    place = RAW_FOLDER / (named if table.is_file() else resolved).name
    if place.exists() and _hash_files(place) != _hash_files(table):
        raise UserError(f"{place} already exists and is another table; rename one of them")
    return place


def _hash_files(table: Path) -> dict[Path, str]:
    """Return the hash of a file, or of each in a folder, by its path there."""
    files = [table] if table.is_file() else [path for path in table.rglob("*") if path.is_file()]
    return {path.relative_to(table): hash_file(path) for path in files}


def _count_in_file(source: Path, data: FileData) -> pd.Series:
    """Return the rows of each label of a file that may be larger than memory."""
    _require_target(RawTable(next(read_batches(source, data))), data)
    return count_rows_by_label(source, data).rename(data.target)


def _count_in_table(raw: RawTable, data: FileData) -> pd.Series:
    _require_target(raw, data)
    labels = raw.frame.set_axis(raw.frame.columns.map(str), axis=1)[data.target]
    if data.unlabelled == "drop":
        labels = labels[~mark_unlabelled(labels, data)]
    return labels.value_counts().rename(data.target)


def _require_target(raw: RawTable, data: FileData) -> None:
    if data.target not in {*map(str, raw.frame.columns)}:
        raise UserError(f"--target: no column '{data.target}'; {suggest_column(data.target, raw)}")


def _choose_positive(rows: pd.Series, asked: str | None) -> Label | None:
    """Return the label that is asked for, as the table has it, or the rarer one of two."""
    counts = rows[rows > 0].sort_values(ascending=False, kind="stable")
    known = [_make_plain(label) for label in counts.index]
    if asked is None:
        rarer = known[-1] if len(known) == TWO_CLASSES else None
        if rarer in GAP_WORDS:
            raise UserError(
                f"--positive: '{rarer}', the rarer label of '{rows.name}', may mean no label;"
                " name the positive label, or leave these rows out with --unlabelled drop"
            )
        return rarer
    found: Label | None = find_label(asked, known)
    if found is None:
        raise UserError(
            f"--positive: no row has '{asked}' in '{rows.name}';"
            f" {suggest_nearest(asked, map(str, known))}"
        )
    return found


def _make_plain(label: object) -> Label:
    """Return a label as YAML has it: 1.0 is how a column with gaps has 1."""
    value = label.item() if hasattr(label, "item") else label
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, bool | int | float) else str(value)


def _is_of_file(section: object, path: Path) -> bool:
    """Return whether the section is about this file already."""
    about = section if isinstance(section, dict) else {}
    return (about.get("source"), about.get("path")) == ("file", path.as_posix())


def _make_section(old: JsonObject, path: Path, asked: Asked) -> JsonObject:
    """Return the section of the table; what was written for no other file stays, unless asked.

    Of another file, the column that rows are split by is all that stays: a split needs it.
    """
    section, split = old.get("data"), old.get("split")
    about = section if isinstance(section, dict) else {}
    again = _is_of_file(section, path)
    of_split = (split if isinstance(split, dict) else {}).get("method")
    of_other = tuple(name for name in BY_COLUMN if name == of_split)
    names = KEPT if again or about.get("source") != "file" else of_other
    if again and about.get("target") == asked.target:
        names = (*names, "positive")
    kept = {name: about[name] for name in names if name in about}
    read = {"sheet": asked.sheet, "header": asked.header}
    changed = {key: value for key, value in read.items() if value is not None}
    if changed:
        own = kept.get("read")
        kept["read"] = {**(own if isinstance(own, dict) else {}), **changed}
    if asked.unlabelled is not None:
        kept["unlabelled"] = asked.unlabelled
    if asked.sample is not None:
        kept["sample"] = {"majority_per_minority": _make_plain(asked.sample)}
    return {"source": "file", "path": path.as_posix(), "target": asked.target, **kept}


def _list_next_steps(
    layout: Layout, path: Path, models: Sequence[str], before: Mapping[str, str]
) -> Iterator[str]:
    also = f", and run.models: [{', '.join(models)}]" if models else ""
    yield f"Written to {layout.params}: the section data{also}."
    yield "Next:"
    steps = {
        **before,
        f"dvc add {shlex.quote(str(path))}": "versions the table with the code",
        "equipoise doctor": "checks the table, in seconds",
        "dvc repro": "runs the trial",
    }
    width = max(map(len, steps))
    yield from (f"  {step:{width}}  # {what}" for step, what in steps.items())
