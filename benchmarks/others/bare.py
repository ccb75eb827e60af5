"""What a trial comes to in one bare script, with scikit-learn and imbalanced-learn only.

Makes the default job's table or reads another one, splits it, scores the arms out of fold, fits
them on all of train, scores the test part, and draws paired replicates of four metrics for their
intervals. Nothing is checked, saved, tuned, calibrated, compared over folds, drawn or published.
The last line is JSON: what `benchmarks/performance.py` compares.
"""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from counted import THRESHOLD, Floats, replicate_by_counts
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    roc_auc_score,
)
from sklearn.model_selection import RepeatedStratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

FOLDS, REPLICATES, TEST_SIZE = 5, 2_000, 0.3
MODELS = {
    "logistic": LogisticRegression(max_iter=5000),
    "boosting": HistGradientBoostingClassifier(),
}
SAMPLERS = {"smote": SMOTE, "random_under": RandomUnderSampler}
# In the order of the columns of `replicate_by_counts`.
METRICS: Mapping[str, Callable[[Any, Floats], float]] = {
    "average_precision": average_precision_score,
    "roc_auc": roc_auc_score,
    "f1": lambda y, score: f1_score(y, score > THRESHOLD),
    "brier_score": brier_score_loss,
}


def main() -> None:
    """Run it; print metrics out of fold and on the test part, the latter with intervals."""
    options = parse_options()
    X, y = read_table(options) if options.table else make_table(options)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=TEST_SIZE, stratify=y, random_state=options.seed
    )
    results, scores = {}, {}
    with threadpool_limits(1):
        for name, model in make_arms(options).items():
            folds = score_folds(model, X_train, y_train, options)
            print(name, "out of fold:", folds.agg(["mean", "std"]).to_string(), sep="\n")
            scores[name] = score(model, X_train, y_train, X_test)
            counts = confusion_matrix(y_test, scores[name] > THRESHOLD).ravel().tolist()
            average_precision = float(folds["average_precision"].mean())
            results[name] = {"confusion": counts, "average_precision": average_precision}
        if options.intervals != "none":
            replicate = replicate_by_loop if options.intervals == "loop" else replicate_by_counts
            print_intervals(replicate(y_test.to_numpy(), scores, REPLICATES, options.seed))
    print(json.dumps(results))


def parse_options() -> Namespace:
    """Return the options, which are those of the default job unless said."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--features", type=int, default=10)
    parser.add_argument("--informative", type=int, default=6)
    parser.add_argument("--positives", type=float, default=0.1, help="share of the rows")
    parser.add_argument("--flipped", type=float, default=0.01, help="share of labels made random")
    parser.add_argument("--table", type=Path, help="a CSV file in place of the table that is made")
    parser.add_argument("--target", help="the column of --table that has the labels, 0 and 1")
    parser.add_argument("--drop", nargs="*", default=[], help="columns to leave out")
    parser.add_argument("--strategies", nargs="+", default=["baseline", "smote", "class_weight"])
    parser.add_argument("--models", nargs="+", default=["logistic"], choices=MODELS)
    parser.add_argument("--repeats", type=int, default=2, help="of the folds")
    parser.add_argument("--threads", type=int, default=1, help="for folds; each fit has one")
    parser.add_argument(
        "--intervals",
        choices=("loop", "counted", "none"),
        default="loop",
        help="by a loop over scikit-learn's metrics, or many replicates at once",
    )
    return parser.parse_args()


def make_table(options: Namespace) -> tuple[pd.DataFrame, "pd.Series[int]"]:
    """Return the features and labels of a problem made by scikit-learn."""
    X, y = make_classification(
        n_samples=options.rows,
        n_features=options.features,
        n_informative=options.informative,
        n_redundant=2,
        weights=[1 - options.positives, options.positives],
        flip_y=options.flipped,
        random_state=options.seed,
    )
    return pd.DataFrame(X, columns=[f"feature_{i}" for i in range(X.shape[1])]), pd.Series(y)


def read_table(options: Namespace) -> tuple[pd.DataFrame, "pd.Series[int]"]:
    """Return the features and labels of a file."""
    table = pd.read_csv(options.table)
    return table.drop(columns=[options.target, *options.drop]), table[options.target]


def make_arms(options: Namespace) -> dict[str, Any]:
    """Return the arms, unfitted, by strategy, and by model if several are asked for.

    The columns of a file are standardized first.
    """
    arms = {}
    for model, strategy in product(options.models, options.strategies):
        steps: list[Any] = [StandardScaler()] if options.table else []
        if strategy in SAMPLERS:
            steps.append(SAMPLERS[strategy](random_state=options.seed))
        weight = "balanced" if strategy == "class_weight" else None
        last = clone(MODELS[model]).set_params(random_state=options.seed, class_weight=weight)
        name = strategy if len(options.models) == 1 else f"{strategy}-{model}"
        arms[name] = make_pipeline(*steps, last)
    return arms


def score(model: Any, X: pd.DataFrame, y: "pd.Series[int]", X_new: pd.DataFrame) -> Floats:
    """Return the probabilities of new rows, by a copy of the model fitted on others."""
    probabilities: Floats = clone(model).fit(X, y).predict_proba(X_new)[:, 1]
    return probabilities


def score_folds(
    model: Any, X: pd.DataFrame, y: "pd.Series[int]", options: Namespace
) -> pd.DataFrame:
    """Return the metrics of an arm, a row for each fold."""
    folds = RepeatedStratifiedKFold(
        n_splits=FOLDS, n_repeats=options.repeats, random_state=options.seed
    )
    splits = list(folds.split(X, y))
    scores = Parallel(n_jobs=options.threads, prefer="threads")(
        delayed(score)(model, X.iloc[fitted], y.iloc[fitted], X.iloc[rows])
        for fitted, rows in splits
    )
    return pd.DataFrame(
        [
            measure(y.iloc[rows], held_out)
            for (_, rows), held_out in zip(splits, scores, strict=True)
        ]
    )


def measure(y: Any, score: Floats) -> dict[str, float]:
    """Return the four metrics of scored rows."""
    return {name: float(metric(y, score)) for name, metric in METRICS.items()}


def replicate_by_loop(
    y: NDArray[np.int64], scores: Mapping[str, Floats], replicates: int, seed: int
) -> dict[str, Floats]:
    """Return the metrics of each replicate by arm; replicates draw the same rows for all."""
    rng = np.random.default_rng(seed)
    classes = [np.flatnonzero(y == label) for label in (0, 1)]
    found: dict[str, list[list[float]]] = {name: [] for name in scores}
    for _ in range(replicates):
        rows = np.concatenate([rng.choice(members, len(members)) for members in classes])
        for name, values in scores.items():
            found[name].append([*measure(y[rows], values[rows]).values()])
    return {name: np.array(values) for name, values in found.items()}


def print_intervals(found: Mapping[str, Floats]) -> None:
    """Print 95 % intervals of each arm, and of its differences from the first one."""
    first, *_ = found.values()
    for name, values in found.items():
        for what, rows in ((name, values), (f"{name} less the first", values - first)):
            low, high = np.percentile(rows, [2.5, 97.5], axis=0)
            said = [f"{m} [{a:.4f}, {b:.4f}]" for m, a, b in zip(METRICS, low, high, strict=True)]
            print(f"{what}:", ", ".join(said))


if __name__ == "__main__":
    main()
