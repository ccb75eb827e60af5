"""Arms that would stop the job after others have taken their time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from equipoise.checks.buildable import check_arms
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]

TWO = pd.DataFrame({"paid": np.arange(40.0), "said": ["a", "b"] * 20, "target": [0, 0, 0, 1] * 10})
THREE = TWO.assign(target=["high", "low", "low", "mid"] * 10)
KNN = {"knn": {"class": "KNeighborsClassifier"}}
ARMS = {
    "strategies": {
        "baseline": {},
        "weights": {"class_weight": "balanced"},
        "bagged": {"ensemble": {"class": "BalancedBaggingClassifier"}},
        "labelled": {"class_weight": {"rarest": 9}},
    },
    "models": {
        "logistic": {"class": "LogisticRegression"},
        **KNN,
        "misspelt": {"class": "LogisticRegresion"},
        "xgboost": {"class": "XGBClassifier"},
        "weighted": {"class": "LogisticRegression", "class_weight": "balanced"},
        "forest": {"class": "BalancedRandomForestClassifier"},
    },
}
COST = {"objective": "cost", "false_negative": 9.0, "false_positive": 1.0}


def job(make: MakeParams, strategies: str, models: str, **sections: Any) -> Params:
    """Return params that run these strategies with these models."""
    run = {"strategies": strategies.split(), "models": models.split()}
    return make(**{**ARMS, "run": run, **sections})


def said(table: pd.DataFrame, params: Params) -> list[str]:
    """Return what is found, all of it errors."""
    findings = check_arms(table, params)
    assert {finding.level for finding in findings} <= {"error"}
    return [finding.message for finding in findings]


@pytest.mark.parametrize("table", [TWO, THREE])
def test_arms_that_can_run_are_not_spoken_of(make_params: MakeParams, table: pd.DataFrame) -> None:
    """Nor is what the catalogue holds and `run` does not name."""
    params = job(make_params, "baseline weights bagged", "logistic")
    assert said(table, params) == []


def test_a_model_is_found_once_however_many_strategies_it_is_tried_with(
    make_params: MakeParams,
) -> None:
    """Its class is wrong with each of them; what else is wrong is found as well."""
    strategies, models = ["baseline", "weights", "bagged"], ["misspelt", "knn"]
    every_arm = {"strategies": strategies, "models": models, "strict": True}
    params = make_params(**ARMS, run=every_arm)
    misspelt, weights = said(TWO, params)
    assert misspelt.startswith("models.misspelt.class: 'LogisticRegresion' is not a known class")
    assert weights.startswith("strategies.weights.class_weight: KNeighborsClassifier (models.knn)")


@pytest.mark.parametrize(
    ("strategy", "model", "begins"),
    [
        ("labelled", "logistic", "strategies.labelled.class_weight: 'rarest' is not a class"),
    ],
)
def test_labels_are_held_against_the_table(
    make_params: MakeParams, strategy: str, model: str, begins: str
) -> None:
    """Params alone cannot tell."""
    (message,) = said(THREE, job(make_params, strategy, model))
    assert message.startswith(begins)


@pytest.mark.parametrize(
    ("table", "decision", "begins"),
    [
        (TWO, {"objective": "weighted_f1"}, "decision.objective: 'weighted_f1' is for several"),
        (THREE, {"objective": "alerts", "per_thousand": 5}, "decision.objective: 'alerts' has no"),
        (TWO, COST | {"amount": "pay"}, "decision.amount: no column 'pay'; choose from: paid, "),
        (TWO, COST | {"amount": "said"}, "decision.amount: column 'said' is not numeric"),
        (THREE, {"objective": "cost", "costs": [[0, 1], [9, 0]]}, "decision.costs: "),
    ],
)
def test_what_arms_cannot_be_judged_by_is_found(
    make_params: MakeParams, table: pd.DataFrame, decision: dict[str, Any], begins: str
) -> None:
    """As the stage that judges them would say, once all are trained."""
    (message,) = said(table, job(make_params, "baseline", "logistic", decision=decision))
    assert message.startswith(begins)


@pytest.mark.parametrize(
    ("strategy", "model", "cause"),
    [
        ("bagged", "logistic", "strategies.bagged.ensemble, which samples inside itself"),
        ("baseline", "forest", "models.forest, which samples inside itself"),
        ("weights", "weighted", "strategies.weights.class_weight: models.weighted.class_weight"),
        ("baseline", "weighted", "models.weighted, which weights classes inside itself"),
    ],
)
def test_odds_that_nobody_knows_cannot_be_undone(
    make_params: MakeParams, strategy: str, model: str, cause: str
) -> None:
    """Of an arm that `run` names; any other calibration can be had of it."""
    (message,) = said(TWO, job(make_params, strategy, model, calibration="prior"))
    assert message.removeprefix("calibration: 'prior' cannot correct ").startswith(cause)
    others = job(make_params, "baseline bagged", "logistic weighted forest", calibration="auto")
    assert said(TWO, others) == []
    assert said(TWO, job(make_params, "baseline weights", "logistic", calibration="prior")) == []
