"""What each calibration loses when positives are few, on tables that are drawn again and again.

    PYTHONPATH=src python benchmarks/calibration.py --repeats 30

The true probability of each row is known. A model is fitted, and its calibrator learned from its
out-of-fold scores. The loss of a calibrator is its mean squared distance from the best rising curve
of that model's scores, on new rows; the same for log-loss.
"""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression
from scipy.special import expit
from scipy.stats import multivariate_normal

from equipoise.core.tables import ROW, TARGET, split_off_target
from equipoise.deciding.learning import CURVES, find_least_claim, learn_calibrator
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.models import fit
from equipoise.metrics.names import Floats
from equipoise.params.trial_params import Arm, Component, CrossValidation, Preprocess, Strategy

PREVALENCE, FEATURES, NEW_ROWS = 0.03, 4, 50_000
POSITIVES = (20, 50, 200)
MODELS: Mapping[str, Component] = {
    name: Component.model_validate(entry)
    for name, entry in {
        "logistic": {"class": "LogisticRegression"},
        "boosting": {"class": "HistGradientBoostingClassifier"},
        "random_forest": {"class": "RandomForestClassifier", "min_samples_leaf": 5},
    }.items()
}
FOLDS = CrossValidation(folds=5, repeats=1)


@dataclass(frozen=True)
class Table:
    """Rows as `train` has them, and the true probability of each."""

    frame: pd.DataFrame
    truth: Floats


def draw_table(rng: np.random.Generator, rows: int) -> Table:
    """Return rows whose positives are half near the negatives and half further off."""
    shift = rng.choice([0.7, 2.0], (rows, 1)) * (rng.random((rows, 1)) < PREVALENCE)
    features = rng.normal(size=(rows, FEATURES)) + shift
    density = [multivariate_normal.logpdf(features, np.full(FEATURES, at)) for at in (0, 0.7, 2.0)]
    odds = np.log(PREVALENCE / (1 - PREVALENCE)) - density[0]
    truth = expit(odds + np.logaddexp(density[1], density[2]) - np.log(2))
    frame = pd.DataFrame(features, columns=list("abcd"))
    target = (shift[:, 0] > 0).astype(np.int64)
    return Table(frame.assign(**{TARGET: target}).rename_axis(ROW), np.asarray(truth))


def measure_losses(arm: Arm, positives: int, seed: int) -> Iterator[tuple[str, float, float]]:
    """Give each method with its mean squared loss and its log-loss beyond the best rising curve."""
    rng = np.random.default_rng(seed)
    train, new = draw_table(rng, round(positives / PREVALENCE)), draw_table(rng, NEW_ROWS)
    scored = cross_fit(arm, train.frame, FOLDS, n_jobs=1).scores
    known = np.column_stack([1 - scored["y_score"], scored["y_score"]])
    scores = fit(arm, train.frame).predict_proba(split_off_target(new.frame)[0])
    best = make_best_curve(scores[:, 1], new.truth)
    least = find_least_claim(len(train.frame))
    for method in CURVES:
        found = learn_calibrator(method, scored["y_true"], known).apply(scores)[:, 1]
        lost = measure_log_loss(new.truth, found) - measure_log_loss(
            new.truth, best.clip(least, 1 - least)
        )
        yield method, float(np.mean((found - best) ** 2)), lost


def make_best_curve(scores: Floats, truth: Floats) -> Floats:
    """Return the rising curve of scores that is nearest to the truth, at each of them."""
    _, place, rows = np.unique(scores, return_inverse=True, return_counts=True)
    means = np.bincount(place, truth) / rows
    fitted: Floats = isotonic_regression(means, weights=rows.astype(np.float64)).x
    return fitted[place]


def measure_log_loss(truth: Floats, found: Floats) -> float:
    """Return the log-loss that is expected of probabilities."""
    return float(-np.mean(truth * np.log(found) + (1 - truth) * np.log1p(-found)))


def main() -> None:
    """Print a row for each model, number of positives and method: means and standard errors."""
    parser = ArgumentParser()
    parser.add_argument("--repeats", type=int, default=30)
    repeats = parser.parse_args().repeats
    print("| model | positives | method | squared loss, 1e-6 | log-loss, 1e-3 |")
    print("|---|---|---|---|---|")
    for name, model in MODELS.items():
        arm = Arm(Strategy(class_weight="balanced"), model, Preprocess(), seed=1)
        for positives in POSITIVES:
            losses = pd.DataFrame(
                [row for seed in range(repeats) for row in measure_losses(arm, positives, seed)],
                columns=["method", "squared", "log"],
            )
            for method, own in losses.groupby("method", sort=False)[["squared", "log"]]:
                mean, error = own.mean() * [1e6, 1e3], own.sem() * [1e6, 1e3]
                shown = [f"{m:.3g} ± {e:.1g}" for m, e in zip(mean, error, strict=True)]
                print(f"| {name} | {positives} | {method} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
