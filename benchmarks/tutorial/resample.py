"""Balance the train part, if the strategy is to."""

import sys
from pathlib import Path

import pandas as pd
import yaml
from imblearn.over_sampling import SMOTE


def main(strategy: str) -> None:
    """Write `data/resampled/<strategy>.csv`."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    train = pd.read_csv("data/train.csv")
    if strategy == "smote":
        sampler = SMOTE(**params["strategies"]["smote"], random_state=params["seed"])
        X, y = sampler.fit_resample(train.drop(columns="target"), train["target"])
        train = X.assign(target=y)
    Path("data/resampled").mkdir(exist_ok=True)
    train.to_csv(f"data/resampled/{strategy}.csv", index=False)


if __name__ == "__main__":
    main(sys.argv[1])
