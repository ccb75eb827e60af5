"""The arms of the trial: built, weighted, wrapped, and fitted on resampled rows."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline as SamplingPipeline
from pandas.testing import assert_frame_equal

from equipoise.contract.difference import apply_difference
from equipoise.contract.errors import UserError
from equipoise.contract.params import Component, Preprocess, Strategy
from equipoise.contract.storage import read_difference, write_difference
from equipoise.contract.tables import features_and_target
from equipoise.fitting.models import Arm, build_model, build_pipeline, fit_resampled, fitting, score
from equipoise.fitting.resampling import resample

SEED = 7
LOGISTIC = {"class": "LogisticRegression", "max_iter": 5000}
FOREST = {"class": "RandomForestClassifier", "n_estimators": 5}
STRATEGIES: dict[str, dict[str, Any]] = {
    "baseline": {},
    "class_weight": {"class_weight": "balanced"},
    "smote": {"sampler": {"class": "SMOTE"}},
    "adasyn": {"sampler": {"class": "ADASYN"}},
    "borderline": {"sampler": {"class": "BorderlineSMOTE"}},
    "over": {"sampler": {"class": "RandomOverSampler"}},
    "smoothed": {"sampler": {"class": "RandomOverSampler", "shrinkage": 0.5}},
    "under": {"sampler": {"class": "RandomUnderSampler"}},
    "centroids": {"sampler": {"class": "ClusterCentroids"}},
    "tomek": {"sampler": {"class": "TomekLinks"}},
    "enn": {"sampler": {"class": "EditedNearestNeighbours"}},
    "smoteenn": {"sampler": {"class": "SMOTEENN"}},
    "smotetomek": {"sampler": {"class": "SMOTETomek"}},
    "nearmiss": {"sampler": {"class": "NearMiss"}},
    "weighted_smote": {"sampler": {"class": "SMOTE"}, "class_weight": {0: 1.0, 1: 2.0}},
    "bagged": {"ensemble": {"class": "BalancedBaggingClassifier", "n_estimators": 3}},
}
NUMERIC: list[Literal["passthrough", "standardize"]] = ["passthrough", "standardize"]


def arm(
    strategy: dict[str, Any],
    model: dict[str, Any] | None = None,
    numeric: Literal["passthrough", "standardize"] = "passthrough",
) -> Arm:
    """Return an arm as params.yaml describes it."""
    return Arm(
        strategy=Strategy.model_validate(strategy),
        model=Component.model_validate(model or LOGISTIC),
        preprocess=Preprocess(numeric=numeric),
        seed=SEED,
        strategy_key="strategies.remedy",
        model_key="models.learner",
    )


def train_part(rows: int = 120) -> pd.DataFrame:
    """Return overlapping classes, one row in five positive, under mixed source row numbers."""
    rng = np.random.default_rng(0)
    target = rng.permutation(np.arange(rows) % 5 == 0).astype("int64")
    values = rng.normal(size=(rows, 3)) + target[:, None]
    frame = pd.DataFrame(values, columns=["age", "visits", "weight"]).assign(target=target)
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))


def through_difference(chosen: Arm, train: pd.DataFrame, folder: Path | None = None) -> Any:
    """Return the final model, by way of the stored difference, also of its files."""
    key = chosen.strategy_key
    difference = resample(train, chosen.strategy, chosen.preprocess, chosen.seed, key)
    if folder is not None:
        write_difference(difference, folder)
        difference = read_difference(folder)
    return fit_resampled(chosen, train, apply_difference(train, difference))


def through_pipeline(chosen: Arm, train: pd.DataFrame) -> Any:
    """Return the model that resamples while it is fitted, as in cross-validation."""
    return build_pipeline(chosen).fit(*features_and_target(train))


def refuse(chosen: Arm) -> str:
    """Return what is said of an arm that must be refused."""
    with pytest.raises(UserError) as refused:
        build_model(chosen)
    return str(refused.value)


@pytest.mark.parametrize("stored", [False, True], ids=["direct", "stored"])
@pytest.mark.parametrize("numeric", NUMERIC)
@pytest.mark.parametrize("name", STRATEGIES)
def test_the_final_model_is_the_one_that_cross_validation_judged(
    name: str, numeric: Literal["passthrough", "standardize"], *, stored: bool, tmp_path: Path
) -> None:
    """Fitting on stored rows gives the model that resampling inside a pipeline would."""
    train, chosen = train_part(), arm(STRATEGIES[name], numeric=numeric)
    X, _ = features_and_target(train)
    expected = through_pipeline(chosen, train)
    final = through_difference(chosen, train, tmp_path if stored else None)
    assert np.allclose(expected.predict_proba(X), final.predict_proba(X), rtol=1e-9)
    assert np.array_equal(expected.predict(X), final.predict(X))


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_model_that_depends_on_the_order_of_rows_is_the_same_too(name: str) -> None:
    """A forest draws rows by position: the resampled rows stand where the sampler put them."""
    train, chosen = train_part(), arm(STRATEGIES[name], FOREST)
    X, _ = features_and_target(train)
    expected = through_pipeline(chosen, train).predict_proba(X)
    assert np.array_equal(expected, through_difference(chosen, train).predict_proba(X))


def test_the_final_model_scales_by_the_rows_of_train_alone() -> None:
    """Synthetic rows do not move the scale that new rows are brought to."""
    train, chosen = train_part(), arm(STRATEGIES["smote"], numeric="standardize")
    scaler = through_difference(chosen, train).named_steps["preprocess"]
    X, _ = features_and_target(train)
    assert np.allclose(X.mean(), scaler.mean_)


def test_the_final_model_needs_no_sampler() -> None:
    """What is shipped predicts; it does not resample."""
    steps = through_difference(arm(STRATEGIES["smote"]), train_part()).named_steps
    assert list(steps) == ["preprocess", "model"]


def test_cross_validation_resamples_between_preprocessing_and_model() -> None:
    """The sampler sits where only the rows of a fit reach it, in the model's own space."""
    pipeline: Any = build_pipeline(arm(STRATEGIES["smote"], numeric="standardize"))
    assert isinstance(pipeline, SamplingPipeline)
    assert list(pipeline.named_steps) == ["preprocess", "sampler", "model"]


