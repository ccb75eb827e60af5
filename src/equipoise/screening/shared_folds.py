"""A fold that arms share: rows cleaned, scaled and encoded once, and resampled once a strategy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from time import process_time
from typing import Any, Self

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.tables import TARGET, split_off_target
from equipoise.deciding.objectives import read_amounts
from equipoise.fitting.fit_warnings import recording_warnings
from equipoise.fitting.fold_counts import Shares, find_shares, scale_counts
from equipoise.fitting.fold_rows import Sides, divide_once
from equipoise.fitting.models import fit_model, fitting, score_seen
from equipoise.fitting.prepared import Prepared
from equipoise.fitting.preprocessing import clean
from equipoise.fitting.resampling import resample
from equipoise.fitting.workers import limiting_threads
from equipoise.metrics.names import Floats
from equipoise.params.trial_params import Arm
from equipoise.screening.configurations import Configuration, choose_configuration, configure
from equipoise.screening.yardsticks import Yardstick, rank_scores
from equipoise.terminal.errors import RefusalError, UserError

# Of the rows that a fold is fitted on, one in so many is held out to choose configurations by.
INNER_FOLDS = 4


@dataclass(frozen=True)
class SharedFold:
    """Rows to fit on, and those held out as models see them, with their labels.

    `shares` has by class the share of its rows that are there to fit on. `amount` is what is at
    stake in each row held out, if the objective goes by that. `inner` divides the rows to fit on
    in the same way, if arms are tuned.
    """

    prepared: Prepared
    shares: Shares
    held_out: Any
    y: pd.Series
    amount: Floats | None = None
    inner: Self | None = None

    @classmethod
    def of(cls, train: pd.DataFrame, sides: Sides, arm: Arm, amount: str | None) -> Self:
        """Prepare a fold as for this arm; nothing is learned from the rows held out."""
        fitted, held_out = (train.iloc[rows] for rows in sides)
        at_stake = None if amount is None else read_amounts(held_out, amount)
        with limiting_threads():
            cleaner, cleaned = clean(fitted, arm.seed, arm.preprocess.dates)
            prepared = Prepared.of(cleaned, arm.preprocess, arm.seed)
            X, y = split_off_target(held_out)
            shares = find_shares(train[TARGET], fitted[TARGET])
            return cls(prepared, shares, prepared.transform(cleaner.transform(X)), y, at_stake)


@dataclass(frozen=True)
class Race:
    """What all fits of a screening have in common.

    `configurations` has by arm what is tried in each fold, the arm as it is in params first.
    """

    arms: Mapping[ArmName, Arm]
    yardstick: Yardstick
    configurations: Mapping[ArmName, Sequence[Configuration]]

    def is_any_tuned(self, names: Iterable[ArmName]) -> bool:
        """Whether more than one configuration is tried for some of these arms."""
        return any(len(self.configurations[name]) > 1 for name in names)


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
    train: pd.DataFrame, sides: Sides, race: Race, names: Sequence[ArmName]
) -> SharedFold:
    """Return a fold prepared for all these arms, which have preprocessing and seed in common.

    A `UserError` says that its rows are too few to tune arms by.
    """
    arm, amount = race.arms[names[0]], race.yardstick.objective.amount
    shared = SharedFold.of(train, sides, arm, amount)
    if not race.is_any_tuned(names):
        return shared
    rows = train.iloc[sides[0]]
    inside = divide_once(rows, INNER_FOLDS, arm.seed)
    if inside is None:
        raise UserError(
            "screen.budget: the rows that a fold is fitted on cannot be divided again with every"
            " class on both sides, which tuning needs; set it to 0, or add rows of the rarest class"
        )
    return replace(shared, inner=SharedFold.of(rows, inside, arm, amount))


Rows = tuple[Any, pd.Series]


@dataclass(frozen=True)
class _Sampled:
    """Rows to fit on as a strategy has them, and the seconds of sampling for each arm.

    `inner` has the rows to fit on inside the fold, and the division that they are of.
    """

    rows: Rows
    inner: tuple[Rows, SharedFold] | None
    seconds: float


def fit_in_fold(fold: SharedFold, race: Race, names: Sequence[ArmName]) -> list[FitInFold]:
    """Return arms of one strategy, each fitted and scored in a fold."""
    started = process_time()
    inner = fold.inner if race.is_any_tuned(names) else None
    with recording_warnings():
        try:
            arm = scale_counts(race.arms[names[0]], fold.shares)
            rows = _resample(fold, arm)
            inside = None
            if inner is not None:
                inside = _resample(inner, scale_counts(arm, inner.shares)), inner
        except RefusalError as why:
            seconds = (process_time() - started) / len(names)
            return [FitInFold(name, seconds, refused=str(why)) for name in names]
        sampled = _Sampled(rows, inside, (process_time() - started) / len(names))
        return [_fit_arm(fold, name, race, sampled) for name in names]


def _resample(fold: SharedFold, arm: Arm) -> Rows:
    difference = resample(fold.prepared.cleaned, arm.strategy, arm.preprocess, arm.seed)
    with fitting(arm):
        return fold.prepared.apply(difference)


def _fit_arm(fold: SharedFold, name: ArmName, race: Race, sampled: _Sampled) -> FitInFold:
    started, tried = process_time(), race.configurations[name]
    arm = scale_counts(race.arms[name], fold.shares)
    chosen = untuned = None
    try:
        scores = _fit_and_score(arm, sampled.rows, fold)
        if sampled.inner is not None and len(tried) > 1:
            chosen, untuned = _choose_inside(arm, tried, *sampled.inner, race.yardstick), scores
            scores = _fit_and_score(configure(arm, chosen), sampled.rows, fold)
            if race.yardstick.needs_others:
                scores = rank_scores(scores)
    except RefusalError as why:
        return FitInFold(name, sampled.seconds + process_time() - started, refused=str(why))
    seconds = sampled.seconds + process_time() - started
    return FitInFold(name, seconds, scores, chosen=chosen, untuned=untuned)


def _choose_inside(
    arm: Arm,
    tried: Sequence[Configuration],
    rows: Rows,
    inner: SharedFold,
    yardstick: Yardstick,
) -> Configuration:
    """Return the configuration that does best inside a fold; one that is refused is the last."""
    inside = scale_counts(arm, inner.shares)

    def measure(configuration: Configuration) -> float:
        try:
            scores = _fit_and_score(configure(inside, configuration), rows, inner)
        except RefusalError:
            return -inf
        return yardstick.measure_alone(scores)

    return choose_configuration(tried, measure)


def _fit_and_score(arm: Arm, rows: Rows, fold: SharedFold) -> pd.DataFrame:
    model = fit_model(arm, *rows)
    with fitting(arm):
        scores = score_seen(model, fold.held_out, fold.y)
    return scores if fold.amount is None else scores.assign(amount=fold.amount)


def group_by_sampling(names: Sequence[ArmName], race: Race) -> Iterator[list[ArmName]]:
    """Give arms that share resampled rows together, and every other arm by itself."""
    shared: dict[str, list[ArmName]] = {}
    for name in names:
        if race.arms[name].strategy.sampler is None:
            yield [name]
        else:
            shared.setdefault(name.strategy, []).append(name)
    yield from shared.values()
