"""What the verdicts mean, in words: about remedies over the folds, about models on the test part.

A sentence says which of the two it is about, and rests on the evidence of that kind alone.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from equipoise.comparing.advice import describe_recommendation
from equipoise.comparing.claims import MODEL, REMEDY, has_few_positives
from equipoise.comparing.results import Answer, Comparison, VerdictName, Verdicts
from equipoise.comparing.wording import (
    format_difference,
    name_metric,
    name_rules,
)
from equipoise.core.arms import TREATMENTS
from equipoise.core.few_rows import FEWEST_TO_CLAIM, NO_TEST_PART, Part, describe_few_rows
from equipoise.core.tables import format_number
from equipoise.judging.arm_result import ArmResult
from equipoise.judging.evidence import Evidence
from equipoise.metrics.names import LOWER_IS_BETTER

Answers = Sequence[Answer]
ByView = Mapping[str, Answer]
# What is said of one arm, or of several of which the same holds: the result is of any of them.
Describe = Callable[[Sequence[ByView], ArmResult], str]
FEWEST_IN_ONE_SENTENCE = 3
# Verdicts that tables and plots name in a word.
IN_SENTENCES: Mapping[VerdictName, str] = {
    "equivalent": "practically the same",
    "undecided": "not clearly different",
}


def describe_remedies(
    comparison: Verdicts, evidence: Mapping[str, Evidence], scored: Part = "train"
) -> list[str]:
    """Return what the folds say of each remedy, in words that keep three claims apart.

    Ranking better, deciding better by default, and deciding better once each arm's threshold
    (or class weights) is tuned are different things. With several models: what choosing among
    them changes, beside what remedies change.
    """
    over_folds = [*_select_claim(REMEDY, comparison.comparisons)]
    rare = min(int(arm.folds["n_rare"].iloc[0]) for arm in evidence.values())
    of_remedies = _describe_arms(over_folds, evidence, _describe_remedies)
    of_models = [
        _describe_model_choice(answer, evidence, over_folds)
        for answer in _select_claim(REMEDY, comparison.models)
        if answer.metric == "average_precision" or answer.view == "tuned"
    ]
    return [*_warn_of_few_rows(scored, rare), *of_remedies, *of_models]


def describe_fitted_models(comparison: Verdicts, evidence: Mapping[str, Evidence]) -> list[str]:
    """Return what the test part says of the one fitted model of each arm.

    For costs, also what deciding by Elkan's threshold does. Where there is no test part, that.
    """
    if not all(arm.result.tested for arm in evidence.values()):
        return [NO_TEST_PART]
    on_test = [*_select_claim(MODEL, comparison.comparisons)]
    rare = min(arm.result.n_rare for arm in evidence.values())
    return [
        *_warn_of_few_rows("test", rare),
        *_describe_arms(on_test, evidence, _describe_models),
        *_describe_elkan(comparison.elkan, evidence),
    ]


def describe_arm(comparison: Comparison, result: ArmResult) -> Iterator[str]:
    """Give what is said of one arm: of its remedy, of its fitted model, of deciding by cost."""
    for claim, describe in ((REMEDY, _describe_remedies), (MODEL, _describe_models)):
        answers = [*_select_claim(claim, comparison.comparisons)]
        if own := _group_by_arm(answers).get(result.arm):
            yield describe([own], result)
    for answer in comparison.elkan:
        if answer.arm == result.arm and answer.verdict != "equivalent":
            yield _describe_expected_cost(answer, result)


def summarise_trial(comparison: Comparison) -> tuple[str, str]:
    """Return the verdict in two sentences: what to use, and what the folds say of remedies.

    The second is empty where they have too few rows to say anything.
    """
    return (
        describe_recommendation(comparison.recommended),
        _count_remedies(comparison),
    )


def _count_remedies(comparison: Comparison) -> str:
    if not comparison.recommended.can_tell:
        return ""
    several = comparison.recommended.of_several
    objective = name_metric(comparison.objective, several=several)
    over_folds = [a for a in comparison.comparisons if a.claim == "remedy"]
    ranking = [a for a in over_folds if a.metric == "average_precision"]
    deciding = [a for a in over_folds if a.view == "tuned"]
    if not deciding:
        return "There is no remedy to compare: only the baseline was run."
    compared = "1 arm was" if len(deciding) == 1 else f"{len(deciding)} arms were"
    tuned = f"{objective[0].upper()}{objective[1:]} with tuned {name_rules(several=several)}"
    return (
        f"In cross-validation {compared} compared with {comparison.baseline}, each with the same"
        f" model. Average precision: {_count_verdicts(ranking)}."
        f" {tuned}: {_count_verdicts(deciding)}."
    )


def _count_verdicts(answers: Answers) -> str:
    """Return how many answers there are of each verdict, as in "worse for 2, undecided for 1"."""
    counts = Counter(answer.verdict for answer in answers)
    order: tuple[VerdictName, ...] = ("better", "worse", "equivalent", "undecided", "no hits")
    return ", ".join(f"{verdict} for {counts[verdict]}" for verdict in order if counts[verdict])


def _select_claim(claim: str, answers: Answers) -> Iterator[Answer]:
    return (answer for answer in answers if answer.claim == claim)


def _group_by_arm(answers: Answers) -> dict[str, dict[str, Answer]]:
    """Return the answers of each arm by view; of the two on ranking, average precision."""
    by_arm: dict[str, dict[str, Answer]] = {}
    for answer in answers:
        by_arm.setdefault(answer.arm, {}).setdefault(answer.view, answer)
    return by_arm


def _describe_arms(
    answers: Answers, evidence: Mapping[str, Evidence], describe: Describe
) -> Iterator[str]:
    """Give a sentence for each arm; one for several that differ in numbers only."""
    by_arm = _group_by_arm(answers)
    results = {arm: evidence[arm].result for arm in by_arm}
    alike: dict[tuple[str, ...], list[str]] = {}
    for arm, own in by_arm.items():
        alike.setdefault(_find_what_is_said(own, results[arm]), []).append(arm)
    for arms in alike.values():
        if len(arms) < FEWEST_IN_ONE_SENTENCE:
            yield from (f"{arm}: {describe([by_arm[arm]], results[arm])}" for arm in arms)
            continue
        these = "All arms with a remedy" if len(arms) == len(by_arm) else f"{len(arms)} arms"
        said = describe([by_arm[arm] for arm in arms], results[arms[0]])
        yield f"{these} ({', '.join(arms)}): {said}"


def _find_what_is_said(own: ByView, result: ArmResult) -> tuple[str, ...]:
    """Return what an arm's sentence depends on, effects aside: arms of one kind share one."""
    verdicts = (f"{view}: {answer.verdict}" for view, answer in own.items())
    if own["tuned"].claim == MODEL:
        return (*verdicts,)
    return (*verdicts, _explain_gain(own.get("default"), own["tuned"], result))