@pytest.mark.parametrize("name", ["smote", "bagged", "weighted_smote"])
def test_every_part_of_an_arm_gets_the_seed(name: str) -> None:
    """Sampler, ensemble and the model inside it repeat themselves."""
    parameters = build_pipeline(arm(STRATEGIES[name], FOREST)).get_params()
    seeds = {key: value for key, value in parameters.items() if key.endswith("random_state")}
    assert set(seeds.values()) == {SEED}
    assert len(seeds) > 1


def test_the_same_arm_fits_the_same_model() -> None:
    """Two fits of one arm score every row alike, to the last bit."""
    chosen, train = arm(STRATEGIES["smoteenn"], FOREST), train_part()
    first, second = (score(through_difference(chosen, train), train) for _ in range(2))
    assert_frame_equal(first, second)


@pytest.mark.parametrize("weights", ["balanced", {0: 1.0, 1: 5.0}])
def test_class_weights_reach_the_model(weights: object) -> None:
    """A weighting strategy changes the learner, and nothing else of it."""
    weighted = build_model(arm({"class_weight": weights})).get_params()
    plain = build_model(arm({})).get_params()
    assert weighted == plain | {"class_weight": weights}


def test_class_weights_find_more_of_the_rare_class() -> None:
    """Weighting the rare class up raises its scores."""
    train = train_part()
    plain, weighted = (
        score(through_difference(arm(STRATEGIES[name]), train), train)["y_score"].mean()
        for name in ("baseline", "class_weight")
    )
    assert weighted > plain


