"""The arms of the trial: built, weighted, wrapped, and fitted on resampled rows."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline as SamplingPipeline
from pandas.testing import assert_frame_equal
from scipy.sparse import csr_matrix
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.class_weight import compute_sample_weight
from threadpoolctl import threadpool_limits

from equipoise.core.tables import GROUP, TIME, split_off_target
from equipoise.fitting.categories import choose_sampler
from equipoise.fitting.components import build_sampler
from equipoise.fitting.models import build_model, fit, fitting, score, score_seen
from equipoise.fitting.numbering import Numbered
from equipoise.fitting.preprocessing import build_cleaner, build_encoder, build_scaler, clean
from equipoise.fitting.resampling import resample
from equipoise.params.trial_params import Arm, Component, Preprocess, Strategy
from equipoise.storage.files.formats import read_difference, write_difference
from equipoise.storage.model_files import read_model, write_model
from equipoise.terminal.errors import RefusalError, UserError

from .conftest import mixed_table

SEED = 7
LOGISTIC = {"class": "LogisticRegression", "max_iter": 5000}
FOREST = {"class": "RandomForestClassifier", "n_estimators": 5}
DATES: list[Literal["parts", "cyclic"]] = ["parts", "cyclic"]
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


def arm(
    strategy: dict[str, Any],
    model: dict[str, Any] | None = None,
    numeric: Any = "passthrough",
) -> Arm:
    """Return an arm as params.yaml describes it."""
    return Arm(
        strategy=Strategy.model_validate(strategy).at("strategies.remedy"),
        model=Component.model_validate(model or LOGISTIC).at("models.learner"),
        preprocess=Preprocess.model_validate({"numeric": numeric}),
        seed=SEED,
    )


def train_part(rows: int = 120) -> pd.DataFrame:
    """Return overlapping classes, one row in five positive, under mixed source row numbers."""
    rng = np.random.default_rng(0)
    target = rng.permutation(np.arange(rows) % 5 == 0).astype("int64")
    values = rng.normal(size=(rows, 3)) + target[:, None]
    frame = pd.DataFrame(values, columns=["age", "visits", "weight"]).assign(target=target)
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))


def through_files(chosen: Arm, train: pd.DataFrame, folder: Path) -> Any:
    """Return the final model, by way of the difference that another stage stored."""
    _, cleaned = clean(train, chosen.seed)
    write_difference(resample(cleaned, chosen.strategy, chosen.preprocess, chosen.seed), folder)
    return fit(chosen, train, read_difference(folder))


def through_pipeline(chosen: Arm, train: pd.DataFrame) -> Any:
    """Return what imbalanced-learn's own pipeline makes of an arm's parts: the oracle."""
    X, y = split_off_target(train)
    cleaned, _ = split_off_target(clean(train, chosen.seed)[1])
    scaler = build_scaler(chosen.preprocess, cleaned, chosen.seed)
    steps: dict[str, Any] = {
        "clean": build_cleaner(X, chosen.seed),
        **dict(getattr(scaler, "steps", [("scale", scaler)])),  # it takes no pipeline for a step
        "sample": None,
        "encode": build_encoder(chosen.preprocess, cleaned, chosen.seed),
        "model": build_model(chosen, y),
    }
    if chosen.strategy.sampler is not None:
        spec = choose_sampler(chosen.strategy.sampler, cleaned)
        steps["sample"] = Numbered(build_sampler(spec, chosen.seed))
    pipeline = SamplingPipeline([step for step in steps.items() if step[1] is not None])
    with threadpool_limits(limits=1):
        return pipeline.fit(X, y)


def assert_same_model(one: Any, other: Any, train: pd.DataFrame) -> None:
    """Both give each row the same probabilities and label."""
    X, _ = split_off_target(train)
    assert one.classes_.tolist() == other.classes_.tolist()
    assert np.allclose(one.predict_proba(X), other.predict_proba(X), rtol=1e-8)
    assert np.array_equal(one.predict(X), other.predict(X))


def built(chosen: Arm) -> Any:
    """Return the unfitted model of an arm."""
    return build_model(chosen, train_part()["target"])


def refuse(chosen: Arm) -> str:
    """Return what is said of an arm that must be refused."""
    with pytest.raises(UserError) as refused:
        built(chosen)
    return str(refused.value)


@pytest.mark.parametrize("name", STRATEGIES)
def test_an_arm_is_fitted_as_the_pipeline_of_imbalanced_learn_would(
    name: str, tmp_path: Path
) -> None:
    """Asked in a fold, or out of the files of another stage: one model."""
    train, chosen = train_part(), arm(STRATEGIES[name], numeric="standardize")
    expected = through_pipeline(chosen, train)
    assert_same_model(expected, fit(chosen, train), train)
    assert_same_model(expected, through_files(chosen, train, tmp_path), train)


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_model_that_depends_on_the_order_of_rows_is_the_same_too(name: str) -> None:
    """A forest draws rows by position: the resampled rows stand where the sampler put them."""
    train, chosen = train_part(), arm(STRATEGIES[name], FOREST)
    X, _ = split_off_target(train)
    expected = through_pipeline(chosen, train).predict_proba(X)
    assert np.array_equal(expected, fit(chosen, train).predict_proba(X))


@pytest.mark.parametrize(
    ("name", "numeric", "labels"),
    [
        ("baseline", "passthrough", [0, 1]),
        ("class_weight", "standardize", [0, 1]),
        ("smote", "standardize", [0, 1]),
        ("smote", "passthrough", ["common", "rare", "very rare"]),
        ("weighted_smote", "standardize", ["common", "rare", "very rare"]),
        ("over", "passthrough", [0, 1]),
        ("under", "standardize", ["common", "rare", "very rare"]),
        ("bagged", "standardize", [0, 1]),
    ],
)
def test_an_arm_on_a_mixed_table_is_fitted_as_that_pipeline_would(
    name: str, numeric: Literal["passthrough", "standardize"], labels: list[Any], tmp_path: Path
) -> None:
    """Gaps, dates and categories included; SMOTE stands where a category still is one."""
    train = mixed_table(labels).astype({"visits": "float64"})
    model = LOGISTIC if numeric == "standardize" else {"class": "GaussianNB"}
    chosen = arm(for_labels(name, labels), model, numeric)
    expected = through_pipeline(chosen, train)
    assert_same_model(expected, fit(chosen, train), train)
    assert_same_model(expected, through_files(chosen, train, tmp_path), train)


POWER = {"class": "PowerTransformer"}
TRANSFORMERS = {
    "one": POWER,
    "two": [POWER, {"class": "PCA", "n_components": 2}],
    "a search": [{"class": "QuantileTransformer", "n_quantiles": 20}],
    "supervised": [{"class": "StandardScaler"}, {"class": "SelectKBest", "k": 2}],
}


@pytest.mark.parametrize("transformers", TRANSFORMERS)
@pytest.mark.parametrize("name", ["class_weight", "smote"])
def test_transformers_of_params_stand_before_the_sampler_as_in_that_pipeline(
    name: str, transformers: str, tmp_path: Path
) -> None:
    """Any of scikit-learn, with weights or with made rows; model files may hold them."""
    train, chosen = train_part(), arm(STRATEGIES[name], numeric=TRANSFORMERS[transformers])
    expected, made = through_pipeline(chosen, train), through_files(chosen, train, tmp_path)
    assert_same_model(expected, fit(chosen, train), train)
    assert_same_model(expected, made, train)
    write_model(made, tmp_path / "model.skops")
    assert_same_model(made, read_model(tmp_path / "model.skops"), train)


@pytest.mark.parametrize(
    "lossy",
    [
        {"class": "PolynomialFeatures"},
        {"class": "FunctionTransformer"},
        {"class": "KBinsDiscretizer", "encode": "ordinal"},
        {"class": "KernelPCA", "kernel": "rbf", "n_components": 2},
    ],
)
def test_made_rows_need_transformers_that_can_be_undone(lossy: dict[str, Any]) -> None:
    """They are kept in the units of the table; weights ask for nothing."""
    train = train_part()
    with pytest.raises(RefusalError, match=f"{lossy['class']} cannot be undone exactly"):
        fit(arm(STRATEGIES["smote"], numeric=lossy), train)
    weighted = arm(STRATEGIES["class_weight"], numeric=lossy)
    assert_same_model(through_pipeline(weighted, train), fit(weighted, train), train)


NEAREST = {"class": "KNeighborsClassifier"}


@pytest.mark.parametrize("numeric", ["passthrough", "standardize"])
@pytest.mark.parametrize("name", ["baseline", "smote", "over", "under"])
def test_decimals_of_half_the_room_stay_so_up_to_the_model(
    name: str, numeric: Literal["passthrough", "standardize"], tmp_path: Path
) -> None:
    """Gaps and categories included; the model scores nearly alike, and can be kept."""
    train = mixed_table([0, 1]).drop(columns=["visits", "day"], errors="ignore")
    decimals = train.columns[train.dtypes == "float64"]
    half = train.astype(dict.fromkeys(decimals, "float32"))
    chosen = arm(STRATEGIES[name], NEAREST, numeric)
    model = fit(chosen, half)
    assert learned_by(model)[0].dtype == "float32"
    write_model(model, tmp_path / "model.skops")
    kept = read_model(tmp_path / "model.skops")
    X, _ = split_off_target(half)
    assert np.array_equal(model.predict_proba(X), kept.predict_proba(X))


def target_encoded(strategy: str, train: pd.DataFrame, seed: int = SEED) -> Any:
    """Return an arm's pipeline with categories by their classes; its model keeps its rows."""
    preprocess = Preprocess(categories="target")
    return fit(replace(arm(STRATEGIES[strategy], NEAREST), preprocess=preprocess, seed=seed), train)


