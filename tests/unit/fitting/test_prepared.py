"""Rows as models learn from them, beside what scikit-learn's own pipeline hands on."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from equipoise.core.difference import Difference
from equipoise.core.tables import ROW, TARGET
from equipoise.fitting.prepared import Prepared
from equipoise.params.trial_params import Preprocess

SEED = 7


@pytest.fixture
def cleaned() -> pd.DataFrame:
    """Numbers of which each value is there a few times, so that an own label counts for much."""
    rng = np.random.default_rng(SEED)
    rows = pd.DataFrame({name: rng.integers(0, 40, 200).astype("float64") for name in "ab"})
    return rows.assign(**{TARGET: rng.integers(0, 2, 200)})


def test_a_row_of_train_does_not_carry_its_own_label(cleaned: pd.DataFrame) -> None:
    """What goes by labels is cross-fitted, also in the rows that an under-sampler keeps."""
    preprocess = Preprocess.model_validate({"numeric": {"class": "TargetEncoder"}})
    prepared = Prepared.of(cleaned, preprocess, SEED)
    features, target = cleaned.drop(columns=TARGET), cleaned[TARGET]
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    encoder = TargetEncoder(cv=folds).set_output(transform="pandas")
    expected = encoder.fit_transform(features, target)
    assert not np.allclose(expected, encoder.transform(features))
    assert_frame_equal(prepared.apply(Difference())[0], expected)
    some = [150, 3, 77, 3]
    kept, labels = prepared.apply(Difference(pd.DataFrame({ROW: some})))
    assert_frame_equal(kept, expected.iloc[some].reset_index(drop=True))
    assert labels.tolist() == target.iloc[some].tolist()


def test_rows_that_a_sampler_makes_are_scaled_as_new_ones(cleaned: pd.DataFrame) -> None:
    """In the order of the sampler, between those that it keeps."""
    prepared = Prepared.of(cleaned, Preprocess(numeric="standardize"), SEED)
    kept = pd.DataFrame({ROW: [5, 9]}, index=[0, 2])
    made = pd.DataFrame({"a": [1.0], "b": [2.0], TARGET: [1]}, index=[1])
    found, labels = prepared.apply(Difference(kept, made))
    both = pd.concat([cleaned.iloc[[5]], made, cleaned.iloc[[9]]]).drop(columns=TARGET)
    numbers = cleaned.drop(columns=TARGET)
    expected = (both - numbers.mean()) / numbers.std(ddof=0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert labels.tolist() == [cleaned[TARGET][5], 1, cleaned[TARGET][9]]
