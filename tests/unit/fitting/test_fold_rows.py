"""The rows of each fold: shuffled, by group, or by time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, TimeSeriesSplit

from equipoise.core.tables import GROUP, TIME
from equipoise.fitting.fold_rows import count_rarest_scored, divide_once, make_folds
from equipoise.params.trial_params import CrossValidation
from equipoise.terminal.errors import UserError

SEEDS = st.integers(0, 2**32 - 1)


def table(rows: int, seed: int = 0) -> pd.DataFrame:
    """Return a target, a third of it positive."""
    target = np.random.default_rng(seed).permutation(np.arange(rows) % 3 // 2)
    return pd.DataFrame({"target": target})


def refuse(train: pd.DataFrame, folds: int) -> str:
    """Return what is said of folds that cannot be made."""
    with pytest.raises(UserError) as refused:
        make_folds(train, CrossValidation(folds=folds, repeats=1), 0)
    return str(refused.value)


def test_folds_of_rows_are_those_of_scikit_learn() -> None:
    """Repeated and stratified."""
    train = table(60)
    splitter = RepeatedStratifiedKFold(n_splits=4, n_repeats=3, random_state=7)
    found = make_folds(train, CrossValidation(folds=4, repeats=3), 7)
    for own, expected in zip(found, splitter.split(train, train["target"]), strict=True):
        assert np.array_equal(own[0], expected[0])
        assert np.array_equal(own[1], expected[1])


@pytest.mark.parametrize(
    ("own", "splitter"),
    [
        ({"seed": 3}, StratifiedKFold(4, shuffle=True, random_state=3)),
        ({}, StratifiedKFold(4, shuffle=True, random_state=7)),
        ({"shuffle": False}, StratifiedKFold(4)),
    ],
)
def test_folds_that_were_published_can_be_made_again(
    own: dict[str, int | bool], splitter: StratifiedKFold
) -> None:
    """One repeat is scikit-learn's plain k-fold: by its own seed, by that of params, unshuffled."""
    train = table(60)
    found = make_folds(train, CrossValidation.model_validate({"folds": 4, "repeats": 1, **own}), 7)
    expected = [held_out for _, held_out in splitter.split(train, train["target"])]
    assert np.array_equal([held_out for _, held_out in found], expected)


@settings(max_examples=10, deadline=None)
@given(sizes=st.lists(st.integers(2, 6), min_size=20, max_size=30), seed=SEEDS)
def test_no_group_is_on_both_sides_of_a_fold(sizes: list[int], seed: int) -> None:
    """Each repeat holds every row out once, in folds of about one size."""
    group = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    train = table(len(group), seed).assign(**{GROUP: group.astype(str)})
    folds = make_folds(train, CrossValidation(folds=3, repeats=2), seed)
    for fitted, held_out in folds:
        assert set(group[fitted]).isdisjoint(group[held_out])
        assert abs(len(held_out) - len(train) / 3) <= 0.1 * len(train)
    for repeat in (folds[:3], folds[3:]):
        held = np.concatenate([held_out for _, held_out in repeat])
        assert sorted(held) == list(range(len(train)))
        assert all(len(fitted) + len(held_out) == len(train) for fitted, held_out in repeat)


