"""Out-of-fold scores: every train row scored by models that never saw it."""

import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from equipoise.contract.params import CrossValidation
from equipoise.contract.tables import ROW, TARGET
from equipoise.fitting.categories import kinds_once_clean, suited
from equipoise.fitting.components import build_sampler
from equipoise.fitting.fold_rows import Positions, fold_rows
from equipoise.fitting.models import Arm, fit, fitting, score
from equipoise.fitting.progress import Counted, uncounted
from equipoise.fitting.resampling import check_neighbours

# Below this many cells a fit takes less time than starting a worker process.
CELLS_WORTH_A_PROCESS = 1_000_000


def cross_fit(
    arm: Arm,
    train: pd.DataFrame,
    cross_validation: CrossValidation,
    n_jobs: int,
    counted: Counted = uncounted,
) -> pd.DataFrame:
    """Return `row`, `repeat`, `fold` and what `score` gives: each row once a repeat.

    Where folds follow time, the earliest rows are not scored. `counted` sees each fold pass.
    The sampler sees only the rows that a fold is fitted on. One thread for each fit: sums
    come out the same in the last bit whatever `n_jobs` and the machine's thread counts.
    """
    splits = fold_rows(train, cross_validation, arm.seed)
    _check_neighbours(arm, train, cross_validation.folds)
    per_repeat = len(splits) // cross_validation.repeats
    prefer = "processes" if train.size > CELLS_WORTH_A_PROCESS else "threads"
    with threadpool_limits(limits=1):
        scored = Parallel(n_jobs=n_jobs, prefer=prefer, return_as="generator")(
            delayed(_score_fold)(arm, train, fitted, held_out) for fitted, held_out in splits
        )
        folds = [
            frame.assign(repeat=position // per_repeat, fold=position % per_repeat)
            for position, frame in enumerate(counted(scored, len(splits)))
        ]
    keys = [ROW, "repeat", "fold"]
    scores: pd.DataFrame = pd.concat(folds).set_index(keys).reset_index()
    return scores.sort_values(["repeat", ROW], ignore_index=True)


def _check_neighbours(arm: Arm, train: pd.DataFrame, folds: int) -> None:
    if arm.strategy.sampler is not None:
        key = f"{arm.strategy_key}.sampler"
        spec = suited(arm.strategy.sampler, kinds_once_clean(train), key)
        sampler = build_sampler(spec, key, arm.seed)
        check_neighbours(sampler, train[TARGET], key, folds)


def _score_fold(
    arm: Arm, train: pd.DataFrame, fitted: Positions, held_out: Positions
) -> pd.DataFrame:
    model = fit(arm, train.iloc[fitted])
    with fitting(arm):
        return score(model, train.iloc[held_out])
