"""Nearest rows: exactly those of a plain computation, and of scikit-learn where it is exact."""

from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from equipoise.fitting import neighbours
from equipoise.fitting.neighbours import ExactNeighbours, find_nearest

Floats = NDArray[np.float64]


def find_plainly(rows: Floats, queries: Floats, k: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return what all distances say, each the root of a sum of squared differences."""
    squares = sum(np.subtract.outer(queries[:, c], rows[:, c]) ** 2 for c in range(rows.shape[1]))
    nearest = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return np.sqrt(np.take_along_axis(np.asarray(squares), nearest, axis=1)), nearest


def assert_plain(rows: Floats, queries: Floats, k: int) -> None:
    distances, nearest = find_nearest(rows, queries, k)
    distances_expected, nearest_expected = find_plainly(rows, queries, k)
    assert_array_equal(nearest_expected, nearest)
    assert_array_equal(distances_expected, distances)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 400),
    columns=st.integers(1, 24),
    values=st.sampled_from([2, 3, 50, 10**6]),
    offset=st.sampled_from([0.0, 1e8]),
    scale=st.sampled_from([1.0, 1e-30, 1e30, 1 / 3]),
    k=st.integers(1, 7),
)
def test_neighbours_are_those_of_all_distances(  # noqa: PLR0913 - each is drawn
    *, seed: int, rows: int, columns: int, values: int, offset: float, scale: float, k: int
) -> None:
    """Also with equal rows, equal distances, a constant column, far from 0, and for few rows."""
    rng = np.random.default_rng(seed)
    whole = rng.integers(0, values, (rows + 300, columns)).astype("float64")
    table = (offset + whole) * scale
    table[:, 0] = table[0, 0]
    assert_plain(table[:rows], table, min(k, rows))


@pytest.mark.parametrize("jitter", [1e-3, 1e-6, 1e-12, 0])
def test_rows_that_low_precision_cannot_tell_apart_are_told_apart(jitter: float) -> None:
    """Two crowds far from one another, and a query that all rows of one are as far from."""
    rng = np.random.default_rng(0)
    crowds = np.repeat([[0.0] * 6, [1e3] * 6], 400, axis=0)
    table = np.vstack([crowds + jitter * rng.normal(size=crowds.shape), np.eye(6)])
    assert_plain(table, table[::3], 3)
    corners = np.eye(400)
    assert_plain(corners, np.vstack([np.zeros(400), corners[7]]), 2)


@pytest.mark.parametrize("columns", [5, 40])
def test_neighbours_are_those_of_scikit_learn(columns: int) -> None:
    """Indices are equal, and distances to twelve digits, where no distances are equal."""
    rng = np.random.default_rng(0)
    rows, queries = rng.normal(size=(3_000, columns)), rng.normal(size=(1_000, columns))
    brute = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(rows)
    distances_expected, nearest_expected = brute.kneighbors(queries)
    distances, nearest = find_nearest(rows, queries, 6)
    assert_array_equal(nearest_expected, nearest)
    assert_allclose(distances_expected, distances, rtol=1e-12)


def test_distances_are_those_of_a_tree_to_the_last_bit() -> None:
    rows = np.random.default_rng(0).lognormal(size=(2_000, 12))
    tree = NearestNeighbors(n_neighbors=6, algorithm="kd_tree").fit(rows)
    for expected, found in zip(tree.kneighbors(rows), find_nearest(rows, rows, 6), strict=True):
        assert_array_equal(expected, found)


def test_far_from_zero_it_is_right_where_scikit_learn_is_not() -> None:
    """Distances that scikit-learn takes from products are lost in the offset, ours are not."""
    rows = 1e8 + np.random.default_rng(0).normal(size=(1_000, 20))
    expected = find_plainly(rows, rows, 6)[1]
    brute = NearestNeighbors(n_neighbors=6).fit(rows).kneighbors(rows, return_distance=False)
    assert (brute != expected).mean() > 0.5
    assert_array_equal(expected, find_nearest(rows, rows, 6)[1])


@pytest.mark.parametrize(("size", "columns"), [(5_000, 15), (10_000, 16)])
def test_it_takes_less_time_than_scikit_learn(size: int, columns: int) -> None:
    """Both with the tree that scikit-learn takes for 15 columns, and without one beyond."""
    rows = np.random.default_rng(0).normal(size=(size, columns))

    def time_search(kind: type[NearestNeighbors]) -> float:
        search = kind(n_neighbors=6).fit(rows)
        started = process_time()
        search.kneighbors(rows)
        return process_time() - started

    ours = min(time_search(ExactNeighbours) for _ in range(3))
    assert ours < 0.9 * min(time_search(NearestNeighbors) for _ in range(2))


def test_a_copy_searches_for_as_many_neighbours() -> None:
    assert clone(ExactNeighbours(n_neighbors=7)).get_params()["n_neighbors"] == 7


def make_rows(columns: int) -> Floats:
    """Return as many rows as are searched by us, each of them twice."""
    half = np.random.default_rng(0).integers(0, 9, (neighbours.FEWEST_ROWS // 2, columns))
    return np.vstack([half, half]).astype("float64")


def test_of_equal_rows_the_first_come_first() -> None:
    rows = make_rows(20)
    found = ExactNeighbours(n_neighbors=2).fit(rows).kneighbors(rows, return_distance=False)
    half = np.arange(len(rows) // 2)
    pairs = np.column_stack([half, half + len(half)])
    assert_array_equal(np.vstack([pairs, pairs]), found)


@pytest.mark.parametrize("rows", [make_rows(3), make_rows(20)[:200], csr_array(make_rows(20))])
def test_other_tables_are_left_to_scikit_learn(rows: Any) -> None:
    """Those of few columns, in which a tree is faster, of few rows, and sparse ones."""
    queries = rows[: neighbours.FEWEST_QUERIES]
    expected = NearestNeighbors(n_neighbors=3).fit(rows).kneighbors(queries)
    found = ExactNeighbours(n_neighbors=3).fit(rows).kneighbors(queries)
    for one, other in zip(expected, found, strict=True):
        assert_array_equal(one, other)
