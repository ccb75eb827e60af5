"""What Dask adds to fits, and how much sooner they are done with more workers.

    PYTHONPATH=src python benchmarks/dask_workers.py

Eight fits run here, and on 1, 2 and 4 workers of one thread on this machine. Some fits only wait:
workers then need no core, so that their times show what Dask adds, on any machine. The others
compute, and no more of them are fitted at a time than there are cores.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pandas as pd
from distributed import LocalCluster

from equipoise.core.tables import ROW, TARGET
from equipoise.fitting.cluster import SWITCH, connect
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.running import run_fits
from equipoise.params.trial_params import Arm, Component, CrossValidation, Preprocess, Strategy

FITS, WORKERS, SECONDS, REPEATS = 8, (1, 2, 4), 2.0, 3
MODEL = {"class": "RandomForestClassifier", "n_estimators": 100}
ROWS, FEATURES = 20_000, 20


@contextmanager
def starting_workers(number: int) -> Iterator[None]:
    """Have fits run on workers of one thread for as long as the block lasts; 0: here."""
    if number == 0:
        yield
        return
    with LocalCluster(
        n_workers=number, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0"
    ) as cluster:
        os.environ[SWITCH] = cluster.scheduler_address
        connect(cluster.scheduler_address).close()  # once all is imported
        yield
        del os.environ[SWITCH]


def wait(train: pd.DataFrame, seconds: float) -> int:
    """Take the time of a fit, and no core."""
    time.sleep(seconds)
    return len(train)


def wait_often(train: pd.DataFrame) -> None:
    """Wait as often as there are fits."""
    list(run_fits(wait, (train,), [(SECONDS,)] * FITS, n_jobs=1))


def compute(train: pd.DataFrame) -> None:
    """Fit a forest to each fold."""
    model = Component.model_validate(MODEL).at("models.forest")
    arm = Arm(Strategy().at("strategies.baseline"), model, Preprocess(), seed=1)
    cross_fit(arm, train, CrossValidation(folds=FITS, repeats=1), n_jobs=1)


def make_table() -> pd.DataFrame:
    """Return a train part of numbers."""
    rng = np.random.default_rng(0)
    target = rng.binomial(1, 0.1, ROWS)
    features = pd.DataFrame(rng.normal(size=(ROWS, FEATURES)) + 0.5 * target[:, None])
    return features.rename(columns=str).assign(**{TARGET: target}).rename_axis(ROW)


def main() -> None:
    """Print the least seconds of some repeats, of fits that wait and of fits that compute."""
    train = make_table()
    print("| | fits that wait | fits that compute |")
    print("|---|---|---|")
    for number in (0, *WORKERS):
        with starting_workers(number):
            least = []
            for work in (partial(wait_often, train), partial(compute, train)):
                taken = []
                for _ in range(REPEATS):
                    began = time.perf_counter()
                    work()
                    taken.append(time.perf_counter() - began)
                least.append(f"{min(taken):.1f}")
        print(f"| {number or 'no'} workers | {' | '.join(least)} |", flush=True)


if __name__ == "__main__":
    main()
