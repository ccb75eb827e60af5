"""Time bootstrap replicates against a loop over scikit-learn's metrics on the same resamples.

Each case is a process of its own with one thread; seconds are of the processor, the best of
several runs. Run: PYTHONPATH=src python benchmarks/intervals.py --seed 1
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from unittest.mock import patch

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn import metrics as sk

from equipoise.deciding.objectives import make_objective
from equipoise.judging import bootstrap
from equipoise.judging.bootstrap import BOOTSTRAP, Counts, make_strata, replicate
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.classes import NAMES_OF_TWO, Classes
from equipoise.metrics.names import PLAIN, Floats, Labels, name_column
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

RESAMPLES = 2000
SEPARATION = 3.0
# At this size, what is drawn in blocks is compared with the same drawn row by row.
COMPARED = 600_000
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"
)

Metric = Callable[[Labels, Floats | Labels], float]
OF_SCORES: dict[str, Metric] = {
    "average_precision": sk.average_precision_score,
    "roc_auc": sk.roc_auc_score,
}
OF_PROBABILITIES: dict[str, Metric] = {"brier_score": sk.brier_score_loss, "log_loss": sk.log_loss}
OF_DECISIONS: dict[str, Metric] = {
    "accuracy": sk.accuracy_score,
    "precision": lambda y, p: sk.precision_score(y, p, zero_division=0),
    "recall": sk.recall_score,
    "f1": sk.f1_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "mcc": sk.matthews_corrcoef,
    "g_mean": lambda y, p: np.sqrt(sk.recall_score(y, p, average=None).prod()),
}
FOUR = {"average_precision", "roc_auc", "brier_score", "default_f1"}


@dataclass(frozen=True)
class Case:
    """A test part, and how many replicates the loop does: what it would take is scaled up."""

    rows: int
    one_in: int
    looped: int


CASES = [
    Case(rows, one_in, looped)
    for rows, looped in ((85_000, 20), (600_000, 4), (5_000_000, 1))
    for one_in in (500, 10)
]


@dataclass(frozen=True)
class Measured:
    """Seconds for all replicates, by either way; memory in MB; what the two differ by.

    `of_one_set` are those of an arm with one set of probabilities and one of decisions.
    `ends_off` says in words how far interval ends are from those of rows drawn one by one.
    """

    seconds: float
    of_one_set: float
    loop_of_four: float
    loop_of_all: float
    before: float
    peak: float
    off: float
    ends_off: str


def arm_of(rows: int, one_in: int, seed: int) -> Scores:
    """Return one arm: its probabilities, what calibration makes of them, and both decisions."""
    rng = np.random.default_rng(seed)
    y_true = np.zeros(rows, dtype=np.int64)
    y_true[rng.permutation(rows)[: rows // one_in]] = 1
    signal = rng.normal(size=rows) + SEPARATION * y_true
    score = expit(SEPARATION * signal - SEPARATION**2 / 2 - np.log(one_in - 1))
    decisions = {
        view: (score >= threshold).astype(np.int64)
        for view, threshold in {"default": 0.5, "tuned": 0.25}.items()
    }
    probabilities = {
        section: np.column_stack([1 - positive, positive])
        for section, positive in {PLAIN: score, "calibrated": score**1.1}.items()
    }
    return Scores(Classes.of(NAMES_OF_TWO), y_true, probabilities, decisions)


def measure(case: Case, seed: int, repeats: int) -> Measured:
    """Return what the case takes; memory is that of a process which does nothing else."""
    arm, before = arm_of(case.rows, case.one_in, seed), _peak()
    seconds, found = _timed(arm, seed, repeats)
    peak = _peak()
    of_one_set, _ = _timed(_one_set(arm), seed, repeats)
    of_loop, off = loop(arm, case.looped, seed, found)
    scale = RESAMPLES / case.looped
    ends_off = ""
    if case.rows == COMPARED:
        with patch.object(bootstrap, "LARGEST_CLASS", case.rows):
            rows, others = (_replicates(arm, position) for position in (seed, seed + 1))
        ends_off = f"{_ends_off(found, rows)}; another seed: {_ends_off(others, rows)}"
    return Measured(
        seconds,
        of_one_set,
        scale * sum(value for name, value in of_loop.items() if name in FOUR),
        scale * sum(of_loop.values()),
        before,
        peak,
        off,
        ends_off,
    )


def _timed(arm: Scores, seed: int, repeats: int) -> tuple[float, pd.DataFrame]:
    """Return the fewest seconds of the processor that replicates took, and the replicates."""
    seconds, found = [], pd.DataFrame()
    for _ in range(repeats):
        start = time.process_time()
        found = _replicates(arm, seed)
        seconds.append(time.process_time() - start)
    return min(seconds), found


def _one_set(arm: Scores) -> Scores:
    """Return the arm as the four metrics see it: its own probabilities, its default decisions."""
    return replace(arm, probabilities={PLAIN: arm.raw}, decisions={"default": arm.y_pred})


def _replicates(arm: Scores, seed: int) -> pd.DataFrame:
    objective = make_objective(Decision(), arm.classes)
    return replicate_metrics(arm, objective, RESAMPLES, seed)


def _peak() -> float:
    """Return the most memory that this process has held, in MB (on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _ends_off(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """Return the largest difference of interval ends, as a share of the interval's width."""
    shares = {}
    for name in map(str, other.filter(regex="^(?!.*calibration_error)")):
        (low, high), (a, b) = (
            np.percentile(frame.loc[[BOOTSTRAP], name], (2.5, 97.5)) for frame in (other, one)
        )
        shares[name] = max(abs(a - low), abs(b - high)) / (high - low)
    worst = max(shares, key=lambda name: shares[name])
    return f"{shares[worst]:.1%} ({worst}), median {np.median([*shares.values()]):.1%}"


def loop(
    arm: Scores, replicates: int, seed: int, found: pd.DataFrame
) -> tuple[dict[str, float], float]:
    """Return the seconds of each metric, and the largest difference from what was found."""
    seconds: dict[str, float] = {}
    off = 0.0
    for position, rows in enumerate(_first_draws(arm.y_true, replicates, seed)):
        row = found.loc[BOOTSTRAP].iloc[position]
        for name, metric, values in _asked(arm):
            start = time.process_time()
            value = metric(arm.y_true[rows], values[rows])
            seconds[name] = seconds.get(name, 0) + time.process_time() - start
            off = max(off, abs(value - row[name]))
    return seconds, off


def _asked(arm: Scores) -> Iterator[tuple[str, Metric, Floats | Labels]]:
    """Give every metric that has a counterpart in scikit-learn."""
    for name, metric in OF_SCORES.items():
        yield name, metric, arm.raw[:, 1]
    for section, score in arm.probabilities.items():
        for name, metric in OF_PROBABILITIES.items():
            yield name_column(section, name), metric, score[:, 1]
    for view, y_pred in arm.decisions.items():
        for name, metric in OF_DECISIONS.items():
            yield name_column(view, name), metric, y_pred


def _first_draws(y_true: Labels, replicates: int, seed: int) -> Iterator[Labels]:
    """Give the rows of the first replicates, each as often as the bootstrap draws it."""
    strata = make_strata(y_true, seed)
    draws: list[tuple[Floats, ...]] = []

    def keep(counts: Counts) -> Mapping[str, Floats]:
        draws.extend(zip(*counts, strict=True))
        return {"kept": np.ones(len(counts[0]))}

    kept = replicate(strata, keep, 100, seed)
    resampled = (draw for draw, kind in zip(draws, kept.index, strict=True) if kind == BOOTSTRAP)
    for draw in islice(resampled, replicates):
        times = np.empty(len(y_true), dtype=np.int64)
        for stratum, count in zip(strata, draw, strict=True):
            times[stratum.rows] = count[stratum.unit]
        yield np.repeat(np.arange(len(y_true)), times)


def main() -> None:
    """Print a table, or measure the one case that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        case = Case(**arguments.case)
        print(json.dumps(asdict(measure(case, arguments.seed, arguments.repeats))))
        return
    print(
        "| rows | one in | s | of one set, s | loop of 4, s | ratio | of all, s | ratio | MB"
        " | of it before | off | ends off, share of the width |"
    )
    print("|---" * 12 + "|")
    for case in CASES:
        print(_line(case, _in_child(case)), flush=True)


def _in_child(case: Case) -> Measured:
    command = [sys.executable, *sys.argv, "--case", json.dumps(asdict(case))]
    found = subprocess.check_output(command, env=os.environ | ONE_THREAD, text=True)
    return Measured(**json.loads(found))


def _line(case: Case, took: Measured) -> str:
    pairs = ((took.loop_of_four, took.of_one_set), (took.loop_of_all, took.seconds))
    loops = " | ".join(f"{loop:.0f} | {loop / ours:.0f}" for loop, ours in pairs)
    return (
        f"| {case.rows:,} | {case.one_in} | {took.seconds:.1f} | {took.of_one_set:.1f} | {loops} "
        f"| {took.peak:.0f} | {took.before:.0f} | {took.off:.1e} | {took.ends_off} |"
    )


if __name__ == "__main__":
    main()
