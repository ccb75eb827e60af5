"""Whatever stands before a model, what it learned from other rows than train is found."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from tests.decided import DECIDING, NO_DECISION

from equipoise.audit.audit_results import AuditResult
from equipoise.audit.learned import check_preprocessing
from equipoise.audit.made import ArmMade, Made

N = 60
RNG = np.random.default_rng(N)
DATASET = pd.DataFrame(
    {
        "height": RNG.normal(170, 10, N).round(1),
        "weight": np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(70, 9, N)),
        "town": ["Lima", *RNG.choice(["Bern", "Oslo"], N - 2), "Rome"],
        "target": np.arange(N) % 2,
    }
)
TRAIN, TEST = (DATASET.rename_axis("row").iloc[rows] for rows in (slice(40), slice(40, N)))
HEIGHT, NUMBERS, WORDS = ["height"], ["height", "weight"], ["town"]

Step = Callable[[], Any]


def by_column() -> ColumnTransformer:
    """Gaps filled and numbers scaled, words encoded."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("words", words, WORDS)])


STEPS: dict[str, tuple[Step, list[str], str]] = {
    "scaler": (StandardScaler, NUMBERS, "StandardScaler.mean_"),
    "range": (MinMaxScaler, NUMBERS, "MinMaxScaler.data_"),
    "robust": (RobustScaler, NUMBERS, "RobustScaler.center_"),
    "mean": (SimpleImputer, NUMBERS, "SimpleImputer.statistics_"),
    "median": (lambda: SimpleImputer(strategy="median"), NUMBERS, "SimpleImputer.statistics_"),
    "neighbours": (KNNImputer, NUMBERS, "KNNImputer._fit_X"),
    "power": (PowerTransformer, NUMBERS, "PowerTransformer.lambdas_"),
    "bins": (
        lambda: KBinsDiscretizer(5, quantile_method="averaged_inverted_cdf"),
        HEIGHT,
        "KBinsDiscretizer.bin_edges_",
    ),
    "one-hot": (lambda: OneHotEncoder(handle_unknown="ignore"), WORDS, "OneHotEncoder.categories_"),
    "ordinal": (OrdinalEncoder, WORDS, "OrdinalEncoder.categories_"),
    "target": (lambda: TargetEncoder(random_state=N), WORDS, "TargetEncoder.encodings_"),
    "shares": (
        lambda: make_pipeline(
            TargetEncoder(cv=StratifiedKFold(2, shuffle=True, random_state=N)), StandardScaler()
        ),
        WORDS,
        "TargetEncoder.encodings_",
    ),
    "by column": (by_column, NUMBERS + WORDS, "SimpleImputer.statistics_"),
}


def fitted(step: Any, columns: list[str], rows: pd.DataFrame) -> Pipeline:
    """A pipeline whose first step learned from `rows`, and whose model from train."""
    features, target = rows[columns], rows["target"]
    model = DummyClassifier().fit(TRAIN[columns], TRAIN["target"])
    return Pipeline([("preprocess", step.fit(features, target)), ("model", model)])


def preprocessing(**models: Pipeline) -> list[AuditResult]:
    """What is found of the preprocessing in each model file."""
    nothing = pd.DataFrame()
    arms = {
        name: ArmMade("none", model, nothing, nothing, NO_DECISION)
        for name, model in models.items()
    }
    return check_preprocessing(Made(DATASET, TRAIN, TEST, {}, arms, *DECIDING))


@pytest.mark.parametrize("name", STEPS)
def test_what_train_gives_passes_and_tells_something(name: str) -> None:
    """What was learned is what train gives, and it is shown that all rows give something else."""
    build, columns, statistic = STEPS[name]
    (result,) = preprocessing(arm=fitted(build(), columns, TRAIN))
    assert result.passed
    assert statistic in result.detail
    assert "as in a fit on train, not as in a fit on all rows" in result.detail


@pytest.mark.parametrize("name", STEPS)
def test_what_all_rows_give_is_found(name: str) -> None:
    """Learned from train and test: named, with what it was that learned it."""
    build, columns, statistic = STEPS[name]
    (result,) = preprocessing(arm=fitted(build(), columns, DATASET))
    assert not result.passed
    assert statistic in result.detail
    assert "but what all rows give" in result.detail


@pytest.mark.parametrize("name", STEPS)
def test_what_test_alone_gives_is_found(name: str) -> None:
    """Also where rows are as many as they should be."""
    build, columns, _ = STEPS[name]
    (result,) = preprocessing(arm=fitted(build(), columns, TEST))
    assert not result.passed
    assert "nor what all rows give" in result.detail


def test_what_was_learned_in_addition_is_found() -> None:
    """Train has a rare word, and the encoder knows of none: something is missing, not different."""
    encoder = OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist")
    common = TRAIN[TRAIN["town"] != "Lima"]
    (result,) = preprocessing(arm=fitted(encoder, WORDS, common))
    assert not result.passed
    assert "OneHotEncoder._infrequent_indices" in result.detail


def test_rows_in_another_order_are_the_same_rows() -> None:
    """Sums differ in the last bits, and nobody learned anything else."""
    (result,) = preprocessing(arm=fitted(StandardScaler(), NUMBERS, TRAIN.iloc[::-1]))
    assert result.passed


def test_nothing_learned_passes_and_says_so() -> None:
    """A step that learns nothing cannot leak, and is no proof of anything."""
    (result,) = preprocessing(arm=fitted(FunctionTransformer(), NUMBERS, DATASET))
    assert result.passed
    assert result.detail == "a fit on train and a fit on all rows give the same"


def test_what_train_and_all_rows_give_alike_is_not_called_proof() -> None:
    """Words that train has all of: whichever rows were used, the categories are these."""
    known = DATASET.assign(town=["Bern", "Oslo"] * (N // 2))
    train, test = known.iloc[:40], known.iloc[40:]
    model = fitted(OneHotEncoder(), WORDS, known)
    arms = {"arm": ArmMade("none", model, pd.DataFrame(), pd.DataFrame(), NO_DECISION)}
    (result,) = check_preprocessing(Made(known, train, test, {}, arms, *DECIDING))
    assert result.passed
    assert result.detail == "a fit on train and a fit on all rows give the same"


def test_every_step_before_the_model_is_looked_at() -> None:
    """A leak behind a clean first step is a leak."""
    filled = SimpleImputer().fit(TRAIN[NUMBERS])
    scaler = StandardScaler().fit(filled.transform(DATASET[NUMBERS]))
    model = DummyClassifier().fit(TRAIN[NUMBERS], TRAIN["target"])
    steps = [("fill", filled), ("scale", scaler), ("model", model)]
    (result,) = preprocessing(arm=Pipeline(steps))
    assert not result.passed
    assert "StandardScaler.mean_" in result.detail
    assert "SimpleImputer" not in result.detail


def test_each_arm_is_held_against_its_own_preprocessing() -> None:
    """Arms may differ in what they do before the model; one that leaks does not taint others."""
    results = preprocessing(
        scaled=fitted(StandardScaler(), NUMBERS, TRAIN),
        leaking=fitted(StandardScaler(), NUMBERS, DATASET),
        unscaled=fitted(StandardScaler(with_std=False), NUMBERS, TRAIN),
        ranged=fitted(MinMaxScaler(), NUMBERS, TRAIN),
    )
    assert {r.name for r in results if not r.passed} == {"leaking.preprocessing"}
    assert len(results) == 4
