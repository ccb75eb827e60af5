"""The memory that the strategies need, and what there is."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from equipoise.checks.memory import BYTES_PER_PROCESS, check_memory, estimate_bytes
from equipoise.core.tables import split_off_target
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.preprocessing import build_encoder, clean
from equipoise.params.trial_params import Arm, CrossValidation, Params

MakeParams = Callable[..., Params]
N, COLUMNS = 10_000, 20


def table(positives: int = 1_000, rows: int = N, columns: int = COLUMNS) -> pd.DataFrame:
    """Return noise with so many positives."""
    X = np.random.default_rng(0).normal(size=(rows, columns))
    target = (np.arange(rows) % (rows // positives) == 0).astype("int64")
    return pd.DataFrame(X).rename(columns=str).assign(target=target)


def of_rows(params: Params, **sizes: int) -> int:
    """Return what one fit at a time needs beyond the processes themselves."""
    return estimate_bytes(table(**sizes), params, "remedy") - BYTES_PER_PROCESS


@pytest.mark.parametrize(
    ("sampler", "factor"),
    [
        ({"class": "SMOTE"}, 1.8),
        ({"class": "SMOTEENN"}, 1.8),
        ({"class": "SMOTE", "sampling_strategy": 0.5}, 1.35),
        ({"class": "SMOTE", "sampling_strategy": {1: 4_000}}, (6_300 + 4_000) / 7_000),
        ({"class": "RandomUnderSampler"}, 1.0),
        ({"class": "imblearn.under_sampling.TomekLinks"}, 1.0),
    ],
)
def test_rows_that_a_sampler_adds_need_memory(
    with_sampler: MakeParams, sampler: dict[str, Any], factor: float
) -> None:
    """One copy of train and seven of the rows to fit, eight bytes a value."""
    expected = 0.7 * N * COLUMNS * 8 * (1 + 7 * factor)
    assert of_rows(with_sampler(sampler)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "preprocess", [{}, {"categories": "target"}, {"most_categories": 4}], ids=str
)
@pytest.mark.parametrize("classes", [2, 3])
def test_a_column_counts_as_often_as_a_model_sees_it(
    make_params: MakeParams, preprocess: dict[str, Any], classes: int
) -> None:
    """The encoders themselves say how many numbers the columns become; dates may give fewer."""
    n = 400
    kinds = {
        "number": np.arange(n) / 3,
        "kind": pd.Categorical([f"k{i % 9}" if i % 7 else None for i in range(n)]),
        "day": pd.date_range("2024-01-01", periods=n, freq="37h"),
        "said": pd.Series([f"what number {i * i} said" for i in range(n)]),
    }
    mixed = pd.DataFrame(kinds).assign(target=np.arange(n) % classes)
    _, cleaned = clean(mixed, 7)
    X, y = split_off_target(cleaned)
    params = make_params(strategies={"baseline": {}, "remedy": {}}, preprocess=preprocess)
    encoder = build_encoder(params.preprocess, X, 7)
    assert encoder is not None
    seen = encoder.fit_transform(X, y).shape[1]
    needed = estimate_bytes(mixed, params, "remedy") - BYTES_PER_PROCESS
    assert seen <= round(needed / (0.7 * n * 8 * 8)) <= seen + 2


def test_a_strategy_without_sampler_adds_no_rows(make_params: MakeParams) -> None:
    """Weights need nothing of their own; rows and columns do, in proportion."""
    params = make_params(strategies={"baseline": {}, "remedy": {"class_weight": "balanced"}})
    assert of_rows(params) == pytest.approx(0.7 * N * COLUMNS * 8 * 8, rel=1e-6)
    assert of_rows(params, rows=2 * N) == pytest.approx(2 * of_rows(params), rel=1e-6)
    assert of_rows(params, columns=2 * COLUMNS) == pytest.approx(2 * of_rows(params), rel=1e-6)


def with_categories(values: int) -> pd.DataFrame:
    """Return the table with two categories of so many values each."""
    words = [pd.Categorical([f"w{(n * step) % values}" for n in range(6_000)]) for step in (1, 7)]
    return table(300, 6_000, 4).assign(one=words[0], other=words[1])


@pytest.mark.parametrize(
    "train",
    [table(300, 6_000, 40), with_categories(60), with_categories(900)],
    ids=["numbers", "words", "many"],
)
def test_the_estimate_is_above_what_training_holds_but_not_far(
    with_sampler: MakeParams, train: pd.DataFrame
) -> None:
    """Every array of the real cross-validation, counted while it runs."""
    params = with_sampler({"class": "SMOTE"}, n_jobs=1)
    arm = Arm(params.strategies["remedy"], params.models["logistic"], params.preprocess, 7)
    cross_fit(arm, train, CrossValidation(folds=2, repeats=1), 1)  # libraries are loaded
    tracemalloc.start()
    cross_fit(arm, train, CrossValidation(folds=5, repeats=1), 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    estimate = estimate_bytes(train, params, "remedy") / 0.7 - BYTES_PER_PROCESS / 0.7
    assert peak < estimate < 5 * peak


def test_a_strategy_that_needs_more_than_there_is_is_named(with_sampler: MakeParams) -> None:
    """Just what is needed is enough."""
    params = with_sampler({"class": "SMOTE"}, n_jobs=1)
    needed = estimate_bytes(table(), params, "remedy")
    assert check_memory(table(), params, needed) == []
    (finding,) = check_memory(table(), params, needed - 1)
    assert (finding.level, finding.subject) == ("warning", "strategies.remedy")
    assert "fewer rows" in finding.message
