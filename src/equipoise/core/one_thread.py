"""Work whose sums come out the same anywhere, since nothing is added in another order."""

from collections.abc import Iterator
from contextlib import contextmanager

from joblib import parallel_config
from threadpoolctl import threadpool_limits


@contextmanager
def summing_in_order() -> Iterator[None]:
    """Have NumPy work on one thread, and scikit-learn too, whatever `n_jobs` a class has.

    A forest, say, adds what its trees vote as they end, so that with two threads the last digit of
    a score differs from one call to the next, and a threshold may lie between.
    """
    with parallel_config(backend="sequential"), threadpool_limits(limits=1):
        yield
