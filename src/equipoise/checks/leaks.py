"""Columns that may know the answer."""

from collections.abc import Hashable, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.checks.finding import Finding
from equipoise.checks.values import Floats, convert_to_numbers, has_few_values
from equipoise.core.tables import TWO_CLASSES, format_label, name_class, split_off_target
from equipoise.params.trial_params import Uncertainty

Flags = NDArray[np.bool_]

# Of the way from the prevalence, which is chance, to 1, which is the truth.
NEAR_THE_TRUTH = 0.98
# Fewer rows may be told from the rest by chance.
FEWEST_ROWS = 5
FOLDS = 5
MOST_VALUES = 100


def find_leaking_columns(
    train: pd.DataFrame, _test: pd.DataFrame, _uncertainty: Uncertainty
) -> list[Finding]:
    """Find columns that alone all but tell the label, by average precision on train.

    With several classes each is told from the rest.
    """
    X, y = split_off_target(train)
    classes = _find_classes_to_tell(y)
    prevalence = {label: rows.mean() for label, rows in classes.items()}
    findings = []
    for name, column in X.items():
        told = _measure_best_precision(column, classes)
        reached = {c: (ap - prevalence[c]) / (1 - prevalence[c]) for c, ap in told.items()}
        label = max(reached, key=lambda label: reached[label], default=None)
        if label is not None and reached[label] >= NEAR_THE_TRUTH:
            message = (
                f"column {format_label(name)}: alone it ranks rows of"
                f" {name_class(label, y)} with average precision {told[label]:.4f}"
                f" (chance: {prevalence[label]:.4f}); if"
                " it is known only after the outcome, put it in data.drop"
            )
            findings.append(Finding("warning", str(name), message, leak=True))
    return findings


def _find_classes_to_tell(y: pd.Series) -> Mapping[Hashable, Flags]:
    """Return the rows of each class that has enough and is not all; of two, of the positive."""
    counts = y.value_counts().sort_index()
    labels = counts.index[-1:] if len(counts) <= TWO_CLASSES else counts.index
    enough = [label for label in labels if FEWEST_ROWS <= counts[label] < len(y)]
    return {label: (y == label).to_numpy("bool") for label in enough}


def _measure_best_precision(
    column: pd.Series, classes: Mapping[Hashable, Flags]
) -> Mapping[Hashable, float]:
    """Return the best average precision for each class of what the column alone can score."""
    rankings = [(scores, np.sort(scores)) for scores in _list_rankings(column)]
    told = {}
    for label, rows in classes.items():
        found = [average_precision(scores[rows], ranked) for scores, ranked in rankings]
        if convert_to_numbers(column) is None or has_few_values(column, MOST_VALUES):
            scores = measure_shares_of_others(column, rows)
            found.append(average_precision(scores[rows], np.sort(scores)))
        told[label] = max(found)
    return told


def _list_rankings(column: pd.Series) -> Iterator[Floats]:
    """Return scores that need no fit: missing or not, and the order of numbers, both ways."""
    yield np.where(column.isna(), 1.0, 0.0)
    values = convert_to_numbers(column)
    if values is not None:
        for directed in (values, -values):
            yield np.nan_to_num(directed, nan=-np.inf, posinf=np.inf, neginf=-np.inf)


def measure_shares_of_others(column: pd.Series, rows: Flags) -> Floats:
    """Return for each row the share of `rows` among those of its value in the other folds.

    Folds have the class shares of the whole. Of a value that only its own fold has nothing is
    known but the share in all other folds.
    """
    codes, values = pd.factorize(column, use_na_sentinel=False)
    fold = np.empty(len(rows), dtype=np.int64)
    for part in (rows, ~rows):
        fold[part] = np.arange(part.sum()) % FOLDS
    shape = FOLDS, len(values)
    cells = fold * len(values) + codes
    totals, found = (
        np.bincount(cells, weights, np.prod(shape)).reshape(shape) for weights in (None, rows)
    )
    others, found_in_others = totals.sum(axis=0) - totals, found.sum(axis=0) - found
    overall = found_in_others.sum(axis=1) / others.sum(axis=1)
    shares: Floats = np.divide(
        found_in_others, others, out=np.repeat(overall[:, None], shape[1], 1), where=others > 0
    )
    of_rows: Floats = shares[fold, codes]
    return of_rows


def average_precision(own: Floats, ranked: Floats) -> float:
    """Return that of a class with scores `own` among all scores, `ranked` in ascending order.

    The same as scikit-learn's, equal scores being one step, without sorting all for each class.
    """
    ascending = np.sort(own)
    found = len(own) - np.searchsorted(ascending, ascending)
    return float(np.mean(found / (len(ranked) - np.searchsorted(ranked, ascending))))
