"""Tables that several tests fit models on."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small tables are done before a second thread has woken up."""
    with threadpool_limits(limits=1):
        yield


def mixed_table(labels: Sequence[Any] = (0, 1), rows: int = 160, seed: int = 0) -> pd.DataFrame:
    """Return every kind of column but text, gaps in each, and overlapping, skewed classes."""
    rng = np.random.default_rng(seed)
    number = rng.permutation(
        np.arange(rows) % 8 // 3 if len(labels) > 2 else np.arange(rows) % 5 // 4
    )
    since = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
    columns = {
        "age": rng.normal(size=rows) + number,
        "income": 1e3 * rng.lognormal(size=rows),
        "visits": pd.array(rng.poisson(3, rows) + number, dtype="Int64"),
        "job": pd.Categorical(rng.choice(["admin", "clerk", "retired"], rows)),
        "member": pd.Categorical(np.where(rng.random(rows) < 0.3 + number / 5, "True", "False")),
        "since": pd.Series(since).astype("datetime64[us]"),
    }
    frame = pd.DataFrame(columns)
    for name in frame:
        frame.loc[rng.random(rows) < 0.1, name] = None
    frame["target"] = [labels[n] for n in number]
    return frame.set_index(pd.Index(rng.permutation(2 * rows)[:rows], name="row"))
