"""All checks together: on tables without fault, on any table, on a large one."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.checks.finding import Finding
from equipoise.checks.suite import check_parts, check_table
from equipoise.core.tables import GROUP, TIME
from equipoise.data.splitting import split_dataset
from equipoise.params.trial_params import Params

MakeParams = Callable[..., Params]


def all_findings(table: pd.DataFrame, params: Params) -> list[Finding]:
    """Return what is found before and after the split."""
    parts = split_dataset(table, params.split, params.seed)
    return check_table(table, params.data) + check_parts(*parts, params)


@pytest.mark.parametrize("name", ["numeric_table", "mixed_table"])
def test_a_table_without_fault_gives_no_warning(
    name: str, request: pytest.FixtureRequest, with_sampler: MakeParams
) -> None:
    """The default job and a bank's calls: nothing but what the test part can show."""
    findings = all_findings(request.getfixturevalue(name), with_sampler({"class": "SMOTE"}))
    assert [(finding.level, finding.subject) for finding in findings] == [
        ("note", "split.test_size")
    ]


def test_faults_are_found_beside_each_other(
    mixed_table: pd.DataFrame, make_params: MakeParams
) -> None:
    """Every fault that is put into a good table is found, and nothing else."""
    n = len(mixed_table)
    faulty = mixed_table.assign(
        customer=np.arange(n),
        empty=np.nan,
        country="PT",
        euros=mixed_table["balance"] * 1.1,
        closed=np.where(mixed_table["target"] == 1, "yes", "no"),
        limit=[*["n/a"] * 5, *map(str, np.random.default_rng(0).integers(0, 900, n - 5))],
    )
    subjects = [f.subject for f in all_findings(faulty, make_params()) if f.level == "warning"]
    assert sorted(subjects) == ["closed", "country", "customer", "empty", "euros", "limit"]


def test_rows_of_a_group_and_their_time_are_no_features(
    mixed_table: pd.DataFrame, make_params: MakeParams
) -> None:
    """A table that is split by group or time holds these columns, whatever is in them."""
    rows = np.arange(len(mixed_table))
    telling = mixed_table["target"].astype("str") + (rows % 50).astype("str")
    for known in ({GROUP: telling}, {TIME: rows}):
        found = all_findings(mixed_table.assign(**known), make_params())
        assert found == all_findings(mixed_table, make_params())


def columns_of(n: int) -> st.SearchStrategy[pd.Series]:
    """Return columns of n rows of every type that a table may have."""

    def series(arms: st.SearchStrategy[object], dtype: str) -> st.SearchStrategy[pd.Series]:
        return st.lists(arms, min_size=n, max_size=n).map(lambda c: pd.Series(c, dtype=dtype))

    days = st.integers(0, 2000).map(lambda day: pd.Timestamp("2020-01-01") + pd.Timedelta(days=day))
    words = st.sampled_from(["a", "b", "12", "n/a", "a line\nof text", ""])
    numbers = st.sampled_from([0.0, 1.0, 2.5, np.nan, np.inf]) | st.floats(-1e6, 1e6)
    return st.one_of(
        series(numbers, "float64"),
        series(st.integers(-5, 10**12), "int64"),
        series(st.none() | st.integers(0, 3), "Int64"),
        series(st.booleans(), "bool"),
        series(st.none() | words, "str"),
        series(st.none() | st.text(max_size=5), "str"),
        series(st.none() | words, "category"),
        series(st.none() | days, "datetime64[ns]"),
        series(st.none() | words | st.integers(0, 3) | st.lists(words), "object"),
    )


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Return any table: no rows, names of any letters, labels that are missing."""
    n = draw(st.integers(0, 70))
    kinds: list[list[Any]] = [[0, 1], ["low", "mid", "top"], [0, 1, None], [3]]
    labels = draw(st.sampled_from(kinds))
    target = draw(st.lists(st.sampled_from(labels), min_size=n, max_size=n))
    names = draw(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4, unique=True))
    columns = {name: draw(columns_of(n)) for name in names}
    return pd.DataFrame(columns | {"target": pd.Series(target, dtype=object)}).infer_objects()


@settings(max_examples=50, deadline=None)
@given(table=tables(), data=st.data())
def test_any_table_can_be_checked(
    table: pd.DataFrame, data: st.DataObject, with_sampler: MakeParams
) -> None:
    """No table makes a check fail, change the table or say two things of it.

    Each message is one line that names the subject.
    """
    params = with_sampler({"class": "SMOTE"})
    cut = data.draw(st.integers(0, len(table)))
    before, parts = table.copy(), (table.iloc[:cut], table.iloc[cut:])
    findings = check_table(table, params.data) + check_parts(*parts, params)
    assert findings == check_table(table, params.data) + check_parts(*parts, params)
    pd.testing.assert_frame_equal(table, before)
    for finding in findings:
        assert len(finding.message.splitlines()) == 1
        assert repr(finding.subject)[1:-1] in finding.message


def test_a_large_table_takes_seconds(make_params: MakeParams) -> None:
    """285,000 rows by 30 columns, in processor time; ten times what it takes is allowed."""
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=285_000) for i in range(30)}
    target = (rng.random(285_000) < 0.002).astype("int64")
    table = pd.DataFrame(columns).assign(target=target)
    start = time.process_time()
    findings = all_findings(table, make_params())
    assert time.process_time() - start < 40
    assert [finding.level for finding in findings] == ["note"]
