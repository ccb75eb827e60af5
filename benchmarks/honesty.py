"""Say how often intervals hold the truth, and how often verdicts are wrong, where it is known.

Scores are drawn so that every metric's true value can be computed: a negative's signal is
normal around 0, a positive's around `separation`, and an arm's probability is the exact
posterior of that signal. Two arms see the signal through noise of their own, so they are
correlated, and equally good unless one is given a margin. Run: python benchmarks/honesty.py
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold

from equipoise.assessment.folds import corrected_t
from equipoise.assessment.metrics import Confusion, Floats, Labels, f1
from equipoise.assessment.uncertainty import Scored, bootstrap, interval, two_sided_p
from equipoise.contract.params import Decision

CONFIDENCE = 0.95
RESAMPLES = 1000
METRICS = ("average_precision", "roc_auc", "default_f1", "brier_score")
# How strongly the two arms' signals go together.
CORRELATION = 0.8


@dataclass(frozen=True)
class Problem:
    """A test part to be drawn again and again."""

    rows: int
    prevalence: float
    separation: float

    @property
    def positives(self) -> int:
        """How many of the rows are positive: always the same, as a stratified split has it."""
        return round(self.rows * self.prevalence)

    @property
    def labels(self) -> Labels:
        """The labels, positives last."""
        return (np.arange(self.rows) >= self.rows - self.positives).astype(np.int64)


PROBLEMS = [Problem(1500, 0.1, 1.5), Problem(5000, 0.02, 2.0), Problem(600, 0.3, 1.0)]


def probability(signal: Floats, problem: Problem, separation: float) -> Floats:
    """Return the posterior probability of the positive class given the signal."""
    prior = np.log(problem.prevalence / (1 - problem.prevalence))
    posterior: Floats = expit(prior + separation * signal - separation**2 / 2)
    return posterior


def draw(rng: np.random.Generator, problem: Problem, margin: float) -> list[Scored]:
    """Return two arms' scores of the same test rows; the second separates `margin` more."""
    shared, *own = rng.normal(size=(3, problem.rows))
    arms = []
    for noise, separation in zip(
        own, (problem.separation, problem.separation + margin), strict=True
    ):
        mixed = np.sqrt(CORRELATION) * shared + np.sqrt(1 - CORRELATION) * noise
        score = probability(mixed + separation * problem.labels, problem, separation)
        decisions = {"default": (score >= 0.5).astype(np.int64)}  # noqa: PLR2004 - the default
        arms.append(Scored(problem.labels, score, score, decisions))
    return arms


def truth(problem: Problem, separation: float) -> dict[str, float]:
    """Return each metric's value on infinitely many rows, by integration over the signal."""
    signal = np.linspace(-10, 10 + separation, 200_001)
    p, step = problem.prevalence, signal[1] - signal[0]
    negative = np.exp(-(signal**2) / 2) / np.sqrt(2 * np.pi) * step
    positive = np.exp(-((signal - separation) ** 2) / 2) / np.sqrt(2 * np.pi) * step
    found, false = ndtr(separation - signal), ndtr(-signal)
    score = probability(signal, problem, separation)
    at = int(np.argmax(score >= 0.5))  # noqa: PLR2004 - the default
    tp, fp = p * found[at], (1 - p) * false[at]
    counts = Confusion(*(np.asarray(v) for v in (1 - p - fp, fp, p - tp, tp)))
    return {
        "average_precision": float(
            (positive * p * found / np.maximum(p * found + (1 - p) * false, 1e-300)).sum()
        ),
        "roc_auc": float(ndtr(separation / np.sqrt(2))),
        "default_f1": float(f1(counts)),
        "brier_score": float(
            (p * positive * (1 - score) ** 2 + (1 - p) * negative * score**2).sum()
        ),
    }


def replicates(arms: list[Scored], seed: int) -> list[pd.DataFrame]:
    """Return the bootstrap replicates of each arm, paired."""
    return [bootstrap(arm, Decision(), RESAMPLES, seed) for arm in arms]


