"""Say how often intervals of an arm's instability hold the truth, on data that are drawn again.

Run: PYTHONPATH=src python benchmarks/instability.py --scenario tree-2000-10 --draws 100 --seed 1

The truth is the mean over all draws. Beside it stands how far two trainings are from each other
that have no row in common: what the repeats of one train part cannot show.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from honesty import keep
from remedies import (
    OBJECTIVE,
    POPULATION,
    SCENARIOS,
    Scenario,
    fit,
    judge_arms,
    make_folds,
    make_population,
)
from sklearn.model_selection import train_test_split

from equipoise.deciding.settling import settle_rows
from equipoise.judging.instability import estimate_instability
from equipoise.metrics.classes import NAMES_OF_TWO, POSITIVE, Classes
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.scores import Scores

CONFIDENCE, NEW_ROWS = 0.95, 5_000
ARMS = ("baseline", "smote")
Decided = tuple[Floats, Labels]


def decide_anew(
    scenario: Scenario, arm: str, train: tuple[Floats, Labels], new: Floats, seed: int
) -> Decided:
    """Return probabilities and tuned decisions of new rows, by a training on four fifths."""
    (X, y), rng = train, np.random.default_rng(seed)
    folds = [*make_folds(replace(scenario, repeats=1), y, np.arange(len(y)), seed)]
    models = [fit(arm, scenario.model, X[fitted], y[fitted], rng) for fitted, _ in folds]
    held_out = np.concatenate([rows for _, rows in folds[1:]])
    scored = zip(models[1:], folds[1:], strict=True)
    scores = _of_two(np.concatenate([model(X[rows]) for model, (_, rows) in scored]))
    known = Scores(Classes(NAMES_OF_TWO, POSITIVE), y[held_out], {"test": scores}, {})
    settled, of_new = settle_rows(known, None, OBJECTIVE, "auto"), _of_two(models[0](new))
    return settled.calibrator.apply(of_new)[:, POSITIVE], settled.rule.decide(of_new)


def _of_two(positive: Floats) -> Floats:
    return np.column_stack([1 - positive, positive])


def measure_draws(scenario: Scenario, draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """Give each arm's instability in each draw, with its interval, and that without common rows."""
    X, y = make_population(scenario.one_in, seed)
    for draw in range(draws):
        rng = np.random.default_rng([seed, draw])
        tables = rng.choice(POPULATION - NEW_ROWS, (2, scenario.rows), replace=False)
        trains = [
            train_test_split(rows, test_size=0.3, stratify=y[rows], random_state=draw)[0]
            for rows in tables
        ]
        new = X[-NEW_ROWS:]
        own = 1000 * seed + draw
        for arm, found in judge_arms(scenario, X[trains[0]], y[trains[0]], own, arms=ARMS).items():
            numbers, ends = estimate_instability(found.folds, found.fold_replicates, CONFIDENCE)
            pair = [decide_anew(scenario, arm, (X[t], y[t]), new, own) for t in trains]
            (p, decided), (other_p, other) = pair
            apart = {"probability_moved": abs(p - other_p), "tuned_flipped": decided != other}
            for name, value in (numbers or {}).items():
                low, high = ends[f"instability_{name}"]
                further = float(apart[name].mean()) if name in apart else np.nan
                yield {
                    "arm": arm,
                    "number": name,
                    "value": value,
                    "low": low,
                    "high": high,
                    "apart": further,
                }


def summarise(found: pd.DataFrame) -> pd.DataFrame:
    """Return the truth of each number, how often intervals hold it (%), and the trainings apart."""
    by = found.groupby(["arm", "number"], sort=False)
    truth = by["value"].transform("mean")
    held = 100 * ((found["low"] <= truth) & (truth <= found["high"]))
    width = found["high"] - found["low"]
    summary = found.assign(held=held, width=width).groupby(["arm", "number"], sort=False)
    return summary[["value", "held", "width", "apart"]].mean()


def main() -> None:
    """Run one scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, required=True)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=2, help="of the folds")
    asked = parser.parse_args()
    scenario = replace(SCENARIOS[asked.scenario], repeats=asked.repeats)
    file = Path(f"honesty-instability-{asked.scenario}-{asked.seed}.json")
    file.unlink(missing_ok=True)
    found = pd.DataFrame([*keep(measure_draws(scenario, asked.draws, asked.seed), file)])
    print(summarise(found).round(4).to_string())


if __name__ == "__main__":
    main()
