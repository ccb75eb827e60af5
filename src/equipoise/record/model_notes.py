"""What MLflow shows as the description of a model: what it decides, promises, and where it ends."""

from collections.abc import Iterator

from equipoise.comparing.wording import format_rule, name_metric, name_rule
from equipoise.core.difference import ResamplingSummary
from equipoise.core.few_rows import NO_TEST_PART
from equipoise.core.markdown import escape_text
from equipoise.core.table_schema import TableSchema
from equipoise.judging.arm_result import ArmResult
from equipoise.params.data_params import SyntheticData
from equipoise.params.trial_params import Params

# Of two classes the positive one, as files and the model call it.
POSITIVE = "1"


def make_model_note(
    result: ArmResult, schema: TableSchema, resampling: ResamplingSummary, params: Params
) -> str:
    """Return three paragraphs in Markdown, for someone who has the model and nothing else."""
    paragraphs = {
        "What it decides.": _describe_decision(result, schema),
        "How well it does.": _describe_promise(result, params),
        "Limits.": " ".join(_list_limits(result, schema, resampling, params)),
    }
    return "\n\n".join(f"**{title}** {escape_text(text)}" for title, text in paragraphs.items())


def _describe_decision(result: ArmResult, schema: TableSchema) -> str:
    rule, target = result.tuned.rule, schema.target
    rows = "predict takes rows as they are in the table, and gives for each"
    own = "A row that cannot be scored has a reason instead."
    if result.of_several:
        return (
            f"Which of {', '.join(map(str, schema.labels))} the {target} is. {rows} the score and"
            " the calibrated probability of each class, and a decision by class weights: the"
            f" highest product of weight and score wins ({format_rule(rule)}). {own}"
        )
    return (
        f"Whether the {target} is {schema.positive}. {rows} a score, the calibrated probability of"
        f" {schema.positive}, and a decision: {schema.positive} if the score is at least"
        f" {format_rule(rule)}. The params threshold and prevalence decide otherwise. {own}"
    )


def _describe_promise(result: ArmResult, params: Params) -> str:
    several, column = result.of_several, f"tuned_{params.decision.objective}"
    name = name_metric(params.decision.objective, several=several)
    return (
        f"With the tuned {name_rule(several=several)}, {name} is {result.out_of_fold[column]:.3f}"
        " out of fold, on train rows that models had not seen: a claim about this way of training."
        f" {_describe_test(result, params)}"
    )


def _describe_test(result: ArmResult, params: Params) -> str:
    if not result.tested:
        return NO_TEST_PART
    on_test = f"{result.tuned.numbers[params.decision.objective]:.3f}"
    if bounds := result.intervals.get(f"tuned_{params.decision.objective}"):
        low, high = bounds
        confidence = f"{params.uncertainty.confidence:.0%}"
        on_test += f" ({confidence} interval from {low:.3f} to {high:.3f})"
    return f"On the test part it is {on_test}: a claim about this one model."


def _list_limits(
    result: ArmResult, schema: TableSchema, resampling: ResamplingSummary, params: Params
) -> Iterator[str]:
    """Give sentences on what the model learned from, where it does not hold, and its warnings."""
    data, before = params.data, resampling.before
    table = "a synthetic table" if isinstance(data, SyntheticData) else data.path
    rows = sum(before.values())
    classes = ", ".join(f"{count:,} are {label}" for label, count in before.items())
    if schema.positive is not None:
        share = before[POSITIVE] / rows
        classes = f"{before[POSITIVE]:,} are {schema.positive} ({share:.1%})"
    made = f" {resampling.synthetic:,} synthetic rows were added." if resampling.synthetic else ""
    yield f"It learned from {rows:,} rows of {table}: {classes}.{made}"
    yield "If the class shares differ in your data, adjust probabilities and decisions first."
    if not result.keeps_limit:
        yield "On out-of-fold scores its decisions do not keep the objective's limit."
    if result.note:
        yield f"Warning: {result.note}."
