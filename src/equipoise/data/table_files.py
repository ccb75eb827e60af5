"""The user's file, read into a frame by what its name ends in."""

import csv
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter
from zipfile import ZipFile

import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype, is_numeric_dtype
from pandas.errors import ParserWarning
from pyarrow import ArrowInvalid, feather, ipc, parquet

from equipoise.checks.contents import (
    TEXTS,
    UNPACKERS,
    check_frame,
    decoding,
    reading,
    refuse_rows,
    refuse_unpacked,
    refuse_wide,
)
from equipoise.checks.finding import Finding
from equipoise.checks.values import quote_value
from equipoise.core.table_schema import Writing
from equipoise.core.tables import format_count, set_columns
from equipoise.data.arrow_types import keep_whole_numbers, list_made_floats, replace_arrow_types
from equipoise.data.csv_dialect import (
    ENCODINGS,
    LOOKED_AT,
    Dialect,
    count_rows_above,
    find_dialect,
    note_rows_above,
)
from equipoise.data.csv_quotes import refuse_hidden_lines
from equipoise.data.known_gaps import GAP_WORDS
from equipoise.data.number_words import CODE, is_code
from equipoise.data.parquet_parts import (
    PARQUET,
    are_whole,
    fill_whole_numbers,
    find_whole_numbers,
    list_columns,
    list_parts,
    warn_of_lacking_columns,
    warn_of_other_types,
)
from equipoise.data.target import list_label_gaps
from equipoise.data.written_values import LARGEST_WHOLE
from equipoise.params.data_params import RAW_FOLDER, FileData, ReadOptions
from equipoise.terminal.errors import UserError, suggest_nearest

# Bytes in which the first object of a file of JSON mostly is.
FIRST_OBJECT = 2**20
# Read as they are written, which numbers are not: 007 is a word, 01022026 may be a date.
IN_WORDS = frozenset({"boolean", "category", "date", "text"})
NAMES_SHOWN = 3
# What data.read says of some formats only: how text is written, and where a table begins.
OF_TEXT = ("separator", "thousands", "encoding")
OF_SHEETS = ("sheet",)
OF_EITHER = ("header",)


@dataclass(frozen=True)
class RawTable:
    """A user's table as it is in the file, and what to know of how it was read.

    `written` is how the file is written, if it is text.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    written: Writing | None = None

    @property
    def decimal(self) -> str | None:
        """The sign before decimals, where it is known."""
        return None if self.written is None else self.written.decimal


def find_table(data: FileData) -> Path:
    """Return where the user's file lies in data/raw, or say that it does not."""
    path = Path(data.path)
    check_ending(path)
    folder = path.parent.resolve()  # of the file itself DVC may make a link to its cache
    if folder != RAW_FOLDER.resolve() and RAW_FOLDER.resolve() not in folder.parents:
        raise UserError(f"data.path: '{path}' is not within {RAW_FOLDER}/; put the table there")
    if not path.exists():
        files = [str(p) for p in RAW_FOLDER.rglob("*") if p.is_file() and p.name[0] != "."]
        raise UserError(f"data.path: '{path}' does not exist; {suggest_nearest(str(path), files)}")
    return path


def read_file(path: Path, data: FileData) -> RawTable:
    """Read a file, or a folder of Parquet files, wherever it is."""
    check_ending(path)
    read = _read_parquet if path.is_dir() else READERS[find_ending(path)]
    with reading(path, data.read.encoding):
        refuse_unpacked(path)
        raw = read(path, data)
        check_frame(path, raw.frame, data.read.most_columns)
    findings = (*raw.findings, *warn_of_unused_options(path, data.read))
    return replace(raw, frame=replace_arrow_types(raw.frame), findings=findings)


def warn_of_unused_options(path: Path, read: ReadOptions) -> tuple[Finding, ...]:
    """Return a warning of each option that files of this format have no use for."""
    reader = _read_parquet if path.is_dir() else READERS[find_ending(path)]
    is_text, is_workbook = reader in {_read_text, _read_zip}, reader is _read_workbook
    unused = (
        *(() if is_text else OF_TEXT),
        *(() if is_workbook else OF_SHEETS),
        *(() if is_text or is_workbook else OF_EITHER),
    )
    return tuple(
        Finding("warning", key, f"{key}: it counts for nothing in '{path}'; remove it")
        for option in unused
        if getattr(read, option) is not None
        for key in [f"data.read.{option}"]
    )


