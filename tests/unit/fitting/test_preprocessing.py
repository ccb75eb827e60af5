"""What is done to features before a sampler or a model sees them."""

import sys
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pandas.testing import assert_frame_equal, assert_series_equal

from equipoise.core.tables import GROUP, TIME, split_off_target
from equipoise.fitting.preprocessing import (
    MISSING,
    TEXT_COMPONENTS,
    build_cleaner,
    build_encoder,
    build_scaler,
    clean,
    undo_scaling,
)
from equipoise.params.trial_params import Preprocess
from equipoise.terminal.errors import UserError

from .conftest import mixed_table

SEED = 7
PASSTHROUGH, STANDARDIZE = Preprocess(numeric="passthrough"), Preprocess(numeric="standardize")
NUMERIC: list[Literal["passthrough", "standardize"]] = ["passthrough", "standardize"]
VALUES = arrays(np.float64, (8, 2), elements=st.floats(-1e6, 1e6, allow_subnormal=False))
WORDS = ["clerk", "admin", "clerk"]


def features(values: object = ((1.0, 10.0), (2.0, 30.0), (6.0, 20.0))) -> pd.DataFrame:
    """Return two named features, their rows numbered from 5."""
    frame = pd.DataFrame(np.asarray(values), columns=["age", "visits"])
    return frame.set_index(np.arange(len(frame)) + 5)


def texts(count: int = 60) -> list[str]:
    """Return texts that differ."""
    return [f"what number {n * n} said to {n % 7}" for n in range(count)]


def cleaned(**columns: Any) -> pd.DataFrame:
    """Return columns cleaned as those of a part."""
    frame = pd.DataFrame(columns)
    return clean(frame.assign(target=0), SEED)[1].drop(columns="target")


def test_gaps_are_filled_with_what_is_usual() -> None:
    """The median of numbers, the commonest whole number, a category of its own."""
    raw = mixed_table()
    raw.loc[raw.index[:50], "visits"] = 0  # the commonest is not the one in the middle
    _, found = clean(raw, SEED)
    expected = {
        "age": raw["age"].fillna(raw["age"].median()),
        "income": raw["income"].fillna(raw["income"].median()),
        "visits": raw["visits"].fillna(raw["visits"].mode()[0]).astype("int64"),
        "job": raw["job"].astype("str").fillna(MISSING),
        "member": raw["member"].astype("str").fillna(MISSING),
        "since_year": raw["since"].dt.year.fillna(raw["since"].dt.year.median()),
        "since_month": raw["since"].dt.month.fillna(raw["since"].dt.month.median()),
        "since_day": raw["since"].dt.day.fillna(raw["since"].dt.day.median()),
    }
    for name, values in expected.items():
        assert_series_equal(found[name], values, check_names=False, check_dtype=name == "visits")
    assert found.notna().all(axis=None)


def test_all_else_of_a_part_stays_as_it_is() -> None:
    """Rows in their order, target, and what folds go by."""
    raw = mixed_table().assign(**{GROUP: "a"}, **{TIME: pd.Timestamp("2020-01-01")})
    _, found = clean(raw, SEED)
    others = ["target", GROUP, TIME]
    assert_frame_equal(raw[others], found[others])


def test_a_row_is_cleaned_by_itself() -> None:
    """What is learned is learned when it is fitted: no other row changes how one is cleaned."""
    raw, other = mixed_table(), mixed_table(seed=1)
    cleaner, _ = clean(raw, SEED)
    X, _ = split_off_target(other)
    together = cleaner.transform(X)
    for row in range(0, len(X), 40):
        assert_frame_equal(cleaner.transform(X.iloc[[row]]), together.iloc[[row]])


def test_a_gap_where_there_was_none_is_filled_too() -> None:
    """By the mean of numbers that had no gap; labels and dates as ever."""
    X = pd.DataFrame(
        {"age": [1.0, 2.0, 6.0], "job": pd.Categorical(WORDS)},
    ).assign(since=pd.date_range("2020-01-01", periods=3).astype("datetime64[us]"))
    cleaner = build_cleaner(X, SEED).fit(X)
    found = cleaner.transform(
        X.assign(age=np.nan, job=None, since=np.datetime64("NaT")).astype(X.dtypes)
    )
    assert found["age"].tolist() == [3.0] * 3
    assert found["job"].tolist() == [MISSING] * 3
    assert found["since_day"].tolist() == [2.0] * 3


@pytest.mark.parametrize("dtype", ["category", "object", "str"])
def test_labels_may_come_in_any_type_and_be_new(dtype: Any) -> None:
    """Who asks a model later has a frame of another history."""
    X = pd.DataFrame({"age": [1.0, 2.0, 6.0], "job": pd.Categorical(WORDS)})
    cleaner = build_cleaner(X, SEED).fit(X)
    later = X.assign(job=pd.Series(["pilot", None, "clerk"], index=X.index).astype(dtype))
    assert cleaner.transform(later)["job"].tolist() == ["pilot", MISSING, "clerk"]


