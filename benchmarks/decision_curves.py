"""Say how often intervals of net benefit, and of restated precision, hold the truth.

Run: PYTHONPATH=src python benchmarks/decision_curves.py --draws 200 --trials 60 --seed 1

`--draws` are test parts, drawn again for models that stay as they are; `--trials` are tables,
with new folds and models each. Prints the tables of docs/honesty.md.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from fitted_models import make_table
from remedies import Scenario, draw_trials
from scipy.special import logit, ndtr
from simulation import F1, Problem, draw, truth

from equipoise.comparing.verdict import compare_folds
from equipoise.judging.evidence import Evidence
from equipoise.judging.intervals import (
    correct_by_holm,
    estimate_interval,
    estimate_paired_difference,
)
from equipoise.judging.replicates import replicate_metrics
from equipoise.judging.simple_policies import ALL, make_policy, value_alerting_all
from equipoise.metrics.names import NET_BENEFIT, Floats, name_column
from equipoise.metrics.net_benefit import list_odds, name_odds
from equipoise.metrics.scores import Scores

PROBLEMS = [Problem(1500, 0.1, 1.5), Problem(1000, 0.02, 2.0)]
# The arm ahead separates the classes by so much more than the baseline; the other is equal to it.
MARGINS = {"baseline": 0.0, "equal": 0.0, "ahead": 0.3}
CONFIDENCE, RESAMPLES = 0.95, 400
# By these factors the odds of positives are restated.
FACTORS = (0.2, 3.0)
SCENARIO = Scenario("logistic", 2_000, 10, {"under": 1}, remedies=("class_weight", "smote"))
PAIRS = (("class_weight", "baseline"), ("smote", "baseline"), ("under_1", "under_0"))
Held = dict[str, float | str]


def find_signal(problem: Problem, separation: float, odds: float) -> float:
    """Return the signal of which the posterior has these odds."""
    prior = float(logit(problem.prevalence))
    return float((np.log(odds) - prior + separation**2 / 2) / separation)


def find_net_benefit(problem: Problem, separation: float, odds: float) -> float:
    """Return the true net benefit of an arm, by the distribution of its signal."""
    signal, p = find_signal(problem, separation, odds), problem.prevalence
    return float(p * ndtr(separation - signal) - (1 - p) * odds * ndtr(-signal))


def find_precision(problem: Problem, separation: float, prevalence: float) -> float:
    """Return the true precision at the tuned threshold, where positives have another share."""
    threshold = truth(problem, separation).threshold
    signal = find_signal(problem, separation, threshold / (1 - threshold))
    found, false = prevalence * ndtr(separation - signal), (1 - prevalence) * ndtr(-signal)
    return float(found / (found + false))


def judge_draw(problem: Problem, arms: Mapping[str, Scores], seed: int) -> Iterator[Held]:
    """Give for one test part whether each interval holds the truth."""
    rare, odds = int(arms["baseline"].y_true.sum()), list_odds(problem.prevalence)
    found = {
        name: replicate_metrics(arm, F1, RESAMPLES, seed, odds=odds) for name, arm in arms.items()
    }
    base, p_values = found["baseline"], []
    for each in odds:
        column = name_column(NET_BENEFIT, name_odds(each))
        own, ahead = (
            find_net_benefit(problem, problem.separation + MARGINS[arm], each)
            for arm in ("baseline", "ahead")
        )
        every = value_alerting_all(base["prevalence"].to_numpy(), each)
        of_all = float(value_alerting_all(problem.prevalence, each))
        gains = {
            "beside all": (
                base[column] - every,
                own - of_all,
            ),
            "beside the arm ahead": (found["ahead"][column] - base[column], ahead - own),
        }
        ends = estimate_interval(base[column], None, rare, CONFIDENCE)
        yield {"what": "one arm", "odds": each, "held": _holds(ends, own)}
        for what, (difference, true) in gains.items():
            ends = estimate_paired_difference(difference, rare).find_interval(CONFIDENCE)
            yield {"what": what, "odds": each, "held": _holds(ends, true)}
        p_values.append(estimate_paired_difference(found["equal"][column] - base[column], rare).p)
    claimed = min(correct_by_holm(p_values)) < 1 - CONFIDENCE
    yield {"what": "false claims", "odds": 0.0, "held": claimed}
    yield from _judge_restated(problem, arms["baseline"], rare, seed)


def _judge_restated(problem: Problem, arm: Scores, rare: int, seed: int) -> Iterator[Held]:
    for factor in FACTORS:
        odds = factor * problem.prevalence / (1 - problem.prevalence)
        now = odds / (1 + odds)
        found = replicate_metrics(replace(arm, prevalence=now), F1, RESAMPLES, seed)
        ends = estimate_interval(found["tuned_precision"], (0, 1), rare, CONFIDENCE)
        true = find_precision(problem, problem.separation, now)
        yield {"what": f"precision, odds x {factor:g}", "odds": 0.0, "held": _holds(ends, true)}


def _holds(interval: tuple[float, float], value: float) -> bool:
    return interval[0] <= value <= interval[1]


def draw_test_parts(draws: int, seed: int) -> Iterator[Held]:
    """Give what each test part of each problem shows."""
    for problem in PROBLEMS:
        rng = np.random.default_rng([seed, problem.rows])
        separations = {arm: problem.separation + margin for arm, margin in MARGINS.items()}
        for attempt in range(draws):
            arms = {
                name: replace(arm, probabilities={**arm.probabilities, "calibrated": arm.raw})
                for name, arm in draw(rng, problem, separations).items()
            }
            where = f"{problem.rows} rows, {problem.positives} positives"
            for held in judge_draw(problem, arms, attempt):
                yield {"where": where, **held}


def judge_trial(arms: Mapping[str, Evidence], odds: Iterable[float]) -> Iterator[Held]:
    """Give the gains that the folds of one trial show, with their intervals."""
    names = [name_odds(each) for each in odds]
    nobody = pd.DataFrame({"prevalence": []})
    base = replace(arms["baseline"], replicates=nobody)
    rivals = {**arms, ALL: make_policy(ALL, base, names)}
    for arm, against in (*PAIRS, ("baseline", ALL)):
        for name in names:
            found = compare_folds(rivals[arm], rivals[against], name_column(NET_BENEFIT, name))
            low, high = found.find_interval(CONFIDENCE)
            what = f"{arm} beside {against}"
            yield {
                "what": what,
                "odds": float(name),
                "gain": found.effect,
                "low": low,
                "high": high,
            }


def draw_tables(trials: int, seed: int) -> Iterator[Held]:
    """Give whether intervals over the folds hold the mean of all trials, or 0 of equal remedies."""
    odds = list_odds(1 / SCENARIO.one_in)
    drawn = draw_trials(SCENARIO, range(trials), seed, odds)
    found = pd.DataFrame([gain for arms in drawn for gain in judge_trial(arms, odds)])
    true: Floats = found.groupby(["what", "odds"])["gain"].transform("mean").to_numpy()
    true = np.where(found["what"] == "under_1 beside under_0", 0.0, true)
    held = (found["low"] <= true) & (true <= found["high"])
    for what, each, own in zip(found["what"], found["odds"], held, strict=True):
        yield {"where": SCENARIO.name, "what": what, "odds": each, "held": bool(own)}


def tabulate_held(held: Iterable[Held]) -> pd.DataFrame:
    """Return the share of intervals that hold the truth: over all odds, and the least at any."""
    by_odds = pd.DataFrame(held).groupby(["where", "what", "odds"], sort=False)["held"].mean()
    by = by_odds.groupby(["where", "what"], sort=False)
    return pd.DataFrame({"over all odds": by.mean(), "least at any": by.min()})


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for name, held in (
        ("The test part", draw_test_parts(asked.draws, asked.seed) if asked.draws else None),
        ("The folds", draw_tables(asked.trials, asked.seed) if asked.trials else None),
    ):
        if held is not None:
            print(*make_table(name, tabulate_held(held)), sep="\n")


if __name__ == "__main__":
    main()
