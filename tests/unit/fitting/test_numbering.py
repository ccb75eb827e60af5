"""Classes by number, for what takes or weighs no others."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.ensemble import BalancedBaggingClassifier, EasyEnsembleClassifier
from imblearn.over_sampling import SMOTE
from imblearn.under_sampling import RandomUnderSampler
from pandas.testing import assert_frame_equal, assert_series_equal
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression

from equipoise.fitting.numbering import Numbered, weigh_by_number

BY_LABEL = {2: 3.0, 5: 7.0}
BY_NUMBER = {1: 3.0, 2: 7.0}


def table(labels: list[Any], rows: int = 90) -> tuple[pd.DataFrame, pd.Series]:
    """Return three classes, skewed."""
    rng = np.random.default_rng(0)
    number = rng.permutation(np.arange(rows) % 9 // 4)
    X = pd.DataFrame(rng.normal(size=(rows, 2)) + number[:, None], columns=["age", "visits"])
    return X, pd.Series([labels[n] for n in number], name="target")


@settings(max_examples=10, deadline=None)
@given(
    labels=st.lists(st.integers(-9, 9), min_size=3, max_size=3, unique=True)
    | st.lists(st.text(max_size=3), min_size=3, max_size=3, unique=True)
)
def test_a_sampler_does_to_labels_what_it_does_to_numbers(labels: list[Any]) -> None:
    """Rows are those of the sampler alone, and each label is the one of its number."""
    labels = sorted(labels)
    X, y = table(labels)
    X_expected, number = SMOTE(random_state=0).fit_resample(X, table([0, 1, 2])[1])
    X_resampled, y_resampled = Numbered(SMOTE(random_state=0)).fit_resample(X, y)
    assert_frame_equal(X_expected, X_resampled)
    assert_series_equal(number.map(dict(enumerate(labels))), y_resampled)


class Arrays:
    """A sampler as other packages have them: not derived from scikit-learn's, for arrays only."""

    def __init__(self, times: int = 1) -> None:
        self.times = times

    def get_params(self) -> dict[str, Any]:
        """Return more than the constructor takes, which `clone` refuses."""
        return {"times": self.times, "class_name": "Arrays"}

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return the rows, then the rarest class again."""
        rare = np.flatnonzero(y == np.bincount(y).argmin())
        assert X[:, None].ndim == 3  # a frame has no such index
        again = np.repeat(rare, self.times)
        return np.vstack([X, X[again] + 0.5]), np.append(y, y[again])


def test_a_sampler_that_takes_arrays_only_gives_frames_and_labels() -> None:
    """Columns keep their names and types, classes their labels; the sampler is left as it was."""
    X, y = table(["high", "low", "rare"])
    given_one: Any = Arrays(times=2)
    X_resampled, y_resampled = Numbered(given_one).fit_resample(X, y)
    rare = X[y == "rare"]
    made = pd.DataFrame(np.repeat(rare.to_numpy(), 2, axis=0) + 0.5, columns=X.columns)
    assert_frame_equal(X_resampled, pd.concat([X, made], ignore_index=True))
    assert y_resampled.tolist() == [*y, *["rare"] * len(made)]
    assert vars(given_one) == {"times": 2}


def test_the_sampler_that_was_given_is_left_as_it_was() -> None:
    """It can be fitted again, on other classes: the arguments of each fit are its own."""
    given_one = RandomUnderSampler(sampling_strategy={5: 3}, random_state=0)
    numbered = clone(Numbered(given_one))
    for labels in ([1, 2, 5], [5, 6, 7]):
        _, y_resampled = numbered.fit_resample(*table(labels))
        assert (y_resampled == 5).sum() == 3
    assert numbered.sampler.get_params() == given_one.get_params()
    assert not hasattr(given_one, "sampling_strategy_")


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingClassifier(class_weight=BY_LABEL),
        BaggingClassifier(LogisticRegression(class_weight=BY_LABEL)),
        BalancedBaggingClassifier(LogisticRegression(class_weight=BY_LABEL)),
        EasyEnsembleClassifier(estimator=RandomForestClassifier(class_weight=BY_LABEL)),
        VotingClassifier([("one", LogisticRegression(class_weight=BY_LABEL))]),
        AdaBoostClassifier(HistGradientBoostingClassifier(class_weight=BY_LABEL)),
        BaggingClassifier(AdaBoostClassifier(RandomForestClassifier(class_weight=BY_LABEL))),
    ],
    ids=lambda model: type(model).__name__,
)
def test_weights_are_by_number_where_classes_are_numbered_on_the_way(model: Any) -> None:
    """Also deeper inside; nothing else of the model is changed."""
    before = {name: str(value) for name, value in model.get_params().items()}
    after = weigh_by_number(model, table([1, 2, 5])[1]).get_params()
    weights = [value for name, value in after.items() if name.endswith("class_weight")]
    assert [value for value in weights if value is not None] == [BY_NUMBER]
    plain = {name: value for name, value in after.items() if isinstance(value, int | float)}
    assert {name: before[name] for name in plain} == {n: str(value) for n, value in plain.items()}


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(class_weight=BY_LABEL),
        RandomForestClassifier(class_weight=BY_LABEL),
        AdaBoostClassifier(LogisticRegression(class_weight=BY_LABEL)),
        BaggingClassifier(LogisticRegression(class_weight="balanced")),
        HistGradientBoostingClassifier(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_model_that_looks_weights_up_by_label_is_left_as_it_was(model: Any) -> None:
    """So is one without weights by label."""
    before = str(model.get_params())
    assert str(weigh_by_number(model, table([1, 2, 5])[1]).get_params()) == before


class Own(BaseEstimator):  # type: ignore[misc]  # it has no types
    """A sampler of a plug-in, built on scikit-learn."""

    def __init__(self, gives: Callable[[Any, Any], Any]) -> None:
        self.gives = gives

    def fit_resample(self, X: pd.DataFrame, y: pd.Series) -> Any:
        """Return whatever it was made with."""
        return self.gives(X, y)


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (lambda X, y: (X, y[1:]), "it gives 90 rows and 89 labels"),
        (lambda X, y: (X[["age"]], y), "what it gives has no column 'visits'"),
        (lambda X, y: (X.to_numpy()[:, 1:], y), "Shape of passed values"),
        (lambda X, y: (X, y + 7), "it gives labels that no row had"),
    ],
)
def test_what_is_no_table_of_rows_is_refused(gives: Callable[[Any, Any], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Numbered(Own(gives)).fit_resample(*table([0, 1, 2]))


def test_a_sampler_may_give_arrays_and_change_what_it_is_given() -> None:
    """Its frames are copies; an index that repeats is none of a row."""

    def double(X: Any, y: Any) -> Any:
        X["age"] += 1
        return pd.concat([X, X]), np.append(y, y)

    X, y = table(["high", "low", "rare"])
    before = X.copy()
    X_resampled, y_resampled = Numbered(Own(double)).fit_resample(X, y)
    assert_frame_equal(X, before)
    assert_frame_equal(
        X_resampled, pd.concat([X, X], ignore_index=True).assign(age=lambda X: X["age"] + 1)
    )
    assert y_resampled.tolist() == [*y, *y]
