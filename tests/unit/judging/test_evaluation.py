"""One door for two classes and for several."""

import numpy as np
import pandas as pd
import pytest
from tests.decided import judge, judging_by

from equipoise.judging.records import Judging
from equipoise.metrics.classes import Classes
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Uncertainty
from equipoise.terminal.errors import UserError


def judging(classes: int) -> Judging:
    names = Classes.of([str(label) for label in range(classes)])
    return judging_by(Decision(), Uncertainty(resamples=100), names)


def scored(classes: int, rows: int = 120, seed: int = 0) -> pd.DataFrame:
    """Scored rows in three folds, every class in each, as `fitting.models.score` names them."""
    generator = np.random.default_rng(seed)
    y_true = np.arange(rows) % classes
    scores = generator.dirichlet(np.ones(classes), size=rows) + 0.5 * np.eye(classes)[y_true]
    scores /= scores.sum(axis=1, keepdims=True)
    two = {"y_score": scores[:, 1]}
    each = {f"y_score_{label}": scores[:, label] for label in range(classes)}
    fold = np.arange(rows) // classes % 3
    found = {"y_true": y_true, "y_pred": scores.argmax(axis=1), "repeat": 0, "fold": fold}
    return pd.DataFrame(found | (two if classes == 2 else each))


@pytest.mark.parametrize("classes", [2, 3])
def test_scores_of_one_class_are_judged_as_two_and_scores_of_each_as_several(classes: int) -> None:
    """Two classes have a threshold, several have weights."""
    ratios = {str(label): 1.0 + label for label in range(classes)}
    metrics = judge(scored(classes), scored(classes, seed=1), ratios, judging(classes)).metrics
    assert ("threshold" in metrics["tuned"]) == (classes == 2)
    assert ("weights" in metrics["tuned"]) == (classes == 3)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1.5, -0.1])
@pytest.mark.parametrize("part", ["test", "out-of-fold"])
def test_scores_that_are_no_probabilities_are_refused(
    wrong: float, part: str, classes: int
) -> None:
    """A model that gives none for some row is the user's to change: one line says so."""
    parts = {"test": scored(classes), "out-of-fold": scored(classes, seed=1)}
    rows = parts[part]
    rows.loc[[3, 5], rows.filter(like="y_score").columns[-1]] = wrong
    with pytest.raises(UserError) as refused:
        judge(parts["test"], parts["out-of-fold"], None, judging(classes))
    assert str(refused.value) == (
        f"y_score: 2 of {len(rows)} {part} rows have scores that are no probabilities, the first"
        f" {wrong:.4g}; choose a model that gives one from 0 to 1 for every row"
    )
