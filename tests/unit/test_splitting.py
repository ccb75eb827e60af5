"""The train and the test part."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from equipoise.contract.errors import UserError
from equipoise.splitting import FEWEST_PER_CLASS, split_dataset


def table(negatives: int, positives: int) -> pd.DataFrame:
    """Return one feature, unlike in every row, and the target in a mixed order."""
    target = np.repeat([0, 1], [negatives, positives])
    mixed = np.random.default_rng(0).permutation(target)
    return pd.DataFrame({"feature": np.arange(len(mixed)) / 7, "target": mixed})


TABLES = st.builds(table, st.integers(30, 200), st.integers(20, 60))
SHARES = st.floats(0.2, 0.8)
SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=25, deadline=None)
@given(whole=TABLES, test_size=SHARES, seed=SEEDS)
def test_a_split_is_a_disjoint_partition(whole: pd.DataFrame, test_size: float, seed: int) -> None:
    """Every row is in one part, once, with its own values, under its source row number."""
    train, test = split_dataset(whole, test_size, seed)
    assert (train.index.name, test.index.name) == ("row", "row")
    assert_frame_equal(whole.rename_axis("row"), pd.concat([train, test]).sort_index())


@settings(max_examples=25, deadline=None)
@given(whole=TABLES, test_size=SHARES, seed=SEEDS)
def test_a_split_keeps_the_share_of_each_class(
    whole: pd.DataFrame, test_size: float, seed: int
) -> None:
    """Each class goes to the test part by the same share, up to a row of rounding for each."""
    _, test = split_dataset(whole, test_size, seed)
    expected = whole["target"].value_counts() * test_size
    assert ((test["target"].value_counts() - expected).abs() < 2).all()


@settings(max_examples=10, deadline=None)
@given(whole=TABLES, test_size=SHARES, seed=SEEDS)
def test_the_same_seed_splits_the_same_way(
    whole: pd.DataFrame, test_size: float, seed: int
) -> None:
    """A split repeated is the same rows in the same order."""
    for first, second in zip(
        split_dataset(whole, test_size, seed), split_dataset(whole, test_size, seed), strict=True
    ):
        assert_frame_equal(first, second)


def test_another_seed_splits_another_way() -> None:
    """The seed of the params reaches the split."""
    first, second = (split_dataset(table(90, 10), 0.3, seed)[1] for seed in (0, 1))
    assert set(first.index) != set(second.index)


def test_the_table_is_left_as_it_was() -> None:
    """Splitting changes nothing in what it is given."""
    whole = table(90, 10)
    split_dataset(whole, 0.3, 0)
    assert_frame_equal(table(90, 10), whole)


@settings(max_examples=25, deadline=None)
@given(positives=st.integers(1, 12), test_size=st.floats(0.02, 0.98), seed=SEEDS)
@example(positives=3, test_size=0.5, seed=0)
@example(positives=5, test_size=0.3, seed=0)
@example(positives=6, test_size=0.25, seed=0)
@example(positives=4, test_size=0.9765625, seed=0)
def test_both_parts_have_enough_of_each_class_or_the_split_is_refused(
    positives: int, test_size: float, seed: int
) -> None:
    """No part is left with a class too small to learn from, or to judge by."""
    try:
        parts = split_dataset(table(60, positives), test_size, seed)
    except UserError as refused:
        assert "data.target" in str(refused)  # noqa: PT017 - either outcome is right
        return
    fewest = min(int((part["target"] == label).sum()) for part in parts for label in (0, 1))
    assert fewest >= FEWEST_PER_CLASS


@pytest.mark.parametrize(("positives", "test_size"), [(1, 0.5), (3, 0.3), (10, 0.05), (10, 0.95)])
def test_too_few_rows_of_a_class_are_named(positives: int, test_size: float) -> None:
    """The message has the class, its rows, the share and what both parts need."""
    with pytest.raises(UserError) as refused:
        split_dataset(table(60, positives), test_size, 0)
    expected = (
        f"data.target: class 1 has {positives} rows, too few for split.test_size = {test_size}:"
        f" both parts need at least {FEWEST_PER_CLASS}; bring more"
    )
    assert str(refused.value) == expected
