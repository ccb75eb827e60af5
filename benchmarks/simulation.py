"""Arms whose true worth is known: their scores of a test part.

A negative's signal is normal around 0, a positive's around `separation`, and an arm's
probability is the exact posterior of that signal: it is calibrated, and every metric's true
value is an integral. Arms see the signal through noise that is in part their own, so they
are correlated, and equally good where they separate alike.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr

from equipoise.deciding.objectives import make_objective
from equipoise.judging.bootstrap import Counts, Summands, make_strata, replicate
from equipoise.judging.replicates import replicate_metrics
from equipoise.judging.resampled_ranking import Ranking
from equipoise.metrics.classes import NAMES_OF_TWO, Classes
from equipoise.metrics.names import PLAIN, Floats, Labels
from equipoise.metrics.scores import Scores
from equipoise.params.decision_params import Decision

# How strongly the signals of two arms go together.
CORRELATION = 0.8
DEFAULT_THRESHOLD = 0.5
TWO = Classes.of(NAMES_OF_TWO)
F1 = make_objective(Decision(), TWO)


@dataclass(frozen=True)
class Problem:
    """Rows to be drawn again and again, and how well the baseline tells their classes apart."""

    rows: int
    prevalence: float
    separation: float

    @property
    def positives(self) -> int:
        """How many of the rows are positive, on average."""
        return round(self.rows * self.prevalence)

    def draw_labels(self, rng: np.random.Generator) -> Labels:
        """Return labels, positives last: how many they are varies, and is 2 at least."""
        positives = max(2, int(rng.binomial(self.rows, self.prevalence)))
        return (np.arange(self.rows) >= self.rows - positives).astype(np.int64)


@dataclass(frozen=True)
class Truth:
    """What infinitely many rows would show of an arm, and the threshold with the best F1."""

    metrics: Mapping[str, float]
    threshold: float


def probability(signal: Floats, problem: Problem, separation: float) -> Floats:
    """Return the posterior probability of the positive class given the signal."""
    prior = np.log(problem.prevalence / (1 - problem.prevalence))
    return np.asarray(expit(prior + separation * signal - separation**2 / 2))


@cache
def truth(problem: Problem, separation: float) -> Truth:
    """Return each metric's true value, by integration over the signal."""
    signal = np.linspace(-10, 10 + separation, 200_001)
    p, step = problem.prevalence, signal[1] - signal[0]
    negative = np.exp(-(signal**2) / 2) / np.sqrt(2 * np.pi) * step
    positive = np.exp(-((signal - separation) ** 2) / 2) / np.sqrt(2 * np.pi) * step
    found, false = p * ndtr(separation - signal), (1 - p) * ndtr(-signal)
    score = probability(signal, problem, separation)
    f1_at = 2 * found / (found + false + p)
    precision = found / np.maximum(found + false, np.finfo(np.float64).tiny)
    losses = p * positive * (1 - score) ** 2 + (1 - p) * negative * score**2
    metrics = {
        "average_precision": float((positive * precision).sum()),
        "roc_auc": float(ndtr(separation / np.sqrt(2))),
        "default_f1": float(f1_at[np.argmax(score >= DEFAULT_THRESHOLD)]),
        "tuned_f1": float(f1_at.max()),
        "brier_score": float(losses.sum()),
        "calibration_error": 0.0,
    }
    return Truth(metrics, float(score[np.argmax(f1_at)]))


def draw(
    rng: np.random.Generator, problem: Problem, separations: Mapping[str, float]
) -> dict[str, Scores]:
    """Return the arms' scores of the same test rows, by arm."""
    labels, arms = problem.draw_labels(rng), {}
    noise = _correlated(rng, len(separations), problem.rows)
    for own, (name, separation) in zip(noise, separations.items(), strict=True):
        score = probability(own + separation * labels, problem, separation)
        tuned = truth(problem, separation).threshold
        decisions = {
            view: (score >= threshold).astype(np.int64)
            for view, threshold in {"default": DEFAULT_THRESHOLD, "tuned": tuned}.items()
        }
        scores = {PLAIN: np.column_stack([1 - score, score])}
        arms[name] = Scores(TWO, labels, scores, decisions)
    return arms


def replicates(arms: Mapping[str, Scores], resamples: int, seed: int) -> dict[str, pd.DataFrame]:
    """Return the replicates of each arm, with the very numbers of `replicate_metrics`.

    The draws depend on the labels alone: drawn and summed once for all arms, they take a third
    of the time. The first arm alone has its calibration error.
    """
    first = next(iter(arms))
    y_true = arms[first].y_true
    strata = make_strata(y_true, seed)
    rankings = {name: Ranking.of(strata, 1, arm.raw[:, 1]) for name, arm in arms.items()}
    of_arms = (item for name, arm in arms.items() for item in _sums(name, arm))
    rows = [("rows", np.ones(len(y_true))), ("positives", y_true.astype(np.float64))]
    sums = Summands.of(strata, chain(rows, of_arms))

    def statistic(counts: Counts) -> dict[str, Floats]:
        totals = sums.sum_columns(counts)
        named: dict[str, Floats] = {}
        for name, ranking in rankings.items():
            metrics = ranking.measure_ranking(counts) | _from_sums(name, totals)
            named |= {f"{name} {metric}": values for metric, values in metrics.items()}
        return named

    frame = replicate(strata, statistic, resamples, seed)
    found = {name: _of_arm(frame, f"{name} ") for name in arms}
    whole = replicate_metrics(arms[first], F1, resamples, seed)
    found[first]["calibration_error"] = whole["calibration_error"]
    return found


def _of_arm(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    own = [column for column in frame if str(column).startswith(prefix)]
    return frame[own].rename(columns=lambda column: str(column).removeprefix(prefix))


def _sums(name: str, arm: Scores) -> Iterator[tuple[str, Floats]]:
    """Give what has to be summed over rows for an arm's Brier score and F1."""
    yield f"{name} off", (arm.raw[:, 1] - arm.y_true) ** 2
    for view, y_pred in arm.decisions.items():
        yield f"{name} {view} alerts", y_pred.astype(np.float64)
        yield f"{name} {view} found", (y_pred * arm.y_true).astype(np.float64)


def _from_sums(name: str, totals: Mapping[str, Floats]) -> dict[str, Floats]:
    f1s = {
        f"{view}_f1": 2
        * totals[f"{name} {view} found"]
        / (totals[f"{name} {view} alerts"] + totals["positives"])
        for view in ("default", "tuned")
    }
    return f1s | {"brier_score": totals[f"{name} off"] / totals["rows"]}


def _correlated(rng: np.random.Generator, arms: int, *shape: int) -> Floats:
    """Return standard normal noise, in part shared by the arms: arms x shape."""
    shared, own = rng.normal(size=shape), rng.normal(size=(arms, *shape))
    return np.asarray(np.sqrt(CORRELATION) * shared + np.sqrt(1 - CORRELATION) * own)