def test_an_ensemble_wraps_the_model() -> None:
    """The model of the cell is the one that the ensemble multiplies."""
    ensemble: Any = build_model(arm(STRATEGIES["bagged"]))
    assert type(ensemble).__name__ == "BalancedBaggingClassifier"
    assert ensemble.estimator.get_params() == build_model(arm({})).get_params()


def test_an_ensemble_can_wrap_a_weighted_model() -> None:
    """Weights and ensemble combine: the weights go to the model inside."""
    ensemble: Any = build_model(arm(STRATEGIES["bagged"] | {"class_weight": "balanced"}))
    assert ensemble.estimator.class_weight == "balanced"


def test_weights_that_the_model_has_already_are_refused() -> None:
    """Two weightings contradict each other: both keys are named."""
    message = refuse(arm({"class_weight": "balanced"}, LOGISTIC | {"class_weight": {0: 1, 1: 2}}))
    assert "strategies.remedy.class_weight" in message
    assert "models.learner.class_weight is set as well; remove one of the two" in message


def test_a_model_that_takes_no_weights_is_refused() -> None:
    """The message names the strategy, the class and where it is."""
    message = refuse(arm({"class_weight": "balanced"}, {"class": "GaussianNB"}))
    expected = (
        "strategies.remedy.class_weight: GaussianNB (models.learner) has no class_weight;"
        " choose another model or strategy"
    )
    assert message == expected


@pytest.mark.parametrize(
    ("strategy", "model", "key"),
    [
        ({"sampler": {"class": "SMOT"}}, LOGISTIC, "strategies.remedy.sampler.class"),
        ({"ensemble": {"class": "Baging"}}, LOGISTIC, "strategies.remedy.ensemble.class"),
        ({}, {"class": "LogisticRegresion"}, "models.learner.class"),
    ],
)
def test_a_mistake_in_an_arm_is_named_by_its_key(
    strategy: dict[str, Any], model: dict[str, Any], key: str
) -> None:
    """Each part of an arm is looked for at its own place in params.yaml."""
    with pytest.raises(UserError) as refused:
        build_pipeline(arm(strategy, model))
    assert str(refused.value).startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("strategy", "model", "said"),
    [
        ({}, LOGISTIC | {"solver": "lbfgss"}, "Got 'lbfgss' instead"),
        ({}, LOGISTIC | {"C": "1e-3"}, "Got '1e-3' instead"),
        ({"class_weight": {2: 1.0}}, LOGISTIC, "class_weight"),
    ],
)
def test_what_a_model_refuses_is_passed_on_with_both_keys(
    strategy: dict[str, Any], model: dict[str, Any], said: str
) -> None:
    """A value that the model cannot take is the user's to mend, on one line."""
    chosen = arm(strategy, model)
    with pytest.raises(UserError) as refused, fitting(chosen):
        build_pipeline(chosen).fit(*features_and_target(train_part()))
    assert str(refused.value).startswith("models.learner with strategies.remedy: ")
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_components_in_a_list_are_built_or_refused_in_words() -> None:
    """A committee of models is no way to a traceback."""
    committee = {
        "class": "VotingClassifier",
        "voting": "soft",
        "estimators": [["first", {"class": "GaussianNB"}]],
    }
    with suppress(UserError):
        fit_resampled(arm({}, committee), train_part(), train_part())


def test_scores_are_the_probabilities_of_the_positive_class() -> None:
    """Each row has its source number, label, probability and the model's own decision."""
    train = train_part()
    X, y = features_and_target(train)
    model = through_difference(arm({}), train)
    expected = pd.DataFrame(
        {
            "row": train.index,
            "y_true": y.to_numpy(),
            "y_score": 1 - model.predict_proba(X)[:, 0],
            "y_pred": (model.decision_function(X) > 0).astype("int64"),
        }
    )
    assert_frame_equal(expected, score(model, train))