def coverage(problem: Problem, draws: int, seed: int) -> dict[str, float]:
    """Return the share of intervals that hold the true value, by metric."""
    rng, true = np.random.default_rng(seed), truth(problem, problem.separation)
    held = dict.fromkeys(METRICS, 0)
    for attempt in range(draws):
        (arm, _) = draw(rng, problem, 0)
        found = bootstrap(arm, Decision(), RESAMPLES, attempt)
        for name in METRICS:
            low, high = interval(found[name], CONFIDENCE)
            held[name] += low <= true[name] <= high
    return {name: count / draws for name, count in held.items()}


def claims(problem: Problem, margin: float, draws: int, seed: int) -> dict[str, float]:
    """Return how often the test part calls the second arm different, by metric."""
    rng = np.random.default_rng(seed)
    said = dict.fromkeys(METRICS, 0)
    for attempt in range(draws):
        first, second = replicates(draw(rng, problem, margin), attempt)
        for name in METRICS:
            said[name] += two_sided_p(second[name] - first[name]) < 1 - CONFIDENCE
    return {name: count / draws for name, count in said.items()}


def fold_claims(margin: float, draws: int, seed: int) -> dict[str, float]:
    """Return how often folds call an arm different: corrected, and as the plain t-test would.

    Real models on real folds: logistic regression on one half of the features or the other,
    which tell as much about the label but for the margin.
    """
    rng = np.random.default_rng(seed)
    said = {"corrected": 0, "plain": 0}
    for _ in range(draws):
        difference, sizes = _fold_differences(rng, margin)
        said["corrected"] += corrected_t(difference, *sizes, CONFIDENCE).p < 1 - CONFIDENCE
        independent = (1e12, sizes[1])
        said["plain"] += corrected_t(difference, *independent, CONFIDENCE).p < 1 - CONFIDENCE
    return {name: count / draws for name, count in said.items()}


def _fold_differences(rng: np.random.Generator, margin: float) -> tuple[Floats, tuple[int, int]]:
    y = (np.arange(500) >= 400).astype(np.int64)  # noqa: PLR2004 - one in five positive
    halves = [rng.normal(size=(500, 4)) + 0.6 * y[:, None] for _ in range(2)]
    halves[1] += margin * y[:, None]
    folds = list(
        RepeatedStratifiedKFold(
            n_splits=5, n_repeats=2, random_state=int(rng.integers(2**31))
        ).split(y, y)
    )
    areas = [[_area(X, y, *fold) for fold in folds] for X in halves]
    return np.subtract(areas[1], areas[0]), (400, 100)


def _area(X: Floats, y: Labels, fitted: Labels, held_out: Labels) -> float:
    score = LogisticRegression().fit(X[fitted], y[fitted]).decision_function(X[held_out])
    above = score[y[held_out] == 1][:, None] > score[y[held_out] == 0]
    return float(above.mean())


def tables(draws: int, seed: int) -> Iterator[str]:
    """Yield the lines of the tables, in Markdown."""
    yield from _table(
        "Intervals that hold the truth (95 % wanted)", lambda p: coverage(p, draws, seed)
    )
    yield from _table(
        "Two equal arms called different (5 % allowed)", lambda p: claims(p, 0, draws, seed)
    )
    yield from _table(
        "An arm that separates 0.3 more called different (power)",
        lambda p: claims(p, 0.3, draws, seed),
    )
    yield "\n**Folds: logistic models on ROC-AUC, 5x2 cross-validation of 500 rows**\n"
    yield "| second half of the features | corrected t-test | plain t-test |\n|---|---|---|"
    for margin in (0.0, 0.2):
        said = fold_claims(margin, draws, seed)
        yield f"| shifted {margin} more | {said['corrected']:.1%} | {said['plain']:.1%} |"


def _table(title: str, measure: Callable[[Problem], dict[str, float]]) -> Iterator[str]:
    yield f"\n**{title}**\n"
    yield "| rows | positives | " + " | ".join(METRICS) + " |"
    yield "|---" * (2 + len(METRICS)) + "|"
    for problem in PROBLEMS:
        shares = " | ".join(f"{share:.1%}" for share in measure(problem).values())
        yield f"| {problem.rows} | {problem.positives} | {shares} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    for line in tables(arguments.draws, arguments.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
