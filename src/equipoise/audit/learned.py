"""What was learned, and from which rows: statistics, models, thresholds, calibration."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import hash as hash_of
from numpy.typing import NDArray

from equipoise.audit.audit_results import AuditResult, make_audit_result
from equipoise.audit.distances import are_equal, measure_distance
from equipoise.audit.made import ArmMade, Made
from equipoise.audit.refits import Part, list_parts, measure_rounding, walk_steps
from equipoise.core.tables import TARGET
from equipoise.deciding.objectives import add_amounts
from equipoise.deciding.settling import settle_rows
from equipoise.metrics.scores import Scores

# A line that is fitted differs by less than this from machine to machine.
CLOSE = 1e-6

NO_SIGN = "a fit on train and a fit on all rows give the same"


@dataclass(frozen=True)
class Compared:
    """Something that was learned, beside what train gives and what all rows give.

    Distances are 1 where chance may bring two fits of the same rows; `rounded` is whether the
    last digits differ from what train gives.
    """

    name: str
    from_train: float
    from_all: float
    train_from_all: float
    rounded: bool

    @property
    def telling(self) -> bool:
        """Whether train and all rows give something else."""
        return self.train_from_all > 1

    @property
    def strange(self) -> bool:
        """Whether it was learned from other rows than those of train."""
        return self.from_train > 1 or (self.telling and self.from_all < self.from_train)


def check_preprocessing(made: Made) -> list[AuditResult]:
    """Return whether what stands before each model learned from train alone.

    Each part is fitted again, once on train and once on all rows: what it learned should be what
    train gives, and shows something only where all rows would give something else. The last
    digits of a decomposition in single precision are another machine's own: if they differ, that
    is said, and passes.
    """
    known: dict[str, list[Compared]] = {}
    results = []
    for name, arm in made.arms.items():
        key = hash_of(arm.model[:-1])  # most arms have the same
        if key not in known:
            known[key] = list(_compare_steps(arm.model, made))
        results.append(_judge_preprocessing(f"{name}.preprocessing", known[key]))
    return results


def _judge_preprocessing(name: str, compared: Sequence[Compared]) -> AuditResult:
    strange, telling, rounded = (
        [value for value in compared if getattr(value, kind)]
        for kind in ("strange", "telling", "rounded")
    )
    whose = "nor what" if any(value.from_all > 1 for value in strange) else "but what"
    wrong = (
        f"{_list_names(strange)}: not what train gives, {whose} all rows give" if strange else ""
    )
    told = (
        f"{_list_names(telling)}: as in a fit on train, not as in a fit on all rows"
        if telling
        else NO_SIGN
    )
    digits = (
        f"{_list_names(rounded)}: as in a fit on train, except for the last digits"
        if rounded
        else ""
    )
    return make_audit_result(name, [wrong], "; ".join(filter(None, (told, digits))))


def _list_names(compared: Sequence[Compared]) -> str:
    return ", ".join(sorted({value.name for value in compared}))


def _compare_steps(model: Any, made: Made) -> Iterator[Compared]:
    """Give all that the steps before the model have learned, up to one that learned wrong rows.

    What that one gives is not what those behind it were given when they were fitted.
    """
    train, every = (rows[list(model.feature_names_in_)] for rows in (made.train, made.dataset))
    targets = made.train[TARGET], made.dataset[TARGET]
    for step, of_train, of_every in walk_steps(model[:-1], train, every, targets):
        parts = list_parts(step, of_train, of_every, targets)
        found = [value for part in parts for value in _compare_part(part, made)]
        yield from found
        if any(value.strange for value in found):
            return


def _compare_part(part: Part, made: Made) -> Iterator[Compared]:
    rounding = measure_rounding(part.train)
    own = part.list_learned(part.estimator)
    of_train = part.refit_on(part.train, made.train[TARGET])
    of_all = part.refit_on(part.every, made.dataset[TARGET])
    for name in sorted({*own, *of_train}):
        mine, theirs, others = (learned.get(name, ()) for learned in (own, of_train, of_all))
        yield Compared(
            name,
            measure_distance(mine, theirs, rounding),
            measure_distance(mine, others, rounding),
            measure_distance(theirs, others, rounding),
            rounded=not are_equal(mine, theirs),
        )


def check_arm(name: str, arm: ArmMade, made: Made) -> list[AuditResult]:
    """Return what was found of the rows that a model learned from, and of its decision."""
    return [_check_rows_seen(name, arm, made), *_check_decision(name, arm, made)]


def _check_rows_seen(name: str, arm: ArmMade, made: Made) -> AuditResult:
    resampled = made.resampled[arm.strategy]
    difference = resampled.difference
    given = len(made.train) if difference.kept is None else len(difference.kept)
    given += 0 if difference.synthetic is None else len(difference.synthetic)
    seen = _count_fitted_rows(arm.model[-1], weighted=resampled.summary.is_weighted)
    wrong = f"the model learned from {seen} rows, but train after resampling has {given}"
    return make_audit_result(
        f"{name}.rows_seen",
        [] if seen in (None, given) else [wrong],
        "the model does not store how many rows it was fitted on"
        if seen is None
        else f"{seen} rows, as resampled",
    )


def _count_fitted_rows(estimator: Any, *, weighted: bool) -> int | None:
    """Return how many rows an estimator was fitted on, if it says so.

    Naive Bayes adds up their weights, which are those of classes where a strategy has them.
    """
    if hasattr(estimator, "n_samples_fit_"):  # neighbours
        return int(estimator.n_samples_fit_)
    if hasattr(estimator, "class_count_") and not weighted:  # naive Bayes
        return round(float(np.sum(estimator.class_count_)))
    if hasattr(estimator, "tree_"):
        return int(estimator.tree_.n_node_samples[0])
    return None


def _check_decision(name: str, arm: ArmMade, made: Made) -> list[AuditResult]:
    """Return whether the rule and the calibrator are those that out-of-fold rows give.

    They are learned again; what is written and how the test part was scored is held against them,
    on the scores of the test part. Without a test part, those that were learned from will do.
    """
    objective = made.objective
    known = Scores.of(add_amounts(arm.oof, made.train, objective.amount), objective.prevalence)
    expected = settle_rows(known, arm.decision.ratios, objective, made.calibration)
    scored, written = known if arm.test.empty else Scores.of(arm.test), arm.decision
    rows = "out-of-fold rows" if arm.test.empty else "test rows"
    decided, calibrated = expected.rule.decide(scored.raw), expected.calibrator.apply(scored.raw)
    files = [f"decisions/{name}.json"]
    decisions, probabilities = (
        [written.rule.decide(scored.raw)],
        [written.calibrator.apply(scored.raw)],
    )
    if not arm.test.empty:
        files.append(f"predictions/{name}/test.parquet")
        decisions.append(scored.decisions["tuned"])
        probabilities.append(scored.probabilities["calibrated"])
    rules = [found != decided for found in decisions]
    calibrations = [(np.abs(found - calibrated) > CLOSE).any(axis=1) for found in probabilities]
    return [
        make_audit_result(
            f"{name}.{check}",
            [_describe_others(*found, what, rows) for found in zip(files, others, strict=True)],
            "as learned from out-of-fold scores",
        )
        for check, others, what in (
            ("rule", rules, "decision"),
            ("calibration", calibrations, "probability"),
        )
    ]


def _describe_others(path: str, others: NDArray[np.bool_], what: str, rows: str) -> str:
    """Return how many rows a file gives something else than out-of-fold scores do, if any."""
    count = f"{others.sum():,} of {len(others):,} {rows}"
    return f"{path} gives a different {what} for {count}" if others.any() else ""
