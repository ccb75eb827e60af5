"""Nearest rows, found faster than by scikit-learn and just as exactly.

Products of float32 matrices, as scikit-learn takes of float64 ones, rule out almost all rows. Their
rounding errors have a bound, so no row is ruled out that could be among the nearest. The distances
of those left are computed in float64, column by column, as scikit-learn's trees do.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import validate_data

# Where this search was measured to be faster than scikit-learn's.
FEWEST_ROWS, FEWEST_QUERIES, MOST_NEIGHBOURS, MOST_COLUMNS = 4_000, 1_000, 50, 200
# A tree is faster where it looks at less than this share of the rows, as some queries tell.
SHARE_OF_A_TREE, QUERIES_OF_A_TREE = 1 / 12, 100
# Squares of larger numbers may be infinite.
LARGEST = 1e150

# A product of so many rows and queries stays in the cache of a processor's core.
BLOCK, CHUNK = 256, 1_024
# How many numbers are held at a time to compute distances.
NUMBERS = 1 << 14
# So many times the root of rows times neighbours are the sample that says how far the nearest can
# be; it is looked at by the least distance in each of so many groups.
SAMPLE, GROUPS = 20, 128
# With more candidates for a neighbour, as the sample lets expect one in `step` rows, the next
# precision is quicker; in float64, many rows are then equally far, and all distances are computed.
MOST_CANDIDATES: Mapping[type[np.floating[Any]], int] = {np.float32: 16, np.float64: 128}

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class ExactNeighbours(NearestNeighbors):  # type: ignore[misc]  # it has no types
    """Scikit-learn's search for neighbours, faster on tables of many rows.

    Of rows at equal distances, it then takes those that come first in the table.
    """

    def kneighbors(
        self,
        X: Any = None,
        n_neighbors: int | None = None,
        return_distance: bool = True,  # noqa: FBT001, FBT002 - as scikit-learn has it
    ) -> Any:
        """Return distances and numbers of the rows nearest to each row of `X`, nearest first."""
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        if not (self._is_suited(k) and _is_large(X) and not self._tree_is_faster(k)):
            return super().kneighbors(X, n_neighbors, return_distance)
        queries = validate_data(self, X, reset=False, dtype=np.float64, order="C")
        if np.abs(queries).max() > LARGEST:
            return super().kneighbors(X, n_neighbors, return_distance)
        distances, nearest = find_nearest(self._fit_X, queries, k)
        return (distances, nearest) if return_distance else nearest

    def _is_suited(self, k: int) -> bool:
        rows = getattr(self, "_fit_X", None)
        return (
            isinstance(rows, np.ndarray)
            and rows.dtype == np.float64
            and self.effective_metric_ == "euclidean"
            and self.algorithm == "auto"
            and rows.shape[0] >= FEWEST_ROWS
            and rows.shape[1] <= MOST_COLUMNS
            and 0 < k <= min(MOST_NEIGHBOURS, len(rows))
            and bool(np.abs(rows).max() <= LARGEST)
        )

    def _tree_is_faster(self, k: int) -> bool:
        """Tell by how many rows the tree looks at, which no clock changes."""
        if self._tree is None:
            return False
        rows = self._fit_X
        queries = rows[:: max(1, len(rows) // QUERIES_OF_A_TREE)]
        self._tree.reset_n_calls()
        self._tree.query(queries, k)
        looks: int = self._tree.get_n_calls()
        return looks < SHARE_OF_A_TREE * len(rows) * len(queries)


def _is_large(queries: Any) -> bool:
    return isinstance(queries, np.ndarray) and len(queries) >= FEWEST_QUERIES


def find_nearest(rows: Floats, queries: Floats, k: int) -> tuple[Floats, Integers]:
    """Return the distances and numbers of the `k` rows nearest to each query, nearest first.

    At equal distances, lower numbers come first.
    """
    kept = _keep_first_copies(rows, k)
    pairs = _Pairs(rows[kept], queries, k)
    for precision in MOST_CANDIDATES:
        if not len(pairs.left):
            break
        products = _Products(pairs, precision)
        for block in _split(pairs.left, BLOCK):
            pairs.settle(block, *products.find_candidates(block))
    every = np.arange(len(kept))
    for query in pairs.left:
        pairs.settle(np.array([query]), every, np.zeros_like(every))
    return np.sqrt(pairs.squares), kept[pairs.nearest]


def _keep_first_copies(rows: Floats, k: int) -> Integers:
    """Return the numbers of all rows but those that equal `k` earlier ones.

    Those can be nobody's neighbours.
    """
    unlike = np.cos(np.arange(rows.shape[1]))  # equal rows have equal sums, others hardly ever
    order = np.argsort((rows * unlike).sum(axis=1), kind="stable")
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (rows[order[1:]] != rows[order[:-1]]).any(axis=1)
    places = np.arange(len(rows))
    earlier = places - np.maximum.accumulate(np.where(starts, places, 0))
    return np.sort(order[earlier < k])


class _Pairs:
    """Pairs of queries and rows, and the nearest rows of the queries that are settled."""

    def __init__(self, rows: Floats, queries: Floats, k: int) -> None:
        self.k = k
        self.columns, self.query_columns = rows.T.copy(), queries.T.copy()
        self.squares = np.empty((len(queries), k))
        self.nearest = np.empty((len(queries), k), dtype=np.int64)
        self._settled = np.zeros(len(queries), dtype=bool)

    @property
    def left(self) -> Integers:
        """The queries that are not settled."""
        return np.flatnonzero(~self._settled)

    def settle(self, block: Integers, rows: Integers, places: Integers) -> None:
        """Find the nearest of some rows to the query at each of these places of a block.

        Rows of a query are in the order of their numbers. A query without rows stays unsettled.
        """
        squares = self._measure(rows, block[places])
        order = np.argsort(squares, kind="stable")
        order = order[np.argsort(places[order].astype(np.uint16), kind="stable")]  # a radix sort
        counts = np.bincount(places, minlength=len(block))
        some = counts > 0
        starts = (np.cumsum(counts) - counts)[some]
        chosen = order[starts[:, np.newaxis] + np.arange(self.k)]
        self.squares[block[some]] = squares[chosen]
        self.nearest[block[some]] = rows[chosen]
        self._settled[block[some]] = True

    def _measure(self, rows: Integers, queries: Integers) -> Floats:
        """Return the squared distance of each row from its query, summed column by column."""
        squares = np.empty(len(rows))
        size = max(1, NUMBERS // len(self.columns))
        for start in range(0, len(rows), size):
            piece = slice(start, start + size)
            difference = self.columns.take(rows[piece], axis=1)
            difference -= self.query_columns.take(queries[piece], axis=1)
            difference *= difference
            difference.sum(axis=0, out=squares[piece])
        return squares


class _Products:
    """Products of one precision that rule out rows.

    The squared distance of a row y from a query x is |x|^2 + |y|^2 - 2xy. A product of n columns,
    however it is summed, is off by at most n u / (1 - n u) times the sum of its terms' sizes
    (Higham, 2002, section 3.1), with u half of the precision's epsilon; six more roundings are
    those of its factors and of the bound itself. As 2|xy| <= |x|^2 + |y|^2, the errors have a bound
    of |x|^2 and one of |y|^2, each added to its own side: no pair is looked at for them.
    """

    def __init__(self, pairs: _Pairs, precision: type[np.floating[Any]]) -> None:
        """Prepare the rows, moved and scaled: far from 0, float32 would tell none apart."""
        rows, queries = pairs.columns.T, pairs.query_columns.T
        centre = np.median(rows, axis=0)  # which a few rows far from all others do not move
        rows, queries = rows - centre, queries - centre
        scale = _round_to_power(max(np.abs(rows).max(), np.abs(queries).max()))
        rows, self._queries = rows / scale, queries / scale
        self._k = pairs.k
        terms, limits = rows.shape[1] + 6, np.finfo(precision)
        error = terms * float(limits.eps) / 2
        self._error = 8 * error / (1 - error)
        self._smallest = 8 * terms * float(limits.tiny)  # what is lost of numbers near 0
        squares = (rows**2).sum(axis=1)
        lower = np.column_stack([rows, squares * (1 - self._error), np.ones(len(rows))])
        upper = np.column_stack([rows, squares * (1 + self._error)])
        self._step = max(1, int(len(rows) / (SAMPLE * np.sqrt(len(rows) * self._k))))
        self._most = MOST_CANDIDATES[precision] * self._k * self._step
        self._lower = lower.astype(precision, order="C")
        self._upper = upper[:: self._step].astype(precision, order="C")
        self._products = np.empty((CHUNK, BLOCK), dtype=precision)
        self._near = np.empty((CHUNK, BLOCK), dtype=bool)

    def find_candidates(self, block: Integers) -> tuple[Integers, Integers]:
        """Return the rows that may be nearest, and the place in the block of the query of each.

        Queries with too many candidates have none.
        """
        factors, counts = self._make_factors(block), np.zeros(len(block), dtype=np.int64)
        rows, places = [], []
        for start, products in self._multiply(self._lower, factors):
            near = self._near[: len(products), : len(block)]
            found = np.flatnonzero(np.less_equal(products, 0, out=near))
            row, place = np.divmod(found, len(block))
            rows.append(row + start)
            places.append(place)
            counts += np.bincount(place, minlength=len(block))
            too_many = counts > self._most
            factors[:-1, too_many], factors[-1, too_many] = 0, 1  # above 0 from here on
        row, place = np.concatenate(rows), np.concatenate(places)
        few = ~too_many[place]
        return row[few], place[few]

    def _make_factors(self, block: Integers) -> NDArray[Any]:
        """Return queries as columns, so that the product of a row that may be near is at most 0."""
        queries = self._queries[block]
        factors = np.ones((queries.shape[1] + 2, len(block)), dtype=self._products.dtype)
        factors[:-2] = -2 * queries.T
        furthest = self._find_furthest(factors[:-1]).astype(np.float64)
        error = self._error * ((queries**2).sum(axis=1) + np.abs(furthest)) + self._smallest
        factors[-1] = -(furthest + error)
        return factors

    def _find_furthest(self, factors: NDArray[Any]) -> NDArray[Any]:
        """Return a product that `k` rows of the sample or more do not exceed, for each query."""
        size = _round_to_power(len(self._upper) / max(GROUPS, 4 * self._k)) / 2
        size = int(max(1, min(size, CHUNK)))
        whole = self._upper[: len(self._upper) // size * size]
        least = np.concatenate(
            [
                products.reshape(size, -1, products.shape[1]).min(axis=0)
                for _, products in self._multiply(whole, factors)
            ]
        )
        last = self._k - 1
        return np.partition(least.T.copy(), last, axis=1)[:, last]

    def _multiply(
        self, rows: NDArray[Any], factors: NDArray[Any]
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        """Give the products of some rows at a time, and the place of the first one."""
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            products = self._products[: len(some), : factors.shape[1]]
            yield start, np.matmul(some, factors, out=products)


def _round_to_power(number: float) -> float:
    """Return a power of two, by which numbers are divided without rounding."""
    return 2.0 ** np.ceil(np.log2(number)) if number > 0 else 1.0


def _split(numbers: Integers, size: int) -> Iterator[Integers]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