def test_groups_are_dealt_out_anew_in_each_repeat_and_again_by_the_same_seed() -> None:
    """As rows are."""
    train = table(120).assign(**{GROUP: (np.arange(120) // 4).astype(str)})
    cross_validation = CrossValidation(folds=3, repeats=2)
    first, second = (make_folds(train, cross_validation, 5) for _ in range(2))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0][1], first[3][1])
    assert not np.array_equal(first[0][1], make_folds(train, cross_validation, 6)[0][1])


@settings(max_examples=15, deadline=None)
@given(folds=st.integers(3, 6), size=st.integers(9, 15), seed=SEEDS)
def test_folds_by_time_are_those_of_scikit_learn(folds: int, size: int, seed: int) -> None:
    """Where no time is there twice and blocks are of one size."""
    rows = size * (folds + 1)
    order = np.random.default_rng(seed).permutation(rows)
    train = table(rows).assign(
        **{TIME: pd.Timestamp("2020-01-01") + pd.to_timedelta(order, unit="h")}
    )
    train = train.assign(target=order % 3 // 2)
    found = make_folds(train, CrossValidation(folds=folds, repeats=1), seed)
    in_order = np.argsort(order)
    for own, expected in zip(found, TimeSeriesSplit(folds).split(in_order), strict=True):
        assert own[0].tolist() == sorted(in_order[expected[0]])
        assert own[1].tolist() == sorted(in_order[expected[1]])


@settings(max_examples=15, deadline=None)
@given(times=st.lists(st.integers(0, 30), min_size=80, max_size=120))
def test_what_is_held_out_comes_after_what_is_fitted_on(times: list[int]) -> None:
    """Rows of one time stay together, none is held out twice, and the earliest never is."""
    time = np.array(times) / 2
    train = pd.DataFrame({"target": np.arange(len(time)) % 2, TIME: time})
    try:
        folds = make_folds(train, CrossValidation(folds=4, repeats=1), 0)
    except UserError as refused:
        assert "cross_validation.folds" in str(refused)  # noqa: PT017 - one time may have most rows
        return
    for fitted, held_out in folds:
        assert time[fitted].max() < time[held_out].min()
        assert sorted(fitted) == np.flatnonzero(time < time[held_out].min()).tolist()
    held = np.concatenate([held_out for _, held_out in folds])
    assert len(set(held)) == len(held)
    assert set(np.flatnonzero(time == time.min())).isdisjoint(held)


def test_a_single_fold_by_time_needs_no_class_in_those_before_it() -> None:
    """No positive is among the earliest rows, so four folds are refused; one can be had."""
    train = pd.DataFrame({"target": [0] * 50 + [1, 0] * 25, TIME: np.arange(100.0)})
    assert "fold 1 lacks the positive class" in refuse(train, 4)
    divided = divide_once(train, 4, 0)
    assert divided is not None
    assert [rows.tolist() for rows in divided] == [[*range(80)], [*range(80, 100)]]


def test_a_single_fold_is_the_first_where_order_does_not_matter() -> None:
    train = table(90)
    divided = divide_once(train, 4, 5)
    assert divided is not None
    first = make_folds(train, CrossValidation(folds=4, repeats=1), 5)[0]
    assert all(map(np.array_equal, divided, first))


def test_every_row_after_the_first_block_is_held_out() -> None:
    """Three blocks, and a first one to learn from."""
    train = table(80).assign(**{TIME: np.arange(80.0)})
    held = [held_out for _, held_out in make_folds(train, CrossValidation(folds=3, repeats=1), 0)]
    assert np.concatenate(held).tolist() == list(range(20, 80))


def test_rows_that_no_fold_holds_out_do_not_count() -> None:
    """By time they are the earliest."""
    folds = CrossValidation(folds=3, repeats=1)
    train = table(80)
    assert count_rarest_scored(train, folds) == train["target"].value_counts().min()
    early = train.assign(target=[1] * 12 + [0] * 60 + [1] * 8, **{TIME: np.arange(80.0)})
    assert count_rarest_scored(early, folds) == 8


def test_more_folds_than_groups_are_refused() -> None:
    """The message has both numbers."""
    train = table(90).assign(**{GROUP: (np.arange(90) // 30).astype(str)})
    expected = "cross_validation.folds: 5 is too many: train has 3 groups; lower it to at most 3"
    assert refuse(train, 5) == expected
    assert refuse(train.assign(**{GROUP: "a"}), 2).endswith("1 group; choose another data.group")


def test_a_class_that_comes_late_is_refused_by_its_label() -> None:
    """The first fold would be fitted without it: the remedy is a number that helps, or another."""
    target = ["a"] * 60 + ["b"] * 60
    train = pd.DataFrame({"target": target, TIME: np.arange(120.0)})
    lacking = "cross_validation.folds: fold 1 lacks class 'b' on one side; by time,"
    assert refuse(train, 3) == (
        f"{lacking} fewer folds do not help: leave out the times that have no such row, or set"
        " another split.method"
    )
    train["target"] = ["a"] * 25 + ["a", "b"] * 47 + ["b"]
    assert refuse(train, 5) == f"{lacking} set at most 3"
    assert make_folds(train, CrossValidation(folds=3, repeats=1), 0)


def test_a_class_within_one_group_is_refused_by_its_label() -> None:
    """The fold that holds it out could not tell it."""
    train = table(90).assign(**{GROUP: (np.arange(90) // 10).astype(str)})
    train = train.assign(target=(train[GROUP] == "3").astype("int64"))
    assert "lacks the positive class on one side" in refuse(train, 3)


@pytest.mark.parametrize(("early", "left"), [(0, 1), (12, 1), (30, 2)])
def test_a_time_of_most_rows_is_refused(early: int, left: int) -> None:
    """A fold is decided by those before it, and differences of a single one do not vary."""
    train = table(60).assign(**{TIME: [*range(early), *[60.0] * (60 - early)]})
    said = refuse(train, 3)
    assert f"cross_validation.folds: 3 folds by time leave {left}, and the" in said
    assert said.endswith("so choose another split.method")
    assert refuse(table(60).assign(**{TIME: np.arange(60.0)}), 2).endswith("set at least 3")
