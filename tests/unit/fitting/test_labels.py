"""Labels that params.yaml names, held against the classes of train."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.core.tables import name_class
from equipoise.fitting.labels import (
    check_classes_kept,
    check_component_labels,
    check_strategy_labels,
)
from equipoise.params.trial_params import Component, Strategy
from equipoise.terminal.errors import UserError

LABELS = st.one_of(
    st.lists(st.integers(-20, 20), min_size=2, max_size=6, unique=True),
    st.lists(st.text(max_size=3), min_size=2, max_size=6, unique=True),
)
SMOTE = Component.model_validate({"class": "SMOTE"})


def sampler(asked: object) -> Component:
    """Return a sampler with this `sampling_strategy`."""
    return Component.model_validate({"class": "SMOTE", "sampling_strategy": asked})


@given(labels=LABELS, other=st.integers(-20, 20) | st.text(max_size=3))
def test_a_label_is_refused_if_and_only_if_it_is_no_class(labels: list[Any], other: Any) -> None:
    """Numbers and words are told apart, and the classes there are stand in the message."""
    y = pd.Series(labels * 2)
    strategy = Strategy.model_validate({"class_weight": {labels[0]: 2, other: 3}})
    if other in labels:
        check_strategy_labels(strategy.at("strategies.x"), y)
        check_component_labels(sampler({other: 5}).at("strategies.x.sampler"), y)
        return
    known = ", ".join(map(repr, sorted(labels)))
    expected = f"{other!r} is not a class of train; choose from: {known}"
    with pytest.raises(UserError) as weighed:
        check_strategy_labels(strategy.at("strategies.x"), y)
    assert str(weighed.value) == f"strategies.x.class_weight: {expected}"
    with pytest.raises(UserError) as sampled:
        check_component_labels(sampler({other: 5}).at("strategies.x.sampler"), y)
    assert str(sampled.value) == f"strategies.x.sampler.sampling_strategy: {expected}"


@pytest.mark.parametrize("asked", ["auto", None, True, [0, 1], {1: 5}, 0.5])
def test_what_names_no_other_class_is_left_to_the_library(asked: object) -> None:
    """With two classes a ratio has a meaning; with any, words have."""
    y = pd.Series([0, 0, 1])
    check_component_labels(sampler(asked).at("strategies.x.sampler"), y)
    if not isinstance(asked, float):
        check_component_labels(sampler(asked).at("strategies.x.sampler"), pd.Series([0, 1, 2]))


@given(labels=LABELS, data=st.data())
def test_the_first_class_that_is_lost_is_named(labels: list[Any], data: st.DataObject) -> None:
    """Where every class is kept, nothing is said."""
    kept = data.draw(st.lists(st.sampled_from(labels), unique=True))
    lost = sorted(set(labels) - set(kept))
    y = pd.Series(labels * 2)
    if not lost:
        check_classes_kept(SMOTE.at("strategies.x.sampler"), kept, y)
        return
    with pytest.raises(UserError) as refused:
        check_classes_kept(SMOTE.at("strategies.x.sampler"), kept, y)
    expected = f"strategies.x.sampler: SMOTE leaves no row of {name_class(lost[0], labels)} "
    assert str(refused.value).startswith(expected)
