"""The gates of a promotion: what a model must show before it becomes the champion."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from equipoise.checks.finding import Finding
from equipoise.checks.rows import ROWS
from equipoise.core.tables import format_count, format_label, format_number
from equipoise.judging.arm_result import ArmResult
from equipoise.metrics.names import LOWER_IS_BETTER
from equipoise.params.registry_params import Registry
from equipoise.promoting.contest import Contest
from equipoise.terminal.errors import UserError, suggest_nearest


@dataclass(frozen=True)
class Gate:
    """One condition, by its key in params.yaml: whether it is met, and what was found."""

    key: str
    met: bool
    found: str

    def __str__(self) -> str:
        return f"{'met' if self.met else 'refused'}: {self.key}: {self.found}"


def check_bounds(result: ArmResult, registry: Registry) -> Iterator[Gate]:
    """Give a gate for each bound: the interval of the metric on the test part keeps it.

    A `UserError` names a metric that has no interval.
    """
    for metric, bound in registry.at_least.items():
        key = f"registry.at_least.{metric}"
        low, _ = _find_interval(result, metric, key)
        short = "" if low >= bound else f": {format_number(bound - low, 3)} short"
        asked = f"it is {format_number(low, 3)} at least, {format_number(bound, 6)} is asked for"
        yield Gate(key, low >= bound, f"{asked}{short}")
    for metric, bound in registry.at_most.items():
        key = f"registry.at_most.{metric}"
        _, high = _find_interval(result, metric, key)
        over = "" if high <= bound else f": {format_number(high - bound, 3)} too much"
        allowed = f"it is {format_number(high, 3)} at most, {format_number(bound, 6)} is allowed"
        yield Gate(key, high <= bound, f"{allowed}{over}")


def check_leaks(findings: Sequence[Finding], registry: Registry, columns: Iterable[str]) -> Gate:
    """Return the gate that no leak is open: each that was found is cleared.

    A `UserError` names what is cleared and is no column of the table.
    """
    subjects = {*columns, ROWS}
    for name in registry.cleared:
        if name not in subjects:
            hint = suggest_nearest(name, subjects)
            raise UserError(f"registry.cleared: the table has no '{name}'; {hint}")
    leaks = [finding for finding in findings if finding.leak]
    unclear = [leak for leak in leaks if leak.subject not in registry.cleared]
    if unclear:
        names = ", ".join(format_label(leak.subject) for leak in unclear)
        return Gate(
            "registry.cleared",
            met=False,
            found=f"{format_count(len(unclear), 'possible leak')} open: {names}; list there what is"
            f" none. {unclear[0].message}",
        )
    cleared = f"{format_count(len(leaks), 'possible leak')}, all cleared"
    found = cleared if leaks else "no possible leak was found"
    return Gate("registry.cleared", met=True, found=found)


def check_contest(contest: Contest, n_test: int, margin: float | None) -> Gate:
    """Return the gate that a model is not worse than the champion; the test part has `n_test` rows.

    Without a margin it must not be credibly worse: the interval of the difference reaches 0. With
    one, the interval must show that it is worse by that at most.
    """
    low, high = contest.interval
    effect, lowest, highest = (format_number(own, 3, "+") for own in (contest.effect, low, high))
    told = (
        f"{contest.metric} differs from the champion's by {effect} ({lowest} to {highest}), on"
        f" {contest.rows:,} of {n_test:,} test rows: those that neither was trained on"
    )
    lower_is_better = contest.metric.endswith(tuple(LOWER_IS_BETTER))
    least, most = (low, high) if lower_is_better else (-high, -low)  # by which it is worse
    if margin is None:
        verdict = f": credibly worse, by {format_number(least, 3)} at least" if least > 0 else ""
        return Gate("registry.champion", least <= 0, f"{told}{verdict}")
    over = f", {format_number(most - margin, 3)} more than allowed" if most > margin else ""
    worse, allowed = format_number(max(most, 0), 3), format_number(margin, 6)
    found = f"{told}; it may be worse by {worse}, {allowed} is allowed{over}"
    return Gate("registry.margin", most <= margin, found)


def _find_interval(result: ArmResult, metric: str, key: str) -> tuple[float, float]:
    if metric not in result.intervals:
        hint = suggest_nearest(metric, result.intervals)
        raise UserError(f"{key}: {result.arm} has no interval of '{metric}'; {hint}")
    return result.intervals[metric]
