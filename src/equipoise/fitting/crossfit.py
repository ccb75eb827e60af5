"""Out-of-fold scores: every train row scored by models that never saw it."""

import sys

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from sklearn.model_selection import RepeatedStratifiedKFold
from threadpoolctl import threadpool_limits

from equipoise.contract.errors import UserError
from equipoise.contract.params import CrossValidation
from equipoise.contract.tables import ROW, TARGET, features_and_target
from equipoise.fitting.components import build_sampler
from equipoise.fitting.models import Arm, build_pipeline, fitting, score
from equipoise.fitting.resampling import check_neighbours

Positions = NDArray[np.int64]

# Below this many cells a fit takes less time than starting a worker process.
CELLS_WORTH_A_PROCESS = 1_000_000


def cross_fit(
    arm: Arm, train: pd.DataFrame, cross_validation: CrossValidation, n_jobs: int
) -> pd.DataFrame:
    """Return `row`, `repeat`, `fold`, `y_true`, `y_score`, `y_pred`: each row once a repeat.

    The sampler sees only the rows that a fold is fitted on. One thread for each fit: sums
    come out the same in the last bit whatever `n_jobs` and the machine's thread counts.
    """
    splits = _splits(arm, train[TARGET], cross_validation)
    prefer = "processes" if train.size > CELLS_WORTH_A_PROCESS else "threads"
    with threadpool_limits(limits=1):
        scored = Parallel(n_jobs=n_jobs, prefer=prefer, return_as="generator")(
            delayed(_score_fold)(arm, train, fitted, held_out) for fitted, held_out in splits
        )
        console = Console(stderr=True)
        progress = track(
            scored, arm.strategy_key, len(splits), console=console, disable=not sys.stderr.isatty()
        )
        folds = [
            frame.assign(
                repeat=position // cross_validation.folds, fold=position % cross_validation.folds
            )
            for position, frame in enumerate(progress)
        ]
    columns = [ROW, "repeat", "fold", "y_true", "y_score", "y_pred"]
    scores: pd.DataFrame = pd.concat(folds)[columns]
    return scores.sort_values(["repeat", ROW], ignore_index=True)


def _splits(
    arm: Arm, y: pd.Series, cross_validation: CrossValidation
) -> list[tuple[Positions, Positions]]:
    """Return the rows to fit on and those held out, the same for every arm, once checked."""
    folds, counts = cross_validation.folds, y.value_counts()
    if counts.min() < folds:
        raise UserError(
            f"cross_validation.folds: {folds} is too many: class {counts.idxmin()} has"
            f" {counts.min()} rows in train; lower it to at most {counts.min()}"
        )
    if arm.strategy.sampler is not None:
        key = f"{arm.strategy_key}.sampler"
        check_neighbours(build_sampler(arm.strategy.sampler, key, arm.seed), y, key, folds)
    splitter = RepeatedStratifiedKFold(
        n_splits=folds, n_repeats=cross_validation.repeats, random_state=arm.seed
    )
    return list(splitter.split(y, y))


def _score_fold(
    arm: Arm, train: pd.DataFrame, fitted: Positions, held_out: Positions
) -> pd.DataFrame:
    X, y = features_and_target(train.iloc[fitted])
    with fitting(arm):
        return score(build_pipeline(arm).fit(X, y), train.iloc[held_out])