EMPTY: dict[str, Any] = {
    "numbers": [np.nan] * 3,
    "whole": pd.array([None] * 3, dtype="Int64"),
    "categories": pd.Categorical([None] * 3, categories=["a"]),
    "dates": pd.Series([pd.NaT] * 3).astype("datetime64[us]"),
    "texts": pd.array([None] * 3, dtype="str"),
    "blanks": pd.array(["", " ", None], dtype="str"),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_column_of_gaps_is_filled_too(name: str) -> None:
    """A fold may have no value of a column that has some elsewhere."""
    found = cleaned(age=[1.0, 2.0, 6.0], other=EMPTY[name])
    assert found.notna().all(axis=None)
    assert len(found.columns) > 1


def test_text_becomes_as_many_numbers_whatever_it_says() -> None:
    """Like texts are like numbers; a gap and a text of other letters are numbers as well."""
    X = pd.DataFrame({"note": pd.array(texts(), dtype="str")})
    cleaner = build_cleaner(X, SEED).fit(X)
    later = [texts()[3], texts()[3], None, "zzz"]
    found = cleaner.transform(pd.DataFrame({"note": pd.array(later, dtype="str")}))
    assert found.shape == (4, TEXT_COMPONENTS)
    assert found.notna().all(axis=None)
    assert found.iloc[0].tolist() == found.iloc[1].tolist() != found.iloc[3].tolist()


@pytest.mark.parametrize("others", [{}, {"age": [1.0] * 60}])
def test_text_is_the_same_numbers_twice(others: dict[str, Any]) -> None:
    """The seed of the params reaches what is drawn; alone in a table or not."""
    first, second = (cleaned(note=pd.array(texts(), dtype="str"), **others) for _ in range(2))
    assert_frame_equal(first, second, check_exact=True)


def test_a_date_of_one_part_is_a_frame_too() -> None:
    """A table of dates only has parts that a sampler can be given."""
    found = cleaned(since=pd.date_range("2020-02-28", periods=3).astype("datetime64[us]"))
    assert found["since_day"].tolist() == [28.0, 29.0, 1.0]
    assert found["since_month"].tolist() == [2.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("column", "taken"),
    [
        (pd.date_range("2020-01-01", periods=60).astype("datetime64[us]"), "when_year"),
        (pd.array(texts(), dtype="str"), "when_0"),
    ],
    ids=["date", "text"],
)
def test_a_name_that_a_part_needs_is_refused(column: Any, taken: str) -> None:
    """The line has the name, and what to do."""
    with pytest.raises(UserError) as refused:
        cleaned(when=column, **{taken: [1.0] * 60})
    message = str(refused.value)
    assert message.startswith(f"data.columns: Output feature names: ['{taken}'] are not unique.")
    assert message.endswith("; rename or drop columns, or pin other kinds")


def test_complete_numbers_pay_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table without words needs neither what parses them nor what sorts columns."""
    for module in ("skrub", "sklearn.compose"):
        monkeypatch.setitem(sys.modules, module, None)
    _, found = clean(features().assign(target=0), SEED)
    assert build_encoder(STANDARDIZE, features(), SEED) is None
    scaler = build_scaler(STANDARDIZE, features(), SEED)
    assert scaler is not None
    assert scaler.fit_transform(features()).shape == features().shape
    assert_frame_equal(features(), found.drop(columns="target"))


def scaled(X: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """Return a fitted scaler, and what it makes of the rows it was fitted on."""
    scaler = build_scaler(STANDARDIZE, X, SEED)
    assert scaler is not None
    return scaler, scaler.fit_transform(X)


def test_passthrough_and_a_table_of_labels_are_not_scaled() -> None:
    """There is nothing to fit, and nothing to undo."""
    labels = pd.DataFrame({"job": WORDS})
    assert build_scaler(PASSTHROUGH, features(), SEED) is None
    assert build_scaler(STANDARDIZE, labels, SEED) is None
    assert_frame_equal(undo_scaling(None, labels), labels)


@pytest.mark.parametrize("labels", [{}, {"job": WORDS}])
def test_standardize_gives_mean_zero_and_deviation_one(labels: dict[str, Any]) -> None:
    """Features of all units come out on one scale, labels as they were."""
    X = features().assign(**labels)
    _, found = scaled(X)
    assert found.index.tolist() == [5, 6, 7]
    assert np.allclose(0, found[["age", "visits"]].mean())
    assert np.allclose(1, found[["age", "visits"]].std(ddof=0))
    assert_frame_equal(found[[*labels]], X[[*labels]])


def test_other_rows_are_scaled_by_the_rows_that_were_fitted() -> None:
    """Nothing of a held-out row reaches the scale."""
    scaler, _ = scaled(features())
    assert np.allclose(0, scaler.transform(features([[3.0, 20.0]])))


def test_a_constant_feature_stays_finite() -> None:
    """A column without variation does not divide by zero."""
    _, found = scaled(features([[1.0, 7.0], [2.0, 7.0], [6.0, 7.0]]))
    assert found["visits"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("labelled", [False, True])
@settings(max_examples=15, deadline=None)
@given(values=VALUES)
def test_scaling_can_be_taken_back(values: np.ndarray, *, labelled: bool) -> None:
    """Synthetic rows are stored in the user's units, so the way back must exist."""
    X = features(values)
    if labelled:
        X.insert(1, "job", [*WORDS, *WORDS, *WORDS[:2]])
    scaler, there = scaled(X)
    restored = undo_scaling(scaler, there)[list(X)]
    assert_frame_equal(restored, X, rtol=1e-9, atol=1e-6)


def encoded(X: pd.DataFrame, later: pd.DataFrame) -> Any:
    """Return what an encoder that was fitted on `X` makes of other rows."""
    encoder = build_encoder(PASSTHROUGH, X, SEED)
    assert encoder is not None
    return encoder.fit(X).transform(later)


@pytest.mark.parametrize("numbers", [[], ["age", "visits"]])
def test_a_label_is_a_column_of_its_own(numbers: list[str]) -> None:
    """As pandas has it, after the numbers."""
    X = features().assign(job=WORDS, member=["True", "False", "True"])[[*numbers, "job", "member"]]
    expected = pd.get_dummies(X, columns=["job", "member"], dtype="float64")
    assert np.array_equal(encoded(X, X), expected.to_numpy())


def test_a_label_that_is_new_has_no_column() -> None:
    """It is none of those that are known, and no reason to stop; a known one may be absent."""
    X = pd.DataFrame({"job": WORDS})
    later = pd.DataFrame({"job": ["pilot", "clerk", "clerk"]})
    assert encoded(X, later).tolist() == [[0.0, 0.0], [0.0, 1.0], [0.0, 1.0]]


def encoded_by(preprocess: Preprocess, values: list[str], later: list[str]) -> list[list[float]]:
    """Return the columns of 0 and 1 that words become."""
    encoder = build_encoder(preprocess, pd.DataFrame({"job": values}), SEED)
    assert encoder is not None
    columns = encoder.fit(pd.DataFrame({"job": values})).transform(pd.DataFrame({"job": later}))
    return [row.tolist() for row in columns]


def test_rare_labels_share_a_column() -> None:
    """The commonest have one each, the rest the last one, and what is new goes with the rest."""
    values = ["b", "b", "b", "c", "c", "a", "d"]
    found = encoded_by(Preprocess(most_categories=3), values, ["b", "c", "a", "d", "new"])
    assert found == [[1, 0, 0], [0, 1, 0], *[[0, 0, 1]] * 3]


def test_no_more_labels_than_columns_are_as_ever() -> None:
    """Each has its own, however rare, and what is new has none."""
    values = [f"w{n:02}" for n in range(100)]
    found = np.array(encoded_by(PASSTHROUGH, [*values, "w00"], [*values, "new"]))
    assert np.array_equal(found, np.eye(101)[:, :-1])


def by_class(labels: list[Any], numeric: Literal["passthrough", "standardize"]) -> Any:
    """Return an encoder by target, fitted on words that tell the labels, and what it gives."""
    X = pd.DataFrame({"job": [f"job {label}" for label in labels], "age": np.arange(len(labels))})
    encoder = build_encoder(Preprocess(numeric=numeric, categories="target"), X, SEED)
    assert encoder is not None
    return encoder.fit_transform(X, pd.Series(labels)), encoder.transform(X)


@pytest.mark.parametrize(("labels", "columns"), [([0, 1], 1), (["a", "b", "c"], 3), ([1, 2, 5], 3)])
def test_a_label_may_be_the_share_of_each_class_among_its_rows(
    labels: list[Any], columns: int
) -> None:
    """One number of two classes, one for each of several; here a word tells the class."""
    cross_fitted, found = by_class(labels * 20, "passthrough")
    assert found.shape == cross_fitted.shape == (20 * len(labels), 1 + columns)
    assert np.allclose(found[: len(labels), -columns:], np.eye(len(labels))[:, -columns:], atol=0.1)


def test_shares_are_standardized_where_numbers_are() -> None:
    """A penalty on coefficients would else drown the share of a rare class."""
    cross_fitted, _ = by_class([0, 1] * 50, "standardize")
    assert np.allclose(cross_fitted[:, -1].mean(), 0)
    assert np.allclose(cross_fitted[:, -1].std(), 1)


def test_labels_may_make_names_that_coincide() -> None:
    """`a` with `b_c`, `a_b` with `c`, and a number that is called so."""
    X = pd.DataFrame({"a": ["b_c", "d"], "a_b": ["c", "d"], "a_b_c": [1.5, 2.5]})
    assert encoded(X, X).tolist() == [[1.5, 1.0, 0.0, 1.0, 0.0], [2.5, 0.0, 1.0, 0.0, 1.0]]
