"""Make an imbalanced table."""

from pathlib import Path

import pandas as pd
import yaml
from sklearn.datasets import make_classification


def main() -> None:
    """Write `data/dataset.csv`."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    X, y = make_classification(**params["data"], random_state=params["seed"])
    table = pd.DataFrame(X, columns=[f"feature_{i}" for i in range(X.shape[1])])
    Path("data").mkdir(exist_ok=True)
    table.assign(target=y).to_csv("data/dataset.csv", index=False)


if __name__ == "__main__":
    main()
