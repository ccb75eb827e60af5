"""A skops file as a model that MLflow can load, serve and register.

MLflow's own `log_model` wants the estimator in memory and writes it again; this hands over the
file that DVC tracks, byte for byte, and needs neither scikit-learn nor skops to do so.
"""

import json
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import yaml
from mlflow import pyfunc
from mlflow.models import Model, ModelSignature

from equipoise.storage.trusted_types import TRUSTED_TYPES

# What reads any model file; beside it a model needs what its own types come from.
READERS = ("mlflow", "skops", "pandas")
MODEL_FILE = "model.skops"
# Packages that every model has types of, and what has to be installed to have them.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "imblearn": "imbalanced-learn"}


class SkopsFile:
    """What `mlflow.models.Model.log` takes for a flavor."""

    @staticmethod
    def save_model(
        path: str,
        mlflow_model: Model,
        model_file: Path,
        signature: ModelSignature,
        plugins: Sequence[str],
    ) -> None:
        """Write an MLflow model folder of the `sklearn` and `python_function` flavors."""
        folder = Path(path)
        folder.mkdir(parents=True)
        shutil.copyfile(model_file, folder / MODEL_FILE)
        types = list_types(model_file)
        mlflow_model.signature = signature
        pyfunc.add_to_model(
            mlflow_model,
            loader_module="mlflow.sklearn",
            model_path=MODEL_FILE,
            python_env="python_env.yaml",
            predict_fn="predict",
        )
        mlflow_model.add_flavor(
            "sklearn",
            pickled_model=MODEL_FILE,
            sklearn_version=version("scikit-learn"),
            serialization_format="skops",
            code=None,
            skops_trusted_types=[*TRUSTED_TYPES, *_select_types(plugins, types)],
        )
        mlflow_model.model_size_bytes = model_file.stat().st_size
        mlflow_model.save(str(folder / "MLmodel"))
        _write_environment(folder, _list_requirements(types))


def log_model(
    run: str, name: str, model_file: Path, signature: ModelSignature, plugins: Sequence[str]
) -> str:
    """Log the model in a skops file to a run; return its id.

    Types of the packages `plugins` are trusted when it is loaded.
    """
    logged = Model.log(
        artifact_path=None,
        name=name,
        flavor=SkopsFile,
        flavor_name="sklearn",
        run_id=run,
        model_file=model_file,
        signature=signature,
        plugins=plugins,
    )
    identifier: str = logged.model_id
    return identifier


def list_types(model_file: Path) -> list[str]:
    """Return the path of every type and function that a skops file names."""
    with ZipFile(model_file) as archive:
        return sorted(set(_find_names(json.loads(archive.read("schema.json")))))


def _find_names(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "__module__" in node and "__class__" in node:
            yield f"{node['__module__']}.{node['__class__']}"
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _find_names(item)


def _select_types(packages: Sequence[str], types: Sequence[str]) -> list[str]:
    return [name for name in types if name.partition(".")[0] in packages]


def _list_requirements(types: Sequence[str]) -> list[str]:
    """Return what has to be installed for the model, each in the version that made it."""
    packages = {name.partition(".")[0] for name in types} - sys.stdlib_module_names
    names = {owner for name in packages for owner in _find_distributions(name)}
    return [f"{name}=={version(name)}" for name in sorted({*READERS, *names})]


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
    (folder / "python_env.yaml").write_text(yaml.safe_dump(environment), encoding="utf-8")
    (folder / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
