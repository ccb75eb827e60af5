"""Models that score and give no probabilities."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.datasets import make_classification
from sklearn.linear_model import RidgeClassifier, SGDClassifier
from sklearn.svm import SVC, LinearSVC

from equipoise.fitting.scored_classes import ScoredClasses

MODELS = (LinearSVC(random_state=0), RidgeClassifier(), SVC(), SGDClassifier(random_state=0))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_scores_rank_as_the_model_does_and_half_is_where_they_change_sign(
    model: Any, n_classes: int
) -> None:
    """Also scores so far from 0 that the logistic function alone would make them equal."""
    X, y = make_classification(300, 6, n_informative=4, n_classes=n_classes, random_state=0)
    X *= 1000
    scored = ScoredClasses(model).fit(X, y)
    own, found = scored.estimator_.decision_function(X), scored.predict_proba(X)
    compared = found if n_classes > 2 else found[:, 1]
    assert np.array_equal(rankdata(own, axis=0), rankdata(compared, axis=0))
    assert np.array_equal(own > 0, compared > 0.5)
    assert np.array_equal(scored.predict(X), scored.estimator_.predict(X))