def check_ending(path: Path) -> None:
    """Raise if the name of a file does not tell how to read it."""
    if not path.is_dir() and not find_ending(path):
        shown = "" if path == Path() else path
        if not path.suffix:
            raise UserError(
                f"data.path: '{shown}' has no file ending that tells its format; rename it, for"
                f" example to '{path.name or 'table'}.csv' if it is a CSV file"
            )
        raise UserError(
            f"data.path: '{shown}' should end in {', '.join([*READERS][:-1])} or {[*READERS][-1]},"
            " or be a folder of Parquet files"
        )


def find_ending(path: Path) -> str:
    """Return the last ending that says what a file is; .gz and the like come after it."""
    endings = [ending.lower() for ending in path.suffixes]
    return next((ending for ending in reversed(endings) if ending in READERS), "")


def _read_parquet(path: Path, data: FileData) -> RawTable:
    parts = {}
    for file, named in list_parts(path):
        said = parquet.read_metadata(file)
        refuse_wide(path, said.num_columns, data.read.most_columns)
        refuse_rows(path, said.num_rows * said.num_columns)
        with decoding():
            refuse_repeated(parquet.read_schema(file).names)
            frame = restore_index(pd.read_parquet(file))
            if whole := list_made_floats(frame, parquet.read_schema(file)):
                with parquet.ParquetFile(file) as table:
                    frame = keep_whole_numbers(frame, table.read(whole))
            parts[file] = replace_arrow_types(frame.assign(**named))
    if len(parts) == 1:
        return RawTable(next(iter(parts.values())))
    every, numbers = list_columns(parts.values()), find_whole_numbers(parts.values())
    alike = (fill_whole_numbers(part, numbers) for part in parts.values())
    frame = pd.concat(alike, ignore_index=True)[every]
    warnings = (*warn_of_lacking_columns(parts, every), *warn_of_other_types(parts, every))
    return RawTable(frame, warnings)


