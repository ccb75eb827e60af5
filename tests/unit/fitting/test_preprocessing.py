"""What is done to features before a sampler or a model sees them."""

from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pandas.testing import assert_frame_equal

from equipoise.contract.params import Preprocess
from equipoise.fitting.preprocessing import build_preprocessor

NUMERIC: list[Literal["passthrough", "standardize"]] = ["passthrough", "standardize"]
VALUES = arrays(np.float64, (8, 2), elements=st.floats(-1e6, 1e6, allow_subnormal=False))


def features(values: object = ((1.0, 10.0), (2.0, 30.0), (6.0, 20.0))) -> pd.DataFrame:
    """Return two named features, their rows numbered from 5."""
    frame = pd.DataFrame(np.asarray(values), columns=["age", "visits"])
    return frame.set_index(np.arange(len(frame)) + 5)


def test_passthrough_changes_nothing() -> None:
    """The default leaves the user's units."""
    passed = build_preprocessor(Preprocess(numeric="passthrough")).fit_transform(features())
    assert_frame_equal(features(), passed)


def test_standardize_gives_mean_zero_and_deviation_one() -> None:
    """Features of all units come out on one scale."""
    scaled = build_preprocessor(Preprocess(numeric="standardize")).fit_transform(features())
    assert np.allclose(0, scaled.mean())
    assert np.allclose(1, scaled.std(ddof=0))


def test_other_rows_are_scaled_by_the_rows_that_were_fitted() -> None:
    """Nothing of a held-out row reaches the scale."""
    fitted = build_preprocessor(Preprocess(numeric="standardize")).fit(features())
    held_out = fitted.transform(features([[3.0, 20.0]]))
    assert np.allclose(0, held_out)


@pytest.mark.parametrize("numeric", NUMERIC)
def test_a_frame_keeps_its_names_and_rows(numeric: Literal["passthrough", "standardize"]) -> None:
    """A sampler or a model gets the columns by the user's names."""
    changed = build_preprocessor(Preprocess(numeric=numeric)).fit_transform(features())
    assert changed.columns.tolist() == ["age", "visits"]
    assert changed.index.tolist() == [5, 6, 7]


@pytest.mark.parametrize("numeric", NUMERIC)
@settings(max_examples=25, deadline=None)
@given(values=VALUES)
def test_preprocessing_can_be_taken_back(
    numeric: Literal["passthrough", "standardize"], values: np.ndarray
) -> None:
    """Synthetic rows are stored in the user's units, so the way back must exist."""
    preprocessor = build_preprocessor(Preprocess(numeric=numeric))
    there = preprocessor.fit_transform(features(values))
    assert np.allclose(values, preprocessor.inverse_transform(there), rtol=1e-9, atol=1e-6)


def test_a_constant_feature_stays_finite() -> None:
    """A column without variation does not divide by zero."""
    constant = features([[1.0, 7.0], [2.0, 7.0], [6.0, 7.0]])
    scaled = build_preprocessor(Preprocess(numeric="standardize")).fit_transform(constant)
    assert scaled["visits"].tolist() == [0.0, 0.0, 0.0]
