"""The whole catalogue raced on the folds of train: in each, every arm that is not yet behind."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol, Self

import pandas as pd
from joblib import Parallel, delayed

from equipoise.core.arms import ArmName
from equipoise.core.tables import TARGET
from equipoise.deciding.objectives import add_amounts, make_objective
from equipoise.fitting.available_memory import limit_by_memory
from equipoise.fitting.fold_rows import Sides, make_folds
from equipoise.fitting.workers import count_workers, limiting_threads
from equipoise.metrics.classes import Classes
from equipoise.metrics.names import LIMITED
from equipoise.params.trial_params import CrossValidation, Params
from equipoise.screening.configurations import draw_configurations
from equipoise.screening.racing import (
    FEWEST_FOLDS,
    Record,
    Track,
    estimate_lead,
    find_behind,
    find_leader,
    share_level,
)
from equipoise.screening.screened import OfferedRun, RankedArm, Screened, Screening
from equipoise.screening.shared_folds import (
    FitInFold,
    Race,
    fit_in_fold,
    group_by_sampling,
    share_fold,
)
from equipoise.screening.yardsticks import OBJECTIVE, Yardstick
from equipoise.terminal.errors import UserError

# The arms whose strategies and models are offered for a trial.
OFFERED = 3
Fits = Iterable[FitInFold]
Watch = Callable[[str, Fits, int], Fits]


class Kept(Protocol):
    """Where fits are kept, so that an interrupted screening goes on."""

    def read(self, arm: ArmName, fold: int) -> FitInFold | None:
        """Return the fit of an arm in a fold if it is kept."""

    def keep(self, fit: FitInFold, fold: int) -> None:
        """Keep a fit."""


class NothingKept:
    """Of a screening in memory."""

    def read(self, arm: ArmName, fold: int) -> FitInFold | None:
        """Return None."""
        del arm, fold
        return None

    def keep(self, fit: FitInFold, fold: int) -> None:
        """Do nothing."""


def leave_unwatched(title: str, fits: Fits, number: int) -> Fits:
    """Return the fits as they are."""
    del title, number
    return fits


@dataclass
class _Runner:
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


Runners = Mapping[ArmName, _Runner]


@dataclass(frozen=True)
class _Setting:
    """What stays the same from the first fold to the last."""

    train: pd.DataFrame
    params: Params
    splits: Sequence[Sides]
    track: Track
    race: Race

    @classmethod
    def of(cls, train: pd.DataFrame, params: Params) -> Self:
        folds = settle_folds(params)
        splits = make_folds(train, folds, params.seed)
        track = Track.of(train, splits, folds.repeats, params.seed)
        return cls(train, params, splits, track, make_race(train, params))


def screen(
    train: pd.DataFrame, params: Params, kept: Kept | None = None, watch: Watch = leave_unwatched
) -> Screening:
    """Return the ranking of all arms that `params.screen` names, raced on the folds of train.

    `kept` gives fits that are done and keeps new ones; `watch` sees those of each fold pass. What
    is found is the same whatever `n_jobs`, and whether or not it was interrupted; seconds are not.
    """
    setting, kept = _Setting.of(train, params), kept or NothingKept()
    runners: Runners = {name: _Runner() for name in setting.race.arms}
    for number in range(len(setting.splits)):
        running = [name for name, runner in runners.items() if runner.is_running]
        if not running or (len(running) == 1 and number >= FEWEST_FOLDS):
            break
        fits = _fit_fold(setting, number, {name: runners[name] for name in running}, kept)
        title = f"fold {number + 1} of {len(setting.splits)}"
        for fit in watch(title, fits, len(running)):
            _add_fit(runners[fit.arm], fit, number, setting)
        _drop_arms(runners, setting)
    return _conclude(runners, setting)


def settle_folds(params: Params) -> CrossValidation:
    """Return the folds of a screening: those of the trial, but for what `screen` says."""
    own, of_trial = params.screen, params.cross_validation
    return CrossValidation(
        folds=own.folds or of_trial.folds, repeats=own.repeats or of_trial.repeats
    )


def make_race(train: pd.DataFrame, params: Params) -> Race:
    """Return the arms, each strategy with each model, what they are raced by, and configurations.

    Within a limit more is no better, so an objective with one gives way to average precision.
    """
    own = params.screen
    strategies, models = own.strategies or params.strategies, own.models or params.models
    names = [ArmName(strategy, model) for strategy in strategies for model in models]
    objective = make_objective(params.decision, Classes.of(sorted(train[TARGET].unique())))
    limited = own.metric == OBJECTIVE and objective.name in LIMITED
    drawn = {model: draw_configurations(own, model, params.seed) for model in models}
    return Race(
        {name: params.select_arm(name) for name in names},
        Yardstick("average_precision" if limited else own.metric, objective),
        {name: drawn[name.model] for name in names},
    )


def _fit_fold(setting: _Setting, number: int, running: Runners, kept: Kept) -> Iterator[FitInFold]:
    """Give the fit of every running arm in a fold: those that are kept, then new ones."""
    missing = []
    for name in running:
        found = kept.read(name, number)
        if found is None:
            missing.append(name)
        else:
            yield found
    for fit in _fit_missing(setting, number, missing, running) if missing else ():
        kept.keep(fit, number)
        yield fit


def _fit_missing(
    setting: _Setting, number: int, names: Sequence[ArmName], running: Runners
) -> Iterator[FitInFold]:
    """Give new fits as they are done; what took longest before comes first."""
    race, seed_and_columns = setting.race, setting.race.arms[names[0]]
    tuned = any(len(race.configurations[name]) > 1 for name in names)
    fold = share_fold(
        setting.train,
        setting.splits[number],
        seed_and_columns,
        tuned=tuned,
        forward=setting.track.forward,
    )
    groups = sorted(
        group_by_sampling(names, race), key=lambda own: -sum(running[n].seconds for n in own)
    )
    with limiting_threads():
        workers = limit_by_memory(count_workers(setting.params.n_jobs, len(groups)))
        yield from chain.from_iterable(
            Parallel(n_jobs=workers, prefer="processes", return_as="generator_unordered")(
                delayed(fit_in_fold)(fold, group, race) for group in groups
            )
        )


def _add_fit(runner: _Runner, fit: FitInFold, number: int, setting: _Setting) -> None:
    """Measure an arm in a fold; of its scores only what is needed again stays."""
    runner.fits.append(replace(fit, scores=None, untuned=None))
    if fit.untuned is not None and runner.untuned is None:
        runner.untuned = Record()
    for record, scores in ((runner.own, fit.scores), (runner.untuned, fit.untuned)):
        if record is not None and scores is not None:
            amount = setting.params.decision.amount
            whole = add_amounts(scores, setting.train, amount)
            record.add(whole, number, setting.race.yardstick, setting.track)


def _drop_arms(runners: Runners, setting: _Setting) -> None:
    """Drop every arm that is credibly behind after this fold."""
    running = {name: runner.own for name, runner in runners.items() if runner.is_running}
    if not running:
        return
    level = share_level(setting.params.screen.level, len(runners), len(setting.splits))
    leader = find_leader(running)
    for name in find_behind(running, leader, setting.track, level):
        runners[name].leader = leader
        runners[name].own.scored = []


def _conclude(runners: Runners, setting: _Setting) -> Screening:
    params, sign = setting.params, setting.race.yardstick.sign
    left_out = {str(n): runner.refused for n, runner in runners.items() if runner.refused}
    ranked = {name: runner for name, runner in runners.items() if not runner.refused}
    if not ranked:
        name, why = next(iter(left_out.items()))
        raise UserError(f"screen: no arm can be fitted; the first, {name}: {why}")
    winner = find_leader({n: runner.own for n, runner in ranked.items() if runner.is_running})
    arms = [_rank_arm(name, runner, ranked[winner], setting) for name, runner in ranked.items()]
    arms.sort(key=lambda arm: (-arm.folds, arm.is_dropped, arm.behind or 0, -sign * arm.value))
    found = Screened(
        metric=setting.race.yardstick.name,
        folds=len(setting.splits),
        level=params.screen.level,
        confidence=params.uncertainty.confidence,
        budget=params.screen.budget,
        fits=sum(len(runner.fits) for runner in runners.values()),
        arms=tuple(arms),
        left_out=left_out,
        run=_offer_run(arms, params.run.strategies[0]),
    )
    return Screening(found, {str(name): runner.seconds for name, runner in runners.items()})


def _rank_arm(name: ArmName, runner: _Runner, winner: _Runner, setting: _Setting) -> RankedArm:
    sign, own = setting.race.yardstick.sign, runner.own
    lead = None if runner is winner else estimate_lead(winner.own, own, setting.track)
    confidence = setting.params.uncertainty.confidence
    return RankedArm(
        *(str(name), name.strategy, name.model, len(runner.fits), sign * own.mean),
        behind=None if lead is None else lead.effect,
        interval=None if lead is None else lead.find_interval(confidence),
        leader=None if runner.leader is None else str(runner.leader),
        chosen=tuple(fit.chosen for fit in runner.fits if fit.chosen is not None),
        untuned=None if runner.untuned is None else sign * runner.untuned.mean,
    )


def _offer_run(arms: Sequence[RankedArm], baseline: str) -> OfferedRun:
    """Return a trial of the best arms' strategies and models, the baseline first."""
    best = arms[:OFFERED]
    strategies = dict.fromkeys([baseline, *(arm.strategy for arm in best)])
    return OfferedRun(tuple(strategies), tuple(dict.fromkeys(arm.model for arm in best)))
