"""The files of a model in MLflow: whether they are those that were logged.

A folder of artifacts can be tidied up, copied in part or edited, and MLflow knows the model even
so. The MLmodel has a hash of each other file in its `metadata`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException
from mlflow.models import Model, get_model_info
from pydantic import TypeAdapter, ValidationError
from yaml import YAMLError

from equipoise.record.store import Store, ask_first, open_store, reaching
from equipoise.record.trial_runs import is_not_there
from equipoise.serving.serving_notes import DECISION_FILE, MODEL_FILE, SCHEMA_FILE
from equipoise.storage.files.formats import hash_file
from equipoise.terminal.errors import UserError

HASHES = "equipoise.sha256"
# What an MLmodel that is empty, or says something else, makes of those who read it.
DAMAGED = (AttributeError, KeyError, TypeError, ValidationError, YAMLError)
NOT_FETCHED = "the model cannot be fetched from MLflow"
AGAIN = (
    "restore MLflow's artifacts, or run `dvc repro --force --single-item track` where the results"
    " of its trial lie, which puts them back"
)
LOGGED_AGAIN = (
    "run `dvc repro --force --single-item track` where the results of its trial lie, which logs it"
    " again; then promote the version that this makes, if it was the champion"
)
# As many names as fit a line.
MOST_NAMES = 3


class SpoiltModelError(UserError):
    """A model was deleted in MLflow, or its files there are gone or damaged."""


def name_same_files(model: Path, decision: Path, schema: Path) -> dict[str, Path]:
    """Return the files of a trial that a model has as they are, by their names there."""
    return {MODEL_FILE: model, DECISION_FILE: decision, SCHEMA_FILE: schema}


def note_hashes(model: Model, folder: Path) -> None:
    """Have the hash of each file of a folder in the MLmodel that will be written there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): hash_file(path) for path in files}
    model.metadata = {**(model.metadata or {}), HASHES: hashes}


def check_model(address: str, store: Store, same: Mapping[str, Path] | None = None) -> None:
    """Raise a `UserError` unless there is a model at an address of the store, or in a folder.

    Its files are as they were logged, else it is a `SpoiltModelError`; those that have a name in
    `same` have the bytes of the file there.
    """
    with fetching_model(address, store) as folder:
        others = [name for name, path in (same or {}).items() if _is_other(folder, name, path)]
    if others:
        raise _list_spoilt(address, others)


@contextmanager
def fetching_model(address: str, store: Store) -> Iterator[Path]:
    """Give a copy of the folder of a model, as `check_model` wants it."""
    with TemporaryDirectory() as copied:
        with reaching(store, f"{NOT_FETCHED}: {address}"):
            open_store(store)
            hashes = _read_hashes(address, store)
            folder = Path(download_artifacts(address, dst_path=copied))
        others = [name for name, known in hashes.items() if _hash_there(folder / name) != known]
        if others:
            raise _list_spoilt(address, others)
        yield folder


def _read_hashes(address: str, store: Store) -> dict[str, str]:
    """Return what the MLmodel says of the other files; nothing of a model that is not of here."""
    try:
        metadata = ask_first(store, partial(get_model_info, address)).metadata or {}
        return TypeAdapter(dict[str, str]).validate_python(metadata.get(HASHES, {}))
    except DAMAGED as damaged:
        raise SpoiltModelError(f"the MLmodel of {address} is damaged; {AGAIN}") from damaged
    except MlflowException as missing:
        if is_not_there(missing) and "Logged model" in str(missing):
            said = f"the model of {address} is not in MLflow, or was deleted there; {LOGGED_AGAIN}"
            raise SpoiltModelError(said) from missing
        if "MLmodel" not in str(missing):
            raise
        raise SpoiltModelError(f"the files of {address} are gone; {AGAIN}") from missing


def _list_spoilt(address: str, names: list[str]) -> SpoiltModelError:
    shown = ", ".join(names[:MOST_NAMES]) + ", ..." * (len(names) > MOST_NAMES)
    return SpoiltModelError(f"files of {address} are gone or damaged ({shown}); {AGAIN}")


def _is_other(folder: Path, name: str, path: Path) -> bool:
    return _hash_there(folder / name) != hash_file(path)


def _hash_there(path: Path) -> str:
    return hash_file(path) if path.is_file() else ""
