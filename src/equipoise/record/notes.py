"""What MLflow shows as the description of a run, in Markdown: the verdict."""

from collections.abc import Iterator, Sequence

from equipoise.comparing.advice import name_recommendation
from equipoise.comparing.conclusions import describe_arm
from equipoise.comparing.results import Comparison
from equipoise.comparing.wording import list_left_out
from equipoise.core.markdown import escape_text, make_bullets, make_table
from equipoise.judging.arm_result import ArmResult
from equipoise.record.naming import select_headline

NOTE = "mlflow.note.content"
# As much as MLflow keeps of a tag, with room for signs that take more than a byte.
MOST = 7000


def make_trial_note(comparison: Comparison, arms: Sequence[ArmResult]) -> str:
    """Return the recommendation, what the folds say of remedies, and the arms on the test part."""
    objective = comparison.objective
    names = list(select_headline(arms[0], objective))
    recommended = comparison.recommended
    sentences = (*comparison.conclusions, *list_left_out(comparison))
    opening, why = escape_text(name_recommendation(recommended)), escape_text(recommended.why)
    lines = [f"**{opening}:** {why}.", "", *make_bullets(sentences)]
    headlines = {result.arm: select_headline(result, objective) for result in arms}
    lines += [
        "",
        *make_table(
            [f"arm, {_name_rows(arms[0])}", *names],
            ["left", *["right"] * len(names)],
            [[arm, *(f"{own[name]:.4f}" for name in names)] for arm, own in headlines.items()],
        ),
    ]
    lines += ["", *make_bullets(comparison.conclusions_on_test)]
    return cut_to_fit("\n".join(lines))


def make_arm_note(comparison: Comparison, result: ArmResult) -> str:
    """Return what was found of an arm, and its first numbers with their intervals."""
    lines = [escape_text(sentence) for sentence in _list_findings(comparison, result)]
    rows = []
    for name, value in select_headline(result, comparison.objective).items():
        bounds = result.intervals.get(name)
        shown = "" if bounds is None else f"{bounds[0]:.4f} to {bounds[1]:.4f}"
        rows.append([name, f"{value:.4f}", shown])
    header = [_name_rows(result), "value", "interval"]
    lines += ["", *make_table(header, ["left", "right", "left"], rows)]
    if comparison.recommended.arm == result.arm:
        lines[0:0] = ["**Recommended.**", ""]
    return cut_to_fit("\n".join(lines))


def _name_rows(result: ArmResult) -> str:
    return "on the test part" if result.tested else "mean over folds"


def _list_findings(comparison: Comparison, result: ArmResult) -> Iterator[str]:
    """Give what is said of an arm, as whole sentences."""
    if result.strategy == comparison.baseline:
        yield f"{result.arm} is the baseline that the other strategies are compared with."
    against = next((a.against for a in comparison.comparisons if a.arm == result.arm), None)
    if against is not None:
        yield f"{result.arm} is compared with {against}."
    for said in (*describe_arm(comparison, result), *([result.note] if result.note else [])):
        yield f"{said[0].upper()}{said[1:].removesuffix('.')}."


def cut_to_fit(text: str) -> str:
    """Return as many whole lines as MLflow keeps."""
    return text if len(text) <= MOST else f"{text[:MOST].rpartition(chr(10))[0]}\n\n…"
