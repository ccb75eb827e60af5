"""The tables of the page: headings, and cells with what is shown and what they sort by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from equipoise.comparing.confusions import NEGATIVE_AND_POSITIVE, make_confusion_table
from equipoise.comparing.results import Answer, SegmentVerdicts
from equipoise.comparing.wording import (
    EVIDENCE,
    format_difference,
    format_rule,
    name_metric,
    name_rule,
)
from equipoise.core.difference import ResamplingSummary
from equipoise.judging.arm_result import FLIPPED, INSTABILITY, LOST, MOVED, ArmResult, UsedRule
from equipoise.metrics.names import LIMITED, name_column

Answers = Sequence[Answer]

# How probable it is that an arm is worse, about the same, or better by more than matters.
LIKELY = "% worse / same / better"


@dataclass(frozen=True)
class Cell:
    """What a cell shows, what it sorts by, a word for its look, and what stands below in small."""

    text: str
    value: float | str = ""
    kind: str = ""
    below: str = ""


@dataclass(frozen=True)
class Table:
    """Headings, and rows of cells, each row with the arm or strategy that it is about."""

    headings: Sequence[str]
    rows: list[tuple[str, list[Cell]]] = field(default_factory=list)


def make_arms_table(arms: Sequence[ArmResult], answers: Answers, objective: str) -> Table:
    """Return a row for each arm: verdicts over the folds, then its numbers on the test part.

    Without a test part, the numbers are means over folds.
    """
    several = arms[0].of_several
    name = name_metric(objective, several=several)
    numbers = {
        "average precision": ("test", "average_precision"),
        "ROC-AUC": ("test", "roc_auc"),
        f"{name}, default": ("default", objective),
        f"{name}, tuned": ("tuned", objective),
        "Brier": ("test", "brier_score"),
        "Brier, recalibrated": ("calibrated", "brier_score"),
    }
    verdicts = {
        "ranking": ("ranking", "average_precision"),
        "decisions, default": ("default", objective),
        "decisions, tuned": ("tuned", objective),
    }
    if objective in LIMITED:
        del verdicts["decisions, default"]
    table = Table(["arm", *verdicts, *numbers, name_rule(several=several)])
    for arm in arms:
        cells = [_make_interval_cell(arm, *where) for where in numbers.values()]
        said = [_make_verdict_cell(arm.arm, answers, *where) for where in verdicts.values()]
        row = [_make_name_cell(arm.arm), *said, *cells, _make_rule_cell(arm.tuned.rule)]
        table.rows.append((arm.arm, row))
    return table


def make_instability_table(arms: Sequence[ArmResult]) -> Table:
    """Return how far each arm changes when it is trained again; no row if none was."""
    numbers = {
        "probability moves by": MOVED,
        "decided differently, default": f"default_{FLIPPED}",
        "decided differently, tuned": f"tuned_{FLIPPED}",
        "alerts lost, tuned": f"tuned_{LOST}",
    }
    known = [arm for arm in arms if arm.instability is not None]
    shown = {
        heading: name
        for heading, name in numbers.items()
        if all(name in (arm.instability or ()) for arm in known)
    }
    table = Table(["arm", *shown])
    for arm in known:
        cells = [_make_interval_cell(arm, INSTABILITY, name) for name in shown.values()]
        table.rows.append((arm.arm, [_make_name_cell(arm.arm), *cells]))
    return table


def _make_name_cell(arm: str) -> Cell:
    return Cell(arm, arm, "name")


def _make_interval_cell(arm: ArmResult, section: str, metric: str) -> Cell:
    value, bounds = (
        arm.find_number(section, metric),
        arm.intervals.get(name_column(section, metric)),
    )
    if value is None:
        return Cell("", "", "number")
    below = "" if bounds is None else f"{bounds[0]:.3f} to {bounds[1]:.3f}"
    return Cell(f"{value:.4f}", value, "number", below)


def _make_rule_cell(rule: UsedRule) -> Cell:
    """Return the threshold of tuned decisions or, of several classes, their weights."""
    shown = format_rule(rule)
    return Cell(shown, shown) if rule.threshold is None else Cell(shown, rule.threshold, "number")


def _make_verdict_cell(arm: str, answers: Answers, view: str, metric: str) -> Cell:
    for answer in answers:
        asked = answer.arm, answer.view, answer.metric, answer.claim
        if asked == (arm, view, metric, "remedy"):
            verdict, effect = answer.verdict, answer.effect
            return Cell(verdict, effect, verdict, format_difference(effect))
    return Cell("baseline", "", "baseline")


def make_differences_table(answers: Answers) -> Table:
    """Return every difference from the baseline, as the forest plots draw them."""
    asked = ["arm", "against", "view", "metric", "evidence"]
    found = ["effect", "interval", "p, corrected", LIKELY, "verdict", "more needed"]
    table = Table([*asked, *found])
    for answer in answers:
        words = [answer.against, answer.view, answer.metric, EVIDENCE[answer.source]]
        row = [
            _make_name_cell(answer.arm),
            *(Cell(word, word) for word in words),
            *_make_effect_cells(answer),
            _make_probability_cell(answer),
            Cell(answer.verdict, answer.verdict, answer.verdict),
            _make_needed_cell(answer),
        ]
        table.rows.append((answer.arm, row))
    return table


def make_segments_table(found: SegmentVerdicts) -> Table:
    """Return every difference in a segment, with how many rows of the rarest class it has."""
    asked = ["arm", "against", "segment", "rarest class, train and test", "metric", "evidence"]
    table = Table([*asked, "effect", "interval", "p, corrected", "verdict"])
    for answer in found.answers:
        rarest = found.rarest[answer.segment]
        words = [answer.metric, EVIDENCE[answer.source]]
        row = [
            _make_name_cell(answer.arm),
            *(Cell(word, word) for word in (answer.against, answer.segment)),
            Cell(f"{rarest.train:,} and {rarest.test:,}", rarest.train, "number"),
            *(Cell(word, word) for word in words),
            *_make_effect_cells(answer),
            Cell(answer.verdict, answer.verdict, answer.verdict),
        ]
        table.rows.append((answer.arm, row))
    return table


def _make_effect_cells(answer: Answer) -> list[Cell]:
    low, high = answer.interval
    return [
        Cell(format_difference(answer.effect), answer.effect, "number"),
        Cell(f"[{format_difference(low)}, {format_difference(high)}]", low, "number"),
        Cell(f"{answer.p_holm:.3g}", answer.p_holm, "number"),
    ]


def _make_probability_cell(answer: Answer) -> Cell:
    """Return in percent how probable each side is, over the folds; test says nothing of it."""
    found = answer.probability
    if found is None:
        return Cell("", "", "number")
    shares = (found.worse, found.equivalent, found.better)
    return Cell(" / ".join(f"{100 * share:.0f}" for share in shares), found.better, "number")


def _make_needed_cell(answer: Answer) -> Cell:
    """Return how many, if the effect is as large as it looks, and below at best and at worst."""
    about, best = answer.positives_needed, answer.positives_needed_at_best
    if answer.verdict != "undecided" or answer.claim != "model":
        return Cell("", "", "number")
    if about is None:
        below = "" if best is None else f"at best {best:,}"
        return Cell("no realistic amount", "", "number", below)
    worst = answer.positives_needed_at_worst
    if best == worst:  # as many as any claim needs
        return Cell(f"at least {about:,}", about, "number")
    below = f"{best:,} or more" if worst is None else f"{best:,} to {worst:,}"
    return Cell(f"about {about:,}", about, "number", below)


def make_resampling_table(
    summaries: Mapping[str, ResamplingSummary], copies: Mapping[str, int]
) -> Table:
    """Return the rows of each class that every strategy leaves to learn from.

    `copies` has how many of the kept ones are there again.
    """
    classes = [*dict.fromkeys(label for s in summaries.values() for label in s.before)]
    of_two = dict(zip(("0", "1"), NEGATIVE_AND_POSITIVE, strict=True))
    several = not set(classes) <= of_two.keys()
    names = [f"class {label}" if several else of_two[label] for label in classes]
    table = Table(["strategy", *names, "kept", "copies", "synthetic"])
    for strategy, summary in summaries.items():
        counts = [
            _make_count_cell(summary.before.get(label, 0), summary.after.get(label, 0))
            for label in classes
        ]
        numbers = summary.kept - copies[strategy], copies[strategy], summary.synthetic
        made = [Cell(f"{number:,}", number, "number") for number in numbers]
        table.rows.append((strategy, [_make_name_cell(strategy), *counts, *made]))
    return table


def _make_count_cell(before: int, after: int) -> Cell:
    text = f"{before:,}" if before == after else f"{before:,} → {after:,}"
    return Cell(text, after, "number")


@dataclass(frozen=True)
class ConfusionTable:
    """A confusion matrix in rows per thousand: by actual class, then by predicted one."""

    view: str
    labels: Sequence[str]
    cells: Sequence[Sequence[tuple[float, int, float]]]  # per thousand, rows, share of actual


def list_confusion_matrices(arm: ArmResult) -> Iterator[ConfusionTable]:
    """Give an arm's confusion matrix by default, then with its own threshold."""
    for view, counted in make_confusion_table([arm]).groupby("view", sort=True):
        labels = [*dict.fromkeys(counted["actual"])]
        rows = [
            list(row[["per_thousand", "rows", "share"]].itertuples(index=False, name=None))
            for _, row in counted.groupby("actual", sort=False)
        ]
        yield ConfusionTable(str(view), labels, rows)
