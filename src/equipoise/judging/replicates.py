"""Every metric of an arm, for each bootstrap replicate of the test part."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product

import numpy as np
import pandas as pd

from equipoise.deciding.objectives import Objective
from equipoise.judging.arm_result import name_class_section
from equipoise.judging.bootstrap import (
    Counts,
    Stratum,
    Summands,
    count_each_unit_once,
    make_strata,
    replicate,
    restate_counts,
)
from equipoise.judging.resampled_ranking import Ranking
from equipoise.metrics.classes import POSITIVE
from equipoise.metrics.names import NET_BENEFIT, PLAIN, PREVALENCE, Floats, Labels, name_column
from equipoise.metrics.net_benefit import list_net_benefits, name_odds
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


def replicate_metrics(  # noqa: PLR0913 - what is drawn, and what is measured of it
    rows: Scores,
    objective: Objective,
    resamples: int,
    seed: int,
    group: Labels | None = None,
    *,
    odds: Sequence[float] = (),
) -> pd.DataFrame:
    """Return a row for each replicate (`bootstrap.replicate`) and a column for each metric.

    Columns: `average_precision`, `roc_auc`; for each section of probabilities `brier_score`,
    `log_loss` and `calibration_error`, the last as its distance from what was observed; for
    each view `<view>_<decision metric>` and `<view>_<objective>`. They are those of the positive
    class; without one, means over classes, beside which each class has columns of its own. Where
    `group` has the group of each row, by number, groups are drawn whole. At threshold `odds`,
    `net_benefit_<odds>`, and `prevalence` beside. Numbers are restated if the rows are.
    """
    strata = make_strata(rows.y_true, seed, group)
    rankings = {
        code: Ranking.of(strata, code, rows.raw[:, code], rows.weigh_rest_and_class(code))
        for code in rows.classes.judged
    }
    columns = _list_columns_to_sum(rows, objective), list_net_benefit_columns(rows, odds)
    sums = Summands.of(strata, chain.from_iterable(columns))
    observed = sums.sum_columns(restate_rows(rows, strata, count_each_unit_once(strata)))

    def statistic(drawn: Counts) -> dict[str, Floats]:
        counts = restate_rows(rows, strata, drawn)
        totals = sums.sum_columns(counts)
        ranked = {code: ranking.measure_ranking(counts) for code, ranking in rankings.items()}
        return (
            _rank_classes(rows, ranked)
            | _judge_probabilities(rows, totals, observed)
            | _judge_decisions(rows, totals, objective)
            | judge_net_benefits(totals, odds)
        )

    return replicate(strata, statistic, resamples, seed, together=group is not None)


def restate_rows(rows: Scores, strata: Sequence[Stratum], counts: Counts) -> Counts:
    """Return counts as drawn or, if the rows are restated, those of rows of that prevalence."""
    return counts if rows.prevalence is None else restate_counts(strata, counts, rows.shares)


def list_net_benefit_columns(rows: Scores, odds: Sequence[float]) -> Iterator[tuple[str, Floats]]:
    """Give what net benefits are made of, a value for each row."""
    return ((name_column(NET_BENEFIT, name), own) for name, own in list_net_benefits(rows, odds))


def judge_net_benefits(totals: Totals, odds: Sequence[float]) -> dict[str, Floats]:
    """Return the net benefits of each replicate, and the prevalence beside."""
    if not odds:
        return {}
    names = (name_column(NET_BENEFIT, name_odds(each)) for each in odds)
    benefits = {name: totals[name] / totals[ROWS] for name in names}
    return {**benefits, PREVALENCE: totals[f"support {POSITIVE}"] / totals[ROWS]}


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
