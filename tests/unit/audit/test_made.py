"""Rows are told apart by their features, of whatever type, missing values included."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler
from tests.decided import DECIDING

from equipoise.audit.made import Made
from equipoise.core.tables import GROUP, TIME

# Few values of each type, so that whole rows coincide.
FLOATS = st.sampled_from([0.0, -0.0, 1.5, np.nan])
WHOLE = st.sampled_from([1, 2])
WORDS = st.sampled_from(["a", "b", None])
DAYS = st.sampled_from([pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-01 12:00"), pd.NaT])
ROWS = st.lists(st.tuples(FLOATS, WHOLE, WORDS, WORDS, DAYS, st.booleans()), min_size=1, max_size=9)
COLUMNS = ["float", "whole", "word", "kind", "day", "flag"]


def made_of(train: pd.DataFrame, test: pd.DataFrame) -> Made:
    dataset = pd.concat([train, test], ignore_index=True)
    return Made(dataset, train, test, {}, {}, *DECIDING)


def table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(target=1)
    types = {"word": "str", "kind": "category", "day": "datetime64[us]", "float": "float64"}
    return frame.astype(types)


def as_values(row: tuple[Any, ...]) -> tuple[object, ...]:
    """The row such that Python finds equal what is equal: missing values as None."""
    return tuple(None if pd.isna(value) else value for value in row)


@given(ROWS, ROWS)
@settings(deadline=None)
def test_a_row_is_found_in_train_if_and_only_if_it_is_there(
    train: list[tuple[Any, ...]], test: list[tuple[Any, ...]]
) -> None:
    """Numbers, words, categories, dates, gaps: as comparing each row with each other says."""
    there = {as_values(row) for row in train}
    found = made_of(table(train), table(test)).as_in_train
    assert found.tolist() == [as_values(row) in there for row in test]


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30, unique=True),
    st.floats(1e-3, 1e3),
    st.floats(-1e6, 1e6),
)
@settings(deadline=None)
def test_a_row_that_was_scaled_and_back_is_the_same_row(
    values: list[float], scale: float, shift: float
) -> None:
    """What a sampler hands on has gone through the space that the model sees."""
    train = pd.DataFrame({"x": np.multiply(values, scale) + shift}).assign(target=1)
    scaler = StandardScaler().fit(train[["x"]])
    back = scaler.inverse_transform(scaler.transform(train[["x"]])).ravel()
    assert made_of(train, train.assign(x=back)).as_in_train.all()


def test_values_that_differ_in_the_sixth_decimal_are_told_apart() -> None:
    """Rounding forgives what a scaler does, not a difference that anyone wrote."""
    train = pd.DataFrame({"x": [1.0, 2.0, 3.0], "target": 1})
    test = train.assign(x=train["x"] + 1e-6)
    assert not made_of(train, test).as_in_train.any()


def test_without_a_model_rows_are_compared_as_they_are() -> None:
    """What cleans rows comes with a model; where there is none, nothing is cleaned."""
    train = pd.DataFrame({"x": [1.0, np.nan], "target": 1})
    assert made_of(train, train).cleaned_test.equals(train[["x"]])


def test_a_row_is_known_whatever_type_holds_its_values() -> None:
    """Of the same values one file may make a category, another words; integers become floats."""
    train = pd.DataFrame({"n": [1, 2, 3], "kind": pd.Categorical(["a", "b", None]), "target": 1})
    test = train.assign(n=train["n"].astype("float64"), kind=train["kind"].astype(object))
    nullable = train.assign(n=train["n"].astype("Int64"))
    assert made_of(train, test).as_in_train.all()
    assert made_of(train, nullable).as_in_train.all()
    assert made_of(test, train).as_in_train.all()


def test_a_column_of_nothing_but_rounding_tells_no_rows_apart() -> None:
    """As where text is turned into more numbers than there is in it: they are all noise."""
    train = pd.DataFrame({"x": [1.0, 2.0], "noise": [3e-18, -2e-17], "target": 1})
    test = train.assign(noise=[-1e-18, 1e-17])
    assert made_of(train, test).as_in_train.all()


def test_a_column_with_an_infinite_value_still_tells_rows_apart() -> None:
    """A standard deviation that is no number does not make all rows one."""
    train = pd.DataFrame({"x": [1.0, 2.0, np.inf], "target": 1})
    test = pd.DataFrame({"x": [1.0, 5.0, np.inf, -np.inf], "target": 1})
    assert made_of(train, test).as_in_train.tolist() == [True, False, True, False]


@pytest.mark.parametrize("name", [GROUP, TIME])
def test_target_group_and_time_are_no_features(name: str) -> None:
    """A row with the features of another is its double, whoever's and whenever it is."""
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(2)]
    train = pd.DataFrame({"x": [1.0, 2.0], name: pd.to_datetime(days), "target": [0, 1]})
    test = train.assign(target=1 - train["target"], **{name: train[name] + timedelta(days=9)})
    assert made_of(train, test).features == ["x"]
    assert made_of(train, test).as_in_train.all()
    other = {name: "when"}
    assert not made_of(train.rename(columns=other), test.rename(columns=other)).as_in_train.any()
