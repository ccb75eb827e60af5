"""Score every strategy with every model as a plain loop of `cross_val_score` does.

Each arm is a pipeline of imbalanced-learn (standardized numbers, one column for each value of a
category, the sampler, the model), fitted from nothing in every fold. `benchmarks/screening.py`
runs this beside `equipoise screen`.
"""

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
from imblearn.pipeline import make_pipeline
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline as make_steps
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from equipoise.core.tables import split_off_target
from equipoise.fitting.components import build_sampler
from equipoise.fitting.models import build_model
from equipoise.params.trial_params import Arm, Params, Strategy
from equipoise.screening.runners import make_race, settle_folds
from equipoise.storage.files.formats import read_frame
from equipoise.storage.layout import Layout
from equipoise.terminal.params_file import load_params

PROCESSES = 2


def main() -> None:
    """Write a line of JSON for each arm: its scores by fold, and the seconds that it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=Path, required=True, help="a folder in which `split` has run")
    layout = Layout(parser.parse_args().job)
    params, out = load_params(layout.params), layout.root / "loop.jsonl"
    X, y = split_off_target(read_frame(layout.train))
    warnings.simplefilter("ignore")
    done = list_done(out)
    with out.open("a", encoding="utf-8") as file:
        for name, arm in make_race(read_frame(layout.train), params).arms.items():
            if str(name) not in done:
                found = {"arm": str(name), **score_arm(arm, X, y, params)}
                file.write(json.dumps(found) + "\n")
                file.flush()


def list_done(out: Path) -> set[str]:
    """Return the arms that an interrupted loop has written."""
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    return {json.loads(line)["arm"] for line in lines}


def score_arm(arm: Arm, X: pd.DataFrame, y: pd.Series, params: Params) -> dict[str, object]:
    """Return average precision by fold, and the seconds of all folds."""
    own = settle_folds(params)
    folds = RepeatedStratifiedKFold(
        n_splits=own.folds, n_repeats=own.repeats, random_state=params.seed
    )
    pipeline = make_pipeline(
        make_columns(), *make_sampler(arm.strategy, params), build_model(arm, y)
    )
    began, used = time.perf_counter(), measure_processor()
    scores = cross_val_score(
        pipeline, X, y, cv=folds, scoring="average_precision", n_jobs=PROCESSES, error_score=0.0
    )
    seconds, processor = time.perf_counter() - began, measure_processor() - used
    return {"scores": scores.tolist(), "seconds": seconds, "processor": processor}


def measure_processor() -> float:
    """Return the processor seconds of this process and of its workers, which stay."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(time.user + time.system for time in times))


def make_columns() -> object:
    """Return what every tutorial makes of numbers and categories."""
    numbers = make_steps(SimpleImputer(strategy="median"), StandardScaler())
    words = make_steps(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )


def make_sampler(strategy: Strategy, params: Params) -> Iterator[object]:
    """Give the sampler of a strategy, if it has one."""
    if strategy.sampler is not None:
        yield build_sampler(strategy.sampler, params.seed)


if __name__ == "__main__":
    main()
