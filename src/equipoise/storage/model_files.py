"""Model files that cannot run code, and that the same fit always writes with the same bytes."""

import io
import json
import zlib
from collections.abc import Callable, Collection, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from equipoise.storage.trusted_types import TRUSTED_TYPES, find_untrusted_types
from equipoise.terminal.available_memory import measure_available_memory
from equipoise.terminal.environment import describe_failure, require_regular, writing
from equipoise.terminal.errors import SpoiltFileError, UserError
from equipoise.terminal.hidden_package import hide_package
from equipoise.terminal.remaking import describe_remaking

# skops looks through all of scikit-learn, where support for Dask's arrays would import Dask.
with hide_package("dask"):
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

# A zip must carry a time; the earliest that it can carry says that there is none.
NO_TIME = (1980, 1, 1, 0, 0, 0)
# What reading a file raises that is something else, was cut short, or is nested without end.
BROKEN = (
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)
GIGA = 1e9
# How a model in CatBoost's own format begins.
CATBOOST = b"CBM1"
CATBOOST_ACCIDENTS = ("train_finish_time", "model_guid")  # a random number


def write_model(model: object, path: Path, plugins: Collection[str] = ()) -> None:
    """Write a fitted estimator as a canonical skops file, if `read_model` will take it back.

    `plugins` are packages whose types are trusted too.
    """
    archive = check_model(model, path, plugins)
    with writing(path):
        path.write_bytes(archive)


def check_model(model: object, path: Path, plugins: Collection[str] = ()) -> bytes:
    """Return what `write_model` would write; a `UserError` names types that are not trusted."""
    archive = _make_canonical(skops.io.dumps(model))
    types = skops.io.get_untrusted_types(data=archive)
    _check_types(types, plugins, f"{type(model).__name__} for {path}")
    return archive


def read_model(path: Path, plugins: Collection[str] = ()) -> Any:
    """Return the estimator in a skops file, unless the file holds a type that is not trusted."""
    require_regular(path)
    try:
        _check_room(path)
        model = _load(path, plugins)
    except FileNotFoundError as missing:
        raise SpoiltFileError(f"{path} is missing; run `dvc repro`") from missing
    except ImportError as missing:
        raise UserError(
            f"{path} needs a package that is not here: {missing}; install it, and what it needs"
        ) from missing
    except BROKEN as broken:
        raise SpoiltFileError(
            f"{path} is not a model file: {describe_failure(broken)}; {describe_remaking(path)}"
        ) from broken
    if not hasattr(model, "predict"):
        raise SpoiltFileError(
            f"{path} holds no model but a {type(model).__name__}; {describe_remaking(path)}"
        )
    return model


def _check_room(path: Path) -> None:
    """Raise before a file is unpacked that would not fit into memory, or lacks its beginning."""
    with ZipFile(path) as archive:
        entries = archive.infolist()
    if any(entry.header_offset < 0 for entry in entries):  # a failure of the disk, says the system
        raise BadZipFile("a part of it would begin before the file does")
    unpacked = sum(entry.file_size for entry in entries)
    available = measure_available_memory()
    if available is not None and unpacked > available:
        raise UserError(
            f"{path} would take {unpacked / GIGA:.1f} GB, and {available / GIGA:.1f} GB of memory"
            " are available; close other programs, or delete it and run `dvc repro`"
        )


def _load(path: Path, plugins: Collection[str]) -> Any:
    """Return what a file holds. To list its types first would be to read it twice."""
    try:
        return skops.io.load(path, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException:
        types = skops.io.get_untrusted_types(file=path)
        _check_types(types, plugins, str(path))
        return skops.io.load(path, trusted=types)


def _check_types(types: list[str], plugins: Collection[str], where: str) -> None:
    refused = find_untrusted_types(types, plugins)
    if refused:
        raise UserError(
            f"{where} holds types that are not trusted: {', '.join(refused)}; choose another"
            " model, or add their package to `plugins` if you trust it"
        )


def _make_canonical(archive: bytes) -> bytes:
    """Return the archive without times, and with its objects numbered as they are met.

    skops names objects by their address in memory. Which of them share one is an accident, of
    where a part of a model was fitted too: each has a number of its own, and the same content
    is one file.
    """
    with ZipFile(io.BytesIO(archive)) as source:
        contents = {name: _clear_accidents(name, source.read(name)) for name in source.namelist()}
    schema = json.loads(contents.pop("schema.json"))
    names: dict[bytes, str] = {}

    def renamed(file: str) -> str:
        suffix = file.partition(".")[2]
        return names.setdefault(contents[file], f"{len(names) + 1}.{suffix}")

    _renumber_nodes(schema, count(1), renamed)
    files = {name: content for content, name in names.items()}
    files["schema.json"] = json.dumps(schema, indent=1).encode()
    target = io.BytesIO()
    with ZipFile(target, "w") as canonical:
        for name in sorted(files):
            entry = ZipInfo(name, date_time=NO_TIME)
            entry.compress_type = ZIP_DEFLATED
            canonical.writestr(entry, files[name])
    return target.getvalue()


def _renumber_nodes(node: Any, numbers: Iterator[int], renamed: Callable[[str], str]) -> None:
    """Replace the ids in a skops schema, and the names of files."""
    if isinstance(node, list):
        for item in node:
            _renumber_nodes(item, numbers, renamed)
    if not isinstance(node, dict):
        return
    if node.get("__loader__") == "JsonNode":
        node.pop("__id__", None)
    if isinstance(node.get("__id__"), int):
        node["__id__"] = next(numbers)
    if isinstance(node.get("file"), str):
        node["file"] = renamed(node["file"])
    for item in node.values():
        _renumber_nodes(item, numbers, renamed)


def _clear_accidents(name: str, data: bytes) -> bytes:
    """Return a file of the archive without what differs from one fit to the next like it."""
    if data.startswith(CATBOOST):
        return _clear_catboost(data)
    return _clear_padding(data) if name.endswith(".npy") else data


def _clear_catboost(data: bytes) -> bytes:
    """Return a model of CatBoost without what it keeps of the moment when it was fitted."""
    from catboost import CatBoost  # noqa: PLC0415 - of an extra, and there if a model of it is

    model = CatBoost().load_model(blob=data)
    for name in CATBOOST_ACCIDENTS:
        model.get_metadata()[name] = ""
    cleared: bytes = model.__getstate__()["__model"]
    return cleared


def _clear_padding(data: bytes) -> bytes:
    """Return an array file whose unused bytes are zero: trees leave what memory held there."""
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.names is None:
        return data
    clean = np.zeros(array.shape, array.dtype)
    for field in array.dtype.names:
        clean[field] = array[field]
    target = io.BytesIO()
    np.save(target, clean, allow_pickle=False)
    return target.getvalue()
