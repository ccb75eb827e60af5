"""A model card: what an arm's model decides, for whom, how well, and where it ends.

Its sections are those of Mitchell and others (2019), `Model Cards for Model Reporting`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from equipoise.audit.audit_results import AuditResult
from equipoise.checks.finding import Finding
from equipoise.comparing.advice import describe_recommendation
from equipoise.comparing.conclusions import describe_arm
from equipoise.comparing.results import Comparison
from equipoise.comparing.wording import (
    describe_objective,
    describe_prevalence,
    format_rule,
    name_metric,
)
from equipoise.core.difference import ResamplingSummary
from equipoise.core.few_rows import FEWEST_TO_CLAIM, NO_TEST_PART
from equipoise.core.markdown import escape_text, make_bullets, make_table
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_count
from equipoise.data.description import describe_classes
from equipoise.judging.arm_result import OBSERVED_PREVALENCE, ArmResult
from equipoise.params.data_params import FileData
from equipoise.params.trial_params import Params

# How a card begins.
BEGINNING = "# Model card: "
# Of a section of a result, by what decides or gives probabilities; with the prefix of intervals.
TESTED = (
    ("test", "", ("average_precision", "roc_auc")),
    ("tuned", "tuned_", ("precision", "recall", "f1", "balanced_accuracy", "mcc")),
    ("calibrated", "calibrated_", ("brier_score", "calibration_error", "log_loss")),
)
HEADINGS = {"test": "ranking", "tuned": "decisions", "calibrated": "probabilities"}
NAMES = {
    "precision": "precision",
    "recall": "recall",
    "calibration_error": "calibration error",
    "log_loss": "log loss",
}


@dataclass(frozen=True)
class CardedArm:
    """An arm and its trial, as far as a card tells of them: results, findings, the files' origin.

    `findings` are those of the checks, `audit` those of the audit.
    """

    params: Params
    schema: TableSchema
    result: ArmResult
    comparison: Comparison
    findings: Sequence[Finding]
    resampling: ResamplingSummary
    audit: Sequence[AuditResult]
    provenance: Mapping[str, str]


def write_card(arm: CardedArm) -> str:
    """Return the model card of an arm, in Markdown."""
    params, schema, result = arm.params, arm.schema, arm.result
    sections: dict[str, Iterator[str]] = {
        "What it decides": _describe_decision(params, schema, result),
        "Data": _describe_data(arm),
        "Training": _describe_training(params, result, arm.resampling),
        "How well it does": _describe_performance(params, schema, result),
        "What the trial says": _describe_verdict(arm),
        "Intended use and limits": _list_limits(params, schema, result, arm.audit),
        "Where it comes from": _describe_provenance(arm.provenance),
    }
    lines = [f"{BEGINNING}{escape_text(result.arm)}"]
    for heading, body in sections.items():
        lines += ["", f"## {heading}", "", *body]
    return "\n".join(lines) + "\n"


def _describe_decision(params: Params, schema: TableSchema, result: ArmResult) -> Iterator[str]:
    tuned = f"tuned for {describe_objective(params.decision, several=result.of_several)}"
    if result.of_several:
        labels = ", ".join(map(str, schema.labels))
        rule = (
            f"Which of {labels} the {schema.target} of a row is: the class of the highest product"
            f" of weight and score. The weights are {tuned}: {format_rule(result.tuned.rule)}."
        )
    else:
        rule = (
            f"Whether the {schema.target} of a row is {schema.positive}: yes if its score is at"
            f" least {format_rule(result.tuned.rule)}, a threshold {tuned}."
        )
    yield escape_text(rule)
    yield ""
    yield escape_text(
        f"Beside the decision it gives a score and a calibrated probability. It takes"
        f" {format_count(len(schema.columns), 'column')}; gaps and unknown categories are allowed."
    )


def _describe_data(arm: CardedArm) -> Iterator[str]:
    params, schema, data = arm.params, arm.schema, arm.params.data
    table = data.path if isinstance(data, FileData) else "a synthetic table"
    rows, test = schema.rows, int(arm.result.test.get("n", 0))
    yield escape_text(
        f"{rows:,} rows of {table}. The classes of {schema.target}: {describe_classes(schema)}."
        f" {rows - test:,} rows were for training, {test:,} for testing"
        f" (split.method: {params.split.method})."
    )
    yield ""
    columns = [
        [name, kind, f"{schema.gaps[name] / rows:.1%}"] for name, kind in schema.columns.items()
    ]
    yield from make_table(("column", "kind", "gaps"), ("left", "left", "right"), columns)
    warnings = [f.message for f in arm.findings if f.level == "warning"]
    if warnings:
        yield ""
        yield "The checks of the table warn:"
        yield ""
        yield from make_bullets(warnings)


def _describe_training(
    params: Params, result: ArmResult, resampling: ResamplingSummary
) -> Iterator[str]:
    entries = params.dump_entries(result.strategy, result.model)
    told = [f"remedy {result.strategy}: {_show_entry(entries['strategy'])}"]
    if resampling.sampler:
        told.append(
            f"{resampling.sampler} kept {format_count(resampling.kept, 'row')} and added"
            f" {format_count(resampling.synthetic, 'synthetic row')}"
        )
    told.append(f"model {result.model}: {_show_entry(entries['model'])}")
    told.append(f"seed {params.seed}")
    yield from make_bullets(told)


def _show_entry(entry: Any) -> str:
    """Return what a catalogue has of a strategy or a model, as params.yaml would have it."""
    used = {key: value for key, value in entry.items() if value is not None}
    if not used:
        return "none"
    return yaml.safe_dump(used, default_flow_style=True, width=float("inf")).strip()


def _describe_performance(params: Params, schema: TableSchema, result: ArmResult) -> Iterator[str]:
    if result.tested:
        yield from _describe_test(params, result)
    else:
        yield NO_TEST_PART
    objective = params.decision.objective
    name = name_metric(objective, several=result.of_several)
    yield ""
    yield (
        f"Out of fold, each decision by a rule tuned on other rows, {name} is"
        f" {result.out_of_fold[f'tuned_{objective}']:.3f}: a claim about this way of training."
    )
    if result.tested:
        yield from _count_decided(schema, result)
    if result.segments:
        yield from _describe_segments(params, result)


def _describe_test(params: Params, result: ArmResult) -> Iterator[str]:
    confidence = f"{params.uncertainty.confidence:.0%} interval"
    restated = describe_prevalence(result.test)
    if restated:
        yield restated
        yield ""
    rows_claimed = "such rows" if restated else "rows like those of the test part"
    yield (
        "On the test part, which decided nothing. These are claims about this one fitted model, on"
        f" {rows_claimed}:"
    )
    yield ""
    rows = [
        [HEADINGS[section], _name(metric, result), f"{numbers[metric]:.3f}", _show(result, key)]
        for section, prefix, metrics in TESTED
        for numbers in [result.sections[section]]
        for metric in metrics
        for key in [f"{prefix}{metric}"]
        if metric in numbers
    ]
    header = ("of its", "metric", "value", confidence)
    yield from make_table(header, ("left", "left", "right", "left"), rows)


def _count_decided(schema: TableSchema, result: ArmResult) -> Iterator[str]:
    yield ""
    restated = ", restated," if describe_prevalence(result.test) else ","
    yield f"Rows of the test part{restated} by what they are and what was decided:"
    yield ""
    labels = [*map(str, schema.labels)]
    counts = [
        [label, *(f"{count:,.0f}" for count in row)]
        for label, row in zip(labels, result.tuned.confusion, strict=True)
    ]
    decided = [f"decided {label}" for label in labels]
    yield from make_table(["actual", *decided], ["left", *["right"] * len(labels)], counts)


def _describe_segments(params: Params, result: ArmResult) -> Iterator[str]:
    """Give the numbers of each segment of the test part that has rows enough for any."""
    objective, column = params.decision.objective, getattr(params.data, "segment", "")
    rows = [
        [name, str(segment.rarest.test), *_show_segment(segment.result, objective)]
        for name, segment in result.segments.items()
    ]
    yield ""
    yield escape_text(f"For each {column}, on its rows of the test part:")
    yield ""
    names = [_name(metric, result) for metric in ("average_precision", objective)]
    header = [column, "rows of the rarest class", *names]
    yield from make_table(header, ("left", "right", "left", "left"), rows)


def _show_segment(own: ArmResult | None, objective: str) -> list[str]:
    """Return how rows are ranked and decided, with intervals, if anything can be said of them."""
    if own is None:
        return ["too few rows"] * 2
    numbers = {
        "average_precision": own.test["average_precision"],
        f"tuned_{objective}": own.tuned.numbers[objective],
    }
    return [f"{value:.3f} ({_show(own, key)})" for key, value in numbers.items()]


def _name(metric: str, result: ArmResult) -> str:
    return NAMES.get(metric) or name_metric(metric, several=result.of_several)


def _show(result: ArmResult, key: str) -> str:
    bounds = result.intervals.get(key)
    return "" if bounds is None else f"{bounds[0]:.3f} to {bounds[1]:.3f}"


def _describe_verdict(arm: CardedArm) -> Iterator[str]:
    own = [*describe_arm(arm.comparison, arm.result)]
    yield from make_bullets([describe_recommendation(arm.comparison.recommended), *own])


def _list_limits(
    params: Params, schema: TableSchema, result: ArmResult, audit: Sequence[AuditResult]
) -> Iterator[str]:
    """Give a line for each thing to know before the model is used."""
    failed = [check for check in audit if not check.passed]
    known = f"the table's ({describe_classes(schema)})"
    if OBSERVED_PREVALENCE in result.test:
        known = f"what it is made for (a prevalence of {result.test['prevalence']:.4g})"
    unless = "" if result.of_several else " unless the prevalence is given"
    shares = (
        f"If the share of each class differs from {known}, probabilities are wrong{unless}, and"
        " precision changes."
    )
    limits = [
        "It is for rows that come about as those of the table did. Nothing is known of others.",
        shares,
        (
            f"How well it does for each {getattr(params.data, 'segment', '')} is said above; for"
            " other parts of the rows it was not examined."
            if result.segments
            else "How well it does for parts of the rows, such as groups of people, was not"
            " examined."
        ),
    ]
    if not result.tested:
        limits.append(NO_TEST_PART)
    elif result.n_rare < FEWEST_TO_CLAIM:
        limits.append(
            f"The test part has {format_count(result.n_rare, 'row')} of the rarest class: with"
            f" fewer than {FEWEST_TO_CLAIM}, nothing can be said about how well it does."
        )
    if not result.keeps_limit:
        limits.append("Out of fold, its decisions do not keep the objective's limit.")
    if result.note:
        limits.append(f"{result.note[0].upper()}{result.note[1:].removesuffix('.')}.")
    limits += [f"The audit found a leak: {check.name}: {check.detail}" for check in failed]
    if not failed:
        limits.append(
            f"{format_count(len(audit), 'check')} of the audit for leaks passed. They cannot find"
            " a column that is known only after the fact."
        )
    yield from make_bullets(limits)


def _describe_provenance(provenance: Mapping[str, str]) -> Iterator[str]:
    yield from make_table(("what", "which"), ("left", "left"), provenance.items())
