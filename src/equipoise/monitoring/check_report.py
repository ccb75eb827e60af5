"""What a look at a batch has found, as Markdown and as lines for a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.core.markdown import escape_text, make_bullets, make_table
from equipoise.core.tables import format_count
from equipoise.monitoring.batch_check import BatchCheck
from equipoise.monitoring.class_shares import FACTOR
from equipoise.monitoring.column_drift import LARGE, Drift
from equipoise.monitoring.kept_promises import Promise
from equipoise.terminal.errors import shorten

# What p-values smaller than this are shown as.
LEAST_SHOWN = 1e-6
DRIFTS_SHOWN = 3
WITH_LABELS = "with their labels"
# Below this level a confidence has decimals.
WHOLE_PERCENT = 0.01
ASSUMPTION = (
    "This is right if only the shares of the classes have changed, and rows of each class look as"
    " they did (label shift). If columns have drifted for another reason, it may be wrong."
)


@dataclass(frozen=True)
class CheckedBatch:
    """A batch, the look at it, and what the look found.

    `rows_hash` tells its rows from others, `model_hash` the model. `reasons` say why rows could not
    be scored; `alpha` is the level of all looks together.
    """

    name: str
    rows_hash: str
    model_hash: str
    arm: str
    look: int
    alpha: float
    check: BatchCheck
    reasons: Sequence[str]
    n_rare: int


def format_confidence(level: float) -> str:
    """Return the confidence that a level leaves, in as many digits as tell it from certainty.

    >>> format_confidence(0.05), format_confidence(0.0076), format_confidence(2e-6)
    ('95 %', '99.24 %', '99.99980 %')
    """
    places = max(0, 1 - floor(log10(100 * level))) if level < WHOLE_PERCENT else 0
    return f"{100 * (1 - level):.{places}f} %"


def list_lines(batch: CheckedBatch) -> Iterator[str]:
    """Give the lines for a terminal: what matters of each question, and the alarms."""
    check = batch.check
    yield f"{format_count(check.rows, 'row')} of {batch.name} scored with {batch.arm}"
    yield from _tell_unscored(batch.reasons)
    yield f"Look {batch.look} at this model. {_tell_level(batch)}"
    yield from _tell_prevalence(check)
    for share in check.shares:
        yield (
            f"About {share.share:.1%} are {share.label} ({_format_shares(share.interval)}), if only"
            f" class shares have changed; {share.on_test:.1%} of the test part"
        )
    for decided in check.decided:
        capacity = "" if decided.capacity is None else f"; the capacity is {decided.capacity:.1%}"
        yield (
            f"{decided.decided:,} rows, {decided.share:.1%}, are decided {decided.label}"
            f" ({_format_shares(decided.interval)}); {decided.on_test:.1%} of the test part"
            f"{capacity}"
        )
    largest = sorted(check.drifts, key=lambda drift: -drift.size)[:DRIFTS_SHOWN]
    told = ", ".join(f"{shorten(drift.what)} {drift.size:.2f}" for drift in largest)
    yield f"Largest drifts of {len(check.drifts)}: {told}"
    if check.labelled is not None:
        yield _tell_labels(check)
    for promise in check.promises:
        yield (
            f"{promise.metric}: {promise.format(promise.value)}"
            f" ({_format_interval(promise, promise.interval)});"
            f" promised {promise.format(promise.promised)}"
            f" ({_format_interval(promise, promise.promised_interval)})"
        )
    yield from [f"Alarm: {alarm}" for alarm in check.alarms] or ["No alarm"]


def write_report(batch: CheckedBatch) -> str:
    """Return the page of a look, in Markdown."""
    check = batch.check
    sections: dict[str, Iterator[str]] = {
        "Alarms": make_bullets(check.alarms or ["None."]),
        "Share of each class": _describe_shares(check),
        "Decisions": _describe_decisions(check),
        "Drift": _describe_drifts(check),
    }
    if check.labelled is not None:
        sections["Metrics"] = _describe_metrics(batch)
    scored = f"{format_count(check.rows, 'row')} scored with {batch.arm}."
    labelled = "" if check.labelled is None else f" {WITH_LABELS}"
    lines = [
        f"# Monitor: {escape_text(batch.name)}",
        "",
        escape_text(f"{scored} Look {batch.look} at this model. {_tell_level(batch)}"),
        *map(escape_text, _tell_unscored(batch.reasons)),
        *_tell_prevalence(check),
        "",
        f"Hashes of these rows{labelled} and of the model, as in the history:",
        f"{batch.rows_hash}, {batch.model_hash}",
    ]
    for heading, body in sections.items():
        lines += ["", f"## {heading}", "", *body]
    return "\n".join(lines) + "\n"


def _tell_level(batch: CheckedBatch) -> str:
    check = batch.check
    return (
        f"A false alarm has a chance of at most {_format_level(check.level)}, and of"
        f" {_format_level(batch.alpha)} in all looks together. Intervals:"
        f" {format_confidence(check.part)}, together for each kind."
    )


def _tell_unscored(reasons: Sequence[str]) -> Iterator[str]:
    if reasons:
        rows = format_count(len(reasons), "row")
        yield f"Left out: {rows} that could not be scored; the first: {reasons[0]}"


def _tell_prevalence(check: BatchCheck) -> Iterator[str]:
    if check.prevalence is not None:
        yield f"The test part counts as if {check.prevalence:.4g} of its rows were positive."


def _describe_shares(check: BatchCheck) -> Iterator[str]:
    rows = [
        [s.label, f"{s.share:.1%}", _format_shares(s.interval), f"{s.on_test:.1%}", _format_p(s.p)]
        for s in check.shares
    ]
    header = ("class", "share now", "interval", "on the test part", "p")
    yield from make_table(header, ("left", "right", "left", "right", "right"), rows)
    yield ""
    yield (
        "Estimated from calibrated probabilities by EM (Saerens, Latinne and Decaestecker, 2002)."
        f" {ASSUMPTION} A change is an alarm if p is below {_format_level(check.part)}, and the"
        f" share has changed by a factor of at least {FACTOR}."
    )


def _describe_decisions(check: BatchCheck) -> Iterator[str]:
    rows = [
        [
            decided.label,
            f"{decided.decided:,}",
            f"{decided.share:.1%}",
            _format_shares(decided.interval),
            f"{decided.on_test:.1%}",
            _format_p(decided.p),
            "none" if decided.capacity is None else f"{decided.capacity:.1%}",
        ]
        for decided in check.decided
    ]
    header = ("decided", "rows", "share", "interval", "on the test part", "p", "capacity")
    yield from make_table(header, ("left", *["right"] * 2, "left", *["right"] * 3), rows)
    yield ""
    level = _format_level(check.part / len(check.decided))
    yield (
        f"A change is an alarm if p is below {level}, and the share has changed by a factor of at"
        f" least {FACTOR}; a share above the capacity, if its whole interval is."
    )


def _describe_drifts(check: BatchCheck) -> Iterator[str]:
    def order(drift: Drift) -> tuple[bool, float]:
        return not drift.is_alarm(check.part), -drift.size

    rows = [
        [
            drift.what,
            f"{drift.size:.3f}",
            _format_p(drift.p),
            "alarm" if drift.is_alarm(check.part) else "",
        ]
        for drift in sorted(check.drifts, key=order)
    ]
    yield from make_table(("what", "size", "p", ""), ("left", "right", "right", "left"), rows)
    yield ""
    yield (
        "Size is the share of rows that would have to change. Numbers are compared by the test of"
        " Kolmogorov and Smirnov, categories and gaps by the chi-square test; p is corrected for"
        f" the number of tests (Holm, 1979). A drift is an alarm if p is below"
        f" {_format_level(check.part)} and its size is at least {LARGE}. Of dates and text only"
        " gaps are compared."
    )


def _describe_metrics(batch: CheckedBatch) -> Iterator[str]:
    check = batch.check
    yield _tell_labels(check)
    if not check.promises:
        return
    yield ""
    rows = [
        [
            promise.metric,
            promise.format(promise.value),
            _format_interval(promise, promise.interval),
            promise.format(promise.promised),
            _format_interval(promise, promise.promised_interval),
            "worse" if promise.is_broken else "",
        ]
        for promise in check.promises
    ]
    header = ("metric", "now", "interval", "promised", "interval", "")
    yield from make_table(header, ("left", *["right", "left"] * 2, "left"), rows)
    yield ""
    yield (
        "Promised is what the test part shows, with an interval of the same confidence. A metric is"
        " worse if the whole interval of the difference is on the worse side of 0."
    )
    if batch.n_rare < FEWEST_TO_CLAIM:
        yield ""
        yield (
            f"The test part has {format_count(batch.n_rare, 'row')} of the rarest class: it"
            " promises little."
        )


def _tell_labels(check: BatchCheck) -> str:
    told = f"{format_count(check.labelled or 0, 'row')} with a label"
    if not check.promises:
        return f"{told}: no metrics, which need rows of every class"
    if check.unpriced:
        return f"{told}: no cost, as {check.unpriced:,} of them have no amount that is 0 or more"
    return told


def _format_level(level: float) -> str:
    return f"{100 * level:.2g} %"


def _format_p(p: float) -> str:
    return f"below {LEAST_SHOWN:g}" if p < LEAST_SHOWN else f"{p:.2g}"


def _format_shares(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.1%} to {interval[1]:.1%}"


def _format_interval(promise: Promise, interval: tuple[float, float]) -> str:
    return " to ".join(map(promise.format, interval))
