"""How often monitoring is right: rows are drawn again and again, and the model stays as it is.

Run: PYTHONPATH=src python benchmarks/monitoring.py --draws 300 --seed 1
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from equipoise.deciding.calibrators import PositiveCurve, Restated
from equipoise.deciding.learning import learn_curve
from equipoise.deciding.objectives import make_objective
from equipoise.judging.replicates import replicate_metrics
from equipoise.metrics.classes import NAMES_OF_TWO, Classes
from equipoise.metrics.names import PLAIN, Floats, Labels
from equipoise.metrics.scores import Scores
from equipoise.monitoring.batch_check import BatchCheck, BatchRows, Reference, check_batch
from equipoise.monitoring.class_shares import LabelledRows, measure_shares
from equipoise.monitoring.looks import spend_level
from equipoise.params.decision_params import Decision

ALPHA, LOOKS, PREVALENCE, RESAMPLES = 0.05, 20, 0.1, 200
GAPS = 0.1
TRAIN, TEST, BATCH = 3_000, 1_500, 500
TWO = Classes.of(NAMES_OF_TWO)
KINDS = {"one": "numeric", "two": "numeric", "three": "numeric", "word": "category"}
WORDS = np.array(["a", "b", "c"], dtype=object)
SHARES = (0.02, 0.1, 0.3, 0.5)
LATER = (1, 20, 365)
# With which batches come, when the test part has one positive in ten.
EXPECTED = (0.04, 0.25)


@dataclass(frozen=True)
class Drifted:
    """What is not as it was in a batch; by default nothing.

    `moved` is added to a column that the model uses, `noise` replaces the signal of some rows.
    """

    prevalence: float = PREVALENCE
    moved: float = 0.0
    noise: float = 0.0


NONE = Drifted()
REAL = {
    "prevalence 10 % to 25 %": Drifted(prevalence=0.25),
    "a column moved by half a standard deviation": Drifted(moved=0.5),
    "the signal lost in half of the rows": Drifted(noise=0.5),
    "the signal lost in all rows": Drifted(noise=1.0),
}


def draw_rows(rng: np.random.Generator, rows: int, drifted: Drifted) -> tuple[pd.DataFrame, Labels]:
    """Return features, with gaps, and labels: positives vary more, so no line separates them."""
    y_true = (rng.random(rows) < drifted.prevalence).astype(np.int64)
    y_true[:2] = 0, 1
    signal = np.where(rng.random(rows) < drifted.noise, rng.permutation(y_true), y_true)
    features = pd.DataFrame(
        {
            "one": rng.normal(size=rows) * (1 + 0.3 * signal) + 1.5 * signal + drifted.moved,
            "two": rng.exponential(size=rows) + signal,
            "three": rng.normal(size=rows),
            "word": WORDS[rng.binomial(1, 0.3 + 0.3 * signal) + rng.binomial(1, 0.2, rows)],
        }
    )
    features.loc[rng.random(rows) < GAPS, "two"] = np.nan
    features.loc[rng.random(rows) < GAPS, "word"] = None
    return features, y_true


@dataclass(frozen=True)
class Model:
    """A model and its calibration, both fitted once, with a threshold of its scores.

    `expected` is the share of positives that is expected in batches, if it is another one.
    `decision` is what decisions are tuned for, as a user would say.
    """

    fitted: Any
    curve: PositiveCurve
    threshold: float
    expected: float | None = None
    decision: Decision = field(default_factory=Decision)

    @property
    def calibrator(self) -> PositiveCurve | Restated:
        """What makes probabilities of scores."""
        if self.expected is None:
            return self.curve
        return Restated(self.curve, PREVALENCE, self.expected)

    def score(self, features: pd.DataFrame) -> tuple[Floats, Floats, Labels]:
        """Return scores, probabilities and decisions."""
        scores = self.fitted.predict_proba(make_numbers(features))
        decided = (scores[:, 1] >= self.threshold).astype(np.int64)
        return scores, self.calibrator.apply(scores), decided


def make_numbers(features: pd.DataFrame) -> Floats:
    """Return features as a model takes them."""
    numbers = features[["one", "two", "three"]].fillna(1.0).to_numpy(np.float64)
    words = [(features["word"] == word).to_numpy(np.float64) for word in WORDS]
    return np.column_stack([numbers, *words])


def draw_amounts(rng: np.random.Generator, model: Model, rows: int) -> Floats | None:
    """Return what is at stake in each row, a hundred times as much in some as in others."""
    return None if model.decision.amount is None else rng.lognormal(size=rows)


def fit_model(rng: np.random.Generator) -> Model:
    """Return a model with class weights, and a calibration learned on other rows."""
    features, y_true = draw_rows(rng, TRAIN, NONE)
    fitted = LogisticRegression(class_weight="balanced").fit(make_numbers(features), y_true)
    features, y_true = draw_rows(rng, TRAIN, NONE)
    scores = fitted.predict_proba(make_numbers(features))
    curve = learn_curve("isotonic", y_true == 1, scores[:, 1])
    return Model(fitted, PositiveCurve(curve), float(np.quantile(scores[:, 1], 0.85)))


def draw_reference(rng: np.random.Generator, model: Model, rows: int = TEST) -> Reference:
    """Return a new test part."""
    features, y_true = draw_rows(rng, rows, NONE)
    scores, probabilities, decided = model.score(features)
    by_section = {PLAIN: scores, "calibrated": probabilities}
    amount = draw_amounts(rng, model, rows)
    tested = Scores(TWO, y_true, by_section, {"tuned": decided}, amount, prevalence=model.expected)
    objective = make_objective(model.decision, TWO)
    replicates = replicate_metrics(tested, objective, RESAMPLES, int(rng.integers(2**31)))
    return Reference(features, KINDS, tested, replicates, ("no", "yes"), objective)


def draw_batch(
    rng: np.random.Generator, model: Model, drifted: Drifted, rows: int = BATCH
) -> BatchRows:
    """Return a new batch with labels."""
    features, y_true = draw_rows(rng, rows, drifted)
    return BatchRows(features, *model.score(features), y_true, draw_amounts(rng, model, rows))


def look(
    rng: np.random.Generator, model: Model, reference: Reference, number: int, drifted: Drifted
) -> BatchCheck:
    """Return what a look at a new batch finds."""
    batch, seed = draw_batch(rng, model, drifted), int(rng.integers(2**31))
    return check_batch(reference, batch, spend_level(ALPHA, number), RESAMPLES, seed)


def map_draws(task: Callable[[np.random.Generator], Any], key: Sequence[int], draws: int) -> Any:
    """Return what a task gives for each draw, an array of draws x its numbers; two at a time."""
    seeds = [np.random.default_rng([*key, draw]) for draw in range(draws)]
    return np.array(Parallel(n_jobs=2)(delayed(task)(rng) for rng in seeds), dtype=np.float64)


def count_false_alarms(seed: int, draws: int) -> Iterator[str]:
    """Give in how many draws any of the looks alarms, though nothing has changed."""
    model = fit_model(np.random.default_rng([seed, 0]))
    yield from _count_false_alarms(model, NONE, [seed, 1], draws)


def count_restated_alarms(seed: int, draws: int) -> Iterator[str]:
    """Give the same where another prevalence is expected, and batches have it."""
    model = fit_model(np.random.default_rng([seed, 0]))
    for position, expected in enumerate(EXPECTED):
        yield f"Expected prevalence {expected:.0%}:"
        restated, as_expected = replace(model, expected=expected), Drifted(expected)
        yield from _count_false_alarms(restated, as_expected, [seed, 4, position], draws)


def count_alarms_of_costs(seed: int, draws: int) -> Iterator[str]:
    """Give the same where decisions are tuned for a cost, by the amount of each row."""
    priced = {"objective": "cost", "false_negative": 1, "false_positive": 0.1, "amount": "amount"}
    model = fit_model(np.random.default_rng([seed, 0]))
    model = replace(model, decision=Decision.model_validate(priced))
    yield from _count_false_alarms(model, NONE, [seed, 5], draws)


def _count_false_alarms(
    model: Model, as_expected: Drifted, key: Sequence[int], draws: int
) -> Iterator[str]:
    def take_looks(rng: np.random.Generator) -> list[bool]:
        reference = draw_reference(rng, model)
        looks = range(1, LOOKS + 1)
        return [bool(look(rng, model, reference, k, as_expected).alarms) for k in looks]

    alarms = map_draws(take_looks, key, draws)
    yield f"False alarm in any of {LOOKS} looks: {describe_share(alarms.max(axis=1))}"
    yield f"False alarm in the first look: {describe_share(alarms[:, 0])}"


def measure_intervals(seed: int, draws: int) -> Iterator[str]:
    """Give how often the 95 % interval of a share holds it, after label shift."""
    model = fit_model(np.random.default_rng([seed, 0]))
    for position, prevalence in enumerate(SHARES):
        drifted = Drifted(prevalence=prevalence)

        def estimate(
            rng: np.random.Generator, prevalence: float = prevalence, drifted: Drifted = drifted
        ) -> tuple[float, float, bool]:
            features, y_true = draw_rows(rng, TEST, NONE)
            test = LabelledRows(model.score(features)[1], y_true)
            batch = draw_batch(rng, model, drifted).probabilities
            own_seed = int(rng.integers(2**31))
            (share,) = measure_shares(test, batch, NAMES_OF_TWO, ALPHA, own_seed)
            low, high = share.interval
            return share.share, high - low, low <= prevalence <= high

        found = map_draws(estimate, [seed, 2, position], draws)
        yield (
            f"Share {prevalence:.0%}: estimated {found[:, 0].mean():.1%} on average; the interval,"
            f" {found[:, 1].mean():.1%} wide, holds it in {describe_share(found[:, 2])}"
        )


def count_alarms(seed: int, draws: int) -> Iterator[str]:
    """Give how often a look alarms if something has changed."""
    model = fit_model(np.random.default_rng([seed, 0]))
    for position, (name, drifted) in enumerate(REAL.items()):

        def take_looks(rng: np.random.Generator, drifted: Drifted = drifted) -> list[bool]:
            reference = draw_reference(rng, model)
            return [bool(look(rng, model, reference, k, drifted).alarms) for k in LATER]

        alarms = map_draws(take_looks, [seed, 3, position], draws)
        for number, found in zip(LATER, alarms.T, strict=True):
            yield f"{name}, look {number}: alarm in {describe_share(found)}"


def describe_share(found: Floats) -> str:
    """Return a share of draws with its Monte Carlo error."""
    share, draws = found.mean(), len(found)
    return (
        f"{share:.1%} of {draws} draws (standard error {np.sqrt(share * (1 - share) / draws):.1%})"
    )


PARTS = {
    "intervals": measure_intervals,
    "power": count_alarms,
    "false": count_false_alarms,
    "restated": count_restated_alarms,
    "costs": count_alarms_of_costs,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures of docs/monitoring.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--part", choices=PARTS, nargs="+", default=[*PARTS])
    asked = parser.parse_args(argv)
    for part in asked.part:
        for line in PARTS[part](asked.seed, asked.draws):
            print(line, flush=True)


if __name__ == "__main__":
    main()
