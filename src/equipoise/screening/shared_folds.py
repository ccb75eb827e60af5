"""A fold that arms share: rows cleaned, scaled and encoded once, and resampled once a strategy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from time import process_time
from typing import Any, Self

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.tables import split_off_target
from equipoise.fitting.fit_warnings import recording_warnings
from equipoise.fitting.fold_rows import Sides, make_folds
from equipoise.fitting.models import fit_model, fitting, score_seen
from equipoise.fitting.prepared import Prepared
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import resample
from equipoise.fitting.workers import limiting_threads
from equipoise.params.trial_params import Arm, CrossValidation, Preprocess, Strategy
from equipoise.screening.configurations import Configuration, choose_configuration, configure
from equipoise.screening.yardsticks import Yardstick
from equipoise.terminal.errors import RefusalError

# Of the rows that a fold is fitted on, one in so many is held out to choose configurations by.
INNER_FOLDS = 4


@dataclass(frozen=True)
class SharedFold:
    """Rows to fit on, and those held out as models see them, with their labels.

    `inner` divides the rows to fit on in the same way, if arms are tuned.
    """

    prepared: Prepared
    held_out: Any
    y: pd.Series
    inner: Self | None = None

    @classmethod
    def of(cls, train: pd.DataFrame, sides: Sides, preprocess: Preprocess, seed: int) -> Self:
        """Prepare a fold; nothing is learned from the rows held out."""
        fitted, held_out = sides
        with limiting_threads():
            cleaner, cleaned = clean(train.iloc[fitted], seed, preprocess.dates)
            prepared = Prepared.of(cleaned, preprocess, seed)
            X, y = split_off_target(train.iloc[held_out])
            return cls(prepared, prepared.transform(cleaner.transform(X)), y)


@dataclass(frozen=True)
class Race:
    """What all fits of a screening have in common.

    `configurations` has by arm what is tried in each fold, the arm as it is in params first.
    """

    arms: Mapping[ArmName, Arm]
    yardstick: Yardstick
    configurations: Mapping[ArmName, Sequence[Configuration]]


@dataclass(frozen=True)
class FitInFold:
    """An arm in a fold: scores of the rows held out, and processor seconds.

    `seconds` include an even share of the sampling. `refused` says why there are no scores. If the
    arm is tuned, `chosen` is its configuration here, and `untuned` has its scores without that.
    """

    arm: ArmName
    seconds: float
    scores: pd.DataFrame | None = None
    refused: str | None = None
    chosen: Configuration | None = None
    untuned: pd.DataFrame | None = None


def share_fold(
    train: pd.DataFrame, sides: Sides, arm: Arm, *, tuned: bool, forward: bool
) -> SharedFold:
    """Return a fold prepared for every arm with the preprocessing and the seed of this one."""
    shared = SharedFold.of(train, sides, arm.preprocess, arm.seed)
    if not tuned:
        return shared
    rows = train.iloc[sides[0]]
    splits = make_folds(rows, CrossValidation(folds=INNER_FOLDS, repeats=1), arm.seed)
    inner = SharedFold.of(rows, splits[-1 if forward else 0], arm.preprocess, arm.seed)
    return SharedFold(shared.prepared, shared.held_out, shared.y, inner)


def fit_in_fold(fold: SharedFold, names: Sequence[ArmName], race: Race) -> list[FitInFold]:
    """Return arms of one strategy, each fitted and scored in a fold."""
    first, started = race.arms[names[0]], process_time()
    tuned = any(len(race.configurations[name]) > 1 for name in names)
    with recording_warnings():
        try:
            rows = _resample(fold, first.strategy, first)
            inner = _resample(fold.inner, first.strategy, first) if fold.inner and tuned else None
        except RefusalError as why:
            return [FitInFold(name, process_time() - started, refused=str(why)) for name in names]
        sampling = (process_time() - started) / len(names)
        return [_fit_arm(fold, name, race, rows, inner, sampling) for name in names]


Rows = tuple[Any, pd.Series]


def _resample(fold: SharedFold, strategy: Strategy, arm: Arm) -> Rows:
    difference = resample(fold.prepared.cleaned, strategy, arm.preprocess, arm.seed)
    with fitting(arm):
        return fold.prepared.apply(difference)


def _fit_arm(  # noqa: PLR0913, PLR0917 - a fit has these parts
    fold: SharedFold, name: ArmName, race: Race, rows: Rows, inner: Rows | None, sampling: float
) -> FitInFold:
    started, arm = process_time(), race.arms[name]
    try:
        scores = _fit_and_score(arm, rows, fold)
        if len(race.configurations[name]) == 1:
            return FitInFold(name, sampling + process_time() - started, scores)
        chosen = choose_configuration(
            race.configurations[name],
            lambda tried: _measure_inside(configure(arm, tried), inner, fold.inner, race.yardstick),
        )
        tuned = _fit_and_score(configure(arm, chosen), rows, fold) if chosen else scores
    except RefusalError as why:
        return FitInFold(name, sampling + process_time() - started, refused=str(why))
    seconds = sampling + process_time() - started
    return FitInFold(name, seconds, tuned, chosen=chosen, untuned=scores)


def _measure_inside(
    arm: Arm, rows: Rows | None, inner: SharedFold | None, yardstick: Yardstick
) -> float:
    """Return what a configuration is chosen by; the least of all for one that is refused."""
    if rows is None or inner is None:
        raise ValueError("inner: None, and arms are tuned")
    try:
        return yardstick.measure_alone(_fit_and_score(arm, rows, inner))
    except RefusalError:
        return -inf


def _fit_and_score(arm: Arm, rows: Rows, fold: SharedFold) -> pd.DataFrame:
    model = fit_model(arm, *rows)
    with fitting(arm):
        return score_seen(model, fold.held_out, fold.y)


def group_by_sampling(names: Sequence[ArmName], race: Race) -> Iterator[list[ArmName]]:
    """Give arms that share resampled rows together, and every other arm by itself."""
    shared: dict[str, list[ArmName]] = {}
    for name in names:
        if race.arms[name].strategy.sampler is None:
            yield [name]
        else:
            shared.setdefault(name.strategy, []).append(name)
    yield from shared.values()
