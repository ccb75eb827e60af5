"""Classes by number, for what takes or weighs no others."""

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
from sklearn.base import clone
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression

from equipoise.fitting.numbering import Numbered, weighed_by_number

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
    after = weighed_by_number(model, table([1, 2, 5])[1]).get_params()
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
    assert str(weighed_by_number(model, table([1, 2, 5])[1]).get_params()) == before
