"""Say how often intervals from a sample of the commonest class hold what all rows would show.

Run: PYTHONPATH=src python benchmarks/sampled_majority.py --draws 100 --seed 1

Each draw is a new table, of which `data.sample` keeps the rare rows and some others; the truth is
what the models that are trained on these show on a million other rows, none of them left out, at
the prevalence of the whole table.
Prints the table of docs/scaling.md, and how much better than a constant guess recalibrated
probabilities are: 1 - their Brier score / that of the guess.
"""

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from equipoise.core.json_values import JsonObject
from equipoise.terminal.params_file import parse_params
from equipoise.trial import TrialArm, run_trial

ROWS, POOL, ONE_IN, FEATURES = 100_000, 2_000_000, 200, 10
TABLE = Path("data/raw/table.parquet")
BRIER = "calibrated_brier_score"


def make_pool() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows to draw tables from, and as many to judge by."""
    X, y = make_classification(
        POOL,
        n_features=FEATURES,
        n_informative=6,
        n_redundant=2,
        weights=[1 - 1 / ONE_IN, 1 / ONE_IN],
        flip_y=0.001,
        random_state=42,
    )
    pool = pd.DataFrame(X, columns=[f"x{place}" for place in range(FEATURES)]).assign(y=y)
    return pool.iloc[: POOL // 2], pool.iloc[POOL // 2 :]


def run(rows: pd.DataFrame, ratio: float, seed: int, calibration: str) -> Mapping[str, TrialArm]:
    """Return the arms of a trial on a table, of which part is left out."""
    rows.to_parquet(TABLE)
    sample = {"majority_per_minority": ratio}
    params: JsonObject = {
        "seed": seed,
        "data": {"source": "file", "path": str(TABLE), "target": "y", "sample": sample},
        "split": {"test_size": 0.3},
        "run": {"strategies": ["baseline", "smote"], "models": ["logistic"]},
        "strategies": {"baseline": {}, "smote": {"sampler": {"class": "SMOTE"}}},
        "models": {"logistic": {"class": "LogisticRegression", "max_iter": 1000}},
        "cross_validation": {"folds": 5, "repeats": 1},
        "calibration": calibration,
    }
    return run_trial(None, parse_params(params, "params")).arms


def measure(arm: TrialArm, rows: pd.DataFrame, prevalence: float) -> dict[str, float]:
    """Return scikit-learn's metrics of an arm on rows, under the names that intervals have."""
    classifier, X, y_true = arm.classifier, rows.drop(columns="y"), rows["y"]
    share = y_true.mean()
    weighed = {
        "sample_weight": np.where(y_true == 1, prevalence / share, (1 - prevalence) / (1 - share))
    }
    scores = classifier.predict_scores(X)
    probability, decided = classifier.calibrate(scores)[:, 1], classifier.decide(scores)
    return {
        "average_precision": average_precision_score(y_true, scores[:, 1], **weighed),
        "roc_auc": roc_auc_score(y_true, scores[:, 1], **weighed),
        "tuned_f1": f1_score(y_true, decided, **weighed),
        "tuned_precision": precision_score(y_true, decided, zero_division=0, **weighed),
        "tuned_recall": recall_score(y_true, decided, **weighed),
        BRIER: brier_score_loss(y_true, probability, **weighed),
    }


def judge_draws(
    draws: int, ratio: float, seed: int, calibration: str
) -> Iterator[dict[str, object]]:
    """Give for each draw, arm and metric whether the interval holds the truth."""
    pool, judges = make_pool()
    for draw in range(draws):
        rows = pool.sample(ROWS, random_state=np.random.default_rng([seed, draw]))
        prevalence = rows["y"].mean()
        for name, arm in run(rows, ratio, seed, calibration).items():
            intervals = arm.result.intervals
            for metric, true in measure(arm, judges, prevalence).items():
                low, high = intervals[metric]
                held = low <= true <= high
                gained = 1 - true / (prevalence * (1 - prevalence)) if metric == BRIER else None
                yield {
                    "arm": str(name),
                    "metric": metric,
                    "held": held,
                    "width": high - low,
                    "gained": gained,
                }


def main() -> None:
    """Print the share of intervals that hold the truth, their mean width, and what is gained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--ratio", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calibration", default="auto")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        TABLE.parent.mkdir(parents=True)
        found = pd.DataFrame(judge_draws(asked.draws, asked.ratio, asked.seed, asked.calibration))
    table = found.pivot_table(["held", "width"], "metric", "arm", sort=False)
    print(table.to_string())
    print(found.groupby("arm", sort=False)["gained"].describe()[["mean", "min"]].to_string())


if __name__ == "__main__":
    main()
