"""The table of the trial: made, or read from a user's file, or refused by its column."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from equipoise.contract.data_params import FileData, SyntheticData
from equipoise.contract.errors import UserError
from equipoise.datasets import Dataset, make_dataset

ROWS, POSITIVES = 20, 5
WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "table.csv": lambda frame, path: frame.to_csv(path, index=False),
    "table.csv.gz": lambda frame, path: frame.to_csv(path, index=False),
    "table.parquet": lambda frame, path: frame.to_parquet(path),
}


def user_table(**columns: object) -> pd.DataFrame:
    """Return two numeric features and a 0/1 `outcome`, with columns added or replaced."""
    outcome = [0] * (ROWS - POSITIVES) + [1] * POSITIVES
    frame = {"age": np.arange(ROWS) / 4, "visits": np.arange(ROWS) % 3, "outcome": outcome}
    return pd.DataFrame(frame | columns)


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's files, in the repository that the test runs in."""
    monkeypatch.chdir(tmp_path)
    folder = Path("data/raw")
    folder.mkdir(parents=True)
    return folder


def read(path: Path | str, target: str = "outcome", **keys: Any) -> Dataset:
    """Return the data set made of the user's file."""
    return make_dataset(FileData(source="file", path=str(path), target=target, **keys), seed=0)


def read_back(raw: Path, frame: pd.DataFrame, **keys: Any) -> Dataset:
    """Return the data set made of a table, written with its types kept."""
    frame.to_parquet(raw / "table.parquet")
    return read(raw / "table.parquet", **keys)


def refuse(path: Path | str, **keys: Any) -> str:
    """Return what is said of a file that must be refused."""
    with pytest.raises(UserError) as refused:
        read(path, **keys)
    return str(refused.value)


def refuse_table(raw: Path, frame: pd.DataFrame, **keys: Any) -> str:
    """Return what is said of a table that must be refused."""
    frame.to_parquet(raw / "table.parquet")
    return refuse(raw / "table.parquet", **keys)


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_reads_the_same_from_every_format(raw: Path, name: str) -> None:
    """Features come back as floats in the file's order, then the 0/1 target."""
    WRITERS[name](user_table(), raw / name)
    features = user_table()[["age", "visits"]].astype("float64")
    expected = features.assign(target=user_table()["outcome"].astype("int64"))
    assert_frame_equal(expected, read(raw / name).table)


@pytest.mark.parametrize("name", WRITERS)
def test_the_schema_records_what_the_file_held(raw: Path, name: str) -> None:
    """The user's own column types, target and label stay on record."""
    WRITERS[name](user_table(), raw / name)
    expected = {
        "rows": ROWS,
        "columns": {"age": "float64", "visits": "int64"},
        "target": "outcome",
        "positive": "1",
        "positives": POSITIVES,
    }
    assert read(raw / name).schema == expected


def test_a_file_below_a_folder_of_data_raw_is_read(raw: Path) -> None:
    """The user may keep files in folders of their own."""
    (raw / "2026").mkdir()
    user_table().to_csv(raw / "2026/table.csv", index=False)
    assert len(read(raw / "2026/table.csv").table) == ROWS


def test_a_file_that_dvc_linked_from_its_cache_is_read(raw: Path, tmp_path: Path) -> None:
    """A link in data/raw is in data/raw, wherever DVC keeps the content."""
    cached = tmp_path / "cached"
    user_table().to_csv(cached, index=False)
    (raw / "table.csv").symlink_to(cached)
    assert len(read(raw / "table.csv").table) == ROWS


def test_rows_are_numbered_from_zero_whatever_index_the_file_had(raw: Path) -> None:
    """`row` means the position in the data set."""
    frame = user_table().set_index(np.arange(ROWS) + 100)
    assert read_back(raw, frame).table.index.tolist() == list(range(ROWS))


def test_dropped_columns_are_not_features(raw: Path) -> None:
    """A column that is listed in `drop` may hold anything."""
    frame = user_table(name=["x"] * ROWS, visits=[np.nan] * ROWS)
    dataset = read_back(raw, frame, drop=["name", "visits"])
    assert dataset.table.columns.tolist() == ["age", "target"]


