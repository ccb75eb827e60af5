"""What an arm does about imbalance, the model's own doing included."""

from pathlib import Path
from typing import Any

import imblearn.ensemble
import pytest
import yaml

from equipoise.deciding.settling import find_known_ratios
from equipoise.fitting.treatment import describe_unknown_odds, find_treatment
from equipoise.params.trial_params import Arm, Component, Preprocess, Strategy
from equipoise.terminal.errors import UserError

ROOT = Path(__file__).parents[3]
LOGISTIC = {"class": "LogisticRegression"}
WEIGHTED = LOGISTIC | {"class_weight": "balanced"}
VOTING = {"class": "VotingClassifier", "voting": "soft"}
RATIOS = {"0": 1.0, "1": 9.0}
PIPELINE = {
    "class": "imblearn.pipeline.Pipeline",
    "steps": [["over", {"class": "SMOTE"}], ["model", LOGISTIC]],
}


def arm(model: dict[str, Any], **strategy: Any) -> Arm:
    """Return an arm as params.yaml describes it."""
    return Arm(
        Strategy.model_validate(strategy).at("strategies.remedy"),
        Component.model_validate(model).at("models.learner"),
        Preprocess(),
        7,
    )


@pytest.mark.parametrize(
    ("model", "treatment"),
    [
        (LOGISTIC | {"class_weight": None}, "nothing"),
        (WEIGHTED, "weights"),
        (LOGISTIC | {"class_weight": {0: 1, 1: 9}}, "weights"),
        ({"class": "CalibratedClassifierCV", "estimator": WEIGHTED}, "weights"),
        (
            VOTING | {"estimators": [["a", LOGISTIC], ["b", WEIGHTED]]},
            "weights",
        ),
        ({"class": "GaussianNB", "priors": [0.5, 0.5]}, "weights"),
        ({"class": "MultinomialNB", "fit_prior": False}, "weights"),
        ({"class": "XGBClassifier", "scale_pos_weight": 1.0}, "nothing"),
        ({"class": "XGBClassifier", "scale_pos_weight": 9}, "weights"),
        ({"class": "LGBMClassifier", "is_unbalance": True}, "weights"),
        ({"class": "CatBoostClassifier", "auto_class_weights": "Balanced"}, "weights"),
        ({"class": "CatBoostClassifier", "auto_class_weights": "None"}, "nothing"),
        ({"class": "LGBMClassifier", "neg_bagging_fraction": 0.1}, "ensemble"),
        (PIPELINE, "sampler"),
        ({"class": "BaggingClassifier", "estimator": PIPELINE}, "sampler"),
        *(({"class": name}, "ensemble") for name in imblearn.ensemble.__all__),
    ],
)
def test_a_model_that_treats_imbalance_itself_is_a_treatment(
    model: dict[str, Any], treatment: str
) -> None:
    """Under a strategy that does nothing; and what it makes of the odds is not known."""
    chosen = arm(model)
    assert find_treatment(chosen) == treatment
    assert (describe_unknown_odds(chosen) is None) == (treatment == "nothing")


def test_of_the_catalogue_only_the_balanced_forest_treats_imbalance_itself() -> None:
    """So arms of the other models are what their strategies are."""
    models = yaml.safe_load((ROOT / "params.yaml").read_text())["models"]
    treated = {name for name, model in models.items() if find_treatment(arm(model)) != "nothing"}
    assert treated == {"balanced_forest"}


@pytest.mark.parametrize(
    ("model", "strategy", "treatment"),
    [
        (WEIGHTED, {"sampler": {"class": "SMOTE"}}, "sampler"),
        ({"class": "BalancedRandomForestClassifier"}, {"class_weight": "balanced"}, "ensemble"),
        (LOGISTIC, {"ensemble": {"class": "BaggingClassifier"}}, "ensemble"),
    ],
)
def test_of_strategy_and_model_the_less_simple_counts(
    model: dict[str, Any], strategy: dict[str, Any], treatment: str
) -> None:
    """One cannot make the other simpler."""
    assert find_treatment(arm(model, **strategy)) == treatment


def test_odds_that_a_strategy_changed_are_known() -> None:
    """Whatever it is that is to be done with them."""
    known = describe_unknown_odds(arm(LOGISTIC, class_weight="balanced"))
    assert (
        find_known_ratios(RATIOS, known, "auto")
        == find_known_ratios(RATIOS, known, "prior")
        == RATIOS
    )


@pytest.mark.parametrize(
    ("model", "strategy", "cause"),
    [
        (
            {"class": "SVC", "probability": True},
            {"class_weight": "balanced"},
            "models.learner, which calibrates without weights inside itself",
        ),
        (
            {"class": "EasyEnsembleClassifier"},
            {},
            "models.learner, which samples inside itself",
        ),
        (
            LOGISTIC,
            {"ensemble": {"class": "EasyEnsembleClassifier"}},
            "strategies.remedy.ensemble, which samples inside itself",
        ),
    ],
)
def test_a_prior_correction_of_unknown_odds_is_refused(
    model: dict[str, Any], strategy: dict[str, Any], cause: str
) -> None:
    """The message has the key, the reason and what to choose instead."""
    with pytest.raises(UserError) as refused:
        find_known_ratios(RATIOS, describe_unknown_odds(arm(model, **strategy)), "prior")
    assert str(refused.value) == (
        f"calibration: 'prior' cannot correct {cause}; choose isotonic or sigmoid"
    )
