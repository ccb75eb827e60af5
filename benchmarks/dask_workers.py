"""What Dask adds to fits, and how much sooner they are done with more workers.

    PYTHONPATH=src python benchmarks/dask_workers.py

Eight fits run here, and on 1, 2 and 4 workers of one thread on this machine. They only wait, so
that no worker needs a core: the times show what Dask adds, not how fast a machine computes.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import numpy as np
import pandas as pd
from distributed import LocalCluster

from equipoise.fitting.cluster import SWITCH, connect
from equipoise.fitting.running import run_fits

FITS, WORKERS, SECONDS, REPEATS = 8, (0, 1, 2, 4), (0.0, 5.0), 3
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
        connect(cluster.scheduler_address).close()  # once what it imports is there
        yield
        del os.environ[SWITCH]


def wait(train: pd.DataFrame, seconds: float) -> int:
    """Take the time of a fit, and no core."""
    time.sleep(seconds)
    return len(train)


def measure_fits(train: pd.DataFrame, seconds: float) -> float:
    """Return how long fits take that wait so long, the least of some repeats."""
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        list(run_fits(wait, (train,), [(seconds,)] * FITS, n_jobs=1))
        taken.append(time.perf_counter() - began)
    return min(taken)


def main() -> None:
    """Print a row for each number of workers."""
    train = pd.DataFrame(np.random.default_rng(0).normal(size=(ROWS, FEATURES)))
    print("|", *(f"| {FITS} fits of {seconds:g} s, s" for seconds in SECONDS), "|")
    print("|---|---|---|")
    for number in WORKERS:
        with starting_workers(number), redirect_stdout(sys.stderr):
            taken = [f"{measure_fits(train, seconds):.1f}" for seconds in SECONDS]
        print(f"| {number or 'no'} workers |", " | ".join(taken), "|", flush=True)


if __name__ == "__main__":
    main()
