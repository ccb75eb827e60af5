"""Time every sampler of the catalogue by the number of rows.

    PYTHONPATH=src python benchmarks/samplers.py --seed 1
    PYTHONPATH=src python benchmarks/samplers.py --seed 1 --only smote --rows 210000 --share 0.48

A table of 30 columns, one row in twenty positive, or as `--columns` and `--share` say. Each case is
a process with one thread, and is given up after `--limit` seconds of the processor; a sampler that
was given up is not tried with more rows. Seconds are those of sampling, without imports and making
the table.
"""

import argparse
import multiprocessing
import resource
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from equipoise.data.datasets import make_dataset
from equipoise.fitting.components import build_sampler
from equipoise.fitting.resampling import resample
from equipoise.params.data_params import SyntheticData
from equipoise.params.trial_params import Params
from equipoise.terminal.params_file import load_params

PARAMS = Path(__file__).parents[1] / "params.yaml"
MEGA = 1024


class Case(NamedTuple):
    """A strategy of the catalogue, and the table that it is given."""

    strategy: str
    rows: int
    columns: int
    share: float
    seed: int


def main() -> None:
    """Print seconds of the processor and peak memory, a line for each sampler."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 20_000, 80_000])
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--share", type=float, default=0.05, help="of positive rows")
    parser.add_argument("--limit", type=int, default=120, help="seconds for each case")
    parser.add_argument("--only", nargs="+", help="strategies of the catalogue; all by default")
    arguments = parser.parse_args()
    strategies = load_params(PARAMS).strategies
    print("sampler", *(f"{n:,}" for n in arguments.rows), sep=" | ")
    for name, strategy in strategies.items():
        if strategy.sampler is not None and name in (arguments.only or strategies):
            found: list[str] = []
            for n in arguments.rows:
                case = Case(name, n, arguments.columns, arguments.share, arguments.seed)
                found.append("" if "over" in found else timed(case, arguments.limit))
            print(name, *found, sep=" | ", flush=True)


def timed(case: Case, limit: int) -> str:
    """Return seconds and megabytes of a case in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answers, own = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(case, limit, own))
    process.start()
    own.close()
    try:
        seconds, peak = answers.recv()
    except EOFError:  # the process was stopped
        return "over"
    finally:
        process.join()
    return f"{seconds:.2f} s, {peak:,.0f} MB"


def work(case: Case, limit: int, own: Connection) -> None:
    """Resample a table once, and tell what it took."""
    params: Params = load_params(PARAMS)
    data = SyntheticData(
        source="synthetic",
        n_samples=case.rows,
        n_features=case.columns,
        n_informative=10,
        weights=(1 - case.share, case.share),
    )
    table = make_dataset(data, case.seed).table
    strategy = params.strategies[case.strategy]
    if strategy.sampler is not None:
        build_sampler(strategy.sampler, case.seed)  # what it imports is not to be timed
    before = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(before) + limit, resource.RLIM_INFINITY))
    resample(table, strategy, params.preprocess, case.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGA
    own.send((time.process_time() - before, peak))


if __name__ == "__main__":
    main()
