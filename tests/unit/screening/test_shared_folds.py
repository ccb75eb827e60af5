"""Folds that arms share: an arm gets what it would get alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from tests.decided import objective_of
from tests.unit.fitting.conftest import mixed_table

from equipoise.core.arms import ArmName
from equipoise.core.tables import TARGET
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.fold_rows import make_folds
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import Arm, Component, CrossValidation, Preprocess, Strategy
from equipoise.screening import shared_folds
from equipoise.screening.configurations import AS_GIVEN, Configuration
from equipoise.screening.shared_folds import FitInFold, Race, fit_in_fold, share_fold
from equipoise.screening.yardsticks import Yardstick
from equipoise.terminal.errors import UserError

FOLDS = CrossValidation(folds=4, repeats=1)
YARDSTICK = Yardstick("average_precision", objective_of(Decision()))
CONFIGURATIONS = ({"C": 1e-4}, {"C": 1e-3}, {"C": 0.1}, {"C": 10.0})


def make_arm(strategy: Mapping[str, Any], preprocess: Preprocess) -> Arm:
    """An arm with a logistic regression."""
    return Arm(
        Strategy.model_validate(strategy).at("strategies.remedy"),
        Component.model_validate({"class": "LogisticRegression", "max_iter": 5000}).at("models.m"),
        preprocess,
        seed=7,
    )


def fit_first_fold(
    arm: Arm, train: pd.DataFrame, tried: tuple[Configuration, ...] = (AS_GIVEN,)
) -> FitInFold:
    """What a screening makes of an arm in the first fold."""
    sides = make_folds(train, FOLDS, arm.seed)[0]
    name = ArmName("remedy", "m")
    race = Race({name: arm}, YARDSTICK, {name: tried})
    fold = share_fold(train, sides, race, [name])
    (fit,) = fit_in_fold(fold, race, [name])
    return fit


@pytest.mark.parametrize("categories", ["one_hot", "target"])
@pytest.mark.parametrize(
    "strategy",
    [
        {},
        {"sampler": {"class": "SMOTE"}},
        {"sampler": {"class": "RandomUnderSampler"}},
        {"sampler": {"class": "RandomUnderSampler", "sampling_strategy": {0: 60, 1: 30}}},
        {"ensemble": {"class": "BalancedBaggingClassifier", "sampling_strategy": {0: 60}}},
    ],
)
def test_a_shared_fold_gives_the_scores_of_the_stage_train(
    strategy: dict[str, Any], categories: str
) -> None:
    """To the last bit, with every kind of column and gaps in each."""
    train = mixed_table()
    arm = make_arm(
        strategy, Preprocess.model_validate({"numeric": "standardize", "categories": categories})
    )
    alone = cross_fit(arm, train, FOLDS, n_jobs=1).scores
    of_fold = alone[alone["fold"] == 0].drop(columns=["repeat", "fold"]).set_index("row")
    shared = fit_first_fold(arm, train).scores
    assert shared is not None
    assert_frame_equal(shared.set_index("row").sort_index(), of_fold.sort_index())


def test_a_configuration_is_chosen_without_the_rows_held_out() -> None:
    """Other labels of these rows leave the choice as it is."""
    train = mixed_table(rows=320)
    arm = make_arm({"sampler": {"class": "SMOTE"}}, Preprocess(numeric="standardize"))
    tried = (AS_GIVEN, *CONFIGURATIONS)
    held_out = make_folds(train, FOLDS, arm.seed)[0][1]
    fit, turned = fit_first_fold(arm, train, tried), train.copy()
    rows = train.index[held_out]
    turned.loc[rows, TARGET] = 1 - turned.loc[rows, TARGET]
    name = ArmName("remedy", "m")
    race = Race({name: arm}, YARDSTICK, {name: tried})
    sides = make_folds(train, FOLDS, arm.seed)[0]
    (again,) = fit_in_fold(share_fold(turned, sides, race, [name]), race, [name])
    assert again.chosen == fit.chosen
    assert fit.scores is not None
    assert again.scores is not None
    assert (again.scores["y_score"] == fit.scores["y_score"]).all()
    assert (again.scores["y_true"] != fit.scores["y_true"]).all()


def test_a_configuration_that_is_refused_is_not_chosen() -> None:
    """Liblinear knows no l1_ratio between 0 and 1: the arm goes on without that."""
    arm = make_arm({}, Preprocess(numeric="standardize"))
    tried: tuple[Configuration, ...] = (AS_GIVEN, {"solver": "liblinear", "l1_ratio": 0.5})
    fit = fit_first_fold(arm, mixed_table(), tried)
    assert (fit.refused, fit.chosen) == (None, AS_GIVEN)


def test_rows_that_cannot_be_divided_again_name_the_key_that_asks_for_it() -> None:
    """Three positives are enough for the fold, and not for four divisions inside it."""
    train = pd.DataFrame({"x": np.arange(40.0), TARGET: [1] * 4 + [0] * 36})
    tried: tuple[Configuration, ...] = (AS_GIVEN, {"C": 0.1})
    with pytest.raises(UserError, match=r"^screen\.budget: .* set it to 0"):
        fit_first_fold(make_arm({}, Preprocess()), train, tried)


def test_seconds_of_a_sampler_that_is_refused_are_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are shared by the models, as those of any sampling are."""
    arm = make_arm({"sampler": {"class": "SMOTE", "k_neighbors": 200}}, Preprocess())
    train, names = mixed_table(), [ArmName("remedy", model) for model in ("m", "n")]
    race = Race(dict.fromkeys(names, arm), YARDSTICK, dict.fromkeys(names, (AS_GIVEN,)))
    fold = share_fold(train, make_folds(train, FOLDS, arm.seed)[0], race, names)
    monkeypatch.setattr(shared_folds, "process_time", iter([0.0, 10.0]).__next__)
    assert [fit.seconds for fit in fit_in_fold(fold, race, names)] == [5.0, 5.0]


def test_an_arm_that_is_refused_says_why() -> None:
    arm = make_arm({"sampler": {"class": "SMOTE", "k_neighbors": 200}}, Preprocess())
    fit = fit_first_fold(arm, mixed_table())
    assert fit.scores is None
    assert (fit.refused or "").startswith("strategies.remedy.sampler.k_neighbors: 200 is too many")
