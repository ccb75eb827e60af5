"""What Dask adds to fits, and how much sooner they are done with more workers.

    PYTHONPATH=src python benchmarks/dask_workers.py

Eight fits run here, and on 1, 2 and 4 workers of one thread on this machine. In the first columns
they only wait, so that no worker needs a core: the times show what Dask adds, not how fast a
machine computes. In the last one they are forests, and workers share the machine's cores.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout

import numpy as np
import pandas as pd
from distributed import LocalCluster
from sklearn.ensemble import RandomForestClassifier

from equipoise.fitting.cluster import SWITCH, connect
from equipoise.fitting.running import run_fits

FITS, WORKERS, SECONDS, REPEATS = 8, (0, 1, 2, 4), (0.0, 5.0), 3
ROWS, FEATURES, TREES = 20_000, 20, 25


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
        connect(cluster.scheduler_address).close()  # once what it imports is there
        yield
        del os.environ[SWITCH]


def wait(train: pd.DataFrame, seconds: float) -> int:
    """Take the time of a fit, and no core."""
    time.sleep(seconds)
    return len(train)


def fit_forest(train: pd.DataFrame, seed: int) -> int:
    """Take a core for some seconds."""
    forest = RandomForestClassifier(TREES, random_state=seed).fit(train, train[0] + train[1] > 1)
    return len(forest.estimators_)


def measure_fits(fit: Callable[..., int], train: pd.DataFrame, each: Sequence[float]) -> float:
    """Return how long fits take, one for each value, the least of some repeats."""
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        list(run_fits(fit, (train,), [(own,) for own in each], n_jobs=1))
        taken.append(time.perf_counter() - began)
    return min(taken)


def main() -> None:
    """Print a row for each number of workers."""
    train = pd.DataFrame(np.random.default_rng(0).normal(size=(ROWS, FEATURES)))
    print("|", *(f"| {FITS} fits of {own:g} s, s" for own in SECONDS), f"| {FITS} forests, s |")
    print("|---|---|---|---|")
    for number in WORKERS:
        with starting_workers(number), redirect_stdout(sys.stderr):
            taken = [measure_fits(wait, train, [seconds] * FITS) for seconds in SECONDS]
            taken.append(measure_fits(fit_forest, train, range(FITS)))
        cells = " | ".join(f"{each:.1f}" for each in taken)
        print(f"| {number or 'no'} workers | {cells} |", flush=True)


if __name__ == "__main__":
    main()
