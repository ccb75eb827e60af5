"""How many rows are decided to be of a class, against the test part and the capacity."""

from dataclasses import dataclass

from scipy.stats import binomtest, fisher_exact

from equipoise.monitoring.class_shares import FACTOR


@dataclass(frozen=True)
class DecidedShare:
    """Rows decided for a class; the interval of their share; the share on the test part, and p.

    `capacity` is the share that the objective allows, if it does.
    """

    label: str
    decided: int
    rows: int
    interval: tuple[float, float]
    on_test: float
    p: float
    capacity: float | None = None

    @property
    def share(self) -> float:
        """The share of the rows that is decided so."""
        return self.decided / self.rows

    def has_changed(self, level: float) -> bool:
        """Whether the share is another than on the test part, credibly and by enough."""
        high, low = max(self.share, self.on_test), min(self.share, self.on_test)
        return self.p < level and high >= FACTOR * low

    @property
    def is_over_capacity(self) -> bool:
        """Whether the share is credibly above the capacity."""
        return self.capacity is not None and self.interval[0] > self.capacity


def measure_decided_share(
    label: str,
    batch: tuple[int, int],
    test: tuple[int, int],
    level: float,
    capacity: float | None = None,
) -> DecidedShare:
    """Return the share with its exact interval (Clopper and Pearson, 1934) of this level.

    `batch` and `test` have the rows decided so, and all rows. They are compared by Fisher's exact
    test (1935).
    """
    interval = binomtest(*batch).proportion_ci(1 - level, method="exact")
    table = [[decided, rows - decided] for decided, rows in (batch, test)]
    return DecidedShare(
        label,
        *batch,
        (float(interval.low), float(interval.high)),
        test[0] / test[1],
        float(fisher_exact(table).pvalue),
        capacity,
    )
