"""Split the table into train and test."""

from pathlib import Path

import pandas as pd
import yaml
from sklearn.model_selection import train_test_split


def main() -> None:
    """Write `data/train.csv` and `data/test.csv`."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    table = pd.read_csv("data/dataset.csv")
    train, test = train_test_split(
        table,
        test_size=params["split"]["test_size"],
        stratify=table["target"],
        random_state=params["seed"],
    )
    train.to_csv("data/train.csv", index=False)
    test.to_csv("data/test.csv", index=False)


if __name__ == "__main__":
    main()