@pytest.mark.parametrize("dtype", ["bool", "boolean", "int8", "Int64", "float32"])
def test_numeric_columns_of_every_width_become_floats(raw: Path, dtype: str) -> None:
    """Booleans and small or nullable numbers are numbers."""
    frame = user_table(flag=np.arange(ROWS) % 2).astype({"flag": dtype})
    table = read_back(raw, frame).table
    assert table["flag"].tolist() == [float(position % 2) for position in range(ROWS)]
    assert table["flag"].dtype == np.float64


@pytest.mark.parametrize(
    ("rare", "common", "positive"),
    [
        (1, 0, None),
        (1.0, 0.0, None),
        (True, False, None),
        (1, 0, 1),
        (0, 1, 0),
        ("yes", "no", "yes"),
        ("1", "0", 1),
        (1, 0, "1"),
        (True, False, True),
        (False, True, False),
        (2, 1, 2),
        (-1, 1, -1),
        (1, 0, 1.0),
    ],
)
def test_the_positive_label_becomes_one(
    raw: Path, rare: object, common: object, positive: object
) -> None:
    """Labels of any type are told apart, the positive one as `data.positive` has it."""
    outcome = [common] * (ROWS - POSITIVES) + [rare] * POSITIVES
    dataset = read_back(raw, user_table(outcome=outcome), positive=positive)
    expected = [0] * (ROWS - POSITIVES) + [1] * POSITIVES
    assert dataset.table["target"].tolist() == expected


def test_a_named_label_stands_against_all_others(raw: Path) -> None:
    """With several labels, the positive one is set against the rest."""
    outcome = ["a", "b", "c", "d"] * POSITIVES
    dataset = read_back(raw, user_table(outcome=outcome), positive="c")
    assert dataset.table["target"].tolist() == [0, 0, 1, 0] * POSITIVES


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        ([0, 1, 2, 3] * 5, "0, 1, 2, 3"),
        (["no", "yes"] * 10, "'no', 'yes'"),
        ([2, 1] * 10, "1, 2"),
        ([-1, 1] * 10, "-1, 1"),
        (["1", "0"] * 10, "'0', '1'"),
    ],
)
def test_labels_that_do_not_tell_the_positive_need_it_named(
    raw: Path, outcome: list[object], shown: str
) -> None:
    """Only the numbers 0 and 1 say by themselves which is positive; else the labels are shown."""
    message = refuse_table(raw, user_table(outcome=outcome))
    assert message == f"data.positive is required: 'outcome' holds {shown}"


def test_many_labels_are_not_all_listed(raw: Path) -> None:
    """A continuous column does not fill the terminal."""
    assert "and 15 more" in refuse_table(raw, user_table(outcome=np.arange(ROWS)))


def test_an_unknown_positive_is_answered_with_the_labels(raw: Path) -> None:
    """A label that the column lacks is refused beside those that it has."""
    message = refuse_table(raw, user_table(outcome=["no", "yes"] * 10), positive="yess")
    assert message.startswith(
        "data.positive: 'yess' is not in 'outcome', which holds 'no', 'yes'; put words in quotes"
    )


@pytest.mark.parametrize(("label", "positive"), [(1, 1), ("yes", "yes"), (0, 0)])
def test_a_single_class_is_refused(raw: Path, label: object, positive: str | int) -> None:
    """There is nothing to tell apart in one class."""
    message = refuse_table(raw, user_table(outcome=[label] * ROWS), positive=positive)
    assert "data.target: every row of 'outcome' is" in message
    assert "two classes are needed" in message


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (["x"] * ROWS, "not numeric"),
        (pd.date_range("2026-01-01", periods=ROWS), "not numeric"),
        (pd.to_timedelta(np.arange(ROWS), unit="s"), "not numeric"),
        ([[1]] * ROWS, "not numeric"),
        ([np.nan, *[1.0] * (ROWS - 1)], "missing values"),
        (pd.array([None, *[1] * (ROWS - 1)], dtype="Int64"), "missing values"),
        ([np.nan] * ROWS, "missing values"),
        ([np.inf, *[1.0] * (ROWS - 1)], "infinite values"),
        ([-np.inf, *[1.0] * (ROWS - 1)], "infinite values"),
    ],
    ids=["text", "date", "duration", "list", "nan", "null", "all-nan", "inf", "minus-inf"],
)
def test_a_column_that_no_model_takes_is_named(raw: Path, values: Any, problem: str) -> None:
    """The first stage says which column, what is wrong with it, and the way out."""
    message = refuse_table(raw, user_table(visits=values))
    assert f"{problem} in 'visits'" in message
    assert "'age'" not in message
    assert "drop" in message


