"""The parts of the data, as MLflow shows them and models know them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlflow.data.pandas_dataset import from_pandas
from mlflow.entities import DatasetInput, InputTag
from mlflow.models import ModelSignature, infer_signature

from equipoise.contract.storage import read_frame
from equipoise.contract.tables import TARGET, features_and_target
from equipoise.record.provenance import digest


def dataset_of(name: str, path: Path) -> DatasetInput:
    """Return a part of the data as MLflow shows it: its columns, its size, its digest."""
    source, short = str(path), digest(path)[:8]
    with _without_hints():
        dataset = from_pandas(read_frame(path), source, TARGET, name, short)
        entity = dataset._to_mlflow_entity()  # noqa: SLF001 - the client takes nothing else
    return DatasetInput(entity, [InputTag("mlflow.data.context", name)])


def signature_of(train: Path) -> ModelSignature:
    """Return what models take and give, from the rows they learned from."""
    X, y = features_and_target(read_frame(train))
    with _without_hints():
        return infer_signature(X, y.to_numpy())


@contextmanager
def _without_hints() -> Iterator[None]:
    """Keep MLflow from warning that labels are integers and that a path is a local path."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer")
        warnings.filterwarnings("ignore", message="The specified dataset source can be")
        yield
