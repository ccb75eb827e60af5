"""Resampled rows, stored as their difference from train, and put together again."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from equipoise.contract.difference import Difference, apply_difference, summarise
from equipoise.contract.storage import read_difference, write_difference

COLUMNS = ["age", "position", "target"]  # a user's feature may be called like our index


def train_part() -> pd.DataFrame:
    """Return five rows of a larger table, in a mixed order."""
    values = {
        "age": [1.0, 2.0, 3.0, 4.0, 5.0],
        "position": [9.0, 8.0, 7.0, 6.0, 5.0],
        "target": [0, 0, 1, 0, 1],
    }
    return pd.DataFrame(values, index=pd.Index([40, 10, 30, 0, 20], name="row"))


def kept_rows(rows: list[int], positions: list[int]) -> pd.DataFrame:
    """Return the source rows that stand at these positions of the resampled order."""
    return pd.DataFrame({"row": rows}, index=pd.Index(positions, name="position"))


def made_rows(ages: list[float], positions: list[int]) -> pd.DataFrame:
    """Return new positive rows that stand at these positions of the resampled order."""
    values = {"age": ages, "position": [0.5] * len(ages), "target": [1] * len(ages)}
    return pd.DataFrame(values, index=pd.Index(positions, name="position"))


DIFFERENCES = {
    "nothing": Difference(),
    "fewer": Difference(kept=kept_rows([30, 40], [0, 1])),
    "repeats": Difference(kept=kept_rows([40, 30, 30], [0, 1, 2])),
    "more": Difference(synthetic=made_rows([6.0, 7.0], [5, 6])),
    "mixed": Difference(kept_rows([30, 40], [0, 2]), made_rows([6.0, 7.0], [1, 3])),
    "replaced": Difference(kept_rows([], []), made_rows([6.0], [0])),
}


@pytest.mark.parametrize(
    ("name", "ages"),
    [
        ("nothing", [1.0, 2.0, 3.0, 4.0, 5.0]),
        ("fewer", [3.0, 1.0]),
        ("repeats", [1.0, 3.0, 3.0]),
        ("more", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
        ("mixed", [3.0, 6.0, 1.0, 7.0]),
        ("replaced", [6.0]),
    ],
)
def test_a_difference_gives_the_resampled_rows_in_their_order(name: str, ages: list[float]) -> None:
    """Rows kept and rows made stand where the sampler put them."""
    assert apply_difference(train_part(), DIFFERENCES[name])["age"].tolist() == ages


@pytest.mark.parametrize("name", DIFFERENCES)
def test_rows_have_the_columns_of_train_and_its_types(name: str) -> None:
    """What a model is fitted on looks like train, its target still whole numbers."""
    resampled = apply_difference(train_part(), DIFFERENCES[name])
    assert resampled.columns.tolist() == COLUMNS
    assert resampled.dtypes.tolist() == train_part().dtypes.tolist()


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_survives_its_files(name: str, tmp_path: Path) -> None:
    """The rows that the train stage reads are those that the resample stage had."""
    write_difference(DIFFERENCES[name], tmp_path)
    expected = apply_difference(train_part(), DIFFERENCES[name])
    assert_frame_equal(expected, apply_difference(train_part(), read_difference(tmp_path)))


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("nothing", []),
        ("fewer", ["kept.parquet"]),
        ("more", ["synthetic.parquet"]),
        ("mixed", ["kept.parquet", "synthetic.parquet"]),
    ],
)
def test_only_what_changed_is_stored(name: str, files: list[str], tmp_path: Path) -> None:
    """The baseline of a large table costs nothing."""
    write_difference(DIFFERENCES[name], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == files


def test_train_is_left_as_it_was() -> None:
    """Putting rows together changes nothing in what it is given."""
    train = train_part()
    apply_difference(train, DIFFERENCES["mixed"])
    assert_frame_equal(train_part(), train)


@settings(max_examples=25, deadline=None)
@given(positions=st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_kept_rows_are_a_selection_of_train(positions: list[int]) -> None:
    """Whatever rows are kept, however often, their values are those of train."""
    train = train_part()
    rows = train.index[positions].tolist()
    difference = Difference(kept=kept_rows(rows, list(range(len(rows)))))
    expected = train.to_numpy()[positions]
    assert np.array_equal(expected, apply_difference(train, difference).to_numpy())


@pytest.mark.parametrize(
    ("name", "after", "kept", "synthetic"),
    [
        ("nothing", {"0": 3, "1": 2}, 5, 0),
        ("repeats", {"0": 1, "1": 2}, 3, 0),
        ("more", {"0": 3, "1": 4}, 5, 2),
        ("mixed", {"0": 1, "1": 3}, 2, 2),
    ],
)
def test_the_summary_counts_classes_and_rows(
    name: str, after: dict[str, int], kept: int, synthetic: int
) -> None:
    """The summary says what the strategy did to each class, and how many rows are made up."""
    expected = {
        "before": {"0": 3, "1": 2},
        "after": after,
        "kept": kept,
        "synthetic": synthetic,
    }
    assert summarise(train_part(), DIFFERENCES[name]) == expected
