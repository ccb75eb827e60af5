"""Fit the model of a strategy and log it to MLflow."""

import sys
from pathlib import Path

import joblib
import mlflow
import mlflow.sklearn
import pandas as pd
import yaml
from sklearn.linear_model import LogisticRegression


def main(strategy: str) -> None:
    """Write `models/<strategy>.joblib`."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    train = pd.read_csv(f"data/resampled/{strategy}.csv")
    X, y = train.drop(columns="target"), train["target"]
    own = params["strategies"][strategy]
    mlflow.set_experiment("imbalance")
    with mlflow.start_run(run_name=f"train-{strategy}"):
        mlflow.log_params({"strategy": strategy, **own, **params["model"]})
        model = LogisticRegression(**params["model"], class_weight=own.get("class_weight"))
        model.fit(X, y)
        mlflow.log_metric("train_accuracy", model.score(X, y))
        mlflow.sklearn.log_model(model, name="model", input_example=X.head())
    Path("models").mkdir(exist_ok=True)
    joblib.dump(model, f"models/{strategy}.joblib")


if __name__ == "__main__":
    main(sys.argv[1])
