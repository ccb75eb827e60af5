"""What to do, in words: in one line, and as a heading with a sentence that explains it."""

from collections.abc import Sequence

from equipoise.comparing.results import Comparison, Recommendation
from equipoise.comparing.wording import format_rule, name_rule
from equipoise.core.arms import TREATMENTS
from equipoise.core.few_rows import Part, describe_few_rows
from equipoise.judging.arm_result import ArmResult

CANNOT_TELL, NO_ARM_BEATS = "Cannot tell yet", "No arm beats a constant guess"


def describe_recommendation(recommended: Recommendation) -> str:
    """Return what to do, what the arm to take decides by, and why."""
    return f"{name_recommendation(recommended)}: {recommended.why}."


def name_recommendation(recommended: Recommendation) -> str:
    """Return what to do: use an arm or, where that is open, use it until there is more data."""
    choice = _name_choice(recommended)
    if not recommended.can_tell:
        return f"{CANNOT_TELL} which arm is best; until there are more rows, use {choice}"
    if not recommended.beats_guess:
        return f"{NO_ARM_BEATS}; of the arms, use {choice}"
    if not recommended.settled:
        return f"{_name_open_choice(recommended)}; until there is more data, use {choice}"
    return f"Recommended: {choice}"


def state_finding(
    comparison: Comparison,
    arms: Sequence[ArmResult],
    train_rare: int,
    scored: Part = "train",
) -> tuple[str, str]:
    """Return a heading that says what to do, and a sentence that explains it without terms.

    `train_rare` is how many rows the rarest class has of those that remedies are judged by.
    """
    recommended = comparison.recommended
    arm, simplest, leading = recommended.arm, recommended.simplest, recommended.leading
    if not recommended.can_tell:
        few = describe_few_rows(scored, train_rare)
        return CANNOT_TELL, f"{few} Until there are more, use the simplest arm, {arm}."
    if not recommended.beats_guess:
        several = recommended.of_several
        alike = "Predicting one class for all" if several else "Alerting on every case, or on none,"
        return NO_ARM_BEATS, f"{alike} does no worse in cross-validation than {leading}."
    if not recommended.settled:
        return _name_open_choice(recommended), (
            f"The data do not show which of the two makes better decisions. {simplest} is simpler,"
            f" {leading} is ahead so far. Until there is more data, use {arm}."
        )
    best = recommended.select_from(arms)
    heading = f"Use {arm}{', without a remedy' if best.treatment == TREATMENTS[0] else ''}"
    if len(arms) == 1:
        return heading, "It is the only arm that was run, so nothing was compared."
    shown = format_rule(recommended.rule)
    decides = "" if best.of_several else f"Alert when the score is {shown} or more. "
    ahead = "ahead" if arm == leading else "far enough ahead to matter"
    behind = "" if simplest == arm else f" The simplest arm, {simplest}, is behind."
    return heading, (
        f"{decides}In cross-validation no other arm is {ahead}.{behind}"
        f" {_count_undecided(comparison)}"
    ).rstrip()


def _name_choice(recommended: Recommendation) -> str:
    """Return which arm to take, and the threshold or the class weights that it decides by."""
    shown, several = format_rule(recommended.rule), recommended.of_several
    value = f"({shown})" if several else shown
    return f"{recommended.arm} with {name_rule(several=several)} {value}"


def _name_open_choice(recommended: Recommendation) -> str:
    return f"Not settled: {recommended.simplest} or {recommended.leading}"


def _count_undecided(comparison: Comparison) -> str:
    """Return for how many remedies the folds do not tell whether decisions get better or worse."""
    asked = [a.verdict for a in comparison.comparisons if (a.view, a.claim) == ("tuned", "remedy")]
    undecided = asked.count("undecided")
    if not undecided:
        return ""
    how_many = "" if undecided == len(asked) else f"{undecided} of "
    arms = "the arm" if len(asked) == 1 else f"the {len(asked)} arms"
    return (
        f"For {how_many}{arms} with a remedy the data do not show whether decisions get better or"
        " worse."
    )
