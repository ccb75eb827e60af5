"""The arms of a screening: how each is doing, and what is the same for all of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Self

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.tables import TARGET, TWO_CLASSES
from equipoise.deciding.objectives import check_cost_order, make_objective
from equipoise.fitting.fold_rows import FOLDS, Sides, make_folds
from equipoise.fitting.models import build_model
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import LIMITED
from equipoise.params.trial_params import CrossValidation, Params
from equipoise.screening.configurations import configure, draw_configurations
from equipoise.screening.racing import Record, Track
from equipoise.screening.shared_folds import FitInFold, Race
from equipoise.screening.yardsticks import OBJECTIVE, Yardstick
from equipoise.terminal.errors import RefusalError


@dataclass
class Runner:
    """An arm in the race: its numbers, and which arm led when it was dropped."""

    own: Record = field(default_factory=Record)
    untuned: Record | None = None
    fits: list[FitInFold] = field(default_factory=list)
    leader: ArmName | None = None

    @property
    def refused(self) -> str | None:
        """Why the arm cannot be fitted."""
        return self.fits[-1].refused if self.fits else None

    @property
    def is_running(self) -> bool:
        """Whether the arm is in the next fold."""
        return self.leader is None and self.refused is None

    @property
    def seconds(self) -> float:
        """Those of all its folds, on a processor."""
        return sum(fit.seconds for fit in self.fits)

    def add(self, fit: FitInFold, number: int, setting: "Setting") -> None:
        """Measure the arm in a fold; of its scores only what is needed again stays."""
        self.fits.append(replace(fit, scores=None, untuned=None))
        if fit.untuned is not None and self.untuned is None:
            self.untuned = Record()
        for record, scores in ((self.own, fit.scores), (self.untuned, fit.untuned)):
            if record is not None and scores is not None:
                record.add(scores, number, setting.race.yardstick, setting.track)


Runners = Mapping[ArmName, Runner]


@dataclass(frozen=True)
class Setting:
    """What stays the same from the first fold to the last."""

    train: pd.DataFrame
    params: Params
    splits: Sequence[Sides]
    track: Track
    race: Race

    @classmethod
    def of(cls, train: pd.DataFrame, params: Params) -> Self:
        """Make the folds of train, and the arms that `params.screen` names.

        A `UserError` says which folds are too many, or which argument in `space` a model lacks.
        """
        race = make_race(train, params)
        _check_space(race, train)
        key = FOLDS if params.screen.folds is None else "screen.folds"
        splits = make_folds(train, settle_folds(params), params.seed, key)
        track = Track.of(train, splits, settle_folds(params).repeats, params.seed)
        return cls(train, params, splits, track, race)


def _check_space(race: Race, train: pd.DataFrame) -> None:
    """Raise for an argument that a model does not have, before others take their time."""
    of_model = {name.model: name for name in race.arms}
    for name in of_model.values():
        for drawn in race.configurations[name][1:2]:  # all of a model have the same arguments
            with suppress(RefusalError):  # the race tells of an arm that cannot be fitted
                build_model(configure(race.arms[name], drawn), train[TARGET])


def settle_folds(params: Params) -> CrossValidation:
    """Return the folds of a screening: those of the trial, but for what `screen` says."""
    own, of_trial = params.screen, params.cross_validation
    given = {"folds": own.folds or of_trial.folds, "repeats": own.repeats or of_trial.repeats}
    return of_trial.model_copy(update=given)


def make_race(train: pd.DataFrame, params: Params) -> Race:
    """Return the arms, each strategy with each model, what they are raced by, and configurations.

    Within a limit more is no better, so an objective with one gives way to average precision. So
    does any objective of several classes if models are tuned: scores of different configurations
    have no scale in common.
    """
    own = params.screen
    strategies, models = own.strategies or params.strategies, own.models or params.models
    names = [ArmName(strategy, model) for strategy in strategies for model in models]
    check_cost_order(params.decision, params.labels)
    classes = Classes.of(sorted(train[TARGET].unique()))
    objective = make_objective(params.decision, classes, params.decision.prevalence)
    metric = own.metric
    if metric == OBJECTIVE and (
        objective.name in LIMITED or (own.budget and len(classes) > TWO_CLASSES)
    ):
        metric = "average_precision"
    drawn = {model: draw_configurations(own, model, params.seed) for model in models}
    return Race(
        {name: params.select_arm(name) for name in names},
        Yardstick(metric, objective),
        {name: drawn[name.model] for name in names},
    )
