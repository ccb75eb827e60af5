"""The whole catalogue raced on the folds of train: in each, every arm that is not yet behind."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Protocol

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.fitting.running import run_long_fits
from equipoise.fitting.workers import limiting_threads
from equipoise.params.trial_params import Params
from equipoise.screening.arm_ranking import rank_arms
from equipoise.screening.racing import FEWEST_FOLDS, find_behind, find_leader, share_level
from equipoise.screening.runners import Runner, Runners, Setting
from equipoise.screening.screened import Screening
from equipoise.screening.shared_folds import FitInFold, fit_in_fold, group_by_sampling, share_fold

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


def screen(
    train: pd.DataFrame, params: Params, kept: Kept | None = None, watch: Watch = leave_unwatched
) -> Screening:
    """Return the ranking of all arms that `params.screen` names, raced on the folds of train.

    `kept` gives fits that are done and keeps new ones; `watch` sees those of each fold pass. What
    is found is the same whatever `n_jobs`, here or on a cluster, interrupted or not; seconds are
    not.
    """
    setting, kept = Setting.of(train, params), kept or NothingKept()
    runners: Runners = {name: Runner() for name in setting.race.arms}
    for number in range(len(setting.splits)):
        running = [name for name, runner in runners.items() if runner.is_running]
        if not running or (len(running) == 1 and number >= FEWEST_FOLDS):
            break
        fits = _fit_fold(setting, number, {name: runners[name] for name in running}, kept)
        title = f"fold {number + 1} of {len(setting.splits)}"
        for fit in watch(title, fits, len(running)):
            runners[fit.arm].add(fit, number, setting)
        _drop_arms(runners, setting)
    return rank_arms(runners, setting)


def _fit_fold(setting: Setting, number: int, running: Runners, kept: Kept) -> Iterator[FitInFold]:
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
    setting: Setting, number: int, names: Sequence[ArmName], running: Runners
) -> Iterator[FitInFold]:
    """Give new fits as they are done; what took longest before comes first."""
    race, sides = setting.race, setting.splits[number]
    fold = share_fold(setting.train, sides, race, names)
    groups = sorted(
        group_by_sampling(names, race), key=lambda own: -sum(running[n].seconds for n in own)
    )
    with limiting_threads():
        fits = run_long_fits(
            fit_in_fold, (fold, race), [(group,) for group in groups], setting.params.n_jobs
        )
        yield from chain.from_iterable(fits)


def _drop_arms(runners: Runners, setting: Setting) -> None:
    """Drop every arm that is credibly behind after this fold."""
    running = {name: runner.own for name, runner in runners.items() if runner.is_running}
    if not running:
        return
    level = share_level(setting.params.screen.level, len(runners), len(setting.splits))
    leader = find_leader(running)
    for name in find_behind(running, leader, setting.track, level):
        runners[name].leader = leader
        runners[name].own.scored = []
