"""What was learned, and from which rows: statistics, models, thresholds, calibration."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from math import isclose, nextafter
from numbers import Number
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.assessment.calibration import recalibrate
from equipoise.audit.made import Cell, Made
from equipoise.audit.results import AuditResult, checked
from equipoise.contract.tables import TARGET

Learned = Sequence[tuple[str, Any]]

# Sums over rows in another order, or on another machine, differ less than this; where they come
# to nothing, less than that.
ROUNDING, NOTHING = 1e-9, 1e-12
# A metrics file has six significant digits.
AS_WRITTEN = 1e-5
# What is known of the columns before any row is looked at, and the axes of a decomposition: of
# equal spaces they may differ from machine to machine.
NOT_COMPARED = frozenset({"n_features_in_", "feature_names_in_", "components_"})
# These methods learn nothing from scores.
NOT_LEARNED = frozenset({"none", "prior"})


def check_preprocessing(made: Made) -> list[AuditResult]:
    """Return whether what stands before each model learned from train alone.

    It is fitted anew, once on train and once on all rows: what it learned should be what train
    gives, and shows something only where all rows would give something else.
    """
    known: dict[str, tuple[Learned, Learned]] = {}
    results = []
    for name, cell in made.cells.items():
        steps = cell.model[:-1]
        learned, key = list(_learned(steps)), str(steps.get_params())
        if learned and key not in known:
            known[key] = _refitted(cell.model, made.train), _refitted(cell.model, made.dataset)
        of_train, of_all = known.get(key, ([], []))
        results.append(_as_train_gives(f"{name}.preprocessing", learned, of_train, of_all))
    return results


def _as_train_gives(name: str, learned: Learned, of_train: Learned, of_all: Learned) -> AuditResult:
    strange, telling = _differing(learned, of_train), _differing(of_train, of_all)
    foreign = set(strange) & set(_differing(learned, of_all))
    whose = "nor what all rows give" if foreign else "but what all rows give"
    wrong = f"{', '.join(strange)}: not what train gives, {whose}" if strange else ""
    otherwise = f"{', '.join(telling)}: what train gives, and not what all rows do"
    return checked(name, [wrong], otherwise if telling else "nothing in it tells train from test")


def _refitted(model: Any, rows: pd.DataFrame) -> Learned:
    """Return what the steps before the model learn from rows."""
    features = rows[list(model.feature_names_in_)]
    return list(_learned(deepcopy(model[:-1]).fit(features, rows[TARGET])))


def _learned(node: object, name: str = "") -> Iterator[tuple[str, Any]]:
    """Give the numbers and arrays that a fitted estimator, and those inside it, hold."""
    if isinstance(node, Mapping):
        keys = sorted(node, key=str)
        node = [np.array(keys, dtype=str), *(node[key] for key in keys)]
    if isinstance(node, list | tuple) or _holds_arrays(node):
        for item in node:
            yield from _learned(item, name)
    elif hasattr(node, "get_params") and not isinstance(node, type):
        for attribute, value in sorted(vars(node).items()):
            if attribute not in NOT_COMPARED:
                yield from _learned(value, f"{type(node).__name__}.{attribute}")
    elif _is_learned(name) and isinstance(node, np.ndarray | Number):
        yield name, node


def _is_learned(name: str) -> bool:
    return name.endswith("_") or "._" in name


def _holds_arrays(node: object) -> TypeGuard[NDArray[np.object_]]:
    return (
        isinstance(node, np.ndarray)
        and node.dtype.kind == "O"
        and any(isinstance(item, np.ndarray) for item in node)
    )


def _differing(one: Learned, other: Learned) -> list[str]:
    """Return the names under which two estimators of one kind learned different things."""
    if [name for name, _ in one] != [name for name, _ in other]:
        return sorted({name for name, _ in (*one, *other)})
    pairs = zip(one, other, strict=True)
    return sorted({name for (name, value), (_, twin) in pairs if not _same(value, twin)})


def _same(value: Any, twin: Any) -> bool:
    """Tell whether two numbers or arrays are equal up to rounding; what is no number, as text."""
    one, other = np.asarray(value), np.asarray(twin)
    if one.shape != other.shape:
        return False
    if one.dtype.kind in "biuf" and other.dtype.kind in "biuf":
        return bool(np.allclose(one, other, rtol=ROUNDING, atol=NOTHING, equal_nan=True))
    return bool(np.array_equal(one.astype(str), other.astype(str)))


def check_cell(name: str, cell: Cell, made: Made) -> list[AuditResult]:
    """Return what was found of a model's rows and, of two classes, of its decisions."""
    checks = [_rows_seen(name, cell, made)]
    if "y_score" in cell.oof:
        checks += [_threshold(name, cell), _calibration(name, cell, made.calibration)]
    return checks


def _rows_seen(name: str, cell: Cell, made: Made) -> AuditResult:
    difference = made.resampled[cell.strategy].difference
    given = len(made.train) if difference.kept is None else len(difference.kept)
    given += 0 if difference.synthetic is None else len(difference.synthetic)
    seen = _count(cell.model[-1])
    wrong = f"the model learned from {seen} rows, and train resampled has {given}"
    return checked(
        f"{name}.rows_seen",
        [] if seen in (None, given) else [wrong],
        "the model keeps no count of its rows" if seen is None else f"{seen} rows, as resampled",
    )


def _count(estimator: Any) -> int | None:
    """Return how many rows an estimator was fitted on, if it says so."""
    if hasattr(estimator, "n_samples_fit_"):  # neighbours
        return int(estimator.n_samples_fit_)
    if hasattr(estimator, "class_count_"):  # naive Bayes
        return round(float(np.sum(estimator.class_count_)))
    if hasattr(estimator, "tree_"):
        return int(estimator.tree_.n_node_samples[0])
    return None


def _threshold(name: str, cell: Cell) -> AuditResult:
    threshold = float(cell.metrics["tuned"]["threshold"])
    scores = cell.oof["y_score"].to_numpy()
    silent = threshold == nextafter(scores.max(), np.inf)
    wrong = f"the tuned threshold, {threshold!r}, is no out-of-fold score"
    return checked(
        f"{name}.threshold",
        [] if silent or (scores == threshold).any() else [wrong],
        f"the tuned threshold is {'above every' if silent else 'an'} out-of-fold score",
    )


def _calibration(name: str, cell: Cell, method: str) -> AuditResult:
    if method in NOT_LEARNED:
        return checked(f"{name}.calibration", [], f"'{method}' learns nothing from scores")
    out_of_fold = (cell.oof["y_true"], cell.oof["y_score"])
    repeats = cell.oof["repeat"].nunique()
    calibrated = recalibrate(method, out_of_fold, cell.test["y_score"], None, repeats)
    expected = float(((calibrated - cell.test["y_true"].to_numpy()) ** 2).mean())
    found = float(cell.metrics["calibrated"]["brier_score"])
    wrong = f"calibrated out of fold, the Brier score is {expected:.6g}, and {found:.6g} is said"
    return checked(
        f"{name}.calibration",
        [] if isclose(found, expected, rel_tol=AS_WRITTEN) else [wrong],
        "the calibrated Brier score is that of out-of-fold calibration",
    )