def test_every_column_with_the_same_problem_is_named(raw: Path) -> None:
    """Two text columns do not take two runs to find."""
    message = refuse_table(raw, user_table(name=["x"] * ROWS, town=["y"] * ROWS))
    assert "'name', 'town'" in message


@pytest.mark.parametrize("name", ["target", "row"])
def test_a_feature_may_not_have_a_reserved_name(raw: Path, name: str) -> None:
    """Stages know two columns by name; a feature called so is refused."""
    message = refuse_table(raw, user_table(**{name: 1}))
    assert f"a feature may not be called '{name}'; rename or drop it" in message


@pytest.mark.parametrize("name", ["target", "row"])
def test_the_target_may_have_a_reserved_name(raw: Path, name: str) -> None:
    """A user whose target is called `target` has nothing to rename."""
    frame = user_table().rename(columns={"outcome": name})
    dataset = read_back(raw, frame, target=name)
    assert dataset.table.columns.tolist() == ["age", "visits", "target"]


def test_labels_that_are_missing_are_counted(raw: Path) -> None:
    """Rows without a label cannot be learned from, nor guessed."""
    message = refuse_table(raw, user_table(outcome=[None, None, *[0.0] * 13, *[1.0] * 5]))
    assert message == "data.target: 2 rows of 'outcome' have no label; drop them"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"target": "outcom"}, "data.target: no column 'outcom'; did you mean 'outcome'?"),
        ({"target": "zzz"}, "data.target: no column 'zzz'; choose from: age, outcome, visits"),
        ({"drop": ["visit"]}, "data.drop: no column 'visit'; did you mean 'visits'?"),
        ({"drop": ["age", "visits"]}, "data.drop: no feature is left; drop fewer columns"),
    ],
)
def test_a_misspelt_column_is_answered_with_the_nearest(
    raw: Path, keys: dict[str, Any], expected: str
) -> None:
    """Columns are checked before anything is learned from them."""
    assert refuse_table(raw, user_table(), **keys) == expected


@pytest.mark.parametrize("header", ["age,age,outcome", "age,outcome,outcome"])
def test_a_column_that_is_there_twice_is_refused(raw: Path, header: str) -> None:
    """A second copy of the target among the features would give the answer away."""
    (raw / "table.csv").write_text(f"{header}\n1,0,0\n2,1,1\n3,0,0\n")
    name = "age" if header.startswith("age,age") else "outcome"
    assert f"column '{name}' is there twice" in refuse(raw / "table.csv")


def test_columns_named_by_numbers_are_known_by_their_digits(raw: Path) -> None:
    """A Parquet file may name columns by numbers; params name them in quotes."""
    frame = user_table().set_axis([0, 1, 2], axis="columns")
    frame.to_parquet(raw / "table.parquet")
    data = FileData(source="file", path="data/raw/table.parquet", target="2", positive=1)
    assert list(make_dataset(data, seed=0).table.columns) == ["0", "1", "target"]


@pytest.mark.parametrize(
    "path", ["table.csv", "data/table.csv", "data/raw/../table.csv", "/etc/table.csv", "data/raw"]
)
def test_a_path_outside_data_raw_is_refused(raw: Path, path: str) -> None:
    """Only data/raw is tracked, so only a file there makes the pipeline run again."""
    assert raw.exists()
    message = refuse(path)
    assert f"data.path: '{path}' is outside data/raw/; put the file there" in message


def test_a_missing_file_is_answered_with_the_nearest(raw: Path) -> None:
    """A typo in the path is answered with the file that is there."""
    user_table().to_csv(raw / "table.csv", index=False)
    expected = "data.path: 'data/raw/tabel.csv' does not exist; did you mean 'data/raw/table.csv'?"
    assert refuse(raw / "tabel.csv") == expected


def test_a_missing_file_in_an_empty_folder_is_named(raw: Path) -> None:
    """Where there is no file at all, that is said."""
    expected = "data.path: 'data/raw/table.csv' does not exist; choose from: nothing"
    assert refuse(raw / "table.csv") == expected


