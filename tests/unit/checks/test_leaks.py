"""Columns that may know the answer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from equipoise.checks.leaks import (
    FOLDS,
    average_precision,
    find_leaking_columns,
    measure_shares_of_others,
)
from equipoise.params.trial_params import Params, Uncertainty

MakeParams = Callable[..., Params]
N = 2_000
RNG = np.random.default_rng(9)
LABEL = (RNG.random(N) < 0.1).astype("int64")
HONEST = LABEL + RNG.normal(size=N)
FRAME = pd.DataFrame({"honest": HONEST, "target": LABEL})
WHEN = pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(1, 300, N), "D")


def suspects(table: pd.DataFrame, uncertainty: Uncertainty) -> list[str]:
    """Return the columns that are suspected; what is said is said as a warning."""
    findings = find_leaking_columns(table, table.head(0), uncertainty)
    assert {finding.level for finding in findings} <= {"warning"}
    return [finding.subject for finding in findings]


@pytest.mark.parametrize(
    "leak",
    [
        LABEL + 0.01 * RNG.normal(size=N),
        -1000 * LABEL + RNG.normal(size=N),
        np.where(LABEL, "closed", "open"),
        pd.Categorical(np.where(LABEL, RNG.choice(["lost", "stolen"], N), "fine")),
        LABEL.astype(bool),
        np.where(LABEL, RNG.normal(size=N), np.nan),
        np.where(LABEL, np.nan, RNG.normal(size=N)),
        pd.Series([f"letter {i}" for i in range(N)]).where(LABEL == 1),
        WHEN.where(LABEL == 1),
        WHEN + pd.to_timedelta(1000 * LABEL, "D"),
        np.where(LABEL, 3, RNG.choice([1, 2, 4, 5], N)),
    ],
    ids=[
        *("up", "down", "words", "several words", "yes/no", "present", "missing"),
        *("text present", "date present", "late date", "code in the middle"),
    ],
)
def test_a_column_that_tells_the_label_is_suspected(make_params: MakeParams, leak: Any) -> None:
    """By order, in either direction, by its values or by being there at all, in any type."""
    assert suspects(FRAME.assign(x=leak), make_params().uncertainty) == ["x"]


@pytest.mark.parametrize(
    "column",
    [
        HONEST,
        RNG.integers(0, 5, N),
        np.arange(N),
        [f"customer-{i}" for i in range(N)],
        pd.Categorical([f"{i % 700}" for i in range(N)]),
        np.ones(N),
        np.full(N, np.nan),
        np.where(RNG.random(N) < 0.5, LABEL, 1 - LABEL),
    ],
    ids=["good", "noise", "row", "id", "rare values", "constant", "empty", "coin"],
)
def test_a_column_that_does_not_tell_is_not_suspected(make_params: MakeParams, column: Any) -> None:
    """Not even an id, which would tell the rows that it was fitted on."""
    assert suspects(FRAME.assign(x=column), make_params().uncertainty) == []


def test_a_very_good_column_is_not_suspected(make_params: MakeParams) -> None:
    """What is far above chance, and not all but certain, is what one hopes for."""
    good = 3 * LABEL + np.random.default_rng(1).normal(size=N)
    assert 0.7 < average_precision_score(LABEL, good) < 0.95
    assert suspects(FRAME.assign(x=good), make_params().uncertainty) == []


def test_each_class_of_several_is_told_from_the_rest(make_params: MakeParams) -> None:
    """The class that a column gives away is named with its prevalence."""
    label = RNG.choice(["low", "mid", "top"], N, p=[0.6, 0.3, 0.1])
    table = pd.DataFrame({"x": (label == "top") + RNG.normal(size=N) / 100, "target": label})
    (finding,) = find_leaking_columns(table, table, make_params().uncertainty)
    assert "class 'top'" in finding.message
    assert f"(chance: {np.mean(label == 'top'):.4f})" in finding.message


def test_a_class_is_named_though_another_is_too_rare_to_be_told(make_params: MakeParams) -> None:
    """Of three classes 0, 1 and 2 none is the positive one."""
    label = np.repeat([0, 1, 2], [150, 50, 2])
    table = pd.DataFrame({"x": label == 1, "target": label})
    (finding,) = find_leaking_columns(table, table, make_params().uncertainty)
    assert "rows of class 1 with average precision" in finding.message


@pytest.mark.parametrize("positives", [0, 4, N])
def test_too_few_rows_tell_nothing(make_params: MakeParams, positives: int) -> None:
    """Some column always ranks four rows on top; one class has nothing to be told from."""
    label = (np.arange(N) < positives).astype("int64")
    assert suspects(pd.DataFrame({"x": label, "target": label}), make_params().uncertainty) == []


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0]) | st.floats(-9, 9), st.booleans()
        ),
        min_size=1,
        max_size=40,
    ).filter(lambda rows: any(positive for _, positive in rows))
)
def test_average_precision_is_that_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    """Equal scores, which all types of columns have, included."""
    scores = np.array([score for score, _ in rows])
    label = np.array([positive for _, positive in rows])
    ranks = np.unique(scores, return_inverse=True)[1]  # scikit-learn takes no infinite score
    expected = average_precision_score(label, ranks)
    assert average_precision(scores[label], np.sort(scores)) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "b", "c", None]), st.booleans()), min_size=12, max_size=40
    )
)
def test_shares_are_those_of_the_other_folds(rows: list[tuple[str | None, bool]]) -> None:
    """Counted row by row: a row's own fold, its own label with it, has no part in its share."""
    column = pd.Series([value for value, _ in rows], dtype="str")
    label = np.array([positive for _, positive in rows])
    fold = pd.Series(label).groupby(label).cumcount().to_numpy() % FOLDS
    shares = measure_shares_of_others(column, label)
    for row, value in enumerate(column.fillna("missing")):
        others = fold != fold[row]
        alike = others & (column.fillna("missing") == value).to_numpy()
        assert shares[row] == pytest.approx(label[alike if alike.any() else others].mean())
