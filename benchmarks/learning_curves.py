"""Say how often intervals of a learning curve hold the truth, on data that are drawn again.

Run: PYTHONPATH=src python benchmarks/learning_curves.py --scenario tree-5000-10 --draws 100

The truth is the mean over all draws; of two equal arms, under-sampling with two seeds, it is that
neither is ahead. Prints a line for each number and share of train: how often the interval of the
score holds the truth, that of the change from half as many rows, and that of the difference from
the baseline, beside how often the last two are called different (p < 0.05), in percent.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from honesty import keep
from remedies import (
    ALPHA,
    OBJECTIVE,
    SCENARIOS,
    TUNED,
    Scenario,
    TrainPart,
    draw_train_parts,
    score_folds,
)

from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.settling import settle_folds
from equipoise.judging.fold_scores import judge_by_fold
from equipoise.judging.records import Judging
from equipoise.params.trial_params import Uncertainty
from equipoise.sizing.learning_curve import SHARES, CurvePoint, SizedFolds, measure_curve

METRICS = ("average_precision", TUNED)
# Each curve beside that of its baseline.
CURVES = (("baseline", "smote"), ("under_0", "under_1"))
CONFIDENCE = 1 - ALPHA


def size_folds(scenario: Scenario, arm: str, train: TrainPart, place: int) -> list[SizedFolds]:
    """Return what the folds say of a procedure that is fitted on each share of train."""
    sized, judging = [], Judging(OBJECTIVE, Uncertainty(), train.seed)
    for share in SHARES:
        oof = score_folds(scenario, arm, (train.X, train.y), train.seed, place, share=share)
        settled = settle_folds(split_by_fold(oof), None, OBJECTIVE, "auto")
        positives = round(share * int(train.y.sum()))
        sized.append(SizedFolds(positives, *judge_by_fold(oof, settled, judging)))
    return sized


def draw_curves(scenario: Scenario, draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """Give the points of all curves of each draw: new rows, folds and fits."""
    for number, train in enumerate(draw_train_parts(scenario, range(draws), seed)):
        for pair in CURVES:
            arms = {arm: size_folds(scenario, arm, train, place) for place, arm in enumerate(pair)}
            yield from list_answers(arms, number)


def list_answers(arms: Mapping[str, Sequence[SizedFolds]], number: int) -> Iterator[dict[str, Any]]:
    """Give each number of the points of two curves, with its interval and p-value."""
    for metric in METRICS:
        shares = cycle(SHARES)
        for point, share in zip(measure_curve(arms, metric, CONFIDENCE), shares, strict=False):
            where = {"draw": number, "metric": metric, "arm": point.arm, "share": share}
            for part, (value, (low, high), p) in list_parts(point):
                yield where | {"part": part, "value": value, "low": low, "high": high, "p": p}


def list_parts(
    point: CurvePoint,
) -> Iterator[tuple[str, tuple[float, tuple[float, float], float]]]:
    """Give the score, and the differences that there are."""
    yield "value", (point.value, point.interval, np.nan)
    for name, change in (("change", point.change), ("difference", point.difference)):
        if change is not None:
            yield name, (change.value, change.interval, change.p)


def summarise(found: pd.DataFrame) -> pd.DataFrame:
    """Return the truth of each number, how often intervals hold it, and how often it is called."""
    keys = ["metric", "arm", "share", "part"]
    truth = found.groupby(keys)["value"].transform("mean")
    equal = (found["part"] == "difference") & (found["arm"] == "under_1")
    truth = truth.where(~equal, 0.0)
    held = 100.0 * ((found["low"] <= truth) & (truth <= found["high"]))
    called = 100.0 * (found["p"] < ALPHA)
    counted = found.assign(truth=truth, held=held, called=called)
    return counted.groupby(keys, sort=False)[["truth", "held", "called"]].mean()


def main() -> None:
    """Run one scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, required=True)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    file = Path(f"honesty-learning-curves-{asked.scenario}-{asked.seed}.json")
    file.unlink(missing_ok=True)
    drawn = keep(draw_curves(SCENARIOS[asked.scenario], asked.draws, asked.seed), file)
    print(summarise(pd.DataFrame([*drawn])).round(3).to_string())


if __name__ == "__main__":
    main()