def _describe_remedies(arms: Sequence[ByView], result: ArmResult) -> str:
    own = arms[0]
    gain = _explain_gain(own.get("default"), own["tuned"], result)
    return (
        f"in cross-validation {_name_metric(own['ranking'], result)} is"
        f" {_format_verdict(arms, 'ranking')}; {_describe_deciding(arms, result)}{gain}."
    )


def _describe_models(arms: Sequence[ByView], result: ArmResult) -> str:
    whose, their = (
        ("this fitted model's", "its") if len(arms) == 1 else ("these fitted models'", "their")
    )
    return (
        f"on the test part {whose} {_name_metric(arms[0]['ranking'], result)} is"
        f" {_format_verdict(arms, 'ranking')}; {their} {_describe_deciding(arms, result)}."
    )


def _describe_deciding(arms: Sequence[ByView], result: ArmResult) -> str:
    """Return the verdicts on decisions: by default, if that is asked, and tuned.

    A verdict that holds for both is said once.
    """
    default, tuned = arms[0].get("default"), arms[0]["tuned"]
    by_default = ""
    with_rule = _format_verdict(arms, "tuned", f" with {_name_tuned(result)}")
    if default is not None:
        by_default = f"{_format_verdict(arms, 'default', f' with {_name_default(result)}')} and "
        if default.verdict == tuned.verdict:
            with_rule = with_rule.removeprefix(f"{_name_verdict(tuned.verdict)} ")
    return f"{_name_metric(tuned, result)} is {by_default}{with_rule}"


def _explain_gain(default: Answer | None, tuned: Answer, result: ArmResult) -> str:
    """Return how much of a gain by default is only that of another threshold.

    All of it, if the verdict with tuned thresholds is that there is none; else the interval's end
    says how much might be more. Where that is the whole gain, nothing is shown.
    """
    if default is None or default.verdict != "better" or tuned.verdict == "better":
        return ""
    low, high = tuned.interval
    most = -low if tuned.metric in LOWER_IS_BETTER else high
    if tuned.verdict != "undecided":
        return f": the gain comes from {_name_source_of_gain(result)}, not from the model"
    if most <= tuned.rope:
        return f": the interval with {_name_tuned(result)} leaves no gain that matters"
    if most < abs(default.effect):
        return f": the interval with {_name_tuned(result)} allows a gain of at most {most:.3f}"
    return f": {_name_tuned(result)} alone may give the same gain"


