"""Say how often a remedy that is equal is called different in any segment of a table.

Run: PYTHONPATH=src python benchmarks/segments.py --scenario logistic-5000-10 --draws 100 --seed 1

Tables are drawn again, with folds and fits of their own, and so are their segments. The remedies
are equal, random under-sampling with two seeds, so every claim is false. As many models of equal
worth are compared in as many segments of a test part.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from honesty import keep
from remedies import ALPHA, OBJECTIVE, SCENARIOS, Scenario, draw_train_parts, score_folds
from simulation import F1, Problem, draw

from equipoise.deciding.folds import split_by_fold
from equipoise.deciding.settling import settle_folds
from equipoise.judging.fold_differences import estimate_over_folds
from equipoise.judging.fold_scores import judge_by_fold
from equipoise.judging.intervals import correct_by_holm, estimate_paired_difference
from equipoise.judging.records import Judging
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.names import Floats, Labels
from equipoise.params.trial_params import Uncertainty

QUESTIONS = ("average_precision", "tuned_f1")
EQUAL, SEGMENTS, RESAMPLES = ("under_0", "under_1"), 4, 500
# 4,000 test rows, 400 of them positive, so about 100 in each segment.
TEST = Problem(4_000, 0.1, 1.5)


def ask_remedies(
    scenario: Scenario, train: tuple[Floats, Labels], segment: Labels, seed: int
) -> dict[str, list[float]]:
    """Return the p-values of two equal remedies in each segment, by question."""
    judging = Judging(OBJECTIVE, Uncertainty(), seed)
    scored = [score_folds(scenario, arm, train, seed, n) for n, arm in enumerate(EQUAL)]
    settled = [settle_folds(split_by_fold(oof), None, OBJECTIVE, "auto") for oof in scored]
    found: dict[str, list[float]] = {question: [] for question in QUESTIONS}
    for number in range(SEGMENTS):
        (folds, drawn), (other, other_drawn) = (
            judge_by_fold(oof[segment[oof["row"]] == number], decided, judging)
            for oof, decided in zip(scored, settled, strict=True)
        )
        for question in QUESTIONS:
            estimate = estimate_over_folds(
                folds[question] - other[question],
                drawn[question] - other_drawn[question],
                folds,
                drawn,
            )
            found[question].append(estimate.p)
    return found


def ask_models(rng: np.random.Generator, seed: int) -> dict[str, list[float]]:
    """Return the p-values of two equally good models in each segment of a test part."""
    found: dict[str, list[float]] = {question: [] for question in QUESTIONS}
    part = Problem(TEST.rows // SEGMENTS, TEST.prevalence, TEST.separation)
    for _ in range(SEGMENTS):
        arms = draw(rng, part, dict.fromkeys("ab", TEST.separation))
        one, other = (replicate_metrics(arm, F1, RESAMPLES, seed) for arm in arms.values())
        rare = int(arms["a"].y_true.sum())
        for question in QUESTIONS:
            difference = one[question] - other[question]
            found[question].append(estimate_paired_difference(difference, rare).p)
    return found


def count_claims(scenario: Scenario, draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """Give whether anything is claimed in any segment of each draw, with and without Holm."""
    for train in draw_train_parts(scenario, range(draws), seed):
        segment = train.rng.integers(SEGMENTS, size=len(train.y))
        said = {
            "remedies": ask_remedies(scenario, (train.X, train.y), segment, train.seed),
            "fitted models": ask_models(train.rng, train.seed),
        }
        for claim, by_question in said.items():
            for question, p in by_question.items():
                corrected = min(correct_by_holm(p)) < ALPHA
                yield {
                    "claim": claim,
                    "question": question,
                    "any": 100.0 * corrected,
                    "any, not corrected": 100.0 * (min(p) < ALPHA),
                }


def main() -> None:
    """Run one scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, default="logistic-5000-10")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    file = Path(f"honesty-segments-{asked.scenario}-{asked.seed}.json")
    file.unlink(missing_ok=True)
    drawn = keep(count_claims(SCENARIOS[asked.scenario], asked.draws, asked.seed), file)
    print(pd.DataFrame([*drawn]).groupby(["claim", "question"], sort=False).mean().round(1))


if __name__ == "__main__":
    main()
