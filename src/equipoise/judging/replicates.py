"""Every metric of an arm, for each bootstrap replicate of the test part."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd

from equipoise.deciding.objectives import Objective
from equipoise.judging.arm_result import name_class_section
from equipoise.judging.bootstrap import (
    Counts,
    Summands,
    count_each_unit_once,
    make_strata,
    replicate,
)
from equipoise.judging.resampled_ranking import Ranking
from equipoise.metrics.names import PLAIN, Floats, Labels, name_column
from equipoise.metrics.probabilities import (
    CALIBRATION_BINS,
    brier_losses,
    log_losses,
    make_calibration_bins,
)
from equipoise.metrics.ranking import RANKING
from equipoise.metrics.scores import Scores
from equipoise.metrics.tallies import BY_CLASS, Tally, find_costs, measure_decisions

# The names under which columns are summed.
ROWS, LOSSES = "rows", ("brier_score", "log_loss")
Totals = Mapping[str, Floats]


def replicate_metrics(
    rows: Scores, objective: Objective, resamples: int, seed: int, group: Labels | None = None
) -> pd.DataFrame:
    """Return a row for each replicate (`bootstrap.replicate`) and a column for each metric.

    Columns: `average_precision`, `roc_auc`; for each section of probabilities `brier_score`,
    `log_loss` and `calibration_error`, the last as its distance from what was observed; for
    each view `<view>_<decision metric>` and `<view>_<objective>`. They are those of the positive
    class; without one, means over classes, beside which each class has columns of its own. Where
    `group` has the group of each row, by number, groups are drawn whole.
    """
    strata = make_strata(rows.y_true, seed, group)
    rankings = {code: Ranking.of(strata, code, rows.raw[:, code]) for code in rows.classes.judged}
    sums = Summands.of(strata, _list_columns_to_sum(rows, objective))
    observed = sums.sum_columns(count_each_unit_once(strata))

    def statistic(counts: Counts) -> dict[str, Floats]:
        totals = sums.sum_columns(counts)
        ranked = {code: ranking.measure_ranking(counts) for code, ranking in rankings.items()}
        return (
            _rank_classes(rows, ranked)
            | _judge_probabilities(rows, totals, observed)
            | _judge_decisions(rows, totals, objective)
        )

    return replicate(strata, statistic, resamples, seed, together=group is not None)


def _list_columns_to_sum(rows: Scores, objective: Objective) -> Iterator[tuple[str, Floats]]:
    """Give what metrics are made of, a value for each row."""
    yield ROWS, np.ones(len(rows.y_true))
    yield from list_counts(rows, objective)
    for section, scores in rows.probabilities.items():
        yield f"{section} brier_score", brier_losses(rows.y_true, scores, rows.classes.judged)
        yield f"{section} log_loss", log_losses(rows.y_true, scores)
        for code in rows.classes.judged:
            score = scores[:, code]
            bins, off = make_calibration_bins(score), score - (rows.y_true == code)
            for b in range(CALIBRATION_BINS):
                yield _name_bin(section, code, b), np.where(bins == b, off, 0)


def list_counts(rows: Scores, objective: Objective) -> Iterator[tuple[str, Floats]]:
    """Give what the tallies of all views are made of, a value for each row."""
    for code in range(len(rows.classes)):
        yield f"support {code}", (rows.y_true == code).astype(np.float64)
    costs = objective.price(rows)
    for view, y_pred in rows.decisions.items():
        for code in range(len(rows.classes)):
            predicted = y_pred == code
            yield f"{view} hits {code}", (predicted & (rows.y_true == code)).astype(np.float64)
            yield f"{view} predicted {code}", predicted.astype(np.float64)
        if costs is not None:
            yield f"{view} cost", find_costs(costs, y_pred)


def collect_tally(rows: Scores, totals: Totals, view: str) -> Tally:
    """Return the tally of a view's decisions in each replicate, from what was summed."""
    hits, predicted, support = (
        np.stack([totals[f"{name} {code}"] for code in range(len(rows.classes))])
        for name in (f"{view} hits", f"{view} predicted", "support")
    )
    return Tally(hits, predicted, support, totals.get(f"{view} cost"))


def _name_bin(section: str, code: int, b: int) -> str:
    return f"{section} residual {code} {b}"


def _rank_classes(rows: Scores, ranked: Mapping[int, Mapping[str, Floats]]) -> dict[str, Floats]:
    means = {name: np.mean([own[name] for own in ranked.values()], axis=0) for name in RANKING}
    return means | {
        name_column(name_class_section(rows.classes.names[code]), name): values
        for code in rows.classes.told_apart
        for name, values in ranked[code].items()
    }


def _judge_probabilities(rows: Scores, totals: Totals, observed: Totals) -> dict[str, Floats]:
    """Return the losses of each section.

    `calibration_error` is how far the bins have moved from where they were observed: the error
    itself, being absolute, can have moved no further (the triangle inequality).
    """
    judged = rows.classes.judged
    metrics: dict[str, Floats] = {}
    for section in rows.probabilities:
        for loss in LOSSES:
            metrics[name_column(section, loss)] = totals[f"{section} {loss}"] / totals[ROWS]
        moved = {}
        for code in judged:
            names = [_name_bin(section, code, b) for b in range(CALIBRATION_BINS)]
            off = np.sum([np.abs(totals[name] - observed[name]) for name in names], axis=0)
            moved[code] = off / totals[ROWS]
        metrics[name_column(section, "calibration_error")] = np.mean([*moved.values()], axis=0)
        for code in rows.classes.told_apart if section == PLAIN else ():
            own = name_class_section(rows.classes.names[code])
            metrics[name_column(own, "calibration_error")] = moved[code]
    return metrics


def _judge_decisions(rows: Scores, totals: Totals, objective: Objective) -> dict[str, Floats]:
    metrics: dict[str, Floats] = {}
    for view in rows.decisions:
        tally = collect_tally(rows, totals, view)
        found = measure_decisions(tally, rows.classes.positive)
        found |= {objective.name: objective.value(tally)}
        metrics |= {f"{view}_{name}": values for name, values in found.items()}
        for code, (name, metric) in product(rows.classes.told_apart, BY_CLASS.items()):
            own = name_class_section(rows.classes.names[code])
            metrics[name_column(own, f"{view}_{name}")] = metric(tally)[code]
    return metrics
