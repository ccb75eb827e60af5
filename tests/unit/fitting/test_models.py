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
    X, y = features_and_target(train)
    return build_pipeline(chosen, y).fit(X, y)


def built(chosen: Arm) -> Any:
    """Return the unfitted model of an arm."""
    return build_model(chosen, train_part()["target"])


def refuse(chosen: Arm) -> str:
    """Return what is said of an arm that must be refused."""
    with pytest.raises(UserError) as refused:
        built(chosen)
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
    pipeline: Any = build_pipeline(
        arm(STRATEGIES["smote"], numeric="standardize"), train_part()["target"]
    )
    assert isinstance(pipeline, SamplingPipeline)
    assert list(pipeline.named_steps) == ["preprocess", "sampler", "model"]


@pytest.mark.parametrize("name", ["smote", "bagged", "weighted_smote"])
def test_every_part_of_an_arm_gets_the_seed(name: str) -> None:
    """Sampler, ensemble and the model inside it repeat themselves."""
    parameters = build_pipeline(arm(STRATEGIES[name], FOREST), train_part()["target"]).get_params()
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
    weighted = built(arm({"class_weight": weights})).get_params()
    plain = built(arm({})).get_params()
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
    ensemble = built(arm(STRATEGIES["bagged"]))
    assert type(ensemble).__name__ == "BalancedBaggingClassifier"
    assert ensemble.estimator.get_params() == built(arm({})).get_params()


def test_an_ensemble_can_wrap_a_weighted_model() -> None:
    """Weights and ensemble combine: the weights go to the model inside."""
    ensemble = built(arm(STRATEGIES["bagged"] | {"class_weight": "balanced"}))
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
        build_pipeline(arm(strategy, model), train_part()["target"])
    assert str(refused.value).startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("strategy", "model", "said"),
    [
        ({}, LOGISTIC | {"solver": "lbfgss"}, "Got 'lbfgss' instead"),
        ({}, LOGISTIC | {"C": "1e-3"}, "Got '1e-3' instead"),
    ],
)
def test_what_a_model_refuses_is_passed_on_with_both_keys(
    strategy: dict[str, Any], model: dict[str, Any], said: str
) -> None:
    """A value that the model cannot take is the user's to mend, on one line."""
    chosen = arm(strategy, model)
    with pytest.raises(UserError) as refused, fitting(chosen):
        through_pipeline(chosen, train_part())
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


NUMBERS: list[Any] = [0, 1, 2]
LABELS: list[list[Any]] = [[1, 2, 5], [-1, 0, 1], ["common", "rare", "very rare"]]


