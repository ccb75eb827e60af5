"""An arm as a model that MLflow can load, serve and register: raw rows in, decisions out.

MLflow's own `log_model` wants the estimator in memory and writes it again; this hands over the
files that DVC tracks, byte for byte, and needs neither scikit-learn nor skops to do so.
"""

import json
import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import yaml
from mlflow import MlflowClient, pyfunc
from mlflow.models import Model

from equipoise.core.imported_modules import PACKAGE
from equipoise.core.table_schema import TableSchema
from equipoise.record.logged_files import name_same_files, note_hashes
from equipoise.record.model_code import LOADER, list_packages, read_model_code
from equipoise.record.model_signature import make_example, make_signature
from equipoise.serving.serving_notes import (
    MODEL_FILE,
    NOTES_FILE,
    ServingNotes,
)
from equipoise.storage.files.formats import write_text
from equipoise.storage.files.record_files import read_record, write_record
from equipoise.storage.trusted_types import TRUSTED_TYPES

# The folder of code, as MLflow calls it.
CODE = "code"
# Packages that every model has types of, and what has to be installed to have them.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "imblearn": "imbalanced-learn"}
# An example of what a model takes: for `mlflow.pyfunc`, and as the body of a request.
EXAMPLE_FILE, REQUEST_FILE = "input_example.json", "serving_input_example.json"


@dataclass(frozen=True)
class ModelFiles:
    """The files of an arm that its model is made of, and what it has to know beside them."""

    model: Path
    decision: Path
    schema: Path
    notes: ServingNotes

    @property
    def same(self) -> dict[str, Path]:
        """Those that are in the model as they are, by their names there."""
        return name_same_files(self.model, self.decision, self.schema)


class RawRowModel:
    """What `mlflow.models.Model.log` takes for a flavor."""

    @staticmethod
    def save_model(
        path: str,
        mlflow_model: Model,
        files: ModelFiles,
        validate_serving_input: bool,  # noqa: ARG004, FBT001 - looked at by MLflow itself
    ) -> None:
        """Write an MLflow model folder of the `python_function` and `sklearn` flavors."""
        folder = Path(path)
        folder.mkdir(parents=True)
        types = list_types(files.model)
        _copy_files(files, folder)
        schema = read_record(files.schema, TableSchema)
        mlflow_model.signature = make_signature(schema)
        mlflow_model.saved_input_example_info = _write_example(folder, schema)
        pyfunc.add_to_model(
            mlflow_model, loader_module=LOADER, code=CODE, python_env="python_env.yaml"
        )
        mlflow_model.add_flavor(
            "sklearn",
            pickled_model=MODEL_FILE,
            sklearn_version=version("scikit-learn"),
            serialization_format="skops",
            code=CODE,
            skops_trusted_types=[*TRUSTED_TYPES, *_select_types(files.notes.plugins, types)],
        )
        mlflow_model.model_size_bytes = files.model.stat().st_size
        _write_environment(folder, _list_requirements(types))
        note_hashes(mlflow_model, folder)
        mlflow_model.save(str(folder / "MLmodel"))


def log_model(run: str, name: str, files: ModelFiles, step: int) -> str:
    """Log the model of an arm to a run, as its output of that step; return its id."""
    logged = Model.log(
        artifact_path=None,
        name=name,
        flavor=RawRowModel,
        flavor_name="sklearn",
        run_id=run,
        files=files,
        step=step,
        validate_serving_input=False,  # it would load the model
    )
    identifier: str = logged.model_id
    return identifier


def log_files_again(client: MlflowClient, model: str, files: ModelFiles) -> None:
    """Have the files of a logged model in MLflow as they would be logged now."""
    known = client.get_logged_model(model)
    again = Model(known.artifact_location, known.source_run_id, model_uuid=model, model_id=model)
    with TemporaryDirectory() as folder:
        written = str(Path(folder) / "model")
        RawRowModel.save_model(written, again, files, validate_serving_input=False)
        client.log_model_artifacts(model, written)


def _copy_files(files: ModelFiles, folder: Path) -> None:
    """Have all that the loader reads in the folder of a model, its code included."""
    for name, path in files.same.items():
        shutil.copyfile(path, folder / name)
    write_record(files.notes, folder / NOTES_FILE)
    for name, text in read_model_code().items():
        write_text(text, folder / CODE / name)


def _write_example(folder: Path, schema: TableSchema) -> dict[str, str]:
    """Write an example of a row; return what MLflow wants to know of it."""
    split = make_example(schema).to_dict(orient="split", index=False)
    write_text(json.dumps(split), folder / EXAMPLE_FILE)
    write_text(json.dumps({"dataframe_split": split}, indent=2), folder / REQUEST_FILE)
    return {
        "artifact_path": EXAMPLE_FILE,
        "serving_input_path": REQUEST_FILE,
        "type": "dataframe",
        "pandas_orient": "split",
    }


def list_types(model_file: Path) -> list[str]:
    """Return the path of every type and function that a skops file names."""
    names: set[str] = set()

    def note(node: Mapping[str, Any]) -> None:
        if "__module__" in node and "__class__" in node:
            names.add(f"{node['__module__']}.{node['__class__']}")

    with ZipFile(model_file) as archive:
        json.loads(archive.read("schema.json"), object_hook=note)
    return sorted(names)


def _select_types(packages: Sequence[str], types: Sequence[str]) -> list[str]:
    return [name for name in types if name.partition(".")[0] in packages]


def _list_requirements(types: Sequence[str]) -> list[str]:
    """Return what has to be installed for the model, each in the version that made it.

    This package is not: what the model needs of it travels with the model.
    """
    packages = {*(name.partition(".")[0] for name in types), *list_packages()}
    others = packages - sys.stdlib_module_names - {PACKAGE.name}
    names = {owner for name in others for owner in _find_distributions(name)}
    return [f"{name}=={version(name)}" for name in sorted(names)]


def _find_distributions(package: str) -> Sequence[str]:
    """Return what has to be installed to have a package; most are called as what they are in."""
    name = DISTRIBUTIONS.get(package, package)
    try:
        version(name)
    except PackageNotFoundError:
        return _find_all_distributions().get(package, [])
    return [name]


@cache
def _find_all_distributions() -> Mapping[str, list[str]]:
    """Return the same for every package: half a second, for all that is installed is looked at."""
    return packages_distributions()


def _write_environment(folder: Path, requirements: Sequence[str]) -> None:
    environment = {
        "python": platform.python_version(),
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": ["-r requirements.txt"],
    }
    write_text(yaml.safe_dump(environment), folder / "python_env.yaml")
    write_text("\n".join(requirements) + "\n", folder / "requirements.txt")
