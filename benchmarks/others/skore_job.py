"""The default job of params.yaml as a user of skore would write it.

Three arms with one logistic regression: out of fold in five folds twice, fitted on all of train,
scored on the test part. The last line is JSON: what `benchmarks/performance.py` compares.
"""

import json
from typing import Any

import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold
from skore import ComparisonReport, TrainTestSplit, configuration, evaluate

SEED = 42


def main() -> None:
    """Cross-validate the arms on train, and fit and score them on the split."""
    configuration.show_progress = False
    X, y = make_table()
    split = TrainTestSplit(test_size=0.3, stratify=y, random_state=SEED)
    [(train, _)] = split.split(X, y)
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=SEED)
    out_of_fold = evaluate(make_arms(), X.iloc[train], y.iloc[train], splitter=folds, pos_label=1)
    fitted = evaluate(make_arms(), X, y, splitter=split, pos_label=1)
    summary = summarize(out_of_fold)
    summarize(fitted)
    print(json.dumps({arm: results(arm, fitted, summary) for arm in make_arms()}))


def make_table() -> tuple[pd.DataFrame, "pd.Series[int]"]:
    """Return the features and the labels."""
    X, y = make_classification(
        n_samples=5000,
        n_features=10,
        n_informative=6,
        n_redundant=2,
        weights=[0.9, 0.1],
        random_state=SEED,
    )
    return pd.DataFrame(X, columns=[f"feature_{i}" for i in range(X.shape[1])]), pd.Series(y)


def make_arms() -> dict[str, Any]:
    """Return the three models, unfitted."""
    return {
        "baseline": LogisticRegression(max_iter=5000),
        "smote": make_pipeline(SMOTE(random_state=SEED), LogisticRegression(max_iter=5000)),
        "class_weight": LogisticRegression(max_iter=5000, class_weight="balanced"),
    }


def summarize(report: ComparisonReport) -> pd.DataFrame:
    """Print and return skore's own metrics, with the two that it does not have."""
    for metric in ("average_precision", "f1"):
        report.metrics.add(metric)
    summary: pd.DataFrame = report.metrics.summarize().frame()
    print(summary.to_string())
    return summary


def results(arm: str, fitted: ComparisonReport, summary: pd.DataFrame) -> dict[str, Any]:
    """Return an arm's counts of the confusion matrix on the test part, and its mean over folds."""
    counts = fitted.reports_[arm].metrics.confusion_matrix().frame()
    in_order = counts.sort_values(["true_label", "predicted_label"])["value"]
    return {
        "confusion": [int(count) for count in in_order],
        "average_precision": float(summary[f"mean_{arm}"]["average_precision"]),
    }


if __name__ == "__main__":
    main()
