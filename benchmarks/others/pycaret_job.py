"""The default job of params.yaml as a user of PyCaret would write it.

Three arms with one logistic regression: out of fold in five folds twice, fitted on all of train,
scored on the test part. The last line is JSON: what `benchmarks/performance.py` compares.
"""

import argparse
import json
from typing import Any

import pandas as pd
from imblearn.over_sampling import SMOTE
from pycaret.classification import ClassificationExperiment
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score, brier_score_loss, confusion_matrix
from sklearn.model_selection import RepeatedStratifiedKFold

SEED, TARGET = 42, "target"
SCORES = {"average_precision": average_precision_score, "brier_score": brier_score_loss}


def main() -> None:
    """Run the three arms; SMOTE belongs to the set-up, so it has one of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n-jobs", type=int, default=1)
    n_jobs = parser.parse_args().n_jobs
    plain = set_up(n_jobs)
    balanced = set_up(n_jobs, fix_imbalance=True, fix_imbalance_method=SMOTE(random_state=SEED))
    arms = {
        "baseline": run(plain),
        "smote": run(balanced),
        "class_weight": run(plain, class_weight="balanced"),
    }
    print(json.dumps(arms))


def set_up(n_jobs: int, **balancing: Any) -> ClassificationExperiment:
    """Make the table and split it; add the metrics that PyCaret does not have."""
    X, y = make_classification(
        n_samples=5000,
        n_features=10,
        n_informative=6,
        n_redundant=2,
        weights=[0.9, 0.1],
        random_state=SEED,
    )
    table = pd.DataFrame(X, columns=[f"feature_{i}" for i in range(X.shape[1])])
    experiment = ClassificationExperiment()
    experiment.setup(
        table.assign(**{TARGET: y}),
        target=TARGET,
        train_size=0.7,
        fold_strategy=RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=SEED),
        session_id=SEED,
        n_jobs=n_jobs,
        html=False,
        verbose=False,
        **balancing,
    )
    for name, score in SCORES.items():
        experiment.add_metric(name, name, score, target="pred_proba")
    return experiment


def run(experiment: ClassificationExperiment, **arguments: Any) -> dict[str, Any]:
    """Cross-validate an arm, fit it and score the test part; return what both come to."""
    model = experiment.create_model("lr", max_iter=5000, verbose=False, **arguments)
    folds = experiment.pull()
    scored = experiment.predict_model(model, verbose=False)
    print(folds, experiment.pull(), sep="\n")
    return {
        "confusion": confusion_matrix(scored[TARGET], scored["prediction_label"]).ravel().tolist(),
        "average_precision": folds.loc["Mean", "average_precision"],
    }


if __name__ == "__main__":
    main()
