"""Net benefit: what alerting at calibrated probabilities gains (Vickers and Elkin, 2006).

The threshold odds say how much of a missed positive a false alert costs; an alert is raised where
the odds of a row's probability reach them. Net benefit is in found positives for each row: false
alerts are subtracted at these odds.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.names import Floats, Labels
from equipoise.metrics.scores import Scores

# So many odds have each curve, evenly on a scale of logarithms; rounded, names tell them exactly.
POINTS, DIGITS = 15, 3
# The lowest odds of a curve, where no range is given, as a share of those of the positives.
LOWEST = 0.25


def choose_odds(rows: Scores, ends: tuple[float, float] | None) -> tuple[float, ...]:
    """Return the threshold odds of decision curves; several classes have none."""
    if rows.classes.positive is None:
        return ()
    return list_odds(float(rows.shares[POSITIVE]), ends)


def list_odds(prevalence: float, ends: tuple[float, float] | None = None) -> tuple[float, ...]:
    """Return threshold odds between `ends`, rising.

    Without ends they go from a quarter of the odds of the positives to 1, where a false alert is
    as bad as a missed positive, or to four times the odds of the positives where that is more.

    >>> list_odds(0.1, (0.01, 1))[:3]
    (0.01, 0.0139, 0.0193)
    """
    own = prevalence / (1 - prevalence)
    low, high = ends or (LOWEST * own, max(1.0, own / LOWEST))
    odds = (float(name_odds(each)) for each in np.geomspace(low, high, POINTS))
    return tuple(dict.fromkeys(odds))


def name_odds(odds: float) -> str:
    """Return how files call threshold odds."""
    return f"{odds:.{DIGITS}g}"


def list_net_benefits(rows: Scores, odds: Sequence[float]) -> Iterator[tuple[str, Floats]]:
    """Give for each odds what each row adds to the net benefit, by the name of the odds."""
    for each in odds:
        alerts = rows.probabilities["calibrated"][:, POSITIVE] >= each / (1 + each)
        yield name_odds(each), np.where(alerts, _weigh_alerts(rows.y_true, each), 0.0)


def measure_net_benefits(rows: Scores, odds: Sequence[float]) -> dict[str, float]:
    """Return the net benefit at each odds, by the name of the odds."""
    return {
        name: float(np.average(values, weights=rows.row_weights))
        for name, values in list_net_benefits(rows, odds)
    }


def _weigh_alerts(y_true: Labels, odds: float) -> Floats:
    return np.where(y_true == POSITIVE, 1.0, -odds)