def learned_by(pipeline: Any) -> tuple[Any, Any]:
    """Return the rows, encoded, and the classes that a model of neighbours learned from."""
    return pipeline[-1]._fit_X, pipeline[-1]._y  # noqa: SLF001 - no other model keeps them


def meaningless_words(rows: int = 200) -> pd.DataFrame:
    """Return a number, and words of two rows each that say nothing of their class."""
    rng = np.random.default_rng(0)
    words = pd.Categorical([f"w{n}" for n in rng.permutation(rows) // 2])
    columns = {"age": rng.normal(size=rows), "word": words, "target": np.arange(rows) % 4 // 3}
    return pd.DataFrame(columns).rename_axis("row")


@pytest.mark.parametrize("strategy", ["baseline", "over", "under", "smote"])
def test_a_model_does_not_see_the_label_of_a_row_in_its_category(strategy: str) -> None:
    """Words without meaning do not tell the classes of the rows of train that it learns from."""
    train = meaningless_words()
    pipeline = target_encoded(strategy, train)
    rows, y = learned_by(pipeline)
    of_train = np.isin(rows[:, 0], train["age"])
    assert roc_auc_score(y[of_train], rows[of_train, 1]) < 0.6
    leaking = pipeline[:-1].transform(train.drop(columns="target"))[:, 1]
    assert roc_auc_score(train["target"], leaking) > 0.8


def test_copies_and_synthetic_rows_are_encoded_as_what_they_are() -> None:
    """A copy carries the number of its row of train; a synthetic row that of any new row."""
    train = meaningless_words().assign(word=pd.Categorical(["a", "b", "a", "a"] * 50))
    own = dict(learned_by(target_encoded("baseline", train))[0].tolist())
    copied = learned_by(target_encoded("over", train))[0].tolist()
    assert len(copied) == 300
    assert all(own[age] == share for age, share in copied)
    smote = target_encoded("smote", train)
    made = [share for age, share in learned_by(smote)[0].tolist() if age not in own]
    assert len(made) == 100
    new = smote[:-1].transform(pd.DataFrame({"age": [0.0, 0.0], "word": ["a", "b"]}))[:, 1]
    assert set(made) <= set(new)


def test_shares_are_those_of_train_before_resampling() -> None:
    """What a sampler adds, or leaves out, does not change what a category is worth."""
    train = mixed_table()
    encoders = [target_encoded(name, train)["encode"] for name in ("baseline", "over", "under")]
    first, *others = [encoder.named_transformers_["categories"] for encoder in encoders]
    assert np.isclose(first.target_mean_, train["target"].mean())
    for other in others:
        assert all(map(np.array_equal, first.encodings_, other.encodings_))


def test_the_folds_that_shares_come_from_follow_the_seed() -> None:
    """The same numbers twice; others with another seed."""
    train = mixed_table()
    first, again, other = (
        learned_by(target_encoded("baseline", train, seed))[0] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", ["smote", "under"])
@pytest.mark.parametrize("labels", [[0, 1], ["common", "rare", "very rare"]])
def test_shares_are_the_same_in_folds_as_in_files(
    name: str, labels: list[Any], tmp_path: Path
) -> None:
    """The difference that another stage stored says which row of train each row is."""
    train = mixed_table(labels)
    preprocess = Preprocess(numeric="standardize", categories="target")
    chosen = replace(arm(STRATEGIES[name]), preprocess=preprocess)
    assert_same_model(fit(chosen, train), through_files(chosen, train, tmp_path), train)


@pytest.mark.parametrize("name", ["smote", "under"])
def test_whole_numbers_are_whole_in_folds_as_in_files(name: str, tmp_path: Path) -> None:
    """No pipeline of imbalanced-learn rounds: here both ways have the same rows."""
    train, chosen = mixed_table(), arm(STRATEGIES[name], numeric="standardize")
    assert_same_model(fit(chosen, train), through_files(chosen, train, tmp_path), train)


def test_the_final_model_scales_by_the_rows_of_train_alone() -> None:
    """Synthetic rows do not move the scale that new rows are brought to."""
    train, chosen = train_part(), arm(STRATEGIES["smote"], numeric="standardize")
    pipeline: Any = fit(chosen, train)
    X, _ = split_off_target(train)
    assert np.allclose(X.mean(), pipeline.named_steps["scale"].mean_)


@pytest.mark.parametrize(
    ("train", "numeric", "steps"),
    [
        (mixed_table(), "standardize", ["clean", "scale", "encode", "model"]),
        (mixed_table(), "passthrough", ["clean", "encode", "model"]),
        (mixed_table()[["age", "visits", "target"]], "passthrough", ["clean", "model"]),
    ],
)
def test_what_is_shipped_has_the_steps_that_it_needs(
    train: pd.DataFrame, numeric: Literal["passthrough", "standardize"], steps: list[str]
) -> None:
    """It predicts, and resamples nothing; it knows the user's columns, and no others."""
    pipeline: Any = fit(
        arm(STRATEGIES["smote"], numeric=numeric), train.assign(**{GROUP: "a"}, **{TIME: 1})
    )
    assert list(pipeline.named_steps) == steps
    assert list(pipeline.feature_names_in_) == [*train.columns[:-1]]


def test_a_row_is_scored_by_itself() -> None:
    """No other row of a test part changes what is said of one: nothing is learned there."""
    pipeline = fit(arm(STRATEGIES["smote"], numeric="standardize"), mixed_table())
    other = mixed_table(seed=1)
    together = score(pipeline, other)
    for position in range(0, len(other), 40):
        alone = score(pipeline, other.iloc[[position]])
        assert_frame_equal(alone, together.iloc[[position]].reset_index(drop=True))


def test_a_row_may_be_unlike_any_that_was_seen() -> None:
    """New labels, gaps where there were none, columns in another order: a probability each."""
    train = mixed_table().dropna()
    X, _ = split_off_target(mixed_table(seed=1))
    strange = X.assign(job="pilot")[X.columns[::-1]]
    assert np.isfinite(fit(arm({}), train).predict_proba(strange)).all()


def test_every_part_of_a_model_gets_the_seed() -> None:
    """The ensemble and the model inside it repeat themselves."""
    parameters = built(arm(STRATEGIES["bagged"], FOREST)).get_params()
    seeds = {key: value for key, value in parameters.items() if key.endswith("random_state")}
    assert set(seeds.values()) == {SEED}
    assert len(seeds) > 1


def test_the_same_arm_fits_the_same_model() -> None:
    """Two fits of one arm score every row alike, to the last bit."""
    chosen, train = arm(STRATEGIES["smoteenn"], FOREST), train_part()
    first, second = (score(fit(chosen, train), train) for _ in range(2))
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
        score(fit(arm(STRATEGIES[name]), train), train)["y_score"].mean()
        for name in ("baseline", "class_weight")
    )
    assert weighted > plain


def test_an_ensemble_wraps_the_model() -> None:
    """The model of the arm is the one that the ensemble multiplies."""
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
    expected = (
        "strategies.remedy.class_weight: {} (models.learner) takes no class_weight and no"
        " sample_weight; choose another model or strategy"
    )
    weighted: dict[str, Any] = {"class_weight": "balanced"}
    message = refuse(arm(weighted, {"class": "KNeighborsClassifier"}))
    assert message == expected.format("KNeighborsClassifier")
    bagged = weighted | STRATEGIES["bagged"]  # it draws rows of its own, and weighs none
    message = refuse(arm(bagged, {"class": "GaussianNB"}))
    assert message == expected.format("GaussianNB")


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
        fit(arm(strategy, model), train_part())
    assert str(refused.value).startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("strategy", "model", "said"),
    [
        ({}, LOGISTIC | {"solver": "lbfgss"}, "Got 'lbfgss' instead"),
        ({}, LOGISTIC | {"C": "1e-3"}, "Got '1e-3' instead"),
        ({}, {"class": "LGBMClassifier", "num_leaves": 1, "verbose": -1}, "num_leaves"),
        ({}, {"class": "XGBClassifier", "max_depth": -1}, "max_depth"),
    ],
)
def test_what_a_model_refuses_is_passed_on_with_both_keys(
    strategy: dict[str, Any], model: dict[str, Any], said: str
) -> None:
    """A value that the model cannot take is the user's to fix, on one line."""
    chosen = arm(strategy, model)
    with pytest.raises(UserError) as refused:
        fit(chosen, train_part())
    assert str(refused.value).startswith("models.learner with strategies.remedy: ")
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (csr_matrix, "gives csr_matrix, and should give an array of numbers"),
        (lambda P: P.astype(str), "gives array of <U32, and should give an array of numbers"),
        (lambda P: P + 0j, "gives array of complex128, and should give an array of numbers"),
        (lambda P: P[:-1], r"gives \(59, 2\) values, and should give \(60, 2\)"),
    ],
    ids=["sparse", "words", "complex", "short"],
)
def test_what_a_plugin_gives_as_probabilities_must_be_some(
    given: Callable[[Any], Any], said: str
) -> None:
    train = train_part().head(60)
    model = fit(arm({}), train)
    plugged = SimpleNamespace(
        classes_=model.classes_,
        predict=model.predict,
        predict_proba=lambda X: given(model.predict_proba(X)),
    )
    with pytest.raises(ValueError, match=said):
        score_seen(plugged, *split_off_target(train))


