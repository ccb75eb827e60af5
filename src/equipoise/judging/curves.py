"""The lines that plots draw, in long form: `curve`, `x`, `y`."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.deciding.objectives import Objective
from equipoise.deciding.thresholds import tally_by_threshold
from equipoise.judging.intervals import Interval
from equipoise.judging.simple_policies import value_alerting_all
from equipoise.metrics.names import NET_BENEFIT, PLAIN, Floats, Labels, name_column
from equipoise.metrics.probabilities import make_reliability_curve
from equipoise.metrics.ranking import Weights, count_alerts_by_score
from equipoise.metrics.scores import Scores

POINTS = 300
# Bars of equal width in which scores are counted.
BARS = 40
NO_CURVES = pd.DataFrame(columns=["curve", "x", "y", "class"])


def make_curves_by_class(rows: Scores) -> pd.DataFrame:
    """Return the curves of the positive class, or those of each class, with a column `class`.

    They are score curves of plain scores and reliability curves of all other probabilities.
    A curve of more than `POINTS` points is thinned, its ends kept.
    """
    curves = []
    for code in rows.classes.judged:
        actual = (rows.y_true == code).astype(np.int64)
        own = {section: scores[:, code] for section, scores in rows.probabilities.items()}
        weights = rows.weigh_rest_and_class(code)
        of_class = [
            make_score_curves(actual, own[PLAIN], weights),
            make_reliability_curves(actual, own, weights),
        ]
        if code in rows.classes.told_apart:
            of_class = [curve.assign(**{"class": rows.classes.names[code]}) for curve in of_class]
        curves += of_class
    return pd.concat(curves, ignore_index=True)


def make_threshold_curve(oof: Scores, objective: Objective) -> pd.DataFrame:
    """Return the objective by threshold, from out-of-fold scores, where one is chosen."""
    thresholds, found = tally_by_threshold(oof, objective)
    return _thin_curve("threshold", thresholds[:0:-1], objective.value(found)[:0:-1])


def make_reliability_curves(
    y_true: Labels, probabilities: Mapping[str, Floats], weights: Weights = (1, 1)
) -> pd.DataFrame:
    """Return the reliability curve of every section but the plain one: `reliability_<section>`.

    A row of label 0, and one of label 1, counts for so many as `weights` say.
    """
    each = np.array(weights, np.float64)[y_true]
    curves = [
        _thin_curve(
            f"reliability_{section}", *make_reliability_curve(y_true, score, weights=each)[:2]
        )
        for section, score in probabilities.items()
        if section != PLAIN
    ]
    return pd.concat(curves, ignore_index=True)


def make_score_curves(y_true: Labels, y_score: Floats, weights: Weights = (1, 1)) -> pd.DataFrame:
    """Return the precision-recall, ROC and reliability curves of scores for one class.

    And, by bar, the share of the class's rows and of the others' that score there: `y` of
    `scores_positive` and `scores_negative`. A row of label 0, and one of label 1, counts for so
    many as `weights` say.
    """
    _, tp, fp = count_alerts_by_score(y_true == 1, y_score, weights)
    each = np.array(weights, np.float64)[y_true]
    mean_score, share, _ = make_reliability_curve(y_true, y_score, weights=each)
    false_alerts, found = fp / (fp[-1] or 1), tp / (tp[-1] or 1)
    curves = {
        "precision_recall": (found, tp / (tp + fp)),
        "roc": (np.append(0, false_alerts), np.append(0, found)),
        "reliability": (mean_score, share),
        "scores_positive": _make_histogram(y_score[y_true == 1]),
        "scores_negative": _make_histogram(y_score[y_true == 0]),
    }
    return pd.concat(
        [_thin_curve(name, x, y) for name, (x, y) in curves.items()], ignore_index=True
    )


def make_net_benefit_curves(
    benefits: Mapping[str, float], intervals: Mapping[str, Interval], prevalence: float
) -> pd.DataFrame:
    """Return `net_benefit` by threshold odds, its interval, and that of an alert for every row."""
    x = [*map(float, benefits)]
    ends = [intervals[name_column(NET_BENEFIT, name)] for name in benefits]
    curves = {
        NET_BENEFIT: [*benefits.values()],
        f"{NET_BENEFIT}_low": [low for low, _ in ends],
        f"{NET_BENEFIT}_high": [high for _, high in ends],
        f"{NET_BENEFIT}_all": [float(value_alerting_all(prevalence, odds)) for odds in x],
    }
    return pd.concat(
        [pd.DataFrame({"curve": name, "x": x, "y": y}) for name, y in curves.items()],
        ignore_index=True,
    )


def _make_histogram(y_score: Floats) -> tuple[Floats, Floats]:
    """Return the middle of each bar from 0 to 1, and the share of scores in it."""
    counts, edges = np.histogram(y_score, bins=BARS, range=(0, 1))
    return (edges[:-1] + edges[1:]) / 2, counts / max(1, len(y_score))


def _thin_curve(name: str, x: Floats, y: Floats) -> pd.DataFrame:
    shown: NDArray[np.int64] = np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(int))
    return pd.DataFrame({"curve": name, "x": x[shown], "y": y[shown]})
