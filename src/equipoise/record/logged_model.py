"""A skops file as a model that MLflow can load, serve and register.

MLflow's own `log_model` wants the estimator in memory and writes it anew; this hands over the
file that DVC tracks, byte for byte, and needs neither scikit-learn nor skops to do so.
"""

import platform
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import yaml
from mlflow import pyfunc
from mlflow.models import Model, ModelSignature

from equipoise.contract.trusted_types import TRUSTED_TYPES

PACKAGES = ("mlflow", "scikit-learn", "imbalanced-learn", "skops", "numpy", "pandas")
MODEL_FILE = "model.skops"


class SkopsFile:
    """What `mlflow.models.Model.log` takes for a flavor."""

    @staticmethod
    def save_model(
        path: str, mlflow_model: Model, model_file: Path, signature: ModelSignature
    ) -> None:
        """Write an MLflow model folder of the `sklearn` and `python_function` flavors."""
        folder = Path(path)
        folder.mkdir(parents=True)
        shutil.copyfile(model_file, folder / MODEL_FILE)
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
            skops_trusted_types=list(TRUSTED_TYPES),
        )
        mlflow_model.model_size_bytes = model_file.stat().st_size
        mlflow_model.save(str(folder / "MLmodel"))
        _write_environment(folder, [f"{name}=={version(name)}" for name in PACKAGES])


def log_model(run: str, name: str, model_file: Path, signature: ModelSignature) -> str:
    """Log the model in a skops file to a run; return its id."""
    logged = Model.log(
        artifact_path=None,
        name=name,
        flavor=SkopsFile,
        flavor_name="sklearn",
        run_id=run,
        model_file=model_file,
        signature=signature,
    )
    identifier: str = logged.model_id
    return identifier


def _write_environment(folder: Path, requirements: Sequence[str]) -> None:
    environment = {
        "python": platform.python_version(),
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": ["-r requirements.txt"],
    }
    (folder / "python_env.yaml").write_text(yaml.safe_dump(environment), encoding="utf-8")
    (folder / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
