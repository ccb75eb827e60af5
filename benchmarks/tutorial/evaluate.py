"""Score the model of a strategy on the test part and log the metrics to MLflow."""

import json
import sys
from pathlib import Path

import joblib
import mlflow
import pandas as pd
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)


def main(strategy: str) -> None:
    """Write `reports/metrics/<strategy>.json` and `reports/confusion/<strategy>.json`."""
    model = joblib.load(f"models/{strategy}.joblib")
    test = pd.read_csv("data/test.csv")
    X, y = test.drop(columns="target"), test["target"]
    y_pred, y_score = model.predict(X), model.predict_proba(X)[:, 1]
    metrics = {
        "accuracy": accuracy_score(y, y_pred),
        "precision": precision_score(y, y_pred),
        "recall": recall_score(y, y_pred),
        "f1": f1_score(y, y_pred),
        "average_precision": average_precision_score(y, y_score),
        "roc_auc": roc_auc_score(y, y_score),
    }
    counts = confusion_matrix(y, y_pred).ravel().tolist()
    confusion = dict(zip(("tn", "fp", "fn", "tp"), counts, strict=True))
    save(metrics, Path(f"reports/metrics/{strategy}.json"))
    save(confusion, Path(f"reports/confusion/{strategy}.json"))
    mlflow.set_experiment("imbalance")
    with mlflow.start_run(run_name=f"evaluate-{strategy}"):
        mlflow.log_param("strategy", strategy)
        mlflow.log_metrics(metrics)
        mlflow.log_artifact(f"reports/confusion/{strategy}.json")


def save(values: dict[str, float], path: Path) -> None:
    """Write numbers as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=2))


if __name__ == "__main__":
    main(sys.argv[1])
