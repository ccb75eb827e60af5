"""Out-of-fold scores: every train row scored by models that never saw it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from equipoise.core.tables import ROW, TARGET
from equipoise.fitting.categories import choose_sampler, make_rowless_frame
from equipoise.fitting.components import build_sampler
from equipoise.fitting.fit_warnings import Warned, recording_warnings
from equipoise.fitting.fold_counts import find_shares, scale_counts
from equipoise.fitting.fold_rows import Positions, Sides, make_folds
from equipoise.fitting.models import build_model, fit, fitting, score
from equipoise.fitting.resampling import check_neighbours
from equipoise.fitting.running import run_fits
from equipoise.fitting.workers import limiting_threads
from equipoise.params.trial_params import Arm, CrossValidation
from equipoise.terminal.progress import Counted, leave_uncounted


@dataclass(frozen=True)
class CrossFit:
    """The out-of-fold scores of an arm, and what the fit of each fold warned of."""

    scores: pd.DataFrame
    warned: Sequence[Sequence[Warned]]


@dataclass(frozen=True)
class _Scored:
    frame: pd.DataFrame
    warned: Sequence[Warned]


def cross_fit(
    arm: Arm,
    train: pd.DataFrame,
    cross_validation: CrossValidation,
    n_jobs: int,
    counted: Counted = leave_uncounted,
) -> CrossFit:
    """Return scores: `row`, `repeat`, `fold` and what `score` gives, each row once a repeat.

    Where folds follow time, the earliest rows are not scored. `counted` sees each fold pass.
    """
    splits = make_folds(train, cross_validation, arm.seed)
    _check_neighbours(arm, train, cross_validation.folds)
    return cross_fit_folds(arm, train, splits, cross_validation.repeats, n_jobs, counted)


def cross_fit_folds(  # noqa: PLR0913, PLR0917 - as `cross_fit`, and the folds
    arm: Arm,
    train: pd.DataFrame,
    splits: Sequence[Sides],
    repeats: int,
    n_jobs: int,
    counted: Counted = leave_uncounted,
) -> CrossFit:
    """Return what `cross_fit` does, for folds that are given, repeat after repeat.

    The sampler sees only the rows that a fold is fitted on, and what it is asked for in rows is
    scaled to them. One thread for each fit: sums
    come out the same in the last bit whatever `n_jobs` and the machine's thread counts.
    """
    build_model(arm, train[TARGET])  # what it imports is no part of how long a fit takes
    per_repeat = len(splits) // repeats
    with limiting_threads():
        fits = run_fits(_score_fold, (arm, train), splits, n_jobs)
        scored = list(counted(fits, len(splits)))
    folds = [
        fold.frame.assign(repeat=position // per_repeat, fold=position % per_repeat)
        for position, fold in enumerate(scored)
    ]
    keys = [ROW, "repeat", "fold"]
    scores: pd.DataFrame = pd.concat(folds).set_index(keys).reset_index()
    in_order = scores.sort_values(["repeat", ROW], ignore_index=True)
    return CrossFit(in_order, [fold.warned for fold in scored])


def _check_neighbours(arm: Arm, train: pd.DataFrame, folds: int) -> None:
    if arm.strategy.sampler is not None:
        spec = choose_sampler(arm.strategy.sampler, make_rowless_frame(train))
        check_neighbours(build_sampler(spec, arm.seed), train[TARGET], spec, folds)


def _score_fold(arm: Arm, train: pd.DataFrame, fitted: Positions, held_out: Positions) -> _Scored:
    with recording_warnings() as warned:
        labels = train[TARGET]
        scaled = scale_counts(arm, find_shares(labels, labels.iloc[fitted]))
        model = fit(scaled, train.iloc[fitted])
        with fitting(arm):
            frame = score(model, train.iloc[held_out])
    return _Scored(frame, warned)
