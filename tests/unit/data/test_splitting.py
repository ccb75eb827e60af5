"""The train and the test part."""

from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from equipoise.core.tables import GROUP, TIME, format_count
from equipoise.data.splitting import FEWEST_PER_CLASS, MOST_FOLDS, split_dataset
from equipoise.params.trial_params import Split
from equipoise.terminal.errors import UserError


def table(negatives: int, positives: int) -> pd.DataFrame:
    """Return one feature, unlike in every row, and the target in a mixed order."""
    target = np.repeat([0, 1], [negatives, positives])
    mixed = np.random.default_rng(0).permutation(target)
    return pd.DataFrame({"feature": np.arange(len(mixed)) / 7, "target": mixed})


def several(sizes: list[int], labels: list[Any]) -> pd.DataFrame:
    """Return one feature, unlike in every row, and several classes in a mixed order."""
    target = np.random.default_rng(0).permutation(np.repeat(labels[: len(sizes)], sizes))
    return pd.DataFrame({"feature": np.arange(len(target)) / 7, "target": target})


def divided(
    whole: pd.DataFrame,
    test_size: float,
    seed: int,
    method: Literal["stratified", "group", "time"] = "stratified",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test."""
    return split_dataset(whole, Split(test_size=test_size, method=method), seed)


LABELS: list[list[Any]] = [[1, 2, 5, 10], ["low", "mid", "not at all", "top"]]
TABLES = st.builds(table, st.integers(30, 200), st.integers(20, 60))
SHARES = st.floats(0.2, 0.8)
SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=15, deadline=None)
@given(whole=TABLES, test_size=SHARES, seed=SEEDS)
def test_a_split_is_a_disjoint_partition(whole: pd.DataFrame, test_size: float, seed: int) -> None:
    """Every row is in one part, once, with its own values, under its source row number."""
    train, test = divided(whole, test_size, seed)
    assert (train.index.name, test.index.name) == ("row", "row")
    assert_frame_equal(whole.rename_axis("row"), pd.concat([train, test]).sort_index())


@settings(max_examples=15, deadline=None)
@given(whole=TABLES, test_size=SHARES, seed=SEEDS)
def test_a_split_keeps_the_share_of_each_class(
    whole: pd.DataFrame, test_size: float, seed: int
) -> None:
    """Each class goes to the test part by the same share, up to a row of rounding for each."""
    _, test = divided(whole, test_size, seed)
    expected = whole["target"].value_counts() * test_size
    assert ((test["target"].value_counts() - expected).abs() < 2).all()


@settings(max_examples=15, deadline=None)
@given(
    sizes=st.lists(st.integers(20, 200), min_size=3, max_size=4),
    labels=st.sampled_from(LABELS),
    test_size=SHARES,
    seed=SEEDS,
)
@example(sizes=[2000, 200, 20], labels=LABELS[0], test_size=0.3, seed=0)
@example(sizes=[2000, 200, 20], labels=LABELS[1], test_size=0.3, seed=0)
def test_a_split_of_several_classes_keeps_the_share_of_each(
    sizes: list[int], labels: list[Any], test_size: float, seed: int
) -> None:
    """Nothing is lost, and no class is short in a part, whatever labels are."""
    whole = several(sizes, labels)
    train, test = divided(whole, test_size, seed)
    assert_frame_equal(whole.rename_axis("row"), pd.concat([train, test]).sort_index())
    expected = whole["target"].value_counts() * test_size
    assert ((test["target"].value_counts() - expected).abs() < 2).all()


@settings(max_examples=10, deadline=None)
@given(whole=TABLES, test_size=SHARES, seed=SEEDS)
def test_the_same_seed_splits_the_same_way(
    whole: pd.DataFrame, test_size: float, seed: int
) -> None:
    """A split repeated is the same rows in the same order."""
    for first, second in zip(
        divided(whole, test_size, seed), divided(whole, test_size, seed), strict=True
    ):
        assert_frame_equal(first, second)


def test_another_seed_splits_another_way() -> None:
    """The seed of the params reaches the split."""
    first, second = (divided(table(90, 10), 0.3, seed)[1] for seed in (0, 1))
    assert set(first.index) != set(second.index)


def test_the_table_is_left_as_it_was() -> None:
    """Splitting changes nothing in what it is given."""
    whole = table(90, 10)
    divided(whole, 0.3, 0)
    assert_frame_equal(table(90, 10), whole)


@settings(max_examples=15, deadline=None)
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
        parts = divided(table(60, positives), test_size, seed)
    except UserError as refused:
        assert "data.target" in str(refused)  # noqa: PT017 - either outcome is right
        return
    fewest = min(int((part["target"] == label).sum()) for part in parts for label in (0, 1))
    assert fewest >= FEWEST_PER_CLASS


@pytest.mark.parametrize(("positives", "test_size"), [(1, 0.5), (3, 0.3), (10, 0.05), (10, 0.95)])
def test_too_few_rows_of_a_class_are_named(positives: int, test_size: float) -> None:
    """The message has the class, its rows, the share and what both parts need."""
    with pytest.raises(UserError) as refused:
        divided(table(60, positives), test_size, 0)
    message = str(refused.value)
    rows = format_count(positives, "row")
    nearer = ", or set split.test_size nearer to a half" if positives > 3 else ""
    assert message.startswith(f"data.target: the positive class has {rows}, ")
    assert message.endswith(
        f"too few for split.test_size = {test_size}: both parts need at least {FEWEST_PER_CLASS};"
        f" add more{nearer}"
    )


@pytest.mark.parametrize(("labels", "shown"), [(LABELS[0], "5"), (LABELS[1], "'not at all'")])
@pytest.mark.parametrize("rarest", [1, 3])
def test_too_few_rows_of_one_of_several_classes_are_named(
    labels: list[Any], shown: str, rarest: int
) -> None:
    """The rarest class is named by its label."""
    with pytest.raises(UserError) as refused:
        divided(several([60, 30, rarest], labels), 0.3, 0)
    rows = format_count(rarest, "row")
    assert str(refused.value).startswith(f"data.target: class {shown} has {rows}, ")


def test_a_test_part_smaller_than_the_number_of_classes_is_refused() -> None:
    """What scikit-learn would say of it is said by key."""
    with pytest.raises(UserError, match=r"has 8 rows, .*too few for split\.test_size = 0\.06"):
        divided(several([8, 8, 8, 8], LABELS[0]), 0.06, 0)


def in_groups(sizes: list[int], seed: int = 0) -> pd.DataFrame:
    """Return groups of these sizes, their rows mixed, half of them positive."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    target = (rng.random(len(group)) < 1 / 2).astype("int64")
    return pd.DataFrame({"feature": np.arange(len(group)) / 7, "target": target}).assign(
        **{GROUP: group.astype(str)}
    )


@settings(max_examples=8, deadline=None)
@given(
    sizes=st.lists(st.integers(2, 6), min_size=60, max_size=80),
    test_size=st.floats(0.1, 0.9),
    seed=SEEDS,
)
def test_no_group_is_on_both_sides(sizes: list[int], test_size: float, seed: int) -> None:
    """Every row is in one part, and shares of rows and of positives are near what is asked for."""
    whole = in_groups(sizes, seed)
    train, test = divided(whole, test_size, seed, "group")
    assert_frame_equal(whole.rename_axis("row"), pd.concat([train, test]).sort_index())
    assert set(train[GROUP]).isdisjoint(test[GROUP])
    assert abs(len(test) / len(whole) - test_size) < 0.5 / MOST_FOLDS + 0.05
    positives = whole["target"].sum()
    assert abs(test["target"].sum() - positives * len(test) / len(whole)) < 0.1 * positives + 3


def test_the_same_seed_draws_the_same_groups_and_another_one_others() -> None:
    """Groups are drawn, as rows are elsewhere."""
    whole = in_groups([3] * 60)
    first, again, other = (divided(whole, 0.3, seed, "group")[1] for seed in (0, 0, 1))
    assert_frame_equal(first, again)
    assert set(first.index) != set(other.index)


@pytest.mark.parametrize(("sizes", "test_size"), [([50], 0.5), ([20] * 3, 0.1), ([9] * 30, 0.99)])
def test_too_few_groups_for_a_share_are_said_with_their_number(
    sizes: list[int], test_size: float
) -> None:
    """One group cannot be on two sides, nor one of three be a tenth of the rows."""
    with pytest.raises(UserError) as refused:
        divided(in_groups(sizes), test_size, 0, "group")
    message = str(refused.value)
    assert message.startswith(f"split.test_size: {test_size} leaves a part without a group: ")
    assert f"{len(sizes)} group" in message


def test_a_class_within_one_group_is_named_with_the_part_that_lacks_it() -> None:
    """Not the rarest class of all, but the one that is short there."""
    whole = in_groups([4] * 30).assign(target=0)
    whole.loc[whole[GROUP] == "0", "target"] = 1
    with pytest.raises(UserError, match=r"the positive class has 4 rows, 0 of them in t"):
        divided(whole, 0.3, 0, "group")


@settings(max_examples=15, deadline=None)
@given(
    times=st.lists(st.integers(0, 40), min_size=60, max_size=120),
    test_size=SHARES,
    seed=SEEDS,
)
def test_the_test_part_is_the_latest_rows(times: list[int], test_size: float, seed: int) -> None:
    """Rows of one time are on one side, and as few more than asked for as that takes."""
    target = np.arange(len(times)) % 2
    whole = pd.DataFrame({"feature": target / 7, "target": target, TIME: np.array(times) / 2})
    try:
        train, test = divided(whole, test_size, seed, "time")
    except UserError as refused:
        assert "data.target" in str(refused)  # noqa: PT017 - one time may have most rows
        return
    assert_frame_equal(whole.rename_axis("row"), pd.concat([train, test]).sort_index())
    assert train[TIME].max() < test[TIME].min()
    asked = len(times) - round(len(times) * (1 - test_size))
    assert (test[TIME] > test[TIME].min()).sum() < asked <= len(test)


@pytest.mark.parametrize("test_size", [0.001, 0.98])
def test_a_share_of_less_than_a_row_is_refused_by_the_class_that_is_short(test_size: float) -> None:
    """The one in the last row, though the other one has fewer rows in all."""
    target = [1] * 10 + [0] * 30
    whole = pd.DataFrame({"feature": 0.5, "target": target, TIME: np.arange(40)})
    short = "positive" if test_size < 0.5 else "negative"
    with pytest.raises(UserError, match=rf"data\.target: the {short} class has .* rows"):
        divided(whole, test_size, 0, "time")


def test_dates_are_as_good_as_numbers() -> None:
    """The last three of ten days are the test part."""
    whole = table(50, 50).assign(**{TIME: pd.date_range("2020-01-01", periods=10).repeat(10)[::-1]})
    _, test = divided(whole, 0.3, 0, "time")
    assert sorted(test[TIME].dt.day.unique()) == [8, 9, 10]
