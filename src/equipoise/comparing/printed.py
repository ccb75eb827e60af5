"""The table and the verdict, as they are printed."""

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from operator import attrgetter

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table

from equipoise.comparing.advice import describe_recommendation
from equipoise.comparing.conclusions import FEWEST_IN_ONE_SENTENCE
from equipoise.comparing.results import Answer, Comparison
from equipoise.comparing.wording import (
    SMALLEST_DECIMAL,
    describe_prevalence,
    format_difference,
    format_rule,
    list_left_out,
)
from equipoise.judging.arm_result import CELLS, OBSERVED_PREVALENCE, ArmResult
from equipoise.params.trial_params import Uncertainty
from equipoise.terminal.errors import escape_unseen

WIDTH = 100
WORDS = frozenset({"arm", "verdict", "test says"})
RATIOS = ("accuracy", "precision", "recall", "f1")
MEANS = ("accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "mcc")
# More classes than this do not fit beside each other and the arm, whose name may then break.
MOST_COLUMNS = 8
ARM_WIDTH = 25
BETWEEN = 2  # columns, as rich draws this kind of table


def print_comparison(
    arms: Sequence[ArmResult], comparison: Comparison, uncertainty: Uncertainty
) -> None:
    """Print each arm's numbers on the test part, its differences from the baseline, the verdict."""
    content = (
        "",
        _describe_test(arms[0]),
        *filter(None, [describe_prevalence(arms[0].test)]),
        _make_score_table(arms, comparison),
        *list_left_out(comparison),
        "",
        *_make_decision_tables(arms, comparison.objective),
        *_show_differences(comparison, uncertainty.confidence),
        "",
        *comparison.conclusions,
        *comparison.conclusions_on_test,
        *_show_segments(comparison),
        *_list_notes(arms),
        describe_recommendation(comparison.recommended),
    )
    _print_content(Group(*map(_escape, content)))


def _escape(part: RenderableType) -> RenderableType:
    """Return a line of text without signs that a terminal obeys; tables have none."""
    return escape_unseen(part) if isinstance(part, str) else part


def _show_segments(comparison: Comparison) -> list[str]:
    found = comparison.segments
    return [] if found is None else ["", "In each segment:", *found.conclusions, ""]


def _list_notes(arms: Sequence[ArmResult]) -> Iterator[str]:
    """Give the note of each arm; of several that begin alike, once what they begin with."""
    alike: dict[str, list[ArmResult]] = {}
    for arm in arms:
        if arm.note:
            alike.setdefault(arm.note.partition(":")[0], []).append(arm)
    for opening, noted in alike.items():
        if len(noted) < FEWEST_IN_ONE_SENTENCE:
            yield from (f"{arm.arm}: {arm.note}" for arm in noted)
        else:
            names = ", ".join(arm.arm for arm in noted)
            theirs = opening.replace("this fitted model's", "these fitted models'")
            yield f"{len(noted)} arms ({names}): {theirs}; the page has the numbers."


def _print_content(content: RenderableType) -> None:
    """Print content; a class may be called what the terminal's encoding has no letters for."""
    console = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
    with console.capture() as shown:
        console.print(content)
    console.file.write(shown.get().encode(console.encoding, "replace").decode(console.encoding))


def _describe_test(arm: ArmResult) -> str:
    if not arm.tested:
        return "No test part: numbers are means over the folds of cross-validation."
    share = arm.test.get(OBSERVED_PREVALENCE, arm.test["prevalence"])
    return f"Test part: {arm.test['n']:,} rows, {share:.2%} {_name_rare(arm)}"


def _name_rare(arm: ArmResult) -> str:
    """Return what the prevalence is the share of."""
    if not arm.of_several:
        return "positive"
    return f"of class {arm.rarest_class}, the rarest of {len(arm.classes)} classes"


def _make_score_table(arms: Sequence[ArmResult], comparison: Comparison) -> RenderableType:
    names = ("average_precision", "roc_auc", "brier_score", "log_loss")
    rows = []
    for arm in arms:
        places = [*(("test", name) for name in names), ("calibrated", "brier_score")]
        rows.append([arm.arm, *(_format_number(arm.find_number(*place)) for place in places)])
    rows += [[name, "left out"] for name in comparison.left_out or ()]
    return _make_table(["arm", *names, "calibrated_brier_score"], rows)


def _format_number(number: float | None) -> str:
    return "-" if number is None else f"{number:.4f}"


def _make_decision_tables(arms: Sequence[ArmResult], objective: str) -> list[RenderableType]:
    if not arms[0].of_several:
        counted = ("threshold", *CELLS) if arms[0].tested else ()
        return [_make_decision_table(arms, objective, RATIOS, counted)]
    shown, classes = "macro_f1" if objective == "f1" else objective, arms[0].classes
    told = arms[0].tested and len(classes) <= MOST_COLUMNS
    recalls = ["", _make_recall_table(arms, classes)] if told else []
    return [_make_decision_table(arms, shown, MEANS, ()), *recalls]


def _make_decision_table(
    arms: Sequence[ArmResult],
    objective: str,
    usual: Sequence[str],
    exact: Sequence[str],
) -> RenderableType:
    """Return a table with numbers shown exactly, then ratios, the objective among them."""
    ratios = usual if objective in usual else (*usual[1:], objective)
    rows = []
    for view in ("default", "tuned"):
        rows.append([f"{view} decisions"])
        for arm in arms:
            known = _count_decisions(arm, view) if exact else {}
            counts = (known[name] for name in exact)
            shares = (_format_number(arm.find_number(view, name)) for name in ratios)
            rows.append([f"  {arm.arm}", *counts, *shares])
    return _make_table(["arm", *exact, *ratios], rows)


def _count_decisions(arm: ArmResult, view: str) -> dict[str, str]:
    """Return what two classes were decided with, and what that came to: whole, if not restated."""
    decided = arm.views[view]
    cells = {
        name: f"{count:.1f}" if isinstance(count, float) else str(count)
        for name, count in decided.cells.items()
    }
    return {"threshold": format_rule(decided.rule), **cells}


def _make_recall_table(arms: Sequence[ArmResult], classes: Sequence[str]) -> RenderableType:
    rows = []
    for view in ("default", "tuned"):
        rows.append([f"recall, {view}"])
        for arm in arms:
            recalls = (arm.by_class[label][f"{view}_recall"] for label in classes)
            rows.append([f"  {arm.arm}", *(f"{recall:.4f}" for recall in recalls)])
    return _make_table(["arm", *classes], rows, widest=(WIDTH - ARM_WIDTH) // len(classes) - 2)


def _show_differences(comparison: Comparison, confidence: float) -> list[RenderableType]:
    if not comparison.comparisons:
        return []
    of_remedies = f"Difference of each remedy from {comparison.baseline} with the same model, in"
    heading = (f"{of_remedies} cross-validation.", "p-values are Holm-corrected.")
    if any(answer.source == "test" for answer in comparison.comparisons):
        first = (
            f"Difference from {comparison.baseline} with the same model: first of the remedy, in"
        )
        then = "then, in the 'test' columns, of the fitted models on the test part."
        heading = (f"{first} cross-validation;", f"{then} p-values are Holm-corrected.")
    return ["", *heading, _make_differences_table(comparison.comparisons, confidence)]


def _make_differences_table(comparisons: Sequence[Answer], confidence: float) -> RenderableType:
    interval = f"{100 * confidence:g}% interval"
    headings = ["arm", "effect", interval, "p", "verdict"]
    if any(answer.source == "test" for answer in comparisons):
        headings += ["test", "test p", "test says"]
    rows = []
    for (view, metric), answers in groupby(comparisons, key=attrgetter("view", "metric")):
        rows.append([view, "", metric])
        by_arm: dict[str, dict[str, Answer]] = {}
        for answer in answers:
            by_arm.setdefault(answer.arm, {})[answer.source] = answer
        for arm, sources in by_arm.items():
            low, high = sources["cv"].interval
            effect, *rest = _summarise_answer(sources["cv"])
            bounds = f"[{format_difference(low)}, {format_difference(high)}]"
            on_test = _summarise_answer(sources["test"]) if "test" in sources else ()
            rows.append([f" {arm}", effect, bounds, *rest, *on_test])
    return _make_table(headings, rows)


def _summarise_answer(answer: Answer) -> tuple[str, str, str]:
    return format_difference(answer.effect), _format_p_value(answer.p_holm), answer.verdict


def _format_p_value(p: float) -> str:
    return f"<{SMALLEST_DECIMAL}" if p < SMALLEST_DECIMAL else f"{p:.3f}"


def _make_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], widest: int = WIDTH
) -> Table:
    """Return a table: words stand left, numbers right.

    A row without numbers is a heading. An arm's name that has no room takes two lines, strategy
    and model; other headings take as many as they need where they are more than `widest`.
    """
    headings = [*map(escape_unseen, headings)]
    rows = [[*map(escape_unseen, row)] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    columns = zip_longest(*rows, fillvalue="")
    widths = [
        max(min(len(heading), widest), *map(len, cells))
        for heading, cells in zip(headings, columns, strict=True)
    ]
    room = WIDTH - sum(width + BETWEEN for width in widths[1:]) - 1
    for heading in headings:
        table.add_column(
            heading,
            justify="left" if heading in WORDS else "right",
            no_wrap=heading != "arm" and len(heading) <= widest,
            overflow="fold",
            max_width=None if heading == "arm" else widest,
        )
    for name, *numbers in rows:
        style = None if numbers and numbers[0] else "bold"
        table.add_row(_break_name(name, room), *numbers, style=style)
    return table


def _break_name(name: str, room: int) -> str:
    return name if len(name) <= room else name.replace("-", "-\n  ", 1)
