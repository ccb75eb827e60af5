"""The first screen of the page: what to do, in numbers of everyday work, and what to mind."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest

from equipoise.audit.audit_results import AuditResult
from equipoise.checks.finding import FEW_ROWS, Finding
from equipoise.comparing.results import Recommendation
from equipoise.comparing.wording import (
    name_metric,
)
from equipoise.core.few_rows import FEWEST_TO_CLAIM, Part, count_rarest
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_number
from equipoise.data.description import describe_classes
from equipoise.judging.arm_result import ArmResult, name_class_section
from equipoise.metrics.names import LOWER_IS_BETTER, name_column
from equipoise.params.data_params import FileData, SyntheticData

FEWEST_CASES, MOST_CASES, FEWEST_POSITIVES = 1_000, 1_000_000, 20
MOST_BADGES, LONGEST_BADGE = 6, 90
END_OF_CLAUSE = re.compile(r"[;,] | \(")


@dataclass(frozen=True)
class Number:
    """A large number: what it is the number of, and between what it may lie."""

    value: str
    what: str
    interval: str


@dataclass(frozen=True)
class Badge:
    """Something that could overturn the verdict, and the section that tells more."""

    text: str
    section: str


def name_table(data: FileData | SyntheticData, schema: TableSchema) -> str:
    """Return which table it is, its rows, and how rare what is looked for is."""
    name = "Synthetic table" if isinstance(data, SyntheticData) else Path(data.path).name
    return f"{name}: {schema.rows:,} rows; {schema.target}: {describe_classes(schema)}"


def list_candidates(recommended: Recommendation) -> set[str]:
    """Return the arms that may be taken: one, or two that are not settled between."""
    if recommended.settled or not recommended.can_tell:
        return {recommended.arm}
    return {recommended.arm, recommended.simplest, recommended.leading}


def list_numbers(arm: ArmResult, objective: str) -> Iterator[Number]:
    """Give what an arm does to cases like those of the test part, as it decides.

    Without a test part they are means over folds, which have no interval.
    """
    if not arm.tested:
        yield from _list_means_over_folds(arm)
        return
    rare = arm.rarest_class
    if rare is None:
        yield from _count_alerts(arm)
    else:
        yield _count_of_hundred(arm, "accuracy", "of 100 cases are classified correctly")
        yield _count_of_hundred(
            arm, "balanced_accuracy", "of 100 would be, if all classes were equally common"
        )
        low, high = arm.intervals[name_column(name_class_section(rare), "tuned_recall")]
        found = 100 * arm.by_class[rare]["tuned_recall"]
        yield Number(
            f"{found:.0f}",
            f"of 100 of class {rare}, the rarest, are found",
            _format_bounds(100 * low, 100 * high),
        )
    if objective == "cost":
        low, high = arm.intervals["tuned_cost"]
        yield Number(
            format_number(arm.tuned.numbers["cost"], 3),
            "is the average cost of a case"
            f" ({format_number(arm.constant_guess['cost'], 3)} with a constant guess)",
            f"{format_number(low, 3)} to {format_number(high, 3)}",
        )


def _list_means_over_folds(arm: ArmResult) -> Iterator[Number]:
    told = {"precision": "of 100 alerts are right", "recall": "of 100 positives are found"}
    if arm.of_several:
        told = {"accuracy": "of 100 cases are classified correctly"}
    for metric, what in told.items():
        value = arm.out_of_fold[name_column("tuned", metric)]
        yield Number(f"{100 * value:.0f}", what, "mean over folds")


def _count_alerts(arm: ArmResult) -> Iterator[Number]:
    """Give the alerts, the right ones and the missed positives in so many cases."""
    cells, n, cases = arm.tuned.cells, int(arm.test["n"]), choose_cases(arm.test["prevalence"])
    alerts = cells["tp"] + cells["fp"]
    worth = arm.rows_worth
    counted = binomtest(round(worth * alerts / n), round(worth))
    low, high = (cases * end for end in counted.proportion_ci(method="wilson"))
    raised, right, missed = (
        round(cases * count / n) for count in (alerts, cells["tp"], cells["fn"])
    )
    yield Number(f"{raised:,}", f"of {cases:,} cases raise an alert", _format_bounds(low, high))
    low, high = (cases * alerts / n * end for end in arm.intervals["tuned_precision"])
    at_random = format_number(raised * arm.test["prevalence"], 2)
    yield Number(
        f"{right:,}",
        f"of these alerts are right ({at_random} if cases were picked at random)",
        _format_bounds(low, high),
    )
    low, high = (
        cases * arm.test["prevalence"] * (1 - end) for end in arm.intervals["tuned_recall"]
    )
    yield Number(
        f"{missed:,}",
        f"of the {right + missed:,} positives among these cases are missed",
        _format_bounds(high, low),
    )


def choose_cases(prevalence: float) -> int:
    """Return of how many cases to speak: a thousand, or more for twenty to be positive.

    >>> choose_cases(0.2), choose_cases(0.0017)
    (1000, 100000)
    """
    cases = FEWEST_CASES
    while cases * prevalence < FEWEST_POSITIVES and cases < MOST_CASES:
        cases *= 10
    return cases


def _count_of_hundred(arm: ArmResult, metric: str, what: str) -> Number:
    low, high = arm.intervals[f"tuned_{metric}"]
    return Number(
        f"{100 * arm.tuned.numbers[metric]:.0f}", what, _format_bounds(100 * low, 100 * high)
    )


def _format_bounds(low: float, high: float) -> str:
    """Return both bounds; none where other rows would change nothing, for then few were wrong."""
    return f"{low:,.0f} to {high:,.0f}" if high > low else "too few mistakes for an interval"


def list_badges(  # noqa: PLR0913 - each may overturn the verdict
    arm: ArmResult,
    objective: str,
    train_rare: int,
    *,
    scored: Part = "train",
    checks: Sequence[Finding],
    audit: Sequence[AuditResult],
    left_out: Sequence[str],
) -> list[Badge]:
    """Return what could overturn the verdict, the gravest first.

    `left_out` has a sentence for each arm that could not be fitted.
    """
    badges = [Badge(f"leak: {found.name}", "checks") for found in audit if not found.passed]
    if train_rare < FEWEST_TO_CLAIM:
        badges.append(Badge(count_rarest(scored, train_rare), "verdict"))
    badges += _list_test_badges(arm, objective)
    if arm.note:
        badges.append(Badge(_shorten(f"{arm.arm}: {arm.note}"), "notes"))
    if len(left_out) == 1:
        badges.append(Badge(_shorten(left_out[0]), "arms"))
    elif left_out:
        badges.append(Badge(f"{len(left_out)} arms are left out", "arms"))
    badges += [
        Badge(_shorten(finding.message), "checks")
        for finding in checks
        if finding.level == "warning" and finding.subject != FEW_ROWS
    ]
    more = len(badges) - MOST_BADGES
    return badges if more <= 0 else [*badges[:MOST_BADGES], Badge(f"{more} more", "checks")]


def _list_test_badges(arm: ArmResult, objective: str) -> Iterator[Badge]:
    """Give what the test part says against an arm, or that there is none."""
    if not arm.tested:
        yield Badge("no test part: nothing is known of fitted models", "verdict")
        return
    if arm.n_rare < FEWEST_TO_CLAIM:
        yield Badge(count_rarest("test", arm.n_rare), "verdict")
    value, guess = arm.tuned.numbers[objective], arm.constant_guess[objective]
    if value >= guess if objective in LOWER_IS_BETTER else value <= guess:
        yield Badge(_compare_with_guess(arm, objective, value, guess), "arms")


def _compare_with_guess(arm: ArmResult, objective: str, value: float, guess: float) -> str:
    name = name_metric(objective, several=arm.of_several)
    return (
        f"on the test part {arm.arm} is no better than a constant guess: {name}"
        f" {format_number(value, 3)} against {format_number(guess, 3)}"
    )


def _shorten(text: str) -> str:
    """Return the first clause of a long message; its section has all of it."""
    if len(text) > LONGEST_BADGE:
        text = END_OF_CLAUSE.split(text, maxsplit=1)[0]
    return text if len(text) <= LONGEST_BADGE else f"{text[:LONGEST_BADGE].rstrip()}..."
