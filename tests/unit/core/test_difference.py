"""Resampled rows, stored as their difference from train, and put together again."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from equipoise.core.difference import (
    Difference,
    ResamplingSummary,
    apply_difference,
    find_source_positions,
)
from equipoise.fitting.class_ratios import summarise_resampling
from equipoise.params.trial_params import Strategy
from equipoise.storage.files.formats import read_difference, write_difference
from equipoise.storage.files.record_files import read_record, write_record

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
def test_every_resampled_row_is_known_by_the_row_of_train_that_it_is(name: str) -> None:
    """New rows, and no others, are of none."""
    train, difference = train_part(), DIFFERENCES[name]
    source, resampled = (
        find_source_positions(train.index, difference),
        apply_difference(train, difference),
    )
    new = pd.Index([]) if difference.synthetic is None else difference.synthetic.index
    assert resampled.index[source < 0].tolist() == list(new)
    of_train = resampled[source >= 0].to_numpy().tolist()
    assert of_train == train.iloc[source[source >= 0]].to_numpy().tolist()


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
    strategy = Strategy.model_validate({"sampler": {"class": "SMOTE"}})
    expected = ResamplingSummary(
        before={"0": 3, "1": 2},
        after=after,
        ratios={"0": after["0"] / 3, "1": after["1"] / 2},
        treatment="sampler",
        kept=kept,
        synthetic=synthetic,
    )
    assert summarise_resampling(train_part(), DIFFERENCES[name], strategy) == expected


@settings(max_examples=25, deadline=None)
@given(
    before=st.permutations(["a", "a", "a", "b", "b", "c"]),
    positions=st.lists(st.integers(0, 5), min_size=1),
    weights=st.sampled_from([None, "balanced", {"a": 1 / 3, "c": 7.0}]),
)
def test_ratios_are_what_a_row_of_each_class_has_come_to_weigh(
    before: list[str],
    positions: list[int],
    weights: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Up to a factor, the weights of the rows taken over, by class: also out of the file."""
    train = pd.DataFrame({"age": 0.5, "target": before}).rename_axis("row")
    difference = Difference(kept=kept_rows(positions, list(range(len(positions)))))
    path = tmp_path_factory.mktemp("summary") / "summary.json"
    strategy = Strategy.model_validate({"class_weight": weights})
    write_record(summarise_resampling(train, difference, strategy), path)
    labels = [before[position] for position in positions]
    own = {label: 1 / labels.count(label) for label in labels} if weights == "balanced" else weights
    totals = {label: labels.count(label) * (own or {}).get(label, 1.0) for label in "abc"}
    ratios = read_record(path, ResamplingSummary).ratios
    assert dict(ratios or {}) == {
        label: pytest.approx(totals[label] / before.count(label)) for label in "abc"
    }


def test_ratios_are_not_rounded_in_the_summary(tmp_path: Path) -> None:
    """Probabilities are converted back with them; what only people read is rounded."""
    strategy = Strategy.model_validate({"class_weight": {0: 1 / 3}})
    path = tmp_path / "summary.json"
    write_record(summarise_resampling(train_part(), Difference(), strategy), path)
    assert read_record(path, ResamplingSummary).ratios == {"0": 1 / 3, "1": 1.0}


def test_an_ensemble_has_no_ratios() -> None:
    """It samples inside itself; the record says that nothing is known, not that nothing is done."""
    strategy = Strategy.model_validate({"ensemble": {"class": "EasyEnsembleClassifier"}})
    summary = summarise_resampling(train_part(), Difference(), strategy)
    assert (summary.ratios, summary.treatment) == (None, "ensemble")


def test_rows_of_a_mixed_table_are_put_together_with_their_types() -> None:
    """Labels and whole numbers are what they were, also after their files."""
    train = train_part().assign(
        job=pd.Series(["a", "b", "missing", "a", "b"], dtype="str").array, visits=[1, 2, 3, 4, 5]
    )
    made = made_rows([6.0], [5]).assign(job=pd.Series(["b"], dtype="str").array, visits=[2])
    resampled = apply_difference(train, Difference(synthetic=made[list(train)]))
    assert resampled.dtypes.tolist() == train.dtypes.tolist()
    assert resampled["job"].tolist() == [*train["job"], "b"]
