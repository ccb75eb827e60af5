"""Samples of folds are nested, keep class shares and leave what is held out as it is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import RepeatedStratifiedKFold

from equipoise.sizing.subsamples import thin_folds

TARGET = pd.Series(np.arange(300) % 10 == 0).map({True: "ill", False: "well"})
FOLDS = [*RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=1).split(TARGET, TARGET)]


@pytest.mark.parametrize(("smaller", "larger"), [(0.125, 0.5), (0.5, 1.0)])
def test_a_smaller_sample_lies_in_a_larger_one(smaller: float, larger: float) -> None:
    """Of every fold, with the share of each class, in the order of the table."""
    few, more = (thin_folds(FOLDS, TARGET, share, 3) for share in (smaller, larger))
    for (own, held_out), (other, _), (fitted, kept_out) in zip(few, more, FOLDS, strict=True):
        assert set(own) < set(other) <= set(fitted)
        assert (held_out == kept_out).all()
        counts, whole = (TARGET.iloc[rows].value_counts() for rows in (own, fitted))
        assert (counts == np.ceil(whole * smaller)).all()
        assert (np.diff(own) > 0).all()


def test_all_rows_are_the_folds_themselves_and_another_seed_draws_others() -> None:
    """A sample of all rows is no other fit than that of the trial."""
    for own, fold in zip(thin_folds(FOLDS, TARGET, 1.0, 3), FOLDS, strict=True):
        assert (own[0] == fold[0]).all()
    first, other = (thin_folds(FOLDS, TARGET, 0.5, seed)[0][0] for seed in (3, 4))
    assert set(first) != set(other)