@pytest.mark.parametrize("error", [StopIteration, ZeroDivisionError, AssertionError])
def test_whatever_a_plugin_raises_leaves_its_arm_out(error: type[Exception]) -> None:
    said = rf"models\.learner with strategies\.remedy: {error.__name__}"
    with pytest.raises(RefusalError, match=said), fitting(arm({})):
        raise error


def test_components_in_a_list_are_built_or_refused_in_words() -> None:
    """A committee of models is no way to a traceback."""
    committee = {
        "class": "VotingClassifier",
        "voting": "soft",
        "estimators": [["first", {"class": "GaussianNB"}]],
    }
    with suppress(UserError):
        fit(arm({}, committee), train_part())


def test_scores_are_the_probabilities_of_the_positive_class() -> None:
    """Each row has its source number, label, probability and the model's own decision."""
    train = train_part()
    X, y = split_off_target(train)
    model: Any = fit(arm({}), train)
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
LABELS: list[list[Any]] = [[1, 2, 5], ["common", "rare", "very rare"]]


def several(labels: list[Any], rows: int = 160) -> pd.DataFrame:
    """Return three overlapping classes, skewed, under mixed source row numbers."""
    rng = np.random.default_rng(1)
    number = rng.permutation(np.repeat([0, 1, 2], [rows * 5 // 8, rows // 4, rows // 8]))
    values = rng.normal(size=(rows, 3)) + 1.5 * np.eye(3)[number]
    target = pd.Series([labels[n] for n in number])
    frame = pd.DataFrame(values, columns=["age", "visits", "weight"]).assign(target=target)
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))


def for_labels(name: str, labels: list[Any]) -> dict[str, Any]:
    """Return a strategy with its weights, if it has any, for these classes."""
    strategy = STRATEGIES[name]
    if isinstance(strategy.get("class_weight"), dict):
        return strategy | {"class_weight": dict(zip(labels[1:], (2, 3), strict=False))}
    return strategy


@pytest.mark.parametrize("name", STRATEGIES)
def test_an_arm_of_several_classes_is_fitted_as_that_pipeline_would(name: str) -> None:
    """As with two classes."""
    labels = LABELS[1]
    train, chosen = several(labels), arm(for_labels(name, labels), numeric="standardize")
    assert_same_model(through_pipeline(chosen, train), fit(chosen, train), train)


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


@cache
def scores_under(name: str, labels: tuple[Any, ...]) -> pd.DataFrame:
    """Return the scores of an arm that names classes by their labels."""
    strategy, model = naming_labels([*labels])[name]
    return score(fit(arm(strategy, model), several([*labels])), several([*labels]))


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        *((name, LABELS[0]) for name in naming_labels(NUMBERS)),
        *((name, LABELS[1]) for name in naming_labels(NUMBERS) if name.startswith("sampler")),
        ("model-hist", LABELS[1]),
        ("weights-hist-bagged", LABELS[1]),
    ],
)
def test_labels_are_only_names(name: str, labels: list[Any]) -> None:
    """Whatever classes are called, the same rows are made, weighed and predicted."""
    by_number, by_label = (scores_under(name, tuple(called)) for called in (NUMBERS, labels))
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
    X, y = split_off_target(train)
    weighted = fit(arm({"class_weight": weights}, model), train)
    plain = built(arm({}, model))
    plain.fit(X, y, sample_weight=y.map(weights).fillna(1.0).astype("float64"))
    assert np.allclose(plain.predict_proba(X), weighted.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize(
    ("labels", "weights", "found", "known"),
    [
        (LABELS[0], {5: 2, 3: 2}, "3", "1, 2, 5"),
        (LABELS[0], {"5": 2}, "'5'", "1, 2, 5"),
        (LABELS[1], {"rarer": 2}, "'rarer'", "'common', 'rare', 'very rare'"),
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
        fit(chosen, several(labels))
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
    X, y = split_off_target(train)
    model = fit(arm({}), train)
    probabilities = model.predict_proba(X)
    scored = score(model, train)
    columns = [f"y_score_{label}" for label in labels]
    assert list(scored) == ["row", "y_true", *columns, "y_pred"]
    assert np.array_equal(probabilities, scored[columns].to_numpy())
    assert scored["row"].tolist() == train.index.tolist()
    assert scored["y_true"].tolist() == y.tolist()
    assert scored["y_pred"].tolist() == [labels[best] for best in probabilities.argmax(axis=1)]
    assert scored["y_true"].dtype == scored["y_pred"].dtype == y.dtype


CATBOOST = {"class": "CatBoostClassifier", "iterations": 3, "verbose": False}
BY_ROW: dict[str, dict[str, Any]] = {
    "bayes": {"class": "GaussianNB"},
    "boosting": {"class": "GradientBoostingClassifier", "n_estimators": 3},
    "calibrated": {"class": "CalibratedClassifierCV", "cv": 2, "estimator": LOGISTIC},
    "xgboost": {"class": "XGBClassifier", "n_estimators": 3},
    "catboost": CATBOOST,
}


@pytest.mark.parametrize("labels", [NUMBERS[:2], NUMBERS], ids=str)
@pytest.mark.parametrize("weights", ["balanced", {1: 3}], ids=str)
@pytest.mark.parametrize("name", BY_ROW)
def test_a_model_without_class_weight_is_weighted_row_by_row(
    name: str, weights: object, labels: list[Any]
) -> None:
    """As scikit-learn weighs rows by their class; classes left out keep weight 1."""
    train = train_part() if len(labels) == 2 else several(labels)
    X, y = split_off_target(train)
    known = dict.fromkeys(labels, 1) | weights if isinstance(weights, dict) else weights
    expected = built_for(y, arm({}, BY_ROW[name]))
    expected.fit(X, y, sample_weight=compute_sample_weight(known, y))
    found = fit(arm({"class_weight": weights}, BY_ROW[name]), train)
    plain = fit(arm({}, BY_ROW[name]), train)
    assert np.allclose(expected.predict_proba(X), found.predict_proba(X), rtol=1e-6)
    assert not np.allclose(plain.predict_proba(X), found.predict_proba(X), rtol=1e-3)


def built_for(y: pd.Series, chosen: Arm) -> Any:
    """Return the unfitted model of an arm for some labels."""
    return build_model(chosen, y)


def test_a_weight_is_as_good_as_copies() -> None:
    """Three times the weight is three times the row, where a model counts rows."""
    train = train_part()
    X, y = split_off_target(train.loc[train.index.repeat(1 + 2 * train["target"])])
    weighted = fit(arm({"class_weight": {1: 3.0}}, BY_ROW["bayes"]), train)
    found = weighted.predict_proba(split_off_target(train)[0])
    expected = GaussianNB().fit(X, y).predict_proba(split_off_target(train)[0])
    assert np.allclose(expected, found, rtol=1e-5)


def test_weights_balance_what_the_sampler_has_left() -> None:
    """Rows that were made count as well: after SMOTE to a half, weights of 3 to 4 and 3 to 2."""
    train = train_part()
    half: dict[str, Any] = {"sampler": {"class": "SMOTE", "sampling_strategy": 0.5}}
    balanced = fit(arm(half | {"class_weight": "balanced"}, BY_ROW["bayes"]), train)
    by_hand = fit(arm(half | {"class_weight": {0: 0.75, 1: 1.5}}, BY_ROW["bayes"]), train)
    assert_same_model(balanced, by_hand, train)


BOOSTERS: dict[str, dict[str, Any]] = {
    "lightgbm": {"class": "LGBMClassifier", "n_estimators": 3, "verbose": -1},
    "xgboost": {"class": "XGBClassifier", "n_estimators": 3},
    "catboost": CATBOOST,
}


@pytest.mark.parametrize("name", BOOSTERS)
def test_a_label_may_be_written_as_it_is(name: str) -> None:
    """Boosters have ideas of what a column may be called: labels are none of their business."""
    train = mixed_table()
    odd = train.assign(job=train["job"].cat.rename_categories({"admin": '[0, 1) <5: {"a"}'}))
    assert_same_model(
        fit(arm({}, BOOSTERS[name]), train),
        fit(arm({}, BOOSTERS[name]), odd),
        train.assign(job="clerk"),
    )


@pytest.mark.parametrize("odd_name", ["age [years]", 'age, "years"', "age <100", "{age: years}"])
@pytest.mark.parametrize("name", BOOSTERS)
def test_a_column_may_be_called_what_a_booster_would_refuse(name: str, odd_name: str) -> None:
    """Such a table comes to it without names, and is learned from as any other."""
    train = train_part()
    odd = train.rename(columns={"age": odd_name})
    model = fit(arm({}, BOOSTERS[name]), odd)
    expected = score(fit(arm({}, BOOSTERS[name]), train), train)
    assert score(model, odd)["y_score"].tolist() == expected["y_score"].tolist()


PLUG_IN = """
from imblearn.under_sampling import RandomUnderSampler
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import GaussianNB

class Thinner(RandomUnderSampler):
    pass

class SMOTE(RandomUnderSampler):
    pass

class Learner(GaussianNB):
    pass

class TooThinError(Exception):
    pass

class TooThin(RandomUnderSampler):
    def fit_resample(self, X, y):
        raise TooThinError("nothing to thin")

class Unable(GaussianNB):
    def fit(self, X, y):
        raise TooThinError("nothing to learn")
"""


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with two samplers and a model, where Python finds it."""
    (tmp_path / "tiny_plug_in").mkdir()
    (tmp_path / "tiny_plug_in/__init__.py").write_text("")
    (tmp_path / "tiny_plug_in/parts.py").write_text(PLUG_IN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tiny_plug_in", raising=False)
    monkeypatch.delitem(sys.modules, "tiny_plug_in.parts", raising=False)
    return "tiny_plug_in.parts"


@pytest.mark.parametrize("table", [train_part(), mixed_table()], ids=["numbers", "mixed"])
@pytest.mark.parametrize("name", ["Thinner", "SMOTE"])
def test_a_sampler_and_a_model_may_be_plugged_in(
    plug_in: str, name: str, table: pd.DataFrame
) -> None:
    """They do what their own code says, also deeper inside, and whatever they are called."""
    bagged = {"class": "BaggingClassifier", "n_estimators": 3}
    learner = {"class": f"{plug_in}.Learner"}
    foreign = arm({"sampler": {"class": f"{plug_in}.{name}"}}, bagged | {"estimator": learner})
    own = arm(STRATEGIES["under"], bagged | {"estimator": BY_ROW["bayes"]})
    assert_same_model(fit(own, table), fit(foreign, table), table)


@pytest.mark.parametrize(
    ("sampler", "model", "said"),
    [
        ("Thinner", "Unable", "models.learner with strategies.remedy: nothing to learn"),
        ("TooThin", "Learner", "strategies.remedy.sampler: TooThin failed: nothing to thin"),
    ],
)
def test_an_error_that_a_plug_in_has_of_its_own_leaves_its_arm_out(
    plug_in: str, sampler: str, model: str, said: str
) -> None:
    own = arm({"sampler": {"class": f"{plug_in}.{sampler}"}}, {"class": f"{plug_in}.{model}"})
    with pytest.raises(RefusalError) as refused:
        fit(own, train_part())
    assert str(refused.value) == said


def test_what_happens_around_midnight_is_learned_on_circles() -> None:
    """As numbers, hours 22 to 2 are at both ends of a line, and a linear model sees nothing."""
    times = pd.Series(pd.date_range("2024-01-01", periods=600, freq="7h")).astype("datetime64[us]")
    night = ((times.dt.hour >= 22) | (times.dt.hour <= 2)).astype("int64")
    train = pd.DataFrame({"when": times, "target": night})
    areas = {}
    for dates in DATES:
        chosen = replace(arm({}), preprocess=Preprocess(numeric="standardize", dates=dates))
        areas[dates] = roc_auc_score(night, fit(chosen, train).predict_proba(train)[:, 1])
    assert areas["parts"] < 0.6
    assert areas["cyclic"] > 0.95
