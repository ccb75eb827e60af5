"""Pipeline, calibrator and rule are one classifier, of scikit-learn's kind."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.datasets import make_classification
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, get_scorer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from equipoise.deciding.calibrators import PriorShift, Uncalibrated
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.learning import learn_calibrator
from equipoise.deciding.rules import LeastExpectedCost, Threshold
from equipoise.fitting.models import score

SRC = Path(__file__).parents[3] / "src"
X, y = make_classification(600, 5, weights=[0.8], random_state=3)
X = pd.DataFrame(X).rename(columns="x{}".format)
PIPELINE = LogisticRegression(class_weight="balanced").fit(X, y)
LABELS = ("kept", "lost")


def test_predict_gives_the_users_labels_by_the_rule() -> None:
    """Raw scores at or above the threshold are of the positive label."""
    classifier = DecidingClassifier(PIPELINE, Uncalibrated(), Threshold(0.7), LABELS)
    expected = np.where(PIPELINE.predict_proba(X)[:, 1] >= 0.7, "lost", "kept")
    np.testing.assert_array_equal(classifier.predict(X), expected)
    assert classifier.classes_.tolist() == list(LABELS)


@pytest.mark.parametrize("labels", [("kept", "lost"), ("ok", "fraud"), (1, 0), (1, -1), (10, 9)])
@pytest.mark.parametrize("scorer", ["neg_log_loss", "roc_auc", "matthews_corrcoef"])
def test_scorers_of_scikit_learn_are_right_whatever_the_labels(
    labels: tuple[Any, Any], scorer: str
) -> None:
    """They take probabilities to be in the order of the labels."""
    classifier = DecidingClassifier(PIPELINE, Uncalibrated(), Threshold(0.5), labels)
    named = np.array(labels)[y]
    assert classifier.classes_.tolist() == sorted(labels)
    expected = get_scorer(scorer)(PIPELINE, X, y)
    assert get_scorer(scorer)(classifier, X, named) == pytest.approx(expected, rel=1e-12)


def test_labels_keep_their_types() -> None:
    """A number beside a word stays one, as it is where a positive number is told from the rest."""
    classifier = DecidingClassifier(PIPELINE, Uncalibrated(), Threshold(0.5), ("not 2", 2))
    assert {*classifier.predict(X)} == {"not 2", 2}


def test_predict_proba_gives_calibrated_probabilities_and_scores_stay_reachable() -> None:
    """The rule goes by the scores that it was learned from, not by the calibrated ones."""
    raw = PIPELINE.predict_proba(X)
    calibrator = learn_calibrator("sigmoid", y, raw)
    classifier = DecidingClassifier(PIPELINE, calibrator, Threshold(0.7), LABELS)
    np.testing.assert_array_equal(classifier.predict_scores(X), raw)
    np.testing.assert_array_equal(classifier.predict_proba(X), calibrator.apply(raw))
    assert classifier.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=1e-3)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(400, min_samples_leaf=7, n_jobs=2, random_state=1),
        QuadraticDiscriminantAnalysis(reg_param=0.01),
    ],
    ids=["trees that vote as they end", "products on several threads"],
)
def test_a_row_has_the_score_of_the_trial_to_the_last_digit(model: Any) -> None:
    """A threshold is where a score of the trial is, so the last digit may decide."""
    wide, of_wide = make_classification(1500, 300, random_state=2)
    table = pd.DataFrame(wide).rename(columns="x{}".format).assign(target=of_wide)
    pipeline = make_pipeline("passthrough", model).fit(table.drop(columns="target"), of_wide)
    classifier = DecidingClassifier(pipeline, Uncalibrated(), Threshold(0.5), LABELS)
    few = table[:50]
    with threadpool_limits(limits=1):
        in_the_trial = score(pipeline, few)["y_score"]
    for _ in range(10):
        with threadpool_limits(limits=2):
            scores = classifier.predict_scores(few.drop(columns="target"))
            again = score(pipeline, few)["y_score"]
        np.testing.assert_array_equal(scores[:, 1], in_the_trial)
        np.testing.assert_array_equal(again, in_the_trial)


def test_of_neighbours_at_equal_distances_the_same_count_whatever_rows_are_beside() -> None:
    """With many rows scikit-learn would search on several threads in another way than with few."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame(0.7 * rng.integers(0, 2, (3000, 16))).rename(columns="x{}".format)
    model = KNeighborsClassifier(15).fit(table, rng.random(len(table)) < 0.3)
    classifier = DecidingClassifier(model, Uncalibrated(), Threshold(0.5), LABELS)
    with threadpool_limits(limits=2):
        whole = classifier.predict_scores(table)
        for part in (slice(1), slice(100), slice(900)):
            np.testing.assert_array_equal(classifier.predict_scores(table[part]), whole[part])


def test_least_expected_cost_goes_by_calibrated_probabilities() -> None:
    """Costs and weighted scores do not go together."""
    costs = LeastExpectedCost(((0.0, 1.0), (4.0, 0.0)))
    classifier = DecidingClassifier(PIPELINE, PriorShift((1.0, 4.0)), costs, LABELS)
    lost = classifier.predict(X) == "lost"
    np.testing.assert_array_equal(lost, classifier.predict_proba(X)[:, 1] >= 0.2)


def test_scikit_learn_takes_it_for_a_fitted_classifier() -> None:
    """Its scorers, its clones and its checks; fitting changes nothing."""
    classifier = DecidingClassifier(PIPELINE, Uncalibrated(), Threshold(0.5), LABELS)
    check_is_fitted(classifier)
    assert is_classifier(classifier)
    named = np.array(LABELS)[y]
    score = get_scorer("balanced_accuracy")(classifier, X, named)
    assert 0.5 < score <= 1
    assert f1_score(named, classifier.fit(X, named).predict(X), pos_label="lost") > 0
    assert clone(classifier).get_params()["rule"] == Threshold(0.5)


def test_it_travels_without_the_rest_of_the_package() -> None:
    """Importing it imports nothing of this package but what it is made of."""
    code = (
        "import sys, equipoise.deciding.classifier;"
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in"
        " {'equipoise', 'pydantic', 'mlflow', 'dvc', 'imblearn', 'skrub', 'yaml'}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SRC)},
    )
    assert found.stdout.split() == [
        *("equipoise", "equipoise.core", "equipoise.core.one_thread", "equipoise.core.tables"),
        "equipoise.deciding",
        *(f"equipoise.deciding.{name}" for name in ("calibrators", "classifier", "rules")),
    ]
