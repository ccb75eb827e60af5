"""A small job with a table of its own, and what becomes of it when something in it is wrong."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from equipoise.terminal.command import execute, run

ROOT = Path(__file__).parents[2]
TABLE = "data/raw/shop.csv"
PARAMS = """\
seed: 7
data:
  source: file
  path: data/raw/shop.csv
  target: outcome
  positive: fraud
  drop: [day, customer]
split: {test_size: 0.3}
preprocess: {numeric: standardize}
run: {strategies: [baseline, smote], models: [logistic]}
strategies:
  baseline: {}
  smote: {sampler: {class: SMOTE, k_neighbors: 3}}
  weighted: {class_weight: balanced}
models:
  logistic: {class: LogisticRegression}
  bayes: {class: GaussianNB}
cross_validation: {folds: 3, repeats: 1}
decision: {objective: f1}
uncertainty: {confidence: 0.9, resamples: 100}
n_jobs: 1
"""
BY_STRATEGY, BY_ARM = ("resample",), ("train", "decide", "evaluate")
ANYTHING = "<any>"


@dataclass(frozen=True)
class Case:
    """What is wrong with a job, the first stage that must refuse it, and in which words.

    `table` is what the file at `path` holds instead of the good table, `params` what is written
    in params.yaml instead of what. `<any>` in the message stands for what may vary. `found` is what
    the doctor says, where that is not the message.
    """

    name: str
    message: str
    table: str | bytes | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    stage: str = "generate_data"
    path: str = TABLE
    found: str | None = None

    def spoil(self, folder: Path) -> None:
        """Make the mistake in a job that was right."""
        text = PARAMS.replace(TABLE, self.path)
        for right, wrong in self.params.items():
            assert right in text, f"{self.name}: {right!r} is not in params.yaml"
            text = text.replace(right, wrong)
        (folder / "params.yaml").write_text(text)
        if self.table is not None:
            content = self.table if isinstance(self.table, bytes) else self.table.encode()
            (folder / self.path).write_bytes(content)


@cache
def shop() -> pd.DataFrame:
    """Return the good table: 120 orders of 30 customers in 40 days, one in four a fraud."""
    rows = 120
    rng = np.random.default_rng(5)
    fraud = np.arange(rows) % 4 == 0
    days = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(rows) // 3, "D")
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "amount": (20 + 30 * rng.random(rows) + 15 * fraud).round(2),
            "region": rng.choice(["north", "south", "west"], rows),
            "day": days.strftime("%Y-%m-%d"),
            "customer": rng.permutation(rows) // 4,
            "outcome": np.where(fraud, "fraud", "paid"),
        }
    )


def csv(**columns: Any) -> str:
    """Return the good table as CSV, with other values in some columns."""
    return shop().assign(**columns).to_csv(index=False)


def cell(column: str, value: Any, row: int = 2) -> str:
    """Return the good table as CSV, with another value in one cell."""
    values = shop()[column].astype(object)
    values.iloc[row] = value
    return csv(**{column: values})


def arguments(stage: str, folder: Path) -> Iterator[tuple[str, ...]]:
    """Give the options of each run of a stage, as dvc.yaml has them."""
    try:
        chosen = yaml.safe_load((folder / "params.yaml").read_text())["run"]
        strategies, models = list(chosen["strategies"]), list(chosen["models"])
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, KeyError):
        strategies, models = [], []  # then the first stage must refuse the job
    for strategy in strategies if stage in BY_STRATEGY + BY_ARM else [None]:
        for model in models if stage in BY_ARM else [None]:
            options = {"--strategy": strategy, "--model": model}
            yield tuple(str(word) for name, of in options.items() if of for word in (name, of))


STAGES = ("generate_data", "split", "resample", "train", "decide", "evaluate", "audit", "compare")


def run_stage(stage: str, folder: Path, options: tuple[str, ...]) -> None:
    """Run a stage in a folder as its script does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", [stage, *options])
        run(partial(execute, stage))


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path there."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
