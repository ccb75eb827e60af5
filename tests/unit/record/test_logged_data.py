"""What MLflow is told of the data: the same as it would find by reading every row."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from mlflow.data.pandas_dataset import from_pandas

from equipoise.core.tables import GROUP, TARGET, TIME
from equipoise.record.logged_data import make_dataset_input
from equipoise.storage.files.formats import write_frame
from equipoise.terminal.errors import UserError

# MLflow warns that integers cannot be missing, and that a path is a path.
pytestmark = pytest.mark.filterwarnings("ignore")

ROWS = 40
DATES = pd.Series(pd.date_range("2024-03-01", periods=ROWS, freq="h").as_unit("us"))
KINDS: dict[str, pd.Series] = {
    "numeric": pd.Series(np.linspace(-1, 1, ROWS)),
    "integer": pd.Series(range(ROWS), dtype="Int64"),
    "category": pd.Series(["north", "south"] * (ROWS // 2), dtype="category"),
    "boolean": pd.Series(["True", "False"] * (ROWS // 2), dtype="category"),
    "date": DATES,
    "text, long": pd.Series(["said " * 2000 + str(row) for row in range(ROWS)], dtype="str"),
}
FEATURES = pd.DataFrame(
    KINDS
    | {f"{kind}.gaps": column.where(column.index % 3 > 0) for kind, column in KINDS.items()}
    | {f"{kind}.none": column.where(column.index < 0) for kind, column in KINDS.items()}
)
SPLITS: dict[str, dict[str, pd.Series]] = {
    "by class": {},
    "by group": {GROUP: pd.Series(["g", "h"] * (ROWS // 2), dtype="str")},
    "by time": {TIME: DATES},
    "by number": {TIME: pd.Series(np.arange(float(ROWS)))},
}


def with_target() -> pd.DataFrame:
    """Return the features with a target, as `split` writes them."""
    frame = FEATURES.rename_axis("row")
    frame[TARGET] = [0, 1] * (ROWS // 2)
    return frame


@pytest.fixture(params=SPLITS)
def part(request: pytest.FixtureRequest) -> pd.DataFrame:
    """A part of the data with every kind of column, with gaps, without, and with nothing else."""
    frame = with_target()
    for name, column in SPLITS[request.param].items():
        frame[name] = column
    return frame


def test_a_dataset_is_what_mlflow_makes_of_all_rows(part: pd.DataFrame, tmp_path: Path) -> None:
    """Schema, number of rows, source: as MLflow's page would show them."""
    path = tmp_path / "test.parquet"
    write_frame(part, path)
    expected = from_pandas(part, str(path), TARGET, "test", "0123abcd")._to_mlflow_entity()  # noqa: SLF001 - the oracle
    shown = make_dataset_input("test", path, "0123abcd").dataset
    assert dict(shown) == dict(expected)
    assert json.loads(shown.profile or "")["num_rows"] == ROWS


def test_a_file_of_many_row_groups_is_described_whole(tmp_path: Path) -> None:
    """A gap in the last of them is a gap: a file of millions of rows has several."""
    column = pd.Series(np.arange(100.0)).where(lambda values: values < 99)
    frame = pd.DataFrame({"x": column, "y": np.arange(100.0), TARGET: [0, 1] * 50})
    frame.rename_axis("row").to_parquet(tmp_path / "train.parquet", row_group_size=30)
    dataset = make_dataset_input("train", tmp_path / "train.parquet", "0").dataset
    columns = json.loads(dataset.schema or "")["mlflow_colspec"]
    assert [c["required"] for c in columns] == [False, True, True]
    assert json.loads(dataset.profile or "") == {"num_rows": 100, "num_elements": 300}


def test_no_row_is_read(tmp_path: Path) -> None:
    """Where all that stands before the metadata is gone, the description is the same."""
    path = tmp_path / "train.parquet"
    write_frame(with_target(), path)
    whole = dict(make_dataset_input("train", path, "0").dataset)
    size = pyarrow.parquet.read_metadata(path).serialized_size + 8
    content = path.read_bytes()
    path.write_bytes(b"PAR1" + bytes(len(content) - size - 4) + content[-size:])
    assert dict(make_dataset_input("train", path, "0").dataset) == whole


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """With what makes it again."""
    (tmp_path / "train.parquet").write_bytes(b"PAR1 cut short")
    with pytest.raises(UserError, match=r"train\.parquet cannot be read.*dvc repro"):
        make_dataset_input("train", tmp_path / "train.parquet", "0")
