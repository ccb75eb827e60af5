"""An arm scores rows as they come, whatever their index."""

from typing import NoReturn

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.linear_model import LogisticRegression

from equipoise.core.arms import ArmName
from equipoise.core.table_schema import TableSchema
from equipoise.deciding.calibrators import Uncalibrated
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.rules import Threshold
from equipoise.trial import ReadTable, TrialArm

X = pd.DataFrame({"x": np.arange(40.0)})
MODEL = LogisticRegression().fit(X, X["x"] > 20)
SCHEMA = TableSchema(40, {"x": "numeric"}, "y", {"0": 21, "1": 19}, ("no", "yes"), {}, {})


class Arm(TrialArm):
    """An arm with a classifier and nothing else."""

    classifier = DecidingClassifier(MODEL, Uncalibrated(), Threshold(0.5), ("no", "yes"))

    @property
    def result(self) -> NoReturn:
        """Not needed here."""
        raise NotImplementedError

    curves = test = result


@pytest.mark.parametrize("index", [[3, 1, 2, 0], ["b", "b", "a", "b"], [1, 1, 1, 1]])
def test_scores_and_reasons_are_in_the_order_of_the_rows(index: list[object]) -> None:
    """Labels of rows may be out of order, or the same."""
    arm = Arm(ArmName("baseline", "logistic"), ReadTable(SCHEMA))
    rows = pd.DataFrame({"x": [1, "unknown word", 39, 20]})
    scored = arm.score(rows)
    assert scored["reason"].notna().tolist() == [False, True, False, False]
    labelled = rows.set_axis(pd.Index(index, name="id"))
    assert_frame_equal(arm.score(labelled), scored.set_axis(labelled.index))
