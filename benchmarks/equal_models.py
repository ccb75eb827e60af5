"""How often two equal remedies are called different by one test part, and by the folds.

Each draw takes new rows, a new split and new fits, all by the library's own functions. The two
remedies are random under-sampling with two seeds: what is said to be better about one of them, as a
remedy, is said falsely; about the fitted model it may be true.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification

from equipoise.comparing.verdict import Criteria, compare_arms
from equipoise.core.arms import ArmName
from equipoise.core.tables import TARGET
from equipoise.data.splitting import split_dataset
from equipoise.deciding.assembling import assemble_classifier
from equipoise.deciding.objectives import make_objective
from equipoise.deciding.scoring import score_decided
from equipoise.deciding.settling import learn_decision
from equipoise.fitting.class_ratios import summarise_resampling
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.models import fit
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import resample
from equipoise.judging.evaluation import evaluate
from equipoise.judging.evidence import Evidence
from equipoise.judging.records import Judging
from equipoise.metrics.classes import NAMES_OF_TWO, POSITIVE, Classes
from equipoise.params.decision_params import Decision
from equipoise.params.trial_params import (
    Arm,
    Component,
    CrossValidation,
    Preprocess,
    Run,
    Split,
    Strategy,
    Uncertainty,
    Verdict,
)

POPULATION = 200_000
MODELS = {
    "logistic": {"class": "LogisticRegression"},
    "tree": {"class": "DecisionTreeClassifier", "max_depth": 5},
}
REMEDIES = ("one", "two")
RULES = Criteria(Run(strategies=REMEDIES, models=("m",)), "f1", Uncertainty(), Verdict())
OBJECTIVE = make_objective(Decision(), Classes(NAMES_OF_TWO, POSITIVE))
NAMES = {"cv": "the remedy, over the folds", "test": "the fitted model, on test"}


def population(seed: int) -> pd.DataFrame:
    """Return the rows that tables are drawn from, one in ten positive."""
    X, y = make_classification(
        POPULATION, 10, n_informative=6, n_redundant=2, weights=[0.9], random_state=seed
    )
    return pd.DataFrame(X).rename(columns="feature_{}".format).assign(**{TARGET: y})


def judge_arm(model: Component, table: pd.DataFrame, draw: int, seed: int) -> Evidence:
    """Return the evidence on one remedy, whose under-sampling goes by a seed of its own."""
    train, test = split_dataset(table, Split(test_size=0.3), draw)
    sampler = Component.model_validate({"class": "RandomUnderSampler", "random_state": seed})
    arm = Arm(Strategy(sampler=sampler), model, Preprocess(), draw)
    oof = cross_fit(arm, train, CrossValidation(), n_jobs=1).scores
    difference = resample(clean(train, draw)[1], arm.strategy, arm.preprocess, draw)
    ratios = summarise_resampling(train, difference, arm.strategy).ratios
    judging = Judging(OBJECTIVE, RULES.uncertainty, draw)
    decided = learn_decision(oof, ratios, OBJECTIVE, "auto", labels=(0, 1), treatment="sampler")
    scored = score_decided(assemble_classifier(fit(arm, train, difference), decided), test)
    evaluation = evaluate(scored, oof, decided, judging, name=ArmName("remedy", "m"))
    return Evidence(
        evaluation.result, evaluation.folds, evaluation.fold_replicates, evaluation.replicates
    )


def draw_answers(model: str, rows: int, draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """Give every answer about the second remedy compared with the first, in each draw."""
    component, everybody = Component.model_validate(MODELS[model]), population(seed)
    rng = np.random.default_rng(seed)
    for draw in range(draws):
        chosen = rng.choice(POPULATION, rows, replace=False)
        table = everybody.iloc[chosen].reset_index(drop=True)
        evidence = {
            f"{name}-m": judge_arm(component, table, draw, 2 * draw + place)
            for place, name in enumerate(REMEDIES)
        }
        for answer in compare_arms(evidence, RULES).comparisons:
            yield asdict(answer) | {"draw": draw}


def count_claims(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the share of draws with a claim, and with 0 outside the interval, in percent."""
    low, high = np.array(answers["interval"].tolist()).T
    found = answers.assign(
        about=answers["source"].map(NAMES),
        question=answers["view"] + " " + answers["metric"],
        claimed=answers["verdict"].isin(["better", "worse"]),
        outside=(low > 0) | (high < 0),
    )
    shares = found.groupby(["about", "question"], sort=False)[["claimed", "outside"]].mean()
    any_of_five = found.groupby(["about", "draw"], sort=False)[["claimed", "outside"]].any()
    together = any_of_five.groupby("about", sort=False).mean()
    together.index = pd.MultiIndex.from_product([together.index, ["any of the five"]])
    return (100 * pd.concat([shares, together])).round(1)
