"""Params of a small job, and two tables without any fault."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification

from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]

BASE: dict[str, Any] = {
    "seed": 7,
    "data": {"source": "file", "path": "data/raw/table.csv", "target": "outcome"},
    "split": {"test_size": 0.3},
    "run": {"strategies": ["baseline"], "models": ["logistic"]},
    "strategies": {"baseline": {}},
    "models": {"logistic": {"class": "LogisticRegression"}},
}


@pytest.fixture(scope="session")
def make_params() -> MakeParams:
    """What returns the params of a job on a file, with some sections replaced."""

    def make(**sections: Any) -> Params:
        return Params.model_validate(BASE | sections)

    return make


@pytest.fixture(scope="session")
def with_sampler(make_params: MakeParams) -> MakeParams:
    """What returns params with one strategy, `remedy`, that has this sampler."""

    def make(sampler: dict[str, Any], folds: int = 5, **sections: Any) -> Params:
        return make_params(
            run={"strategies": ["remedy"], "models": ["logistic"]},
            strategies={"remedy": {"sampler": sampler}},
            cross_validation={"folds": folds},
            **sections,
        )

    return make


@pytest.fixture(scope="session")
def numeric_table() -> pd.DataFrame:
    """The table of the default job: ten numeric columns, one row in ten positive."""
    X, y = make_classification(
        5_000, 10, n_informative=6, n_redundant=2, weights=[0.9, 0.1], random_state=42
    )
    return pd.DataFrame(X, columns=[f"feature_{i}" for i in range(10)]).assign(target=y)


@pytest.fixture(scope="session")
def mixed_table() -> pd.DataFrame:
    """Calls of a bank: numbers, categories, yes/no, dates and text, some of them missing."""
    rng = np.random.default_rng(5)
    n = 6_000
    age, balance = rng.integers(18, 90, n), (rng.lognormal(6, 1.5, n) - 200).round()
    job = rng.choice(["admin.", "blue-collar", "retired", "student"], n, p=[0.4, 0.4, 0.15, 0.05])
    words = np.array(["asked", "for", "more", "time", "loan", "house", "will", "call", "no"])
    risk = -4 + 0.03 * age + 1.5 * (job == "student")
    return pd.DataFrame(
        {
            "age": age,
            "job": pd.Series(job).mask(rng.random(n) < 0.05).astype("category"),
            "balance": balance,
            "duration": pd.Series(rng.gamma(2, 130, n)).mask(rng.random(n) < 0.2),
            "housing": rng.random(n) < 0.5,
            "children": pd.Series(rng.poisson(1, n)).mask(rng.random(n) < 0.1).astype("Int64"),
            "contacted": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D"),
            "previous": pd.Series(rng.choice(["failure", "success"], n)).mask(rng.random(n) < 0.8),
            "note": pd.Series([" ".join(rng.choice(words, 6)) for _ in range(n)]),
            "target": (rng.random(n) < 1 / (1 + np.exp(-risk))).astype("int64"),
        }
    )