def restore_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which an index that has a name is a column, as in the file."""
    named = [name for name in frame.index.names if name is not None]
    refuse_repeated([*named, *frame])
    return frame.reset_index(named) if named else frame


def refuse_repeated(names: Sequence[Any]) -> None:
    """Raise a `UserError` if two columns have one name."""
    for name, count in Counter(map(str, names)).items():
        if count > 1:
            raise UserError(f"data.path: column '{name}' is duplicated; rename one")


def _read_arrow(path: Path, _data: FileData) -> RawTable:
    with decoding():
        return RawTable(_decode_arrow(path))


def _decode_arrow(path: Path) -> Any:
    try:
        frame = pd.read_feather(path)
    except ArrowInvalid:  # a stream, which has no end that says where all is
        with ipc.open_stream(path) as stream:
            table = stream.read_all()
        return keep_whole_numbers(table.to_pandas(), table)
    with ipc.open_file(path) as file:
        whole = list_made_floats(frame, file.schema)
    return keep_whole_numbers(frame, feather.read_table(path, whole)) if whole else frame


def _read_json_lines(path: Path, _data: FileData) -> RawTable:
    """Read an object for each line; words stay words, also those that look like dates."""
    return RawTable(_read_records(path, lines=True))


def _read_json(path: Path, data: FileData) -> RawTable:
    """Read an array of objects, or an object for each line."""
    try:
        return RawTable(_read_records(path, lines=False))
    except ValueError:
        return _read_json_lines(path, data)


def _read_records(path: Path, *, lines: bool) -> pd.DataFrame:
    """Return the objects in a file of JSON; a `UserError` if it holds something else."""
    try:
        frame = pd.read_json(path, lines=lines, dtype=False, encoding="utf-8-sig")
        are_records = (lines or len(frame.columns) > 1) and not is_integer_dtype(frame.columns)
    except (TypeError, AttributeError):  # of what is no object
        are_records = False
    if not are_records:
        raise UserError(
            f'data.path: \'{path}\' is not a list of records such as [{{"age": 30, "y": "no"}}];'
            " save the table in that form, or as CSV"
        )
    refuse_repeated(_list_keys(path))
    return _restore_whole_numbers(frame, path, lines=lines)


def _restore_whole_numbers(frame: pd.DataFrame, path: Path, *, lines: bool) -> pd.DataFrame:
    """Return what pandas has made of JSON, whole numbers beside a gap being no floats.

    As floats, those beyond 2^53 are others: they are read again.
    """
    names = (name for name in frame if isinstance(name, str))
    floats = [name for name in names if frame[name].dtype == float and frame[name].isna().any()]
    whole = [name for name in floats if are_whole(frame[name].dropna())]
    if not whole or frame[whole].abs().max().max() <= LARGEST_WHOLE:
        return frame.astype(dict.fromkeys(whole, "Int64"))
    text = _unpack_text(path)
    written = filter(str.strip, text.split("\n"))
    records = [*map(json.loads, written)] if lines else json.loads(text)
    if not isinstance(records, list):  # but columns, which are rare
        return frame
    exact = {
        name: [
            None if is_gap else int(record[name])
            for record, is_gap in zip(records, gaps, strict=True)
        ]
        for name, gaps in frame[whole].isna().items()
    }
    return set_columns(
        frame, {name: pd.Series(exact[name], frame.index, "Int64") for name in whole}
    )


def _unpack_text(path: Path, most: int | None = None) -> str:
    """Return so many bytes of a text, or all of it, also of a compressed one."""
    unpack = UNPACKERS.get(path.suffix.lower())
    with unpack(path) if unpack else path.open("rb") as file:
        content: bytes = file.read() if most is None else file.read(most)
    return content.decode("utf-8-sig", errors="ignore")


def _list_keys(path: Path) -> list[str]:
    """Return the keys of the first object of a file, as often as they are there.

    pandas keeps the last value of each, as if it were the only one.
    """
    begins = _unpack_text(path, FIRST_OBJECT)
    with suppress(ValueError, RecursionError):  # of a longer object, or a deeper one
        pairs, _ = json.JSONDecoder(object_pairs_hook=list).raw_decode(begins[begins.find("{") :])
        return [key for key, _ in pairs]
    return []


def _read_zip(path: Path, data: FileData) -> RawTable:
    """Read the only file of a zip archive, which pandas can do if it is text."""
    with ZipFile(path) as archive:
        names = archive.namelist()
    ending = find_ending(Path(names[0])) if len(names) == 1 else ""
    if ending not in TEXTS:
        raise UserError(
            f"data.path: '{path}' should hold a single CSV file, but holds"
            f" {', '.join(map(repr, names[:NAMES_SHOWN])) or 'no file'}"
            f"{' and others' if len(names) > NAMES_SHOWN else ''}; unpack it and name the table"
        )
    return READERS[ending](path, data)


def _read_workbook(path: Path, data: FileData) -> RawTable:
    """Read one sheet of a workbook, whose header names every column once."""
    with _opening_workbook(path) as book:
        sheets = [str(name) for name in book.sheet_names]
        sheet = data.read.sheet or sheets[0]
        if sheet not in sheets:
            raise UserError(
                f"data.read.sheet: '{path}' has no sheet '{sheet}';"
                f" {suggest_nearest(sheet, sheets)}"
            )
        table, above = _read_sheet(path, book, sheet, data)
        titled = (*note_rows_above(above), *_warn_of_merged_cells(book, sheet, above))
    if data.read.sheet is not None or len(sheets) == 1:
        return RawTable(table, titled)
    message = (
        f"data.path: read sheet '{sheet}', the first of {len(sheets)}; if another is meant, set"
        " data.read.sheet"
    )
    return RawTable(table, (Finding("note", "data.read.sheet", message), *titled))


def _read_sheet(
    path: Path, book: pd.ExcelFile, sheet: str, data: FileData
) -> tuple[pd.DataFrame, int]:
    """Return the table of a sheet, and how many rows are above its header.

    Names that are numbers in the sheet, as years are, become words. Texts that are numbers are read
    as such, but for codes, and for labels, groups and segments that a float would round. TRUE and
    FALSE stay so, whatever is beside them.
    """
    first = pd.read_excel(
        book, sheet_name=sheet, header=None, nrows=LOOKED_AT, dtype=object, na_filter=False
    )
    above = count_rows_above(first.to_numpy().tolist(), data.read)
    header = first.iloc[above : above + 1]
    if header.empty:
        raise UserError(f"data.path: sheet '{sheet}' of '{path}' is empty; name another sheet")
    gaps = _list_gap_words(path, header.iloc[0].replace("", None), data)
    how: dict[str, Any] = {  # arguments of a function that has a type for each
        "sheet_name": sheet,
        "skiprows": above,
        "keep_default_na": False,
        "na_values": gaps,
    }
    table = pd.read_excel(book, **how).rename(columns=str)
    cells = pd.read_excel(book, dtype=object, **how).rename(columns=str)
    kept = {*_list_codes(cells, data), *_list_rounded(table, data), *_list_truths(table, cells)}
    return set_columns(table, {name: cells[name] for name in kept}), above


def _warn_of_merged_cells(book: pd.ExcelFile, sheet: str, header: int) -> tuple[Finding, ...]:
    """Return that of cells that are one in a sheet, below its header, the first alone has a value.

    Of sheets in a format other than .xlsx nothing is known.
    """
    merged = getattr(book.book.get_sheet_by_name(sheet), "merged_cell_ranges", None) or []
    below = [cells for cells in merged if cells[1][0] > header]
    if not below:
        return ()
    (first, _), (last, _) = below[0]
    message = (
        f"data.path: sheet '{sheet}' has {format_count(len(below), 'group')} of merged cells (the"
        f" first in rows {first + 1} to {last + 1}); all but the first cell of each are gaps, so"
        " unmerge them and fill in what they mean"
    )
    return (Finding("warning", "data.path", message),)


def _list_codes(cells: pd.DataFrame, data: FileData) -> list[str]:
    """Return the columns in which a text is digits with a zero in front, unless params say more."""
    as_numbers = {name for name, kind in data.columns.items() if kind not in IN_WORDS}
    taken = {data.time, *as_numbers} - {data.target}
    free = (name for name in map(str, cells) if name not in taken)
    return [name for name in free if any(map(is_code, cells[name]))]


def _list_truths(table: pd.DataFrame, cells: pd.DataFrame) -> list[str]:
    """Return the columns with a TRUE or FALSE of which pandas makes 1 and 0, as beside a gap."""
    numbers = (name for name in map(str, table) if is_numeric_dtype(table[name]))
    free = (name for name in numbers if not is_bool_dtype(table[name]))
    return [name for name in free if any(isinstance(cell, bool) for cell in cells[name])]


@contextmanager
def _opening_workbook(path: Path) -> Iterator[pd.ExcelFile]:
    """Give a workbook; what is wrong with it, or with what is read of it here, is a `UserError`."""
    try:
        from python_calamine import CalamineError  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise UserError(
            f"data.path: '{path}' is a workbook, which python-calamine reads: install it, or save"
            " the sheet as CSV"
        ) from missing
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            yield book
    except CalamineError as bad:
        raise UserError(
            f"data.path: '{path}' cannot be read: {' '.join(str(bad).split())}; save it again"
        ) from bad


def _read_text(path: Path, data: FileData) -> RawTable:
    *encodings, last = [data.read.encoding] if data.read.encoding else list_encodings(path)
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return _read_csv(path, data, encoding)
    return _read_csv(path, data, last)


def list_encodings(path: Path) -> Sequence[str]:
    """Return the encodings that a text may have: a mark in front says that it is UTF-16."""
    with path.open("rb") as file:
        marked = file.read(2) in {BOM_UTF16_LE, BOM_UTF16_BE}
    return ("utf-16",) if marked else ENCODINGS


def _read_csv(path: Path, data: FileData, encoding: str) -> RawTable:
    """Read a CSV whose header names every column once; columns of words as they are written."""
    dialect, how = describe_csv(path, data, encoding)
    refuse_hidden_lines(path, encoding, dialect.written.separator)
    with expecting_whole_lines(path):
        table = _read_cells(path, data, how)
    return RawTable(table.reset_index(drop=True), dialect.describe_reading(), dialect.written)


def read_cells(cells: pd.DataFrame, path: Path, data: FileData, encoding: str) -> RawTable:
    """Return cells of a CSV file, which are text, as they would be read if it had no others."""
    dialect, how = describe_csv(path, data, encoding)
    text = StringIO(cells.to_csv(index=False, sep=dialect.written.separator))
    table = _read_cells(text, data, how | {"skiprows": 0, "index_col": False})
    return RawTable(table, dialect.describe_reading(), dialect.written)


def _read_cells(text: Path | StringIO, data: FileData, how: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table whose labels are words if one of them begins with a zero, as a code does.

    Groups and segments that a float would round stay words too.
    """
    as_written = {**how["dtype"], data.target: "str"}
    # In pieces, 1 might be a number here and text there.
    table: pd.DataFrame = pd.read_csv(text, low_memory=False, **{**how, "dtype": as_written})
    if rounded := _list_rounded(table, data):
        if isinstance(text, StringIO):
            text.seek(0)
        words = dict.fromkeys(rounded, "str")
        return _read_cells(text, data, {**how, "dtype": how["dtype"] | words})
    if data.target in table:
        table = set_columns(table, {data.target: _read_labels(table[data.target], how)})
    return table


