"""Columns that say what another one says already."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.checks import copies
from equipoise.checks.copies import find_copied_columns
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]
N = 300
RNG = np.random.default_rng(11)
X = RNG.normal(size=N)
GAPS = RNG.random(N) < 0.3
JOBS = pd.Series(RNG.choice(["cook", "nurse", "pilot"], N))
YEARS = pd.to_datetime("2020-01-01") + pd.to_timedelta(RNG.integers(0, 900, N), "D")


def copied(first: Any, second: Any, params: Params) -> bool:
    """Tell whether the second column is said to be a copy of the first, and nothing else is."""
    other = np.random.default_rng(0).normal(size=len(first))
    table = pd.DataFrame({"a": first, "other": other, "b": second})
    findings = find_copied_columns(table.assign(target=np.arange(len(table)) % 2), params.data)
    assert [finding.subject for finding in findings] in ([], ["b"])
    assert all("column 'b'" in finding.message and "'a'" in finding.message for finding in findings)
    return bool(findings)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (X, X),
        (X, 32 - 1.8 * X),
        (X, X + RNG.normal(size=N) / 1000),
        (np.where(GAPS, np.nan, X), X),
        (JOBS, JOBS.str.upper().astype("category")),
        (JOBS, JOBS.map({"cook": 3, "nurse": 1, "pilot": 2})),
        (JOBS.mask(GAPS), JOBS.mask(GAPS).map({"cook": "C", "nurse": "N", "pilot": "P"})),
        (X > 0, np.where(X > 0, "yes", "no")),
        (YEARS, (YEARS - YEARS.min()).days),
    ],
    ids=["same", "unit", "noise", "gaps", "case", "codes", "missing", "words", "days"],
)
def test_a_copy_is_found(make_params: MakeParams, first: Any, second: Any) -> None:
    """In another unit, direction, spelling or type, with a little noise, and with gaps."""
    assert copied(first, second, make_params())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (X, X + RNG.normal(size=N) / 10),
        (X, X**3),
        (JOBS, JOBS.where(np.arange(N) > 0, "pilot" if JOBS[0] != "pilot" else "cook")),
        (np.where(GAPS, X, np.nan), np.where(GAPS, np.nan, X)),
        (np.where(np.arange(N) < 152, X, np.nan), np.where(np.arange(N) < 150, np.nan, -X)),
        ([f"a{i}" for i in range(N)], [f"b{i}" for i in range(N)]),
        (X[:90], RNG.normal(size=90)),
        (np.ones(N), np.full(N, 2.0)),
        (np.r_[1e9, X[1:]], np.r_[1e9, X[:-1]]),
    ],
    ids=[
        "noise",
        "curve",
        "one row",
        "never both",
        "twice both",
        "all different",
        "few rows",
        "constant",
        "one far value",
    ],
)
def test_what_is_alike_only_is_no_copy(make_params: MakeParams, first: Any, second: Any) -> None:
    """Related columns, constants, ids, and columns with one far value in common are none."""
    assert not copied(first, second, make_params())


def test_each_copy_is_said_once_with_the_first_column(make_params: MakeParams) -> None:
    """Four columns that are the same are three findings, not six."""
    table = pd.DataFrame({f"x{i}": X * (i + 1) for i in range(4)}).assign(target=np.arange(N) % 2)
    findings = find_copied_columns(table, make_params().data)
    assert [finding.subject for finding in findings] == ["x1", "x2", "x3"]
    assert all("'x0'" in finding.message for finding in findings)


@settings(max_examples=30, deadline=None)
@given(scale=st.floats(0.001, 1000), shift=st.floats(-1000, 1000), sign=st.sampled_from([-1, 1]))
def test_any_unit_is_seen_through(
    make_params: MakeParams, scale: float, shift: float, sign: int
) -> None:
    """Whatever a column is multiplied with and shifted by, it remains a copy."""
    assert copied(X, sign * scale * X + shift, make_params())


def test_many_rows_are_looked_through_in_part_and_confirmed_in_all(
    make_params: MakeParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns that differ only in rows that were not looked at first are no copies."""
    monkeypatch.setattr(copies, "MOST_PRODUCTS", 0)
    monkeypatch.setattr(copies, "FEWEST_SPREAD", 100)
    spread = np.linspace(0, N - 1, num=100, dtype=np.int64)
    elsewhere = np.setdiff1d(np.arange(N), spread)
    assert copied(X, X, make_params())
    for otherwise in (X[::-1], X + X**3 / 20):
        changed = X.copy()
        changed[elsewhere] = otherwise[elsewhere]
        assert not copied(X, changed, make_params())


def test_a_made_table_is_mended_where_it_is_made(make_params: MakeParams) -> None:
    """There is no `data.drop` for a synthetic table."""
    data = {"source": "synthetic", "n_samples": 100, "n_features": 3, "n_informative": 2}
    params = make_params(data=data | {"n_redundant": 1, "weights": [0.9, 0.1]})
    (finding,) = find_copied_columns(pd.DataFrame({"a": X, "b": X, "target": X > 0}), params.data)
    assert "data.n_repeated" in finding.message
    assert "data.drop" not in finding.message