def _describe_model_choice(
    answer: Answer, evidence: Mapping[str, Evidence], over_folds: Answers
) -> str:
    """Return what another model changes in a metric beside what remedies change in it."""
    arms, result = (answer.arm, answer.against), evidence[answer.arm].result
    tuned = answer.view == "tuned"
    column = f"tuned_{answer.metric}" if tuned else answer.metric
    what = f"cross-validated {_name_metric(answer, result)}"
    what += f" with {_name_tuned(result)}" if tuned else ""
    values = [f"{arm} ({evidence[arm].folds[column].mean():.3f})" for arm in arms]
    between = " than for " if answer.verdict in {"better", "worse"} else " and "
    untreated = all(evidence[arm].result.treatment == TREATMENTS[0] for arm in arms)
    opening = "Without a remedy" if untreated else "With the same strategy"
    asked = answer.view, answer.metric
    moved = [abs(a.effect) for a in over_folds if (a.view, a.metric) == asked]
    told = moved and not has_few_positives(evidence[answer.arm])
    beside = f"; the largest change found with a remedy is {max(moved):.3f}" if told else ""
    return (
        f"{opening}, {what} is {_format_verdict([{answer.view: answer}], answer.view)} for"
        f" {between.join(values)}{beside}."
    )


def _describe_elkan(answers: Answers, evidence: Mapping[str, Evidence]) -> Iterator[str]:
    """Give what deciding by expected cost comes to, arm by arm where it matters."""
    same = [answer.arm for answer in answers if answer.verdict == "equivalent"]
    for answer in answers:
        if answer.arm not in same:
            yield f"{answer.arm}: {_describe_expected_cost(answer, evidence[answer.arm].result)}"
    if same:
        result = evidence[same[0]].result
        by = _name_cost_rule(result)
        yield (
            f"On the test part, {by} on recalibrated probabilities costs about the same as"
            f" {_name_tuned(result)}: {', '.join(same)}."
        )


def _describe_expected_cost(answer: Answer, result: ArmResult) -> str:
    """Return what deciding by expected cost comes to beside deciding as tuned."""
    metric, views = answer.metric, result.views
    elkan, tuned = (format_number(views[view].numbers[metric], 4) for view in ("elkan", "tuned"))
    threshold = views["elkan"].rule.threshold
    at = "" if threshold is None else f" ({threshold:.4g})"
    return (
        f"on the test part this fitted model's {name_metric(metric)} is"
        f" {elkan} by {_name_cost_rule(result)}{at} on recalibrated probabilities and"
        f" {tuned} with {_name_tuned(result)}:"
        f" {_format_verdict([{answer.view: answer}], answer.view)}."
    )


def _name_cost_rule(result: ArmResult) -> str:
    return "least expected cost" if result.of_several else "Elkan's threshold"


def _name_default(result: ArmResult) -> str:
    return "default decisions" if result.of_several else "the default threshold"


def _name_tuned(result: ArmResult) -> str:
    return "tuned class weights" if result.of_several else "a tuned threshold"


def _name_source_of_gain(result: ArmResult) -> str:
    # "Class weights" alone might be those of a strategy.
    return "the class weights of the decision" if result.of_several else "the threshold"


def _name_metric(answer: Answer, result: ArmResult) -> str:
    return name_metric(answer.metric, several=result.of_several)


def _warn_of_few_rows(part: Part, rows: int) -> Iterator[str]:
    if rows < FEWEST_TO_CLAIM:
        yield describe_few_rows(part, rows)


def _name_verdict(verdict: VerdictName) -> str:
    return IN_SENTENCES.get(verdict, verdict)


def _format_verdict(arms: Sequence[ByView], view: str, where: str = "") -> str:
    """Return the verdict that all arms have in a view, and the effect, or from which to which."""
    verdict, effects = arms[0][view].verdict, [arm[view].effect for arm in arms]
    if verdict == "no hits":
        return f"0{where} (no positive is found)"
    least, most = (format_difference(effect) for effect in (min(effects), max(effects)))
    return f"{_name_verdict(verdict)}{where} ({least}{'' if least == most else f' to {most}'})"