def _read_labels(words: pd.Series, how: Mapping[str, Any]) -> pd.Series:
    """Return words as pandas reads such words, unless they are codes: 01 is not 1.

    Whole numbers beside a gap are no floats, and what a float would round stays words.
    """
    places, different = pd.factorize(words)
    written = pd.Series(different, dtype="str", name="label")
    if written.str.match(CODE).any():
        return words
    signs = {name: how[name] for name in ("decimal", "thousands", "keep_default_na")}
    text = StringIO(written.to_csv(index=False, quoting=csv.QUOTE_ALL))
    meant: pd.Series = pd.read_csv(text, na_values=[""], skip_blank_lines=False, **signs)["label"]
    if _is_rounded(meant):
        return words
    if is_integer_dtype(meant) and _is_rounded(meant.astype("float64")):
        meant = meant.convert_dtypes()
    return meant.reindex(places).set_axis(words.index)


def _list_rounded(table: pd.DataFrame, data: FileData) -> list[str]:
    """Return the columns of labels, groups and segments that were more exact in the file."""
    names = {data.target, data.group, data.segment}
    return [name for name in map(str, table) if name in names and _is_rounded(table[name])]


def _is_rounded(numbers: pd.Series) -> bool:
    """Tell floats of which some are so large that neighbouring whole numbers are the same."""
    return is_float_dtype(numbers) and bool((numbers.abs() > LARGEST_WHOLE).any())