@pytest.mark.parametrize("name", ["table.txt", "table.xlsx", "table"])
def test_a_format_that_is_not_read_is_answered_with_those_that_are(raw: Path, name: str) -> None:
    """The ending decides how a file is read."""
    (raw / name).write_text("age,outcome\n1,0\n")
    assert "should end in .csv, .csv.gz or .parquet" in refuse(raw / name)


def corrupt_gzip() -> bytes:
    """Return a compressed table with a byte flipped in its middle."""
    content = bytearray(gzip.compress(user_table().to_csv(index=False).encode(), mtime=0))
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.parquet", b""),
        ("table.parquet", b"age,outcome\n1,0\n"),
        ("table.csv", b""),
        ("table.csv", b"\x89\x00\xff\xfe"),
        ("table.csv", b"age,outcome\n1,0\n1,2,3,4\n"),
        ("table.csv", "\u00e9t\u00e9,outcome\n1,0\n".encode("latin-1")),
        ("table.csv.gz", b"age,outcome\n1,0\n"),
        ("table.csv.gz", gzip.compress(b"age,outcome\n1,0\n")[:-12]),
        ("table.csv.gz", corrupt_gzip()),
        ("table.csv.zip", b"age,outcome\n1,0\n"),
        ("table.csv.xz", b"age,outcome\n1,0\n"),
    ],
    ids=[
        "empty-parquet",
        "csv-as-parquet",
        "empty-csv",
        "binary",
        "ragged",
        "latin-1",
        "not-gzip",
        "truncated",
        "corrupt-gzip",
        "not-zip",
        "not-xz",
    ],
)
def test_a_file_that_cannot_be_read_is_named_on_one_line(
    raw: Path, name: str, content: bytes
) -> None:
    """A broken file is the user's to mend, and no traceback tells how."""
    (raw / name).write_bytes(content)
    message = refuse(raw / name)
    assert message.startswith(f"data.path: 'data/raw/{name}' cannot be read: ")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_a_folder_is_not_a_table(raw: Path, name: str) -> None:
    """A folder with a table's name is refused by its path."""
    (raw / name).mkdir()
    assert f"data.path: 'data/raw/{name}'" in refuse(raw / name)


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_without_rows_is_refused(raw: Path, name: str) -> None:
    """A header alone is no data."""
    WRITERS[name](user_table().head(0), raw / name)
    assert refuse(raw / name) == f"data.path: 'data/raw/{name}' has no rows"


def synthetic(seed: int = 0, **keys: Any) -> Dataset:
    """Return a made problem."""
    problem: dict[str, Any] = {
        "n_samples": 200,
        "n_features": 6,
        "n_informative": 3,
        "weights": (0.9, 0.1),
    }
    return make_dataset(SyntheticData(source="synthetic", **(problem | keys)), seed)


@settings(max_examples=15, deadline=None)
@given(
    n_samples=st.integers(50, 300),
    n_features=st.integers(5, 12),
    share=st.floats(0.05, 0.5),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_made_problem_has_the_size_and_share_asked_for(
    n_samples: int, n_features: int, share: float, seed: int
) -> None:
    """Rows, features and, without noise, the positives are those of the params."""
    table = synthetic(
        seed,
        n_samples=n_samples,
        n_features=n_features,
        weights=(1 - share, share),
        flip_y=0.0,
        n_clusters_per_class=1,
    ).table
    assert table.shape == (n_samples, n_features + 1)
    assert table.columns[-1] == "target"
    assert abs(int(table["target"].sum()) - n_samples * share) <= 2


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_same_seed_makes_the_same_bytes(seed: int) -> None:
    """A made problem can be made again."""
    first, second = synthetic(seed).table, synthetic(seed).table
    assert first.to_numpy().tobytes() == second.to_numpy().tobytes()


def test_another_seed_makes_another_problem() -> None:
    """The seed of the params reaches the data."""
    assert not synthetic(0).table.equals(synthetic(1).table)


def test_the_schema_of_a_made_problem_counts_its_positives() -> None:
    """The record agrees with the table."""
    dataset = synthetic()
    assert dataset.schema["positives"] == int(dataset.table["target"].sum())
    assert list(dataset.schema["columns"]) == dataset.table.columns[:-1].tolist()
