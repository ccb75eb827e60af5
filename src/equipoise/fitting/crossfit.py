"""Out-of-fold scores: every train row scored by models that never saw it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from time import process_time

import pandas as pd
from joblib import Parallel, delayed

from equipoise.core.tables import ROW, TARGET
from equipoise.fitting.available_memory import limit_by_memory
from equipoise.fitting.categories import choose_sampler, make_rowless_frame
from equipoise.fitting.components import build_sampler
from equipoise.fitting.fit_warnings import Warned, recording_warnings
from equipoise.fitting.fold_rows import Positions, Sides, make_folds
from equipoise.fitting.models import build_model, fit, fitting, score
from equipoise.fitting.resampling import check_neighbours
from equipoise.fitting.workers import count_workers, limiting_threads
from equipoise.params.trial_params import Arm, CrossValidation
from equipoise.terminal.progress import Counted, leave_uncounted

# Threads that wait for one another cost some tenths of a second. Starting two processes takes
# 2.5 s, imports and all, on a machine that does nothing else, and 4.5 s of the processor; unlike
# threads, they are of use where a fit is Python for the most part.
SECONDS_WORTH_THREADS, SECONDS_WORTH_PROCESSES = 0.5, 10.0


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

    The sampler sees only the rows that a fold is fitted on. One thread for each fit: sums
    come out the same in the last bit whatever `n_jobs` and the machine's thread counts.
    """
    build_model(arm, train[TARGET])  # what it imports is no part of how long a fit takes
    per_repeat = len(splits) // repeats
    with limiting_threads():
        scored = list(counted(_score_folds(arm, train, splits, n_jobs), len(splits)))
    folds = [
        fold.frame.assign(repeat=position // per_repeat, fold=position % per_repeat)
        for position, fold in enumerate(scored)
    ]
    keys = [ROW, "repeat", "fold"]
    scores: pd.DataFrame = pd.concat(folds).set_index(keys).reset_index()
    in_order = scores.sort_values(["repeat", ROW], ignore_index=True)
    return CrossFit(in_order, [fold.warned for fold in scored])


def _score_folds(
    arm: Arm, train: pd.DataFrame, splits: Sequence[Sides], n_jobs: int
) -> Iterator[_Scored]:
    """Give each fold, scored: one by one, or several at a time where that saves time.

    How long the first one takes tells which, in seconds of the processor, which do not grow on a
    busy machine; how much memory it takes tells how many. The scores are the same.
    """
    (first, *others), started = splits, process_time()
    yield _score_fold(arm, train, *first)
    seconds = process_time() - started
    workers = limit_by_memory(count_workers(n_jobs, len(others)))
    saved = seconds * (len(others) - ceil(len(others) / workers))
    yield from Parallel(
        n_jobs=workers if saved > SECONDS_WORTH_THREADS else 1,
        prefer="processes" if saved > SECONDS_WORTH_PROCESSES else "threads",
        return_as="generator",
    )(delayed(_score_fold)(arm, train, *fold) for fold in others)


def _check_neighbours(arm: Arm, train: pd.DataFrame, folds: int) -> None:
    if arm.strategy.sampler is not None:
        spec = choose_sampler(arm.strategy.sampler, make_rowless_frame(train))
        check_neighbours(build_sampler(spec, arm.seed), train[TARGET], spec, folds)


def _score_fold(arm: Arm, train: pd.DataFrame, fitted: Positions, held_out: Positions) -> _Scored:
    with recording_warnings() as warned:
        model = fit(arm, train.iloc[fitted])
        with fitting(arm):
            frame = score(model, train.iloc[held_out])
    return _Scored(frame, warned)
