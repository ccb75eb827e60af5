"""How often a race drops the best arm, on data that are drawn again.

    PYTHONPATH=src python benchmarks/racing.py --draws 100 --seed 1

Every draw has new rows, new folds and new fits. All arms are fitted in all folds, and each way of
dropping arms is tried on the same numbers. The best arm is the one with the best mean over all
draws; where arms are equal (random under-sampling with as many seeds), each is the best.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from remedies import OBJECTIVE, POPULATION, REMEDIES, fit, make_population
from scipy import stats
from sklearn.model_selection import RepeatedStratifiedKFold

from equipoise.core.arms import ArmName
from equipoise.core.tables import TARGET
from equipoise.fitting.workers import limiting_threads
from equipoise.screening.racing import Record, Track, find_behind, find_leader, share_level
from equipoise.screening.yardsticks import Yardstick

FOLDS, REPEATS, LEVEL, DEFAULT = 5, 2, 0.05, 0.5
EQUALS, ROWS, ONE_IN = 10, 1_400, 10
MODELS = ("logistic", "tree")
Records = Mapping[ArmName, Record]


@dataclass(frozen=True)
class Scenario:
    """Arms that are raced: all equal to one another, or not."""

    name: str
    arms: Sequence[ArmName]
    are_equal: bool


SCENARIOS = (
    *(
        Scenario(
            f"{model}-equal",
            [ArmName(f"under_{n}", model) for n in range(EQUALS)],
            are_equal=True,
        )
        for model in MODELS
    ),
    Scenario(
        "different",
        [ArmName(own, model) for model in MODELS for own in ("baseline", *REMEDIES, "under_0")],
        are_equal=False,
    ),
)
WAYS = ("two sources", "two sources, level not shared", "corrected t")


@dataclass
class Race:
    """A way of dropping arms: which are still in, and after how many folds others were dropped."""

    way: str
    folds: dict[ArmName, int]
    running: set[ArmName]

    def drop(self, records: Records, track: Track, number: int) -> None:
        """Drop arms after a fold."""
        own = {name: record for name, record in records.items() if name in self.running}
        leader, level = find_leader(own), share_level(LEVEL, len(records), FOLDS * REPEATS)
        if self.way == "corrected t":
            behind = find_behind_by_corrected_test(own, leader, level)
        else:
            each = LEVEL if self.way.endswith("not shared") else level
            behind = find_behind(own, leader, track, each)
        self.running -= {*behind}
        self.folds |= dict.fromkeys(behind, number + 1)


def find_behind_by_corrected_test(records: Records, leader: ArmName, level: float) -> list[ArmName]:
    """Return the arms behind the leader by the corrected resampled t (Nadeau and Bengio, 2003)."""
    behind = []
    for name in (name for name in records if name != leader):
        ahead, own = (
            np.array([value.value for value in records[n].measured.values()])
            for n in (leader, name)
        )
        difference = ahead - own
        error = difference.std(ddof=1) * sqrt(1 / len(difference) + 1 / (FOLDS - 1))
        if error > 0 and stats.t.sf(difference.mean() / error, len(difference) - 1) < level:
            behind.append(name)
    return behind


def race_once(
    scenario: Scenario, metric: str, population: tuple[np.ndarray, np.ndarray], seed: list[int]
) -> Iterator[dict[str, object]]:
    """Give for each way and arm the folds that it was in, its mean, and whether it was dropped."""
    rng, yardstick = np.random.default_rng(seed), Yardstick(metric, OBJECTIVE)
    X, y = population
    chosen = rng.choice(POPULATION, ROWS, replace=False)
    X, y = X[chosen], y[chosen]
    train = pd.DataFrame({TARGET: y}, index=pd.RangeIndex(ROWS, name="row"))
    folds = RepeatedStratifiedKFold(
        n_splits=FOLDS, n_repeats=REPEATS, random_state=int(rng.integers(2**31))
    )
    splits = [*folds.split(X, y)]
    track = Track.of(train, splits, REPEATS, int(rng.integers(2**31)))
    records = {name: Record() for name in scenario.arms}
    races = [Race(way, {}, set(records)) for way in WAYS]
    with limiting_threads():
        for number, (fitted, held_out) in enumerate(splits):
            for name, record in records.items():
                score = fit(name.strategy, name.model, X[fitted], y[fitted], rng)(X[held_out])
                seen = {"row": held_out, "y_true": y[held_out], "y_score": score}
                frame = pd.DataFrame(seen | {"y_pred": (score > DEFAULT).astype(int)})
                record.add(frame, number, yardstick, track)
            if number > 0:
                for race in races:
                    race.drop(records, track, number)
    for race in races:
        winner = find_leader({name: records[name] for name in records if name in race.running})
        for name, record in records.items():
            yield {
                "way": race.way,
                "arm": str(name),
                "mean": record.mean,
                "dropped": name in race.folds,
                "folds": race.folds.get(name, FOLDS * REPEATS),
                "won": name == winner,
            }


def summarise(scenario: Scenario, found: pd.DataFrame) -> pd.DataFrame:
    """Return by way, in percent, how often the best arm was dropped, fits saved, and shortfall."""
    true = found.groupby("arm")["mean"].mean()
    best = found if scenario.are_equal else found[found["arm"] == true.idxmax()]
    won = found[found["won"]]
    short = true.max() - won["arm"].map(true) if not scenario.are_equal else 0 * won["mean"]
    return pd.DataFrame(
        {
            "best dropped, %": 100 * best.groupby("way")["dropped"].mean(),
            "fits saved, %": 100 * (1 - found.groupby("way")["folds"].mean() / (FOLDS * REPEATS)),
            "winner short by": short.groupby(won["way"]).mean(),
        }
    ).loc[[*WAYS]]


def main() -> None:
    """Print a table for each scenario and metric."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--metrics", nargs="+", default=["objective", "average_precision"])
    parser.add_argument("--scenarios", nargs="+", default=[own.name for own in SCENARIOS])
    parser.add_argument("--n_jobs", type=int, default=-1)
    arguments = parser.parse_args()
    population = make_population(ONE_IN, arguments.seed)
    for scenario in (own for own in SCENARIOS if own.name in arguments.scenarios):
        for metric in arguments.metrics:
            draws = Parallel(n_jobs=arguments.n_jobs)(
                delayed(list_draw)(scenario, metric, population, [arguments.seed, draw])
                for draw in range(arguments.draws)
            )
            found = pd.DataFrame([row for draw in draws for row in draw])
            print(f"\n{scenario.name}, {metric}, {arguments.draws} draws")
            print(summarise(scenario, found).round(3).to_string(), flush=True)


def list_draw(*draw: object) -> list[dict[str, object]]:
    """Return what a draw gives, for a worker to send."""
    return [*race_once(*draw)]  # type: ignore[arg-type]  # those of `race_once`


if __name__ == "__main__":
    main()