def describe_csv(
    path: Path, data: FileData, encoding: str, usual: Writing | None = None
) -> tuple[Dialect, dict[str, Any]]:
    """Return how a CSV file is written, and the arguments with which pandas reads it so.

    `usual` is how such files are written, if that is known.
    """
    dialect = find_dialect(path, data.read, encoding, usual)
    how: dict[str, Any] = {  # arguments of a function that has a type for each
        "sep": dialect.written.separator,
        "decimal": dialect.written.decimal,
        "thousands": dialect.written.thousands,
        "encoding": encoding,
        "skiprows": dialect.rows_above,
        "keep_default_na": False,
    }
    # None may be a name.
    names = pd.read_csv(path, header=None, nrows=1, dtype=str, na_values=[""], **how).iloc[0]
    if len(names) == 1 and names[0] not in data.columns:  # a model may have one feature
        raise UserError(
            f"data.path: '{path}' has only one column, {quote_value(names[0])}, but a target"
            " and features are needed; set data.read.separator to what separates the fields, or"
            " data.read.header to the row that names the columns"
        )
    as_words = {name: "str" for name, kind in data.columns.items() if kind in IN_WORDS}
    free = [name for place, name in enumerate(names) if place in dialect.codes]
    used = {data.target, data.time, *data.columns}
    as_words |= {name: "str" for name in free if name not in used}
    if dialect.written.thousands == ".":  # a date has points too
        dotted = [name for place, name in enumerate(names) if place in dialect.dotted]
        as_words |= {name: "str" for name in dotted if name not in data.columns}
    gaps = _list_gap_words(path, names, data)
    index = None if dialect.written.row_names else False
    return dialect, {**how, "dtype": as_words, "na_values": gaps, "index_col": index}


@contextmanager
def expecting_whole_lines(path: Path) -> Iterator[None]:
    """Rows with more fields than a CSV file's header are a `UserError`."""
    with catch_warnings():
        simplefilter("error", ParserWarning)
        try:
            yield
        except ParserWarning as longer:
            raise UserError(
                f"data.path: '{path}' has rows with more fields than its header; fix it, or set"
                " data.read.header to the row that names the columns"
            ) from longer


def _list_gap_words(path: Path, names: pd.Series, data: FileData) -> dict[Any, Any]:
    """Return what stands for a gap in each column: in the target, an empty cell alone.

    Words do so as well where rows without a label are dropped, so that the labels are read as
    if these rows were not there.

    A `UserError` says which name is there twice.
    """
    known = names.dropna()
    for name in known[known.map(str).duplicated()]:
        raise UserError(f"data.path: in '{path}' column '{name}' is duplicated; rename one")
    no_label = ["", *sorted(list_label_gaps(data))]
    return {name: no_label if str(name) == data.target else GAP_WORDS for name in known}


READERS: Mapping[str, Callable[[Path, FileData], RawTable]] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    PARQUET: _read_parquet,
    ".feather": _read_arrow,
    ".arrow": _read_arrow,
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".xlsx": _read_workbook,
    ".xls": _read_workbook,
    ".ods": _read_workbook,
    ".zip": _read_zip,
}
