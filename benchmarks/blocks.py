"""How far interval ends are off for rows drawn in blocks, beside rows drawn one by one.

    PYTHONPATH=src python benchmarks/blocks.py --seeds 40

The truth is the mean, over seeds, of the ends from rows drawn one by one. Printed is how far
ends of one seed are from it (root mean square), and how far their mean is: shares of the interval's
width, the median and the largest over all numbers of an arm.
"""

import argparse
from unittest.mock import patch

import numpy as np
from intervals import RESAMPLES, arm_of

from equipoise.deciding.objectives import make_objective
from equipoise.judging import bootstrap
from equipoise.judging.bootstrap import BOOTSTRAP
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.names import Floats
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

CASES = ((25_000, 100), (85_000, 500))  # rows, and one in so many positive
ENDS = (2.5, 97.5)


def main() -> None:
    """Print a line for each case and way to draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, required=True)
    seeds = parser.parse_args().seeds
    for rows, one_in in CASES:
        arm = arm_of(rows, one_in, seed=1)
        with patch.object(bootstrap, "LARGEST_CLASS", rows):
            by_row = ends(arm, seeds)
        truth = by_row.mean(axis=0)
        for name, found in (("rows", by_row), ("blocks", ends(arm, seeds))):
            print(f"{rows:,} | {one_in} | {name} | {off(found, truth)}", flush=True)


def ends(arm: Scores, seeds: int) -> Floats:
    """Return the interval ends of every number of an arm: seeds x 2 x numbers."""
    objective = make_objective(Decision(), arm.classes)
    drawn = (replicate_metrics(arm, objective, RESAMPLES, seed) for seed in range(seeds))
    return np.array([np.percentile(d.loc[BOOTSTRAP].to_numpy(), ENDS, axis=0) for d in drawn])


def off(found: Floats, truth: Floats) -> str:
    """Return how far ends are off, in words."""
    width = truth[1] - truth[0]
    varied = width > 0
    spread = np.sqrt(((found - truth) ** 2).mean(axis=0))[:, varied] / width[varied]
    bias = np.abs(found.mean(axis=0) - truth)[:, varied] / width[varied]
    return " | ".join(f"{np.median(v):.2%}, {v.max():.2%}" for v in (spread, bias))


if __name__ == "__main__":
    main()
