"""The names that MLflow shows params and metrics by.

MLflow makes a section of what stands before a slash, and gives each metric without one a place
in its first section: those few are the numbers that arms are told apart by.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from equipoise.core.json_values import Json, JsonObject
from equipoise.judging.arm_result import INSTABILITY, ArmResult
from equipoise.judging.brief import make_brief
from equipoise.metrics.names import name_column
from equipoise.params.data_params import RAW_FOLDER, SyntheticData
from equipoise.params.trial_params import Params

# What MLflow refuses, on some systems at least, or takes for folders.
NOT_IN_A_NAME = re.compile(r"[^\w\-. ]")
# The scores shown first, by section; of probabilities those that the arm hands over.
SHOWN = (("test", "average_precision"), ("test", "roc_auc"), ("calibrated", "brier_score"))
# The experiment of a table that is made.
MADE_TABLE = "equipoise"
# What the name of a file tells of its form, and not of the table.
ENDINGS = frozenset(
    {
        *(".csv", ".tsv", ".txt", ".parquet", ".feather", ".arrow", ".json", ".jsonl", ".ndjson"),
        *(".xlsx", ".xls", ".ods", ".gz", ".bz2", ".xz", ".zst", ".zip"),
    }
)
# More changes than this do not fit a column.
MOST_CHANGES = 5
# After the name of an arm that is recommended until more rows tell.
NOT_SETTLED = " (not settled)"
# What the names of metrics of the train part begin with.
OF_TRAIN = ("out_of_fold/", f"{INSTABILITY}/", f"interval/{INSTABILITY}_")
# MLflow's steps are whole numbers.
STEPS = 1000


def flatten(values: JsonObject, prefix: str = "") -> dict[str, Json]:
    """Return nested values by dotted key, without those that are not set."""
    flat: dict[str, Json] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}.")
        elif value is not None:
            flat[name] = value
    return flat


def name_experiment(params: Params) -> str:
    """Return the experiment of a table: as params name it, or as its file is called."""
    if params.mlflow.experiment is not None:
        return params.mlflow.experiment
    if isinstance(params.data, SyntheticData):
        return MADE_TABLE
    *folders, name = Path(params.data.path).parts[len(RAW_FOLDER.parts) :]
    return "/".join([*folders, strip_endings(name)])


def strip_endings(name: str) -> str:
    """Return the name of a file without what tells its form."""
    while Path(name).suffix.lower() in ENDINGS:
        name = Path(name).stem
    return name


def describe_changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return which params differ, and how, in a line; a few if they are many."""
    gone = "not set"
    names = [name for name in {**now, **before} if before.get(name) != now.get(name)]
    changes = [
        f"{name}: {before.get(name, gone)} \u2192 {now.get(name, gone)}"
        for name in names[:MOST_CHANGES]
    ]
    more = len(names) - MOST_CHANGES
    return "; ".join([*changes, *([f"{more} more"] if more > 0 else [])]) or "none"


def make_allowed_name(name: str) -> str:
    """Return a name that MLflow takes: of what it does not, `-` and the code in hexadecimals.

    Labels that differ in such signs only, as `<50K` and `>50K`, are told apart.
    """
    return NOT_IN_A_NAME.sub(lambda sign: f"-{ord(sign[0]):x}", name)


def select_headline(result: ArmResult, objective: str) -> dict[str, float]:
    """Return the few numbers of an arm that MLflow shows first, under their own names.

    Without a test part they are means over folds, under the names of these.
    """
    if not result.tested:
        means = make_brief(result, objective)
        return {name.replace("out_of_fold_", "out_of_fold/"): own for name, own in means.items()}
    values = {
        name_column(section, name): result.sections[section][name]
        for section, name in SHOWN
        if name in result.sections[section]
    }
    for name in dict.fromkeys((objective, "f1")):
        for view, decided in (("default", result.default), ("tuned", result.tuned)):
            if name in decided.numbers:
                values[f"{view}_{name}"] = decided.numbers[name]
    threshold = result.tuned.rule.threshold
    if threshold is not None:
        values["tuned_threshold"] = threshold
    return {name: float(value) for name, value in values.items()}


def list_metric_values(result: ArmResult, objective: str) -> dict[str, float]:
    """Return every number of a metrics file once, by the name that MLflow shows.

    The headline comes first, under plain names; other numbers are `<section>/<name>`, the
    bounds of intervals `interval/<name>_low` and `interval/<name>_high`.
    """
    values = select_headline(result, objective)
    decided = {view: _list_decided(result, view) for view in result.views}
    for section, numbers in result.sections.items():
        for name, value in {**numbers, **decided.get(section, {})}.items():
            plain = name_column(section, name)
            if plain not in values:
                values[_name_in_section(section, name)] = float(value)
    for name, bounds in result.intervals.items():
        for side, bound in zip(("low", "high"), bounds, strict=True):
            values[_name_in_section("interval", f"{name}_{side}")] = float(bound)
    return values


def find_part(metric: str) -> str:
    """Return which part of the data a metric is of, by its name."""
    return "train" if metric.startswith(OF_TRAIN) else "test"


def _list_decided(result: ArmResult, view: str) -> dict[str, float]:
    """Return what a view decided with, and its confusion matrix if that is of two classes."""
    decided, numbers = result.views[view], {}
    if decided.rule.threshold is not None:
        numbers["threshold"] = decided.rule.threshold
    weights = decided.rule.weights or {}
    numbers |= {f"weights.{label}": weight for label, weight in weights.items()}
    if not result.of_several:
        numbers |= decided.cells
    return numbers


def _name_in_section(section: str, name: str) -> str:
    return f"{make_allowed_name(section)}/{make_allowed_name(name)}"


def list_by_threshold(curves: pd.DataFrame, objective: str) -> tuple[str, dict[int, float]]:
    """Return the objective out of fold at each threshold, in thousandths, and its name."""
    curve = curves[curves["curve"] == "threshold"].dropna(subset=["x", "y"])
    steps = (curve["x"] * STEPS).round().astype(int)
    return f"by_threshold/{objective}", dict(zip(steps, curve["y"].astype(float), strict=True))
