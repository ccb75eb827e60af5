"""The numbers that MLflow is told: all of them, each by a name of its own."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mlflow.utils.validation import MAX_ENTITY_KEY_LENGTH, _validate_metric_name
from tests.answers import result_of

from equipoise.data.table_files import READERS
from equipoise.judging.arm_result import CELLS
from equipoise.params.data_params import FileData
from equipoise.params.trial_params import Record
from equipoise.record.naming import (
    ENDINGS,
    describe_changes,
    list_by_threshold,
    list_metric_values,
    make_allowed_name,
    name_experiment,
    strip_endings,
)
from equipoise.terminal.params_file import load_params

ROOT = Path(__file__).parents[3]
METRICS = {
    "arm": "smote-logistic",
    "treatment": "sampler",
    "note": "nothing alerts",
    "test": {"n": 1500, "brier_score": 0.17},
    "calibrated": {"brier_score": 0.075},
    "constant_guess": {"brier_score": 0.094},
    "prior_corrected": {"brier_score": 0.077},
    "default": {"threshold": 0.5, "cost": 1.7},
    "tuned": {"threshold": 0.2, "cost": 1.5},
    "elkan": {"cost": 1.4},
    "out_of_fold": {"tuned_cost": 1.6},
    "interval": {"brier_score": [0.16, 0.18]},
}


def test_every_numeric_section_is_told_by_name() -> None:
    """The few that arms are told apart by under plain names, others in a section; no words."""
    assert list_metric_values(result_of(METRICS), "cost") == {
        "calibrated_brier_score": 0.075,
        "default_cost": 1.7,
        "tuned_cost": 1.5,
        "tuned_threshold": 0.2,
        "test/n": 1500,
        "test/brier_score": 0.17,
        "constant_guess/brier_score": 0.094,
        "prior_corrected/brier_score": 0.077,
        "default/threshold": 0.5,
        "elkan/cost": 1.4,
        **{f"{view}/{cell}": 0 for view in ("default", "tuned", "elkan") for cell in CELLS},
        "out_of_fold/tuned_cost": 1.6,
        "interval/brier_score_low": 0.16,
        "interval/brier_score_high": 0.18,
    }


def test_the_headline_comes_first() -> None:
    """MLflow's views take the first metrics, and those of no section, for their own."""
    names = list(list_metric_values(result_of(METRICS), "cost"))
    assert [name for name in names if "/" not in name] == names[:4]


def test_a_curve_has_a_step_for_each_thousandth() -> None:
    """Other curves, and thresholds at which the objective is not defined, have none."""
    curves = pd.DataFrame(
        {
            "curve": ["roc", "threshold", "threshold", "threshold"],
            "x": [0.1, 0.0604, 0.5, 0.999],
            "y": [0.2, 0.4, math.nan, 0.3],
        }
    )
    assert list_by_threshold(curves, "f1") == ("by_threshold/f1", {60: 0.4, 999: 0.3})


def test_every_number_is_a_float() -> None:
    """MLflow stores nothing else."""
    assert {type(value) for value in list_metric_values(result_of(METRICS), "cost").values()} == {
        float
    }


def of_classes(labels: list[str]) -> dict[str, Any]:
    """A metrics file of several classes, each with a number of its own."""
    sections = {
        f"class_{label}": {"n": 10 + code, "default_recall": code / 10}
        for code, label in enumerate(labels)
    }
    weights = {label: 1.0 + code for code, label in enumerate(labels)}
    return sections | {
        "classes": labels,
        "confusion": {"default": [[1, 2], [3, 4]]},
        "test": {"n": 1500},
        "tuned": {"weights": weights, "f1": 0.4},
        "interval": {f"class_{label}_default_recall": [0.0, 1.0] for label in labels},
    }


def test_each_class_is_told_by_its_label() -> None:
    """Its section, its weight and its intervals; matrices and lists are no metrics."""
    assert list_metric_values(result_of(of_classes(["low", "a b"])), "f1") == {
        "tuned_f1": 0.4,
        "test/n": 1500,
        "class_low/n": 10,
        "class_a b/n": 11,
        "class_low/default_recall": 0,
        "class_a b/default_recall": 0.1,
        "tuned/weights.low": 1,
        "tuned/weights.a b": 2,
        "interval/class_low_default_recall_low": 0,
        "interval/class_low_default_recall_high": 1,
        "interval/class_a b_default_recall_low": 0,
        "interval/class_a b_default_recall_high": 1,
    }


labels_of_users = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    min_size=3,
    max_size=5,
    unique=True,
)


@given(labels_of_users)
@example(["<50K", ">50K", "50K"])
@example(["50%+", "a b", "ü"])
@example(["n/a", "a//b", ".."])
@example(["/", ".", "a:b"])
@settings(max_examples=50, deadline=None)
def test_any_labels_make_names_that_mlflow_takes_and_tells_apart(labels: list[str]) -> None:
    """No class takes the numbers of another, and MLflow itself finds nothing to object to."""
    metrics = of_classes(labels)
    values = list_metric_values(result_of(metrics), "f1")
    for name in values:
        _validate_metric_name(name)  # type: ignore[no-untyped-call]  # it has no types
        assert len(name) <= MAX_ENTITY_KEY_LENGTH
    assert len(values) == 2 + 5 * len(labels)
    assert math.fsum(values.values()) == pytest.approx(
        1500
        + 0.4
        + sum(sum(metrics[f"class_{label}"].values()) for label in labels)
        + sum(metrics["tuned"]["weights"].values())
        + len(labels)
    )


@pytest.mark.parametrize("label", ["50K", "a b", "ü", "x.y-z", "高"])
def test_a_label_that_mlflow_takes_is_left_as_it_is(label: str) -> None:
    """In any script: whoever looks for a class finds it under its name."""
    assert make_allowed_name(f"class_{label}_n") == f"class_{label}_n"


def test_each_table_has_an_experiment() -> None:
    """Called as its file is, unless params name it."""
    made = load_params(ROOT / "params.yaml")
    file = FileData(source="file", path="data/raw/eu/shop.2024.csv.gz", target="y")
    own = made.model_copy(update={"data": file})
    named = own.model_copy(update={"mlflow": Record(experiment="mine")})
    assert [*map(name_experiment, (made, own, named))] == ["equipoise", "eu/shop.2024", "mine"]


def test_what_changed_is_told_in_a_line() -> None:
    """What is new, what is gone and what is another value; the first few of many."""
    assert describe_changes({"a": "1", "b": "2"}, {"a": "3", "c": "4"}) == (
        "a: 1 → 3; c: not set → 4; b: 2 → not set"
    )
    assert describe_changes({"a": "1"}, {"a": "1"}) == "none"
    many = describe_changes({}, {str(n): "1" for n in range(9)})
    assert many.endswith("4: not set → 1; 4 more")


def test_no_ending_that_a_table_may_have_is_in_the_name_of_its_experiment() -> None:
    assert READERS.keys() <= ENDINGS
    assert strip_endings("claims.2024.JSON.gz") == "claims.2024"
