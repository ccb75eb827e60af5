"""A model against the champion, on test rows that neither was trained on."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype

from equipoise.checks.rows import find_shared_rows
from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.core.tables import GROUP, TARGET, select_features, set_columns
from equipoise.deciding.classifier import DecidingClassifier
from equipoise.deciding.decision import find_prevalence
from equipoise.deciding.objectives import Objective, add_amounts, make_objective
from equipoise.deciding.scoring import score_decided
from equipoise.judging.fold_scores import add_groups
from equipoise.judging.intervals import estimate_paired_difference
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.classes import Classes
from equipoise.metrics.scores import Scores
from equipoise.params.trial_params import Params
from equipoise.terminal.errors import UserError


class UnknownOutcomeError(UserError):
    """It cannot be known which of two models is better, and why."""


@dataclass(frozen=True)
class Contest:
    """How far a model is from the champion in a metric, on so many rows, with the interval."""

    metric: str
    rows: int
    effect: float
    interval: tuple[float, float]


def select_unseen(test: pd.DataFrame, trained_on: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a test part that are not among rows that a model was trained on.

    Rows are the same if their features are. Fractions are compared in single precision, because
    another program may have stored the table that way. An `UnknownOutcomeError` says why rows
    cannot be compared.
    """
    if GROUP in test:
        raise UnknownOutcomeError(
            "the champion was trained on other rows, and their groups cannot be told apart"
        )
    kinds, former = (_list_kinds(part) for part in (test, trained_on))
    if kinds != former:
        names = [name for name in {**kinds, **former} if kinds.get(name) != former.get(name)]
        raise UnknownOutcomeError(
            f"the champion was trained on other columns, or other kinds of them: {names[0]}"
        )
    rounded, learned = (_round_fractions(select_features(part)) for part in (test, trained_on))
    return test[~find_shared_rows(learned, rounded, list(rounded))]


def hold_contest(
    model: DecidingClassifier, champion: DecidingClassifier, rows: pd.DataFrame, params: Params
) -> Contest:
    """Return how far a model is from the champion in what decisions are tuned for.

    Both score the same rows in each bootstrap replicate. An `UnknownOutcomeError` says that their
    labels differ, or that there are too few rows of a class to claim anything.
    """
    if [*model.labels] != [*champion.labels]:
        theirs = ", ".join(map(str, champion.labels))
        raise UnknownOutcomeError(f"the champion decides between other labels: {theirs}")
    n_rare = min((int((rows[TARGET] == code).sum()) for code in model.pipeline.classes_), default=0)
    if n_rare < FEWEST_TO_CLAIM:
        raise UnknownOutcomeError(
            f"only {n_rare} test rows of the rarest class are new to both, and"
            f" {FEWEST_TO_CLAIM} are needed"
        )
    prevalence = find_prevalence(model.calibrator)
    objective = make_objective(params.decision, Classes.of(model.labels), prevalence)
    metric = f"tuned_{objective.name}"
    own, other = (
        _replicate(classifier, rows, objective, params)[metric] for classifier in (model, champion)
    )
    difference = estimate_paired_difference(own - other, n_rare)
    interval = difference.find_interval(params.uncertainty.confidence)
    return Contest(metric, len(rows), difference.effect, interval)


def _replicate(
    classifier: DecidingClassifier, rows: pd.DataFrame, objective: Objective, params: Params
) -> pd.DataFrame:
    scored = add_amounts(score_decided(classifier, rows), rows, objective.amount)
    scored = add_groups(scored, rows)
    group = pd.factorize(scored[GROUP])[0] if GROUP in scored else None
    resamples = params.uncertainty.resamples
    known = Scores.of(scored, objective.prevalence)
    return replicate_metrics(known, objective, resamples, params.seed, group)


def _list_kinds(part: pd.DataFrame) -> dict[Hashable, str]:
    """Return the type of each feature, whatever categories it has."""
    return {name: kind.name for name, kind in select_features(part).dtypes.items()}


def _round_fractions(features: pd.DataFrame) -> pd.DataFrame:
    fractions = [str(name) for name, kind in features.dtypes.items() if is_float_dtype(kind)]
    with np.errstate(over="ignore"):  # what is too large becomes infinite, in both tables
        rounded = features[fractions].astype("float32") + 0  # no -0
    return set_columns(features, {name: rounded[name] for name in fractions})
