"""What is said of a chart to people who cannot see it."""

import pandas as pd
import pytest
from tests.answers import result_of

from equipoise.charts.figures import make_curve_figures, make_score_figures
from equipoise.charts.style import Look

LOOK = Look(["smote"], ["logistic"])
NUMBERS = {
    "arm": "smote-logistic",
    "strategy": "smote",
    "model": "logistic",
    "test": {"n": 100, "average_precision": 0.5, "roc_auc": 0.8, "brier_score": 0.1},
}
CURVES = pd.DataFrame({"curve": ["reliability"] * 2, "x": [0.1, 0.9], "y": [0.2, 0.7]}).assign(
    arm="smote-logistic", strategy="smote", model="logistic"
)


def test_a_single_arm_is_counted_as_one() -> None:
    [figure] = make_curve_figures([result_of(NUMBERS)], CURVES, LOOK, "f1")
    assert "of 1 arm. Brier scores: smote-logistic 0.100." in figure.alt


@pytest.mark.parametrize(
    ("classes", "said"),
    [({}, "positives and negatives apart"), ({"classes": ["a", "b", "c"]}, "each class and all")],
)
def test_scores_of_several_classes_have_no_positives(
    classes: dict[str, list[str]], said: str
) -> None:
    [figure] = make_score_figures([result_of(NUMBERS | classes)], CURVES, LOOK)
    assert said in figure.alt
    assert ("positive" in figure.alt) == (not classes)
