"""The first stage: a table, and what is known of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from equipoise.core.tables import GROUP
from equipoise.storage.files.formats import read_frame, read_json
from equipoise.terminal.errors import UserError

Stage = Callable[..., None]

FILE_PARAMS = """
seed: 1
data: {source: file, path: data/raw/loans.csv, target: outcome, positive: default, drop: [id]}
split: {test_size: 0.5}
run: {strategies: [baseline], models: [logistic]}
strategies: {baseline: {}}
models: {logistic: {class: LogisticRegression}}
"""
LOANS = "id,income,age,outcome\n1,10.5,30,paid\n2,3,41,default\n3,7,25,paid\n4,2,60,default\n"


@pytest.fixture
def loans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a user's own table."""
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "data/raw/loans.csv").write_text(LOANS)
    (tmp_path / "params.yaml").write_text(FILE_PARAMS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_table_is_features_then_target(finished: Path) -> None:
    """Whoever reads the table finds the target last, as 0 and 1, and no index."""
    table = read_frame(finished / "data/dataset.parquet")
    assert [*(f"feature_{i}" for i in range(6)), "target"] == list(table)
    assert set(table["target"]) == {0, 1}
    assert (len(table), table.index[0]) == (400, 0)


def test_the_schema_describes_the_table(finished: Path) -> None:
    """Rows, columns and positives are those of the table beside it."""
    table = read_frame(finished / "data/dataset.parquet")
    assert read_json(finished / "data/schema.json") == {
        "rows": 400,
        "columns": dict.fromkeys([f"feature_{i}" for i in range(6)], "numeric"),
        "target": "target",
        "positive": "1",
        "positives": int(table["target"].sum()),
        "classes": {str(label): int((table["target"] == label).sum()) for label in (0, 1)},
        "labels": [0, 1],
        "examples": {f"feature_{i}": f"{table[f'feature_{i}'].iloc[0]:.6g}" for i in range(6)},
        "gaps": dict.fromkeys([f"feature_{i}" for i in range(6)], 0),
        "others": {},
        "forms": {},
        "booleans": {},
        "float32": False,
        "population": {},
        "written": None,
    }


def test_another_seed_makes_another_table(job: Path, stage: Stage) -> None:
    """The seed of params.yaml reaches the generator."""
    before = (job / "data/dataset.parquet").read_bytes()
    params = job / "params.yaml"
    params.write_text(params.read_text().replace("seed: 7", "seed: 8"))
    stage("generate_data")
    assert before != (job / "data/dataset.parquet").read_bytes()


def test_a_users_file_becomes_the_table(loans: Path, stage: Stage) -> None:
    """Features as floats, the label as 1 where it is the positive one, dropped columns gone."""
    stage("generate_data")
    expected = pd.DataFrame(
        {"income": [10.5, 3, 7, 2], "age": [30.0, 41, 25, 60], "target": [0, 1, 0, 1]}
    )
    pd.testing.assert_frame_equal(expected, read_frame(loans / "data/dataset.parquet"))
    schema = json.loads((loans / "data/schema.json").read_text())
    assert schema["columns"] == {"income": "numeric", "age": "numeric"}
    assert tuple(schema[key] for key in ("target", "positive", "positives")) == (
        "outcome",
        "default",
        2,
    )


@pytest.mark.parametrize(
    ("labels", "dtype"), [(["paid", "late", "default"], "str"), ([3, 1, 12], "int64")], ids=str
)
def test_a_users_target_with_several_labels_keeps_them(
    loans: Path, stage: Stage, labels: list[object], dtype: str
) -> None:
    """Without a positive label each is a class of its own, in the table and in the schema."""
    params = loans / "params.yaml"
    params.write_text(params.read_text().replace("positive: default, ", ""))
    rows = [f"{row},{row / 2},{row},{labels[row % 3]}" for row in range(12)]
    (loans / "data/raw/loans.csv").write_text("\n".join([LOANS.splitlines()[0], *rows]))
    stage("generate_data")
    target = read_frame(loans / "data/dataset.parquet")["target"]
    assert target.tolist() == labels * 4
    assert target.dtype == dtype
    schema = read_json(loans / "data/schema.json")
    assert schema["classes"] == {str(label): 4 for label in labels}
    assert (schema["positive"], schema["positives"]) == (None, None)


def test_a_mixed_table_is_typed_once_for_all_stages(mixed: Path) -> None:
    """The types tell the kinds, gaps stay, and what the split goes by is no feature."""
    kinds = {
        "age": "numeric",
        "visits": "integer",
        "job": "category",
        "smoker": "boolean",
        "code": "category",
        "note": "text",
        "seen": "date",
        "since": "date",
    }
    assert read_json(mixed / "data/schema.json")["columns"] == kinds
    table = read_frame(mixed / "data/dataset.parquet")
    assert list(table) == [*kinds, "target", GROUP]
    assert table[["age", "visits", "job", "smoker", "code", "note", "seen"]].isna().any().all()
    assert set(table["code"].dropna()) == {"007", "7"}


def test_a_mistake_leaves_no_file_behind(loans: Path, stage: Stage) -> None:
    """A refused table is not half written."""
    (loans / "data/raw/loans.csv").write_text(LOANS.replace("10.5", "inf"))
    with pytest.raises(UserError, match="income"):
        stage("generate_data")
    assert not (loans / "data/dataset.parquet").exists()