def several(labels: list[Any], rows: int = 160) -> pd.DataFrame:
    """Return three overlapping classes, skewed, under mixed source row numbers."""
    rng = np.random.default_rng(1)
    number = rng.permutation(np.repeat([0, 1, 2], [rows * 5 // 8, rows // 4, rows // 8]))
    values = rng.normal(size=(rows, 3)) + 1.5 * np.eye(3)[number]
    target = pd.Series([labels[n] for n in number])
    frame = pd.DataFrame(values, columns=["age", "visits", "weight"]).assign(target=target)
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))


def for_several(name: str, labels: list[Any]) -> dict[str, Any]:
    """Return a strategy with its weights, if it has any, for three classes."""
    strategy = STRATEGIES[name]
    if isinstance(strategy.get("class_weight"), dict):
        return strategy | {"class_weight": {labels[1]: 2, labels[2]: 3}}
    return strategy


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("name", STRATEGIES)
def test_the_final_model_of_several_classes_is_the_one_that_was_judged(
    name: str, labels: list[Any], tmp_path: Path
) -> None:
    """As with two classes, by way of the files, whatever labels are."""
    train, chosen = several(labels), arm(for_several(name, labels), FOREST, "standardize")
    X, _ = features_and_target(train)
    expected, final = through_pipeline(chosen, train), through_difference(chosen, train, tmp_path)
    assert final.classes_.tolist() == labels
    assert np.allclose(expected.predict_proba(X), final.predict_proba(X), rtol=1e-9)
    assert np.array_equal(expected.predict(X), final.predict(X))


def naming_labels(labels: list[Any]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return strategies with models that name classes by their labels, one here, one there."""
    _, rare, rarest = labels
    weights = {rare: 3.0, rarest: 7.0}
    weighted: dict[str, Any] = LOGISTIC | {"class_weight": weights}
    hist = {"class": "HistGradientBoostingClassifier", "max_iter": 3}
    boost = {"class": "AdaBoostClassifier", "n_estimators": 3}
    samplers: dict[str, dict[str, Any]] = {
        "over": {"class": "SMOTE", "sampling_strategy": {rarest: 60}},
        "under": {"class": "RandomUnderSampler", "sampling_strategy": {labels[0]: 40}},
        "cleaned": {"class": "TomekLinks", "sampling_strategy": [labels[0], rare]},
        "smoothed": {"class": "RandomOverSampler", "shrinkage": {rare: 0.5, rarest: 0.2}},
        "nested": {
            "class": "SMOTEENN",
            "smote": {"class": "SMOTE", "sampling_strategy": {rarest: 60}},
        },
        "hardness": {"class": "InstanceHardnessThreshold", "estimator": weighted},
        "neighbours": {"class": "NeighbourhoodCleaningRule"},
    }
    ensembles: dict[str, dict[str, Any]] = {
        "bagging": {"class": "BaggingClassifier", "n_estimators": 3},
        "balanced": {
            "class": "BalancedBaggingClassifier",
            "n_estimators": 3,
            "sampling_strategy": {labels[0]: 30},
        },
        "easy": {"class": "EasyEnsembleClassifier", "n_estimators": 3},
        "boost": boost,
        "rus": {"class": "RUSBoostClassifier", "n_estimators": 3},
    }
    committee: dict[str, Any] = {"estimators": [["one", weighted]]}
    models: dict[str, dict[str, Any]] = {
        "logistic": weighted,
        "hist": hist | {"class_weight": weights},
        "bagged": {"class": "BaggingClassifier", "estimator": weighted},
        "boosted_hist": boost | {"estimator": hist | {"class_weight": weights}},
        "voting": committee | {"class": "VotingClassifier", "voting": "soft"},
        "stacking": committee
        | {"class": "StackingClassifier", "cv": 2, "final_estimator": LOGISTIC},
    }
    return {
        **{f"sampler-{name}": ({"sampler": spec}, LOGISTIC) for name, spec in samplers.items()},
        **{
            f"ensemble-{name}": ({"ensemble": spec, "class_weight": weights}, FOREST)
            for name, spec in ensembles.items()
        },
        "weights-hist": ({"class_weight": weights}, hist),
        "weights-hist-bagged": ({"class_weight": weights, "ensemble": ensembles["bagging"]}, hist),
        "weights-hist-boosted": ({"class_weight": weights, "ensemble": boost}, hist),
        **{f"model-{name}": ({}, spec) for name, spec in models.items()},
    }


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("name", naming_labels(NUMBERS))
def test_labels_are_only_names(name: str, labels: list[Any]) -> None:
    """Whatever classes are called, the same rows are made, weighed and predicted."""
    strategy, model = naming_labels(NUMBERS)[name]
    by_number = score(through_difference(arm(strategy, model), several(NUMBERS)), several(NUMBERS))
    strategy, model = naming_labels(labels)[name]
    by_label = score(through_difference(arm(strategy, model), several(labels)), several(labels))
    names = dict(enumerate(labels))
    expected = by_number.rename(columns={f"y_score_{n}": f"y_score_{names[n]}" for n in NUMBERS})
    replaced = {column: expected[column].map(names) for column in ("y_true", "y_pred")}
    assert_frame_equal(expected.assign(**replaced), by_label)


@pytest.mark.parametrize("labels", [NUMBERS, *LABELS], ids=str)
@pytest.mark.parametrize(
    "model",
    [LOGISTIC, FOREST, {"class": "HistGradientBoostingClassifier", "max_iter": 3}],
    ids=lambda model: model["class"],
)
def test_a_class_weight_is_the_weight_of_each_row_of_the_class(
    model: dict[str, Any], labels: list[Any]
) -> None:
    """Classes left out keep weight 1: the model is that of scikit-learn's sample weights."""
    train, weights = several(labels), {labels[1]: 3.0, labels[2]: 7.0}
    X, y = features_and_target(train)
    weighted = through_difference(arm({"class_weight": weights}, model), train)
    plain = built(arm({}, model))
    plain.fit(X, y, sample_weight=y.map(weights).fillna(1.0).astype("float64"))
    assert np.allclose(plain.predict_proba(X), weighted.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize(
    ("labels", "weights", "found", "known"),
    [
        (LABELS[0], {5: 2, 3: 2}, "3", "1, 2, 5"),
        (LABELS[0], {"5": 2}, "'5'", "1, 2, 5"),
        (LABELS[2], {"rarer": 2}, "'rarer'", "'common', 'rare', 'very rare'"),
        (["1", "2", "5"], {5: 2}, "5", "'1', '2', '5'"),
    ],
)
@pytest.mark.parametrize("ensemble", [{}, {"ensemble": {"class": "BaggingClassifier"}}], ids=str)
def test_a_weight_of_no_class_is_refused(
    labels: list[Any], weights: dict[Any, Any], found: str, known: str, ensemble: dict[str, Any]
) -> None:
    """The message has the key, the label, and those that there are, as YAML would have them."""
    chosen = arm({"class_weight": weights} | ensemble)
    with pytest.raises(UserError) as refused:
        build_pipeline(chosen, several(labels)["target"])
    key = "strategies.remedy.class_weight"
    assert str(refused.value) == f"{key}: {found} is not a class of train; choose from: {known}"


def test_a_weight_of_no_class_is_refused_with_two_classes() -> None:
    """A user's own words for two classes are 0 and 1 in train."""
    expected = "strategies.remedy.class_weight: 'yes' is not a class of train; choose from: 0, 1"
    assert refuse(arm({"class_weight": {"yes": 5}})) == expected


@pytest.mark.parametrize(
    ("strategy", "model", "key", "found"),
    [
        ({}, LOGISTIC | {"class_weight": {3: 1, 1: 1}}, "models.learner.class_weight", "3"),
        (
            {},
            {"class": "BalancedRandomForestClassifier", "sampling_strategy": {9: 5}},
            "models.learner.sampling_strategy",
            "9",
        ),
        (
            {"ensemble": {"class": "BalancedBaggingClassifier", "sampling_strategy": {"x": 5}}},
            LOGISTIC,
            "strategies.remedy.ensemble.sampling_strategy",
            "'x'",
        ),
    ],
)
def test_a_label_anywhere_in_an_arm_must_be_a_class(
    strategy: dict[str, Any], model: dict[str, Any], key: str, found: str
) -> None:
    """Where a library would fail without a word of the key, or not at all, we say it."""
    with pytest.raises(UserError) as refused:
        build_model(arm(strategy, model), several(LABELS[0])["target"])
    expected = f"{key}: {found} is not a class of train; choose from: 1, 2, 5"
    assert str(refused.value) == expected


def test_a_ratio_in_an_ensemble_is_refused_with_several_classes() -> None:
    """A ratio tells how two classes stand to each other."""
    ensemble = {"class": "BalancedBaggingClassifier", "sampling_strategy": 0.5}
    with pytest.raises(UserError, match=r"ensemble\.sampling_strategy: 0\.5 is a ratio of two"):
        build_model(arm({"ensemble": ensemble}), several(LABELS[0])["target"])


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_scores_of_several_classes_are_the_probabilities_of_each(labels: list[Any]) -> None:
    """One column for each class, in the order of `classes_`; labels as the target has them."""
    train = several(labels)
    X, y = features_and_target(train)
    model = through_difference(arm({}), train)
    probabilities = model.predict_proba(X)
    scored = score(model, train)
    columns = [f"y_score_{label}" for label in labels]
    assert list(scored) == ["row", "y_true", *columns, "y_pred"]
    assert np.array_equal(probabilities, scored[columns].to_numpy())
    assert scored["row"].tolist() == train.index.tolist()
    assert scored["y_true"].tolist() == y.tolist()
    assert scored["y_pred"].tolist() == [labels[best] for best in probabilities.argmax(axis=1)]
    assert scored["y_true"].dtype == scored["y_pred"].dtype == y.dtype
